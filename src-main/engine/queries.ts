import type { CandleChartData } from "../../src-preload/contract/market.ts";
import type { PortfolioResponses } from "../../src-preload/contract/portfolio.ts";
import type { Request } from "../../src-preload/contract/index.ts";
import type { TickResponses } from "../../src-preload/contract/ticks.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import type { Clock } from "./clock.ts";
import type { CandleStore } from "./market/types.ts";
import type { Portfolio } from "./portfolio/portfolio.ts";
import type { TickStore } from "./store-port.ts";

export interface QueryParts {
  readonly clock: Clock;
  readonly ticks: TickStore;
  readonly candles: CandleStore;
  readonly portfolio: Portfolio;
}

/** What the window may read; nothing here changes anything or asks the exchange. */
export class Queries {
  readonly #parts: QueryParts;

  constructor(parts: QueryParts) {
    this.#parts = parts;
  }

  ticks(query: Request<"ticks:list">): TickResponses["ticks:list"] {
    return this.#parts.ticks.list(query);
  }

  latency(query: Request<"ticks:latency">): TickResponses["ticks:latency"] {
    const to = this.#parts.clock.now() + 1;
    return this.#parts.ticks.latency({ ...query, from: to - query.windowMs, to });
  }

  positions(query: Request<"portfolio:positions">): PortfolioResponses["portfolio:positions"] {
    return this.#parts.portfolio.positionsView(query);
  }

  orders(query: Request<"portfolio:orders">): PortfolioResponses["portfolio:orders"] {
    return this.#parts.portfolio.ordersView(query);
  }

  equity(query: Request<"portfolio:equity">): PortfolioResponses["portfolio:equity"] {
    return this.#parts.portfolio.equityView(query);
  }

  candles(query: Request<"market:candles">): CandleChartData {
    const range = this.#parts.candles.range(query.symbol, query.timeframe);
    if (range === null) return { time: [], open: [], high: [], low: [], close: [], volume: [] };
    const step = timeframeMs(query.timeframe);
    const from = range.last - (query.limit - 1) * step;
    const columns = this.#parts.candles.read(
      query.symbol,
      query.timeframe,
      from,
      range.last + step,
    );
    return {
      time: [...columns.time],
      open: [...columns.open],
      high: [...columns.high],
      low: [...columns.low],
      close: [...columns.close],
      volume: [...columns.volume],
    };
  }
}
