import { SMALLEST_NORMAL, checkPeriod, column } from "./window.ts";

/**
 * Relative strength index, 0..100, by Wilder ("New Concepts in Technical Trading Systems", 1978): averages of gains
 * and losses seeded with the mean of the first `period` changes, then smoothed by 1 / period. 50 where price has not
 * moved at all. It carries the averages of the gains and of all moves (gains and losses), both sums of positive
 * terms: 100 × gain / move. O(1) a value.
 */
export class RsiStream {
  readonly #period: number;
  readonly #keep: number;
  readonly #one = new Float64Array(1);
  #seen = 0;
  #last = 0;
  #gain = 0;
  #move = 0;

  constructor(period: number) {
    checkPeriod("RSI", period);
    this.#period = period;
    this.#keep = (period - 1) / period;
  }

  /** Takes the next value; NaN for the first `period`. */
  push(value: number): number {
    const one = this.#one;
    one[0] = value;
    this.fill(one, 0, 1, one);
    return one[0];
  }

  /** Takes values[from..to) as the next ones and writes to the same indices of `out`. */
  fill(values: Float64Array, from: number, to: number, out: Float64Array): void {
    let i = from;
    for (; i < to && this.#seen <= this.#period; i++) out[i] = this.#seed(values[i] as number);
    const keep = this.#keep;
    let last = this.#last;
    let gain = this.#gain;
    let move = this.#move;
    for (; i < to; i++) {
      const value = values[i] as number;
      const change = value - last;
      const size = Math.abs(change);
      last = value;
      // Twice the gain is size + change, without a branch; the scale cancels out of the ratio.
      gain = gain * keep + (size + change);
      move = move * keep + (size + size);
      out[i] = move < SMALLEST_NORMAL ? 50 : (100 * gain) / move;
    }
    this.#last = last;
    this.#gain = gain;
    this.#move = move;
  }

  /** The first window: plain sums, in the scale that the smoothing keeps (2 × period × average). */
  #seed(value: number): number {
    if (this.#seen > 0) {
      const change = value - this.#last;
      const size = Math.abs(change);
      this.#gain += size + change;
      this.#move += size + size;
    }
    this.#seen += 1;
    this.#last = value;
    if (this.#seen <= this.#period) return Number.NaN;
    return this.#move < SMALLEST_NORMAL ? 50 : (100 * this.#gain) / this.#move;
  }
}

/** Relative strength index (see `RsiStream`); first value at index period. */
export function rsi(values: Float64Array, period: number): Float64Array {
  const out = column(values.length);
  new RsiStream(period).fill(values, 0, values.length, out);
  return out;
}
