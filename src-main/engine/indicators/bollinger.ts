import { blank, checkPeriod, deviationAt, meanAt } from "./window.ts";

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

/** The bands at one candle; see `bollinger`. NaN before index period − 1. */
export function bollingerAt(
  values: Float64Array,
  index: number,
  period: number,
  deviations: number,
): Bands {
  const middle = meanAt(values, index, period);
  const reach = deviations * deviationAt(values, index, period, middle);
  return { middle, upper: middle + reach, lower: middle - reach };
}

/**
 * Bollinger bands (Bollinger, "Bollinger on Bollinger Bands", 2001): simple mean ± `deviations` population standard
 * deviations; unit of the values, first value at index period − 1.
 */
export function bollinger(values: Float64Array, period: number, deviations: number): BandColumns {
  checkPeriod("Bollinger", period);
  const middle = blank(values.length);
  const upper = blank(values.length);
  const lower = blank(values.length);
  for (let i = period - 1; i < values.length; i++) {
    const bands = bollingerAt(values, i, period, deviations);
    middle[i] = bands.middle;
    upper[i] = bands.upper;
    lower[i] = bands.lower;
  }
  return { middle, upper, lower };
}
