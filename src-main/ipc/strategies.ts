import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about the user's own strategies. */
export function strategyHandlers(host: IpcHost): HandlersOf<"strategies"> {
  const strategies = async () => (await host.workspace()).strategies;
  return {
    "strategies:list": async () => (await strategies()).list(),
    "strategies:reload": async () => (await strategies()).reload(),
    "strategies:open-folder": async () => {
      await host.openStrategyFolder();
      return null;
    },
    "strategies:new": async ({ name }) => ({ file: (await strategies()).create(name) }),
  };
}
