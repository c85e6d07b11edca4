import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about tick reports and latency. */
export function tickHandlers(host: IpcHost): HandlersOf<"ticks"> {
  return {
    "ticks:list": async (query) => (await host.workspace()).engine.queries.ticks(query),
    "ticks:latency": async (query) => (await host.workspace()).engine.queries.latency(query),
  };
}
