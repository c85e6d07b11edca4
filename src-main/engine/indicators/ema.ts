import { checkPeriod, column } from "./window.ts";

/**
 * Exponential moving average, α = 2 / (period + 1), seeded with the simple mean of its first window; unit of the values.
 * It carries the newest value's distance from the mean, d ← (1 − α) (d + change), which is the same recursion as
 * mean ← mean + α (value − mean) but keeps its digits where prices hardly move, and is exactly 0 where they do not.
 * O(1) a value.
 */
export class EmaStream {
  readonly #period: number;
  readonly #keep: number;
  readonly #one = new Float64Array(1);
  #seen = 0;
  #first = 0;
  #sum = 0;
  #last = 0;
  #distance = Number.NaN;

  constructor(period: number) {
    checkPeriod("EMA", period);
    this.#period = period;
    this.#keep = (period - 1) / (period + 1);
  }

  /** Takes the next value; NaN until the first window is full. */
  push(value: number): number {
    const one = this.#one;
    one[0] = value;
    this.fill(one, 0, 1, one);
    return one[0];
  }

  /** Takes values[from..to) as the next ones and writes to the same indices of `out`. */
  fill(values: Float64Array, from: number, to: number, out: Float64Array): void {
    let i = from;
    for (; i < to && this.#seen < this.#period; i++) out[i] = this.#seed(values[i] as number);
    const keep = this.#keep;
    let last = this.#last;
    let distance = this.#distance;
    for (; i < to; i++) {
      const value = values[i] as number;
      distance = keep * (distance + (value - last));
      last = value;
      out[i] = value - distance;
    }
    this.#last = last;
    this.#distance = distance;
  }

  #seed(value: number): number {
    if (this.#seen === 0) this.#first = value;
    this.#seen += 1;
    this.#sum += value - this.#first;
    this.#last = value;
    if (this.#seen < this.#period) return Number.NaN;
    this.#distance = value - this.#first - this.#sum / this.#period;
    return value - this.#distance;
  }
}

/** Exponential moving average (see `EmaStream`); first value at index period − 1. */
export function ema(values: Float64Array, period: number): Float64Array {
  const out = column(values.length);
  new EmaStream(period).fill(values, 0, values.length, out);
  return out;
}
