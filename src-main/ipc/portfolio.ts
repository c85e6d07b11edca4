import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about positions, orders and equity. */
export function portfolioHandlers(host: IpcHost): HandlersOf<"portfolio"> {
  return {
    "portfolio:positions": async (query) =>
      (await host.workspace()).engine.queries.positions(query),
    "portfolio:orders": async (query) => (await host.workspace()).engine.queries.orders(query),
    "portfolio:equity": async (query) => (await host.workspace()).engine.queries.equity(query),
  };
}
