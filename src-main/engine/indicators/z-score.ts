import { blank, checkPeriod, deviationAt, meanAt } from "./window.ts";

/**
 * Distance of the value at `index` from the mean of the `period` values that end there, in their population standard
 * deviations. NaN before there are that many, and where they do not vary.
 */
export function zScoreAt(values: Float64Array, index: number, period: number): number {
  const mean = meanAt(values, index, period);
  const deviation = deviationAt(values, index, period, mean);
  return deviation === 0 ? Number.NaN : ((values[index] as number) - mean) / deviation;
}

/** Rolling z-score; first value at index period − 1. */
export function zScore(values: Float64Array, period: number): Float64Array {
  checkPeriod("z-score", period, 2);
  const out = blank(values.length);
  for (let i = period - 1; i < values.length; i++) out[i] = zScoreAt(values, i, period);
  return out;
}
