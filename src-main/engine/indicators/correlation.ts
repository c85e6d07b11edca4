import { blank, checkPeriod, meanAt } from "./window.ts";

/** Simple returns as fractions: value / value before − 1. The first is NaN. */
export function simpleReturns(values: Float64Array): Float64Array {
  const out = blank(values.length);
  for (let i = 1; i < values.length; i++) {
    out[i] = (values[i] as number) / (values[i - 1] as number) - 1;
  }
  return out;
}

/** Pearson's correlation, −1..1, of the `period` pairs that end at `index`; NaN where one side does not vary. */
export function correlationAt(
  a: Float64Array,
  b: Float64Array,
  index: number,
  period: number,
): number {
  const from = index - period + 1;
  if (from < 0) return Number.NaN;
  const meanA = meanAt(a, index, period);
  const meanB = meanAt(b, index, period);
  let both = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = from; i <= index; i++) {
    const distanceA = (a[i] as number) - meanA;
    const distanceB = (b[i] as number) - meanB;
    both += distanceA * distanceB;
    squareA += distanceA * distanceA;
    squareB += distanceB * distanceB;
  }
  if (squareA === 0 || squareB === 0) return Number.NaN;
  return Math.max(-1, Math.min(1, both / (Math.sqrt(squareA) * Math.sqrt(squareB))));
}

/** Rolling Pearson correlation of two columns of one length, −1..1; first value at index period − 1. */
export function correlation(a: Float64Array, b: Float64Array, period: number): Float64Array {
  checkPeriod("Correlation", period, 2);
  if (a.length !== b.length) {
    throw new RangeError(
      `Correlation needs columns of one length; these have ${a.length} and ${b.length} values.`,
    );
  }
  const out = blank(a.length);
  for (let i = period - 1; i < a.length; i++) out[i] = correlationAt(a, b, i, period);
  return out;
}
