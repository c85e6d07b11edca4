import { checkPeriod, column, windowAt } from "./window.ts";

/**
 * Rolling mean and population variance without accumulated error, in near-flat spells too. In blocks as `SmaStream`
 * (see there): sums of distances from a value that is inside the window, and of their squares; nothing is ever
 * subtracted from a sum. With the range R of the window, squares sum to at most n R² while the variance is at least
 * R² / 2n, so its relative error is below a few n² × 1e-16 whatever the level of the values is.
 * O(1) a value, amortised: one more pass over each full block.
 */
export class Moments {
  readonly #period: number;
  readonly #block: Float64Array;
  readonly #tails: Float64Array;
  readonly #squareTails: Float64Array;
  #filled = 0;
  #head = 0;
  #squareHead = 0;
  #anchor = Number.NaN;

  constructor(name: string, period: number, least = 1) {
    checkPeriod(name, period, least);
    this.#period = period;
    this.#block = new Float64Array(period);
    this.#tails = new Float64Array(period);
    this.#squareTails = new Float64Array(period);
  }

  /**
   * Takes values[from..to) as the next ones. Of each window, writes the newest value's distance from the mean (the mean
   * is value − distance) and the population variance, to `at` onwards; NaN before there are `period` values.
   */
  fill(
    values: Float64Array,
    from: number,
    to: number,
    distance: Float64Array,
    variance: Float64Array,
    at: number,
  ): void {
    const period = this.#period;
    const block = this.#block;
    const tails = this.#tails;
    const squareTails = this.#squareTails;
    let filled = this.#filled;
    let head = this.#head;
    let squareHead = this.#squareHead;
    let anchor = this.#anchor;
    let i = from;
    let o = at;
    while (i < to) {
      const headEnd = Math.min(to, i + period - 1 - filled);
      for (; i < headEnd; i++, o++) {
        const value = values[i] as number;
        const reach = value - anchor;
        block[filled++] = value;
        head += reach;
        squareHead += reach * reach;
        const sum = (tails[filled] as number) + head;
        const shift = sum / period;
        const spread = (squareTails[filled] as number) + squareHead - sum * shift;
        distance[o] = reach - shift;
        // Rounding may leave a flat window a hair below 0; a comparison lets NaN through.
        variance[o] = spread < 0 ? 0 : spread / period;
      }
      if (i === to) break;
      anchor = values[i] as number;
      block[filled] = anchor;
      let sum = 0;
      let squares = 0;
      for (let j = period - 1; j >= 0; j--) {
        const reach = (block[j] as number) - anchor;
        sum += reach;
        squares += reach * reach;
        tails[j] = sum;
        squareTails[j] = squares;
      }
      const shift = sum / period;
      const spread = squares - sum * shift;
      distance[o] = -shift;
      variance[o] = spread < 0 ? 0 : spread / period;
      i += 1;
      o += 1;
      filled = 0;
      head = 0;
      squareHead = 0;
    }
    this.#filled = filled;
    this.#head = head;
    this.#squareHead = squareHead;
    this.#anchor = anchor;
  }
}

/** Values that a derived column is worked out in at a time: small enough to stay in the nearest cache. */
const CHUNK = 1024;
/** Shared by all streams: nothing is left in them between two calls. */
const chunkDistance = new Float64Array(CHUNK);
const chunkVariance = new Float64Array(CHUNK);

/** A stream of one figure derived from the moments of each window. */
abstract class MomentStream {
  readonly #moments: Moments;
  readonly #one = new Float64Array(1);

  constructor(name: string, period: number, least: number) {
    this.#moments = new Moments(name, period, least);
  }

  /** Writes the figures of `count` windows to `out` from `at` on. */
  protected abstract derive(
    distance: Float64Array,
    variance: Float64Array,
    count: number,
    out: Float64Array,
    at: number,
  ): void;

  /** Takes the next value; NaN until the first window is full. */
  push(value: number): number {
    const one = this.#one;
    one[0] = value;
    this.fill(one, 0, 1, one);
    return one[0];
  }

  /** Takes values[from..to) as the next ones and writes to the same indices of `out`. */
  fill(values: Float64Array, from: number, to: number, out: Float64Array): void {
    for (let start = from; start < to; start += CHUNK) {
      const end = Math.min(start + CHUNK, to);
      this.#moments.fill(values, start, end, chunkDistance, chunkVariance, 0);
      this.derive(chunkDistance, chunkVariance, end - start, out, start);
    }
  }
}

/** Rolling population variance, in the unit of the values squared. */
export class VarianceStream extends MomentStream {
  constructor(period: number) {
    super("Variance", period, 1);
  }

  protected derive(
    _distance: Float64Array,
    variance: Float64Array,
    count: number,
    out: Float64Array,
    at: number,
  ): void {
    for (let i = 0; i < count; i++) out[at + i] = variance[i] as number;
  }
}

/** Rolling population standard deviation, in the unit of the values. */
export class DeviationStream extends MomentStream {
  constructor(period: number) {
    super("Deviation", period, 1);
  }

  protected derive(
    _distance: Float64Array,
    variance: Float64Array,
    count: number,
    out: Float64Array,
    at: number,
  ): void {
    for (let i = 0; i < count; i++) out[at + i] = Math.sqrt(variance[i] as number);
  }
}

/** Distance from the rolling mean in population standard deviations; NaN where the window does not vary. */
export class ZScoreStream extends MomentStream {
  constructor(period: number) {
    super("z-score", period, 2);
  }

  protected derive(
    distance: Float64Array,
    variance: Float64Array,
    count: number,
    out: Float64Array,
    at: number,
  ): void {
    // A flat window is 0 / 0, which is NaN as wanted.
    for (let i = 0; i < count; i++) {
      out[at + i] = (distance[i] as number) / Math.sqrt(variance[i] as number);
    }
  }
}

function filled(
  stream: { fill(values: Float64Array, from: number, to: number, out: Float64Array): void },
  values: Float64Array,
): Float64Array {
  const out = column(values.length);
  stream.fill(values, 0, values.length, out);
  return out;
}

/** Rolling population variance, in the unit of the values squared; first value at index period − 1. */
export const variance = (values: Float64Array, period: number): Float64Array =>
  filled(new VarianceStream(period), values);

/** Rolling population standard deviation, in the unit of the values; first value at index period − 1. */
export const deviation = (values: Float64Array, period: number): Float64Array =>
  filled(new DeviationStream(period), values);

/** Rolling z-score (see `ZScoreStream`); first value at index period − 1. */
export const zScore = (values: Float64Array, period: number): Float64Array =>
  filled(new ZScoreStream(period), values);

/** The z-score of the value at `index` in the `period` values that end there; NaN before there are that many. */
export function zScoreAt(values: Float64Array, index: number, period: number): number {
  const window = windowAt(values, index, period);
  return window === null ? Number.NaN : (zScore(window, period)[period - 1] as number);
}
