import type { Timeframe } from "../../../src-preload/contract/time.ts";
import { correlationAt } from "../indicators/correlation.ts";
import type { CandleColumns } from "../market/types.ts";

/** Fewer returns in common tell nothing. */
const LEAST_RETURNS = 30;
/** Closes kept of each series: the largest window and the one before it. */
const KEPT = 301;

interface Closes {
  /** Open times, ms UTC, ascending, and closes of as many candles. */
  readonly time: Float64Array;
  readonly close: Float64Array;
  readonly last: number;
}

interface Known {
  readonly lastA: number;
  readonly lastB: number;
  readonly window: number;
  readonly value: number | null;
}

/** Returns of two series between the candles that both have, oldest first. */
function commonReturns(a: Closes, b: Closes): [Float64Array, Float64Array] {
  const length = Math.min(a.time.length, b.time.length);
  const first = new Float64Array(length);
  const second = new Float64Array(length);
  let count = 0;
  let beforeA = Number.NaN;
  let beforeB = Number.NaN;
  for (let i = 0, j = 0; i < a.time.length && j < b.time.length;) {
    const timeA = a.time[i] as number;
    const timeB = b.time[j] as number;
    if (timeA < timeB) i += 1;
    else if (timeB < timeA) j += 1;
    else {
      const closeA = a.close[i] as number;
      const closeB = b.close[j] as number;
      if (!Number.isNaN(beforeA)) {
        first[count] = closeA / beforeA - 1;
        second[count] = closeB / beforeB - 1;
        count += 1;
      }
      beforeA = closeA;
      beforeB = closeB;
      i += 1;
      j += 1;
    }
  }
  return [first.subarray(0, count), second.subarray(0, count)];
}

/**
 * Correlation of the returns of all symbols that ticks have seen. A tick hands its candles in; only a new candle is
 * taken, and a pair is computed when it is asked for, once for each pair of newest candles. So a tick pays
 * for a copy of the closes once a candle, and an entry for the pairs that are open.
 */
export class CorrelationBook {
  readonly #series = new Map<Timeframe, Map<string, Closes>>();
  readonly #pairs = new Map<string, Known>();

  /** Closed candles of a symbol, oldest first, as a tick got them. */
  observe(symbol: string, timeframe: Timeframe, candles: CandleColumns): void {
    const { length } = candles;
    const last = candles.time[length - 1];
    if (last === undefined || length < 2) return;
    let of = this.#series.get(timeframe);
    if (of === undefined) {
      of = new Map();
      this.#series.set(timeframe, of);
    }
    const known = of.get(symbol);
    const from = Math.max(0, length - KEPT);
    if (known !== undefined && known.last >= last && known.time.length >= length - from) return;
    of.set(symbol, {
      time: candles.time.slice(from, length),
      close: candles.close.slice(from, length),
      last,
    });
  }

  symbols(): readonly string[] {
    const symbols = new Set<string>();
    for (const of of this.#series.values()) for (const symbol of of.keys()) symbols.add(symbol);
    return [...symbols].toSorted();
  }

  /**
   * Pearson's correlation of the newest `window` returns, −1..1, in `timeframe` when both symbols are known there, else
   * in the one in which they have most candles in common; null when those are under 30.
   */
  correlation(a: string, b: string, window: number, timeframe?: Timeframe): number | null {
    if (a === b) return 1;
    const wanted = timeframe === undefined ? null : this.#of(a, b, timeframe, window);
    if (wanted !== null) return wanted;
    let best: Timeframe | null = null;
    let most = 0;
    for (const [name, of] of this.#series) {
      const common = Math.min(of.get(a)?.time.length ?? 0, of.get(b)?.time.length ?? 0);
      if (common > most) {
        most = common;
        best = name;
      }
    }
    return best === null ? null : this.#of(a, b, best, window);
  }

  #of(a: string, b: string, timeframe: Timeframe, window: number): number | null {
    const [x, y] = a < b ? [a, b] : [b, a];
    const of = this.#series.get(timeframe);
    const first = of?.get(x);
    const second = of?.get(y);
    if (first === undefined || second === undefined) return null;
    const key = `${timeframe} ${x} ${y}`;
    const known = this.#pairs.get(key);
    if (
      known !== undefined &&
      known.lastA === first.last &&
      known.lastB === second.last &&
      known.window === window
    ) {
      return known.value;
    }
    const [returnsA, returnsB] = commonReturns(first, second);
    const period = Math.min(window, returnsA.length);
    const value =
      period < LEAST_RETURNS
        ? Number.NaN
        : correlationAt(returnsA, returnsB, returnsA.length - 1, period);
    const entry = {
      lastA: first.last,
      lastB: second.last,
      window,
      value: Number.isNaN(value) ? null : value,
    };
    this.#pairs.set(key, entry);
    return entry.value;
  }
}
