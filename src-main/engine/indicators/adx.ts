import type { RangeCandle, RangeColumns } from "./atr.ts";
import { SMALLEST_NORMAL, checkPeriod, column } from "./window.ts";

type DirectionColumns = Pick<RangeColumns, "high" | "low">;

/**
 * Average directional index by Wilder (1978), 0..100, in TA-Lib's convention: the sums of directional movement are seeded
 * over the first period − 1 candles, and the first value, the mean of `period` directional indices, is at index
 * 2 × period − 1. A candle on which no directional index exists (nothing moved) repeats the last. Both directional
 * indicators are divided by the same sum of true ranges, which cancels out of their ratio and is not kept.
 * O(1) a candle.
 */
export class AdxStream {
  readonly #period: number;
  readonly #keep: number;
  readonly #one: DirectionColumns = { high: column(1), low: column(1) };
  readonly #out = new Float64Array(1);
  #seen = 0;
  #high = 0;
  #low = 0;
  #plus = 0;
  #minus = 0;
  #index = 0;
  #sum = 0;

  constructor(period: number) {
    checkPeriod("ADX", period, 2);
    this.#period = period;
    this.#keep = (period - 1) / period;
  }

  /** Takes the next candle; NaN for the first 2 × period − 1. */
  push(candle: Pick<RangeCandle, "high" | "low">): number {
    const { high, low } = this.#one;
    high[0] = candle.high;
    low[0] = candle.low;
    this.fill(this.#one, 0, 1, this.#out);
    return this.#out[0] as number;
  }

  /** Takes the candles [from, to) as the next ones and writes to the same indices of `out`. */
  fill(columns: DirectionColumns, from: number, to: number, out: Float64Array): void {
    const { high, low } = columns;
    const period = this.#period;
    const keep = this.#keep;
    const settled = 2 * period;
    let seen = this.#seen;
    let highBefore = this.#high;
    let lowBefore = this.#low;
    let plus = this.#plus;
    let minus = this.#minus;
    let index = this.#index;
    let sum = this.#sum;
    let i = from;
    if (i < to && seen === 0) {
      highBefore = high[i] as number;
      lowBefore = low[i] as number;
      out[i++] = Number.NaN;
      seen = 1;
    }
    for (; i < to && seen < settled; i++) {
      const up = (high[i] as number) - highBefore;
      const down = lowBefore - (low[i] as number);
      highBefore = high[i] as number;
      lowBefore = low[i] as number;
      const decay = seen < period ? 1 : keep;
      plus = plus * decay + (up > down && up > 0 ? up : 0);
      minus = minus * decay + (down > up && down > 0 ? down : 0);
      if (seen >= period) {
        const moved = plus + minus;
        if (moved >= SMALLEST_NORMAL) index = (100 * Math.abs(plus - minus)) / moved;
        // The sum of `period` indices, which is what the smoothing keeps: period × average.
        sum += index;
      }
      seen += 1;
      out[i] = seen < settled ? Number.NaN : sum / period;
    }
    for (; i < to; i++) {
      const up = (high[i] as number) - highBefore;
      const down = lowBefore - (low[i] as number);
      highBefore = high[i] as number;
      lowBefore = low[i] as number;
      // Which side won is a coin's toss: sums of products run faster than branches that are guessed wrong.
      plus = plus * keep + (up > 0 ? up : 0) * Number(up > down);
      minus = minus * keep + (down > 0 ? down : 0) * Number(down > up);
      const moved = plus + minus;
      if (moved >= SMALLEST_NORMAL) index = (100 * Math.abs(plus - minus)) / moved;
      sum = sum * keep + index;
      out[i] = sum / period;
    }
    this.#seen = seen;
    this.#high = highBefore;
    this.#low = lowBefore;
    this.#plus = plus;
    this.#minus = minus;
    this.#index = index;
    this.#sum = sum;
  }
}

/** Average directional index (see `AdxStream`); first value at index 2 × period − 1. */
export function adx(columns: DirectionColumns, period: number): Float64Array {
  const out = column(columns.high.length);
  new AdxStream(period).fill(columns, 0, out.length, out);
  return out;
}
