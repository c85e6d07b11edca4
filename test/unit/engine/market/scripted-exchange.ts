import type { Clock } from "../../../../src-main/engine/clock.ts";
import {
  ExchangeError,
  type Exchange,
  type MetricPoint,
} from "../../../../src-main/engine/exchange/port.ts";
import type { Candle, Market, MetricName } from "../../../../src-main/engine/market/types.ts";
import { TIMEFRAMES, timeframeMs, type Timeframe } from "../../../../src-preload/contract/time.ts";

/** A stranger's server for tests: sound candles by default, with gaps, lateness, faults and slowness on demand. */
export class ScriptedExchange implements Exchange {
  readonly id = "scripted";
  readonly label = "Scripted";
  readonly timeframes: ReadonlySet<Timeframe> = new Set(TIMEFRAMES);
  readonly maxCandles: number;
  /** Every candle request as [symbol, timeframe, since, limit]. */
  readonly asked: (readonly [string, Timeframe, number, number])[] = [];
  readonly askedMetrics: (readonly [MetricName, string | null, number])[] = [];
  /** Open times that it does not have. */
  readonly lacks = new Set<number>();
  /** Nothing before this open time. */
  listedAt = 0;
  /** How it answers a candle request besides: may wait, throw or change the answer. */
  onAsk: (
    candles: readonly Candle[],
    signal: AbortSignal | undefined,
  ) => Promise<readonly Candle[]> = async (candles) => candles;
  metric: (name: MetricName, since: number, now: number) => Promise<readonly MetricPoint[]> =
    async () => [];
  readonly #clock: Clock;

  constructor(clock: Clock, maxCandles = 1000) {
    this.#clock = clock;
    this.maxCandles = maxCandles;
  }

  async markets(): Promise<ReadonlyMap<string, Market>> {
    return new Map();
  }

  fetchCandles(
    symbol: string,
    timeframe: Timeframe,
    since: number,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly Candle[]> {
    this.asked.push([symbol, timeframe, since, limit]);
    const length = timeframeMs(timeframe);
    const candles: Candle[] = [];
    let time = Math.ceil(Math.max(since, this.listedAt) / length) * length;
    for (; time <= this.#clock.now() && candles.length < limit; time += length) {
      if (!this.lacks.has(time)) candles.push(candleAt(time, length));
    }
    return this.onAsk(candles, signal);
  }

  fetchMetric(
    name: MetricName,
    symbol: string | null,
    since: number,
  ): Promise<readonly MetricPoint[]> {
    this.askedMetrics.push([name, symbol, since]);
    return this.metric(name, since, this.#clock.now());
  }

  async clockOffset(): Promise<number> {
    return 0;
  }

  usage(): { readonly requests: number; readonly budgetUsed: number | null } {
    return { requests: this.asked.length, budgetUsed: null };
  }

  async close(): Promise<void> {}
}

/** The candle that it has for an open time. */
export function candleAt(time: number, length: number): Candle {
  const price = 100 + (Math.floor(time / length) % 50);
  return { time, open: price, high: price + 2, low: price - 2, close: price + 1, volume: 5 };
}

export const networkError = (): ExchangeError =>
  new ExchangeError("network", "Scripted did not answer; try again.");

/** A promise with its ends outside. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
