import { ask, listen } from "./bridge.ts";
import { applyBotsChanged, loadBots, loadStrategies } from "./bots.ts";
import { addLoopPoint } from "./loop.ts";
import { useOwnStrategies } from "./own-strategies.ts";
import { useSettings } from "./settings.ts";
import { addSignal } from "./signals.ts";
import { useStatus } from "./status.ts";

/**
 * Listens to the engine's events and reads the first state. Resolves when the settings are known (or
 * refused), so that the first paint has the right theme; the fleet may still be on its way.
 */
export async function startState(navigate: (route: string) => void): Promise<void> {
  listen("app:status-changed", (status) => {
    useStatus.setState({ status });
    addLoopPoint({ time: status.clock.wallTime, p99: status.eventLoopP99Ms });
  });
  listen("app:settings-changed", (settings) => useSettings.setState({ settings }));
  listen("app:signal", addSignal);
  listen("app:navigate", ({ route }) => navigate(route));
  listen("bots:changed", applyBotsChanged);
  listen("strategies:changed", (view) => {
    useOwnStrategies.setState({ view });
    void loadStrategies();
  });

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  useSettings.setState({ systemDark: dark.matches });
  dark.addEventListener("change", (event) => useSettings.setState({ systemDark: event.matches }));

  void loadBots();
  void loadStrategies();
  void ask("app:status", undefined).then((answer) => {
    // An event that came first is newer than this answer.
    if (answer.ok && useStatus.getState().status === null)
      useStatus.setState({ status: answer.value });
  });
  const settings = await ask("app:settings", undefined);
  if (settings.ok) useSettings.setState({ settings: settings.value });
}
