import { checkPeriod, column, windowAt } from "./window.ts";

/**
 * Rolling mean without accumulated error. Values are taken in blocks of `period` by absolute index, so that a window is
 * the tail of one block and the head of the next: the sums of all tails are made anew when a block is full, the
 * head's sum grows value by value, and nothing is ever subtracted. All are sums of distances from the block's last
 * value, which every window up to the next block's end contains, so a flat window is exactly its value.
 * O(1) a value, amortised: one more pass over each full block.
 */
export class SmaStream {
  readonly #period: number;
  readonly #block: Float64Array;
  readonly #tails: Float64Array;
  readonly #one = new Float64Array(1);
  #filled = 0;
  #head = 0;
  #anchor = Number.NaN;

  constructor(period: number) {
    checkPeriod("SMA", period);
    this.#period = period;
    this.#block = new Float64Array(period);
    this.#tails = new Float64Array(period);
  }

  /** Takes the next value; the mean of the last `period`, NaN before there are that many. */
  push(value: number): number {
    const one = this.#one;
    one[0] = value;
    this.fill(one, 0, 1, one);
    return one[0];
  }

  /** Takes values[from..to) as the next ones and writes the means to the same indices of `out`. */
  fill(values: Float64Array, from: number, to: number, out: Float64Array): void {
    const period = this.#period;
    const block = this.#block;
    const tails = this.#tails;
    let filled = this.#filled;
    let head = this.#head;
    let anchor = this.#anchor;
    let i = from;
    while (i < to) {
      const headEnd = Math.min(to, i + period - 1 - filled);
      for (; i < headEnd; i++) {
        const value = values[i] as number;
        block[filled++] = value;
        head += value - anchor;
        out[i] = anchor + ((tails[filled] as number) + head) / period;
      }
      if (i === to) break;
      anchor = values[i] as number;
      block[filled] = anchor;
      let tail = 0;
      for (let j = period - 1; j >= 0; j--) {
        tail += (block[j] as number) - anchor;
        tails[j] = tail;
      }
      out[i++] = anchor + tail / period;
      filled = 0;
      head = 0;
    }
    this.#filled = filled;
    this.#head = head;
    this.#anchor = anchor;
  }
}

/** Simple moving average; unit of the values, first value at index period − 1. */
export function sma(values: Float64Array, period: number): Float64Array {
  const out = column(values.length);
  new SmaStream(period).fill(values, 0, values.length, out);
  return out;
}

/** Mean of the `period` values that end at `index`; NaN before there are that many. */
export function meanAt(values: Float64Array, index: number, period: number): number {
  const window = windowAt(values, index, period);
  return window === null ? Number.NaN : (sma(window, period)[period - 1] as number);
}
