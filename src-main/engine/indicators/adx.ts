import { trueRangeAt } from "./atr.ts";
import type { RangeColumns } from "./atr.ts";
import { blank, checkPeriod } from "./window.ts";

/**
 * Average directional index by Wilder (1978), 0..100, in TA-Lib's convention: the sums of true range and directional
 * movement are seeded over the first period − 1 candles, and the first value, the mean of `period` directional
 * indices, is at index 2 × period − 1. A candle on which no directional index exists (nothing moved) repeats the last.
 */
export function adx(columns: RangeColumns, period: number): Float64Array {
  checkPeriod("ADX", period, 2);
  const { high, low } = columns;
  const length = columns.close.length;
  const out = blank(length);
  let range = 0;
  let plus = 0;
  let minus = 0;
  let index = 0;
  let mean = 0;
  for (let i = 1; i < length; i++) {
    const up = (high[i] as number) - (high[i - 1] as number);
    const down = (low[i - 1] as number) - (low[i] as number);
    if (i >= period) {
      range -= range / period;
      plus -= plus / period;
      minus -= minus / period;
    }
    range += trueRangeAt(columns, i);
    if (up > down && up > 0) plus += up;
    if (down > up && down > 0) minus += down;
    if (i < period) continue;
    // Both directional indicators share the range, so it cancels out of their ratio.
    const moved = plus + minus;
    if (range > 0 && moved > 0) index = (100 * Math.abs(plus - minus)) / moved;
    const seen = i - period + 1;
    if (seen <= period) mean += index / period;
    else mean = (mean * (period - 1) + index) / period;
    if (seen >= period) out[i] = mean;
  }
  return out;
}
