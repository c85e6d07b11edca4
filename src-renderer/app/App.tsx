import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { useEffect } from "react";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { useColorScheme, useSettings } from "../state/settings.ts";
import { Shell } from "./Shell.tsx";
import { theme } from "./theme.ts";

export function App() {
  const scheme = useColorScheme();
  const pnl = useSettings((s) => s.settings?.pnlColours ?? "default");
  const density = useSettings((s) => s.settings?.density ?? "normal");
  useEffect(() => {
    const { dataset } = document.documentElement;
    dataset["pnl"] = pnl;
    dataset["density"] = density;
  }, [pnl, density]);
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme={scheme}
      withStaticClasses={false}
      withGlobalClasses={false}
    >
      <Router hook={useHashLocation}>
        <ModalsProvider>
          <Notifications
            // Where they cover neither a drawer's buttons nor the status bar.
            position="bottom-center"
            classNames={{ root: "toasts" }}
            limit={4}
            autoClose={5000}
            transitionDuration={120}
          />
          <Shell />
        </ModalsProvider>
      </Router>
    </MantineProvider>
  );
}
