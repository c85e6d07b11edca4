import { Moments } from "./moments.ts";
import { column, windowAt } from "./window.ts";

export interface Bands {
  readonly middle: number;
  readonly upper: number;
  readonly lower: number;
}

export interface BandColumns {
  readonly middle: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/**
 * Bollinger bands (Bollinger, "Bollinger on Bollinger Bands", 2001): simple mean ± `deviations` population standard
 * deviations, in the unit of the values. O(1) a value, amortised, without accumulated error: see `Moments`.
 */
export class BollingerStream {
  readonly #moments: Moments;
  readonly #deviations: number;
  readonly #one = new Float64Array(1);
  readonly #bands: BandColumns = { middle: column(1), upper: column(1), lower: column(1) };

  constructor(period: number, deviations: number) {
    this.#moments = new Moments("Bollinger", period);
    this.#deviations = deviations;
  }

  /** Takes the next value; bands of NaN until the first window is full. */
  push(value: number): Bands {
    this.#one[0] = value;
    this.fill(this.#one, 0, 1, this.#bands);
    return {
      middle: this.#bands.middle[0] as number,
      upper: this.#bands.upper[0] as number,
      lower: this.#bands.lower[0] as number,
    };
  }

  /** Takes values[from..to) as the next ones and writes to the same indices of the columns. */
  fill(values: Float64Array, from: number, to: number, out: BandColumns): void {
    const { middle, upper, lower } = out;
    const deviations = this.#deviations;
    this.#moments.fill(values, from, to, middle, upper, from);
    for (let i = from; i < to; i++) {
      const mean = (values[i] as number) - (middle[i] as number);
      const reach = deviations * Math.sqrt(upper[i] as number);
      middle[i] = mean;
      upper[i] = mean + reach;
      lower[i] = mean - reach;
    }
  }
}

/** Bollinger bands as columns (see `BollingerStream`); first value at index period − 1. */
export function bollinger(values: Float64Array, period: number, deviations: number): BandColumns {
  const { length } = values;
  const out = { middle: column(length), upper: column(length), lower: column(length) };
  new BollingerStream(period, deviations).fill(values, 0, length, out);
  return out;
}

/** The bands at one candle; NaN before index period − 1. */
export function bollingerAt(
  values: Float64Array,
  index: number,
  period: number,
  deviations: number,
): Bands {
  const window = windowAt(values, index, period);
  const bands = window === null ? null : bollinger(window, period, deviations);
  const at = (column: Float64Array | undefined): number => column?.[period - 1] ?? Number.NaN;
  return { middle: at(bands?.middle), upper: at(bands?.upper), lower: at(bands?.lower) };
}
