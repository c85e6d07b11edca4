import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about stored market data. */
export function marketHandlers(host: IpcHost): HandlersOf<"market"> {
  return {
    "market:candles": async (query) => (await host.workspace()).engine.queries.candles(query),
  };
}
