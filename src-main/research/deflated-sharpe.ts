import normalCdf from "@stdlib/stats-base-dists-normal-cdf";
import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import type { DeflatedSharpe } from "../../src-preload/contract/research-studies.ts";

const EULER_MASCHERONI = 0.577_215_664_901_532_9;

/** Moments of returns of one candle each. */
export interface ReturnMoments {
  readonly count: number;
  /** Mean ÷ population deviation, not annualised. */
  readonly sharpe: number;
  readonly skewness: number;
  /** Fourth standardised moment; 3 for the normal curve. */
  readonly kurtosis: number;
}

/** Moments of the returns between marks of equity (quote currency); null for fewer than two, or for returns all alike. */
export function returnMoments(equity: Float64Array): ReturnMoments | null {
  const count = equity.length - 1;
  if (count < 2) return null;
  const returns = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const change = (equity[i + 1] as number) / (equity[i] as number) - 1;
    returns[i] = change;
    sum += change;
  }
  const mean = sum / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (const value of returns) {
    const distance = value - mean;
    const square = distance * distance;
    second += square;
    third += square * distance;
    fourth += square * square;
  }
  const variance = second / count;
  if (!(variance > 0)) return null;
  const deviation = Math.sqrt(variance);
  return {
    count,
    sharpe: mean / deviation,
    skewness: third / count / (variance * deviation),
    kurtosis: fourth / count / (variance * variance),
  };
}

/**
 * The best Sharpe ratio that so many trials without any skill are expected to show, by the spread of the trials' own
 * ratios. D. H. Bailey and M. López de Prado, "The Deflated Sharpe Ratio", J. Portfolio Management 40 (2014), eq. 1.
 */
export function expectedBestSharpe(trials: number, varianceOfTrials: number): number {
  if (trials < 2) return 0;
  const first = normalQuantile(1 - 1 / trials, 0, 1);
  const second = normalQuantile(1 - 1 / (trials * Math.E), 0, 1);
  return Math.sqrt(varianceOfTrials) * ((1 - EULER_MASCHERONI) * first + EULER_MASCHERONI * second);
}

/**
 * How likely it is that the best of many trials has any skill at all: its ratio against the one that luck alone would
 * have brought, with the length, skewness and kurtosis of its returns (same paper, eq. 2). `trialSharpes` are the
 * ratios of all trials, the best one's included, in the unit of `best.sharpe` (a candle). Null where it has no meaning.
 */
export function deflatedSharpe(
  best: ReturnMoments,
  trialSharpes: readonly number[],
): DeflatedSharpe | null {
  const trials = trialSharpes.length;
  if (trials === 0 || best.count < 2) return null;
  const mean = trialSharpes.reduce((sum, value) => sum + value, 0) / trials;
  const variance =
    trials < 2
      ? 0
      : trialSharpes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (trials - 1);
  const threshold = expectedBestSharpe(trials, variance);
  const spread =
    1 - best.skewness * best.sharpe + ((best.kurtosis - 1) / 4) * best.sharpe * best.sharpe;
  if (!(spread > 0)) return null;
  const z = ((best.sharpe - threshold) * Math.sqrt(best.count - 1)) / Math.sqrt(spread);
  return { trials, threshold, probability: normalCdf(z, 0, 1) };
}
