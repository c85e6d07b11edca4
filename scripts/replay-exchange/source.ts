import type { Candle } from "../../src-main/engine/market/types.ts";
import type { MetricPoint } from "../../src-main/engine/exchange/port.ts";

/** A symbol that has candles. Steps are null where the source does not state them. */
export interface SourceSymbol {
  /** As Binance writes it, "BTCUSDT". */
  readonly id: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string | null;
  readonly stepSize: string | null;
  readonly minNotional: string | null;
}

export type FuturesMetric = "funding_rate" | "open_interest" | "long_short_ratio";

/** Where the replayed market comes from. Nothing of it is later than the `now` that is given. */
export interface MarketSource {
  /** What is served, for the first line on the screen. */
  readonly description: string;
  readonly symbols: readonly SourceSymbol[];
  /** Candles with open time in [from, to], oldest first, at most `limit`; the last may be open. */
  candles(
    id: string,
    intervalMs: number,
    from: number,
    to: number,
    limit: number,
    now: number,
  ): Promise<readonly Candle[]>;
  /** The `limit` latest candles with open time ≤ `to`, oldest first. */
  latest(
    id: string,
    intervalMs: number,
    to: number,
    limit: number,
    now: number,
  ): Promise<readonly Candle[]>;
  /** The last traded price, or null before the first and after the last candle. */
  price(id: string, now: number): Promise<number | null>;
  /** Length of the finest candles there are at `now`, ms. */
  finest(id: string, now: number): Promise<number | null>;
  /** Points with time in [from, now], oldest first; none where the data does not reach. */
  metric(
    name: FuturesMetric,
    id: string,
    from: number,
    now: number,
  ): Promise<readonly MetricPoint[]>;
}

const QUOTES = /^(.+)(USDT|USDC|FDUSD|TUSD|BTC|ETH|BNB)$/;

/** "BTCUSDT" in its two assets, or null. */
export function splitSymbol(id: string): { readonly base: string; readonly quote: string } | null {
  const [, base, quote] = QUOTES.exec(id) ?? [];
  return base === undefined || quote === undefined ? null : { base, quote };
}
