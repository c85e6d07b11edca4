import type { Timeframe } from "../../../src-preload/contract/time.ts";

/** One candle. `time` is its open time, ms UTC; prices in quote currency, volume in base currency. */
export interface Candle {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Closed candles in columns, oldest first, all of `length`. Never written to once handed out. */
export interface CandleColumns {
  readonly length: number;
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** A symbol that can be traded. Steps and limits as decimal strings, exactly as the exchange states them. */
export interface Market {
  /** ccxt unified symbol, "BTC/USDT". */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Smallest price step, quote currency; null where unknown. */
  readonly tickSize: string | null;
  /** Smallest amount step, base currency; null where unknown. */
  readonly lotStep: string | null;
  /** Smallest order value, quote currency; null where unknown. */
  readonly minNotional: string | null;
}

export type MetricName =
  | "funding_rate"
  | "open_interest"
  | "long_short_ratio"
  | "nupl"
  | "stablecoin_supply"
  | "fear_greed"
  | "btc_dominance";

/**
 * A metric's values, oldest first. `time` is when each value was published plus the safety delay, ms UTC: a
 * reader at time t may use the points with time ≤ t and no others.
 */
export interface MetricSeries {
  readonly length: number;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** What a tick gets when it asks for closed candles. */
export interface CandleAnswer {
  readonly candles: CandleColumns;
  /** True when the candle that should have closed last is not there; the tick must not trade then. */
  readonly stale: boolean;
  /** Open time of the candle that should be last, ms UTC. */
  readonly expectedLast: number;
  /** Why it is stale, or what integrity refused; empty when all is well. */
  readonly note: string;
}

export interface CandleServiceStats {
  /** Requests for candles sent to the exchange. */
  readonly requests: number;
  /** Least that would do: one a (symbol, timeframe, closed candle) needed. */
  readonly minimum: number;
}

/** Where closed candles live: market.db, or memory in tests. */
export interface CandleStore {
  /** Closed candles of [from, to) by open time, oldest first. */
  read(symbol: string, timeframe: Timeframe, from: number, to: number): CandleColumns;
  /** Open times of the first and the last stored candle, or null. */
  range(
    symbol: string,
    timeframe: Timeframe,
  ): { readonly first: number; readonly last: number; readonly count: number } | null;
  /** Adds candles newer than the last stored one; strictly ascending. Throws on anything else and writes nothing. */
  append(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void;
  /** Adds candles older than the first stored one; strictly ascending. Throws on anything else and writes nothing. */
  prepend(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void;
  /** Forgets a series, so that it can be fetched anew: the cure for stored candles that turn out damaged. */
  clear(symbol: string, timeframe: Timeframe): void;
}

/** Where metric series live. `symbol` is null for metrics of the whole market. */
export interface MetricStore {
  read(name: MetricName, symbol: string | null, from: number, to: number): MetricSeries;
  last(name: MetricName, symbol: string | null): number | null;
  /** Points with time > the last stored; time is the publication time with its delay. */
  append(
    name: MetricName,
    symbol: string | null,
    points: readonly { readonly time: number; readonly value: number }[],
  ): void;
}
