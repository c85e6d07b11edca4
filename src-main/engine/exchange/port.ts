import type { Timeframe } from "../../../src-preload/contract/time.ts";
import type { Candle, Market, MetricName } from "../market/types.ts";

/** Why an exchange did not answer. `unresolved` for anything after which an order may or may not exist. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";
  readonly kind: "network" | "rate_limit" | "refused" | "bad_answer" | "unsupported";
  constructor(kind: ExchangeError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Who goes first when the rate budget is short: orders, then what ticks need, then history. */
export type Lane = "orders" | "data" | "backfill";

/** A metric's point as published: `time` is the publication time, ms UTC. */
export interface MetricPoint {
  readonly time: number;
  readonly value: number;
}

/** Where metrics come from. */
export interface MetricSource {
  /** Points published in [since, now], oldest first; rejects with kind "unsupported" where it has none. */
  fetchMetric(
    name: MetricName,
    symbol: string | null,
    since: number,
    signal?: AbortSignal,
  ): Promise<readonly MetricPoint[]>;
  /** Whether it is too slow to wait for within a tick: a tick takes what is known, and a schedule asks. */
  inBackground?(name: MetricName): boolean;
}

/**
 * Public data of one exchange. One shared instance an exchange and account; every request goes through its one
 * rate budget. All methods reject with ExchangeError.
 */
export interface Exchange extends MetricSource {
  /** ccxt id, or "synthetic". */
  readonly id: string;
  readonly label: string;
  /** Spot markets by unified symbol; loaded once. */
  markets(signal?: AbortSignal): Promise<ReadonlyMap<string, Market>>;
  /** Candles with open time ≥ since, oldest first, at most `limit`; may end with the open candle. Lane "data" unless told. */
  fetchCandles(
    symbol: string,
    timeframe: Timeframe,
    since: number,
    limit: number,
    signal?: AbortSignal,
    lane?: Lane,
  ): Promise<readonly Candle[]>;
  /** Most candles that one request returns. */
  readonly maxCandles: number;
  /** Timeframes that can be had. */
  readonly timeframes: ReadonlySet<Timeframe>;
  /** The exchange's clock minus ours, ms. */
  clockOffset(signal?: AbortSignal): Promise<number>;
  /** Requests sent, and the share of the rate budget in use (0..1, null where unknown). */
  usage(): { readonly requests: number; readonly budgetUsed: number | null };
  close(): Promise<void>;
}
