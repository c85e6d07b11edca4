import { blank, checkPeriod } from "./window.ts";

/** Columns that ranges are made of, quote currency, all of one length. */
export interface RangeColumns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Wilder's true range at `index` (from 1): the candle's range, stretched to the close before it. */
export function trueRangeAt(columns: RangeColumns, index: number): number {
  const high = columns.high[index] as number;
  const low = columns.low[index] as number;
  const before = columns.close[index - 1] as number;
  return Math.max(high, before) - Math.min(low, before);
}

/**
 * Average true range by Wilder (1978), quote currency: seeded with the mean of the first `period` true ranges (which
 * start at index 1), then smoothed by 1 / period. First value at index `period`.
 */
export function atr(columns: RangeColumns, period: number): Float64Array {
  checkPeriod("ATR", period);
  const length = columns.close.length;
  const out = blank(length);
  if (length <= period) return out;
  let mean = 0;
  for (let i = 1; i <= period; i++) mean += trueRangeAt(columns, i);
  mean /= period;
  out[period] = mean;
  for (let i = period + 1; i < length; i++) {
    mean = (mean * (period - 1) + trueRangeAt(columns, i)) / period;
    out[i] = mean;
  }
  return out;
}
