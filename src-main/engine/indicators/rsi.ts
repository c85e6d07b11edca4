import { blank, checkPeriod } from "./window.ts";

const ratio = (gain: number, loss: number): number => {
  const sum = gain + loss;
  // Without any change there is neither strength nor weakness.
  return sum === 0 ? 50 : (100 * gain) / sum;
};

/**
 * Relative strength index, 0..100, by Wilder ("New Concepts in Technical Trading Systems", 1978): averages of gains
 * and losses seeded with the mean of the first `period` changes, then smoothed by 1 / period. First value at
 * index `period`. 50 where price has not moved at all.
 */
export function rsi(values: Float64Array, period: number): Float64Array {
  checkPeriod("RSI", period);
  const out = blank(values.length);
  if (values.length <= period) return out;
  let gain = 0;
  let loss = 0;
  for (let i = 1; i <= period; i++) {
    const change = (values[i] as number) - (values[i - 1] as number);
    if (change > 0) gain += change;
    else loss -= change;
  }
  gain /= period;
  loss /= period;
  out[period] = ratio(gain, loss);
  for (let i = period + 1; i < values.length; i++) {
    const change = (values[i] as number) - (values[i - 1] as number);
    gain = (gain * (period - 1) + Math.max(change, 0)) / period;
    loss = (loss * (period - 1) + Math.max(-change, 0)) / period;
    out[i] = ratio(gain, loss);
  }
  return out;
}
