import type { Timeframe } from "../../src-preload/contract/time.ts";
import type { CandleColumns, Market, MetricName, MetricSeries } from "../engine/market/types.ts";

/** All market data of one run. Plain data that can be posted to another process. */
export interface History {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Steps and limits; all null for a market without any. */
  readonly market: Market;
  /** Closed candles, those that warm up before the start included. */
  readonly candles: CandleColumns;
  /** Candles of the symbols that the strategy refers to, same timeframe. */
  readonly references: ReadonlyMap<string, CandleColumns>;
  /** With the time from which each value may be known, as the metric service gives them. */
  readonly metrics: ReadonlyMap<MetricName, MetricSeries>;
  /** Shorter candles of the same symbol, or null. */
  readonly fine: CandleColumns | null;
  /** Funding rates (fractions) by the time they are paid, ms UTC, or null. */
  readonly funding: MetricSeries | null;
  /** In words, for the report. */
  readonly source: string;
}

/** A market without steps and limits. */
export function plainMarket(symbol: string): Market {
  const [base = "", quote = ""] = symbol.split("/");
  return { symbol, base, quote, tickSize: null, lotStep: null, minNotional: null };
}
