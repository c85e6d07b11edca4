import { blank, checkPeriod, meanAt } from "./window.ts";

/**
 * Exponential moving average, α = 2 / (period + 1), seeded with the simple mean of its first window; unit of
 * the values. `start` is the index of the first value to use (what lies before it may be NaN): the first
 * result is at start + period − 1.
 */
export function ema(values: Float64Array, period: number, start = 0): Float64Array {
  checkPeriod("EMA", period);
  const out = blank(values.length);
  const seed = start + period - 1;
  if (seed >= values.length) return out;
  const alpha = 2 / (period + 1);
  let mean = meanAt(values, seed, period);
  out[seed] = mean;
  for (let i = seed + 1; i < values.length; i++) {
    mean += alpha * ((values[i] as number) - mean);
    out[i] = mean;
  }
  return out;
}
