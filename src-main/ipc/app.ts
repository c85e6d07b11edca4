import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about the application: status, settings, exchanges, quitting. */
export function appHandlers(host: IpcHost): HandlersOf<"app"> {
  return {
    "app:status": () => host.status(),
    "app:settings": async () => (await host.workspace()).settings(),
    "app:save-settings": async ({ settings }) => {
      const saved = await (await host.workspace()).saveSettings(settings);
      host.settingsChanged(saved);
      return saved;
    },
    "app:set-speed": async ({ speed }) => {
      (await host.workspace()).setSpeed(speed);
      return null;
    },
    "app:exchanges": async () => (await host.workspace()).exchangeIds(),
    "app:test-exchange": async ({ marketSource }) =>
      (await host.workspace()).testExchange(marketSource),
    "app:quit": () => {
      host.quit();
      return null;
    },
  };
}
