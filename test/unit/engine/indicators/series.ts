/** A small linear congruential generator: whole numbers from 0 to 32767, the same everywhere. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state >>> 16;
  };
}

/** A walk of prices in whole cents about 100, with its ranges and volumes. */
export function walk(length: number, seed: number) {
  const next = numbers(seed);
  const columns = {
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
  };
  let cents = 10_000;
  for (let i = 0; i < length; i++) {
    const open = cents;
    // Never near 0, however long the walk.
    cents = Math.max(2_000, cents + (next() % 201) - 100);
    columns.close[i] = cents / 100;
    columns.high[i] = (Math.max(open, cents) + (next() % 60)) / 100;
    columns.low[i] = (Math.min(open, cents) - (next() % 60)) / 100;
    columns.volume[i] = (next() % 1000) + 1;
  }
  return columns;
}

/** Relative distance of two figures. */
export const apart = (a: number, b: number): number =>
  a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
