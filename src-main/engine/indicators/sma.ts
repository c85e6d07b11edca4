import { blank, checkPeriod, meanAt } from "./window.ts";

/** Simple moving average; unit of the values, first value at index period − 1. */
export function sma(values: Float64Array, period: number): Float64Array {
  checkPeriod("SMA", period);
  const out = blank(values.length);
  for (let i = period - 1; i < values.length; i++) out[i] = meanAt(values, i, period);
  return out;
}
