import { create } from "zustand";
import type { Settings } from "../../src-preload/contract/app.ts";
import type { Zone } from "../format/time.ts";

interface SettingsState {
  /** Null until the main process answered. */
  readonly settings: Settings | null;
  /** True where the operating system asks for dark windows. */
  readonly systemDark: boolean;
}

export const useSettings = create<SettingsState>(() => ({ settings: null, systemDark: true }));

const ROW_HEIGHT: Readonly<Record<Settings["density"], number>> = {
  compact: 26,
  normal: 32,
  comfortable: 40,
};

export const useZone = (): Zone => useSettings((s) => s.settings?.timeZone ?? "utc");

/** Height of a table row, px. */
export const useRowHeight = (): number =>
  useSettings((s) => ROW_HEIGHT[s.settings?.density ?? "normal"]);

export const useColorScheme = (): "dark" | "light" =>
  useSettings((s) => {
    const theme = s.settings?.theme ?? "dark";
    if (theme !== "system") return theme;
    return s.systemDark ? "dark" : "light";
  });
