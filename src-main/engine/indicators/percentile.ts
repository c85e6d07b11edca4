import { checkPeriod, column, windowAt } from "./window.ts";

/**
 * Rolling percentile rank: the share, 0..1, of the last `period` values that the newest is above; equal ones count half
 * (itself among them), so that a flat window is 0.5. NaN until there are that many, and while one of them is NaN.
 * The window is kept sorted: O(log period) comparisons and one move of at most `period` numbers a value; a rank by
 * comparisons cannot be had in O(1).
 */
export class PercentileRankStream {
  readonly #period: number;
  /** The last `period` values in the order they came, as a ring. */
  readonly #ring: Float64Array;
  /** Those of them that are numbers, ascending. */
  readonly #sorted: Float64Array;
  readonly #one = new Float64Array(1);
  #count = 0;
  #seen = 0;
  #at = 0;

  constructor(period: number) {
    checkPeriod("Percentile rank", period);
    this.#period = period;
    this.#ring = new Float64Array(period);
    this.#sorted = new Float64Array(period);
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
    const period = this.#period;
    for (let i = from; i < to; i++) {
      const value = values[i] as number;
      if (this.#seen === period) this.#leave(this.#ring[this.#at] as number);
      else this.#seen += 1;
      this.#ring[this.#at] = value;
      this.#at = this.#at + 1 === period ? 0 : this.#at + 1;
      const below = this.#enter(value);
      out[i] =
        this.#count < period
          ? Number.NaN
          : (below + (this.#firstAbove(value) - below) / 2) / period;
    }
  }

  /** Index of the first sorted value ≥ `value`. */
  #firstNotBelow(value: number): number {
    const sorted = this.#sorted;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first sorted value > `value`. */
  #firstAbove(value: number): number {
    const sorted = this.#sorted;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) > value) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #leave(value: number): void {
    if (Number.isNaN(value)) return;
    const index = this.#firstNotBelow(value);
    this.#sorted.copyWithin(index, index + 1, this.#count);
    this.#count -= 1;
  }

  /** Sorts a value in; how many are below it. */
  #enter(value: number): number {
    if (Number.isNaN(value)) return 0;
    const index = this.#firstNotBelow(value);
    this.#sorted.copyWithin(index + 1, index, this.#count);
    this.#sorted[index] = value;
    this.#count += 1;
    return index;
  }
}

/** Rolling percentile rank (see `PercentileRankStream`); first value at index period − 1. */
export function percentileRank(values: Float64Array, period: number): Float64Array {
  const out = column(values.length);
  new PercentileRankStream(period).fill(values, 0, values.length, out);
  return out;
}

/** The rank of the value at `index` among the `period` values that end there; NaN before there are that many. */
export function percentileRankAt(values: Float64Array, index: number, period: number): number {
  const window = windowAt(values, index, period);
  const value = window?.[period - 1];
  if (window === null || value === undefined || Number.isNaN(value)) return Number.NaN;
  let below = 0;
  let equal = 0;
  for (const other of window) {
    if (Number.isNaN(other)) return Number.NaN;
    if (other < value) below++;
    else if (other === value) equal++;
  }
  return (below + equal / 2) / period;
}
