import { ema } from "./ema.ts";
import { blank, checkPeriod } from "./window.ts";

export interface Macd {
  readonly macd: Float64Array;
  readonly signal: Float64Array;
  readonly histogram: Float64Array;
}

/**
 * Moving average convergence / divergence (Appel): fast EMA − slow EMA, its signal EMA and their difference; all in the
 * unit of the values. Each EMA is seeded with the simple mean of its own first window: the line starts at index
 * slow − 1, signal and histogram at slow + signal − 2. (TA-Lib starts both EMAs at slow − 1; they agree once settled.)
 */
export function macd(values: Float64Array, fast: number, slow: number, signal: number): Macd {
  checkPeriod("MACD slow", slow, fast + 1);
  const fastMean = ema(values, fast);
  const slowMean = ema(values, slow);
  const line = blank(values.length);
  for (let i = slow - 1; i < values.length; i++) {
    line[i] = (fastMean[i] as number) - (slowMean[i] as number);
  }
  const signalMean = ema(line, signal, slow - 1);
  const histogram = blank(values.length);
  for (let i = slow + signal - 2; i < values.length; i++) {
    histogram[i] = (line[i] as number) - (signalMean[i] as number);
  }
  return { macd: line, signal: signalMean, histogram };
}
