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

/** Open times [from, to) for which a series has no candle, ms UTC. */
export interface CandleGap {
  readonly from: number;
  readonly to: number;
  /** The exchange was asked again and has none: an outage of its own. */
  readonly real: boolean;
  /** When it was asked last, engine ms; null when not yet. */
  readonly checkedAt: number | null;
}

/** What is stored of one symbol and timeframe. Between first and last all is there but the gaps. */
export interface CandleCoverage {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Open times, ms UTC. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** Oldest first. */
  readonly gaps: readonly CandleGap[];
}

/** A stored candle that came again with other figures. */
export interface CandleChange {
  readonly before: Candle;
  readonly after: Candle;
}

/** Where closed candles live: market.db, or memory in tests. A series is one span with known gaps. */
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
  /**
   * Adds candles wherever they belong, strictly ascending; those of a time that is stored replace it and are told with
   * what they replaced. What they leave missing in between becomes a gap, what they fill is one no more. Throws
   * on anything that is not ascending and writes nothing.
   */
  merge(
    symbol: string,
    timeframe: Timeframe,
    candles: CandleColumns,
  ): { readonly added: number; readonly changed: readonly CandleChange[] };
  /** All series by symbol and timeframe; reads no candle. */
  coverage(): readonly CandleCoverage[];
  /** Gaps of one series, oldest first. */
  gaps(symbol: string, timeframe: Timeframe): readonly CandleGap[];
  /** Keeps what the exchange said about the gaps inside [from, to). */
  settleGap(
    symbol: string,
    timeframe: Timeframe,
    gap: {
      readonly from: number;
      readonly to: number;
      readonly real: boolean;
      readonly checkedAt: number;
    },
  ): void;
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
  /**
   * Adds points wherever they belong, strictly ascending; those of a time that is stored replace it. Throws on anything
   * else and writes nothing.
   */
  merge(
    name: MetricName,
    symbol: string | null,
    points: readonly { readonly time: number; readonly value: number }[],
  ): { readonly added: number; readonly changed: number };
}
