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

/** Averages that have decayed below it (months without a move) have no digits left: their ratio says nothing. */
export const SMALLEST_NORMAL = 2 ** -1022;

/**
 * A column of `length` that a stream is about to fill. Streams write NaN while they warm up, so nothing needs to be
 * blanked before.
 */
export const column = (length: number): Float64Array => new Float64Array(length);

/** Throws where columns that belong together differ in length. */
export function checkLengths(name: string, first: number, second: number): void {
  if (first !== second) {
    throw new RangeError(
      `${name} needs columns of one length; these have ${first} and ${second} values.`,
    );
  }
}

/** The `period` values that end at `index`, as a view; null before there are that many. */
export function windowAt(values: Float64Array, index: number, period: number): Float64Array | null {
  const from = index - period + 1;
  return from < 0 || index >= values.length ? null : values.subarray(from, index + 1);
}
