import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about markets: stored candles, regimes, correlations. */
export function marketHandlers(host: IpcHost): HandlersOf<"market"> {
  const engine = async () => (await host.workspace()).engine;
  return {
    "market:candles": async (query) => (await engine()).queries.candles(query),
    "market:regime": async () => (await engine()).data.regimes(),
    "market:correlation": async ({ timeframe }) => (await engine()).data.correlations(timeframe),
  };
}
