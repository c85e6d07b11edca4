import { TIMEFRAMES, timeframeMs, type Timeframe } from "../../../src-preload/contract/time.ts";
import { aggregate } from "../market/aggregate.ts";
import type { Candle, Market, MetricName } from "../market/types.ts";
import type { Exchange, Lane, MetricPoint } from "./port.ts";

/** The longest timeframe of `own` that `timeframe` is a whole number of; itself where it is one of them; null where none is. */
export function sourceOf(timeframe: Timeframe, own: ReadonlySet<Timeframe>): Timeframe | null {
  if (own.has(timeframe)) return timeframe;
  const length = timeframeMs(timeframe);
  return (
    TIMEFRAMES.findLast(
      (each) => own.has(each) && timeframeMs(each) < length && length % timeframeMs(each) === 0,
    ) ?? null
  );
}

/** An exchange that has every timeframe which can be built from one of its own; all else is passed through. */
export class DerivedTimeframes implements Exchange {
  readonly timeframes: ReadonlySet<Timeframe>;
  /** Timeframes of the exchange itself. */
  readonly own: ReadonlySet<Timeframe>;
  readonly #inner: Exchange;

  constructor(inner: Exchange) {
    this.#inner = inner;
    this.own = inner.timeframes;
    this.timeframes = new Set(TIMEFRAMES.filter((each) => sourceOf(each, this.own) !== null));
  }

  get id(): string {
    return this.#inner.id;
  }

  get label(): string {
    return this.#inner.label;
  }

  get maxCandles(): number {
    return this.#inner.maxCandles;
  }

  async fetchCandles(
    symbol: string,
    timeframe: Timeframe,
    since: number,
    limit: number,
    signal?: AbortSignal,
    lane?: Lane,
  ): Promise<readonly Candle[]> {
    const source = sourceOf(timeframe, this.own) ?? timeframe;
    if (source === timeframe)
      return this.#inner.fetchCandles(symbol, timeframe, since, limit, signal, lane);
    const step = timeframeMs(source);
    const length = timeframeMs(timeframe);
    const start = Math.ceil(since / length) * length;
    // One part more than is wanted tells a candle whose last part is missing for good from one that is not there yet.
    const end = start + limit * length;
    const parts: Candle[] = [];
    let cursor = start;
    while (cursor <= end) {
      const asked = Math.min(this.#inner.maxCandles, (end - cursor) / step + 1);
      const page = await this.#inner.fetchCandles(symbol, source, cursor, asked, signal, lane);
      for (const part of page) parts.push(part);
      const last = page.at(-1)?.time ?? Number.NaN;
      if (page.length < asked || !(last >= cursor)) break;
      cursor = Math.floor(last / step) * step + step;
    }
    return aggregate(parts, step, length).slice(0, limit);
  }

  markets(signal?: AbortSignal): Promise<ReadonlyMap<string, Market>> {
    return this.#inner.markets(signal);
  }

  fetchMetric(
    name: MetricName,
    symbol: string | null,
    since: number,
    signal?: AbortSignal,
  ): Promise<readonly MetricPoint[]> {
    return this.#inner.fetchMetric(name, symbol, since, signal);
  }

  clockOffset(signal?: AbortSignal): Promise<number> {
    return this.#inner.clockOffset(signal);
  }

  usage(): { readonly requests: number; readonly budgetUsed: number | null } {
    return this.#inner.usage();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
