/** Throws where a period cannot be one; `name` says whose it is. */
export function checkPeriod(name: string, period: number, least = 1): void {
  if (!Number.isInteger(period) || period < least) {
    throw new RangeError(
      `${name} period is ${period}; it must be a whole number of at least ${least}.`,
    );
  }
}

/** A column of `length`, NaN throughout: indicators fill what is past their warm-up. */
export const blank = (length: number): Float64Array => new Float64Array(length).fill(Number.NaN);

/**
 * Mean of the `period` values that end at `index`; NaN before there are that many. Summed anew for each
 * window as distances from its first value, so that nothing drifts and a flat window is exactly its value.
 */
export function meanAt(values: Float64Array, index: number, period: number): number {
  const from = index - period + 1;
  const anchor = values[from];
  if (anchor === undefined || index >= values.length) return Number.NaN;
  let sum = 0;
  // The typed array is read inside its bounds, which the line above has checked.
  for (let i = from + 1; i <= index; i++) sum += (values[i] as number) - anchor;
  return anchor + sum / period;
}

/**
 * Population standard deviation of the `period` values that end at `index`, about their `mean`; in the unit
 * of the values. Two passes: a running variance is badly wrong in near-flat spells.
 */
export function deviationAt(
  values: Float64Array,
  index: number,
  period: number,
  mean: number,
): number {
  const from = index - period + 1;
  if (from < 0 || index >= values.length) return Number.NaN;
  let sum = 0;
  for (let i = from; i <= index; i++) {
    const distance = (values[i] as number) - mean;
    sum += distance * distance;
  }
  return Math.sqrt(sum / period);
}
