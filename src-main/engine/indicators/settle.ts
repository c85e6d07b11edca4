/*
 * How many candles a recursive indicator needs until its seed no longer matters. Smoothing by α keeps 1 − α of what came
 * before, so the seed's weight after k candles is (1 − α)^k: an EMA's α is 2 / (n + 1), Wilder's is 1 / n. The weight is
 * brought down to 1e-11, a hundredth of the 1e-9 that is promised: so the promise holds even where the history that
 * is left out was a hundred times wilder than what is seen. A bot that has just started then decides as one
 * that ran for months.
 */
const SEED_WEIGHT = 1e-11;

/** Candles after the seed until (1 − α)^k ≤ 1e-11: k = ⌈ln 1e-11 ÷ ln(1 − α)⌉. 0 where nothing is kept. */
const forgotten = (keep: number): number =>
  keep <= 0 ? 0 : Math.ceil(Math.log(SEED_WEIGHT) / Math.log(keep));

/**
 * The same for a smoothing of a smoothed series, both seeded with an error of 1: e₁ ← λ₁ e₁, e₂ ← λ₂ e₂ + (1 − λ₂) e₁,
 * run until e₂ ≤ 1e-11 (e₁ is below it by then, or no longer matters).
 */
function forgottenTwice(first: number, second: number): number {
  let inner = 1;
  let outer = 1;
  let count = 0;
  while (outer > SEED_WEIGHT) {
    inner *= first;
    outer = second * outer + (1 - second) * inner;
    count += 1;
  }
  return count;
}

const emaKeep = (period: number): number => (period - 1) / (period + 1);
const wilderKeep = (period: number): number => (period - 1) / period;

/** Candles until an EMA of `period` is settled, its first window included. */
export const emaSettled = (period: number): number => period + forgotten(emaKeep(period));

/** Candles until Wilder's smoothing (RSI, ATR) of `period` is settled, its first window and change included. */
export const wilderSettled = (period: number): number => period + 1 + forgotten(wilderKeep(period));

/** Candles until the ADX, which smooths the smoothed directional movement again, is settled. */
export const adxSettled = (period: number): number =>
  2 * period + forgottenTwice(wilderKeep(period), wilderKeep(period));

/** Candles until the MACD's histogram is settled: its slow average, and the signal line's of that. */
export const macdSettled = (slow: number, signal: number): number =>
  slow +
  signal -
  1 +
  Math.max(forgottenTwice(emaKeep(slow), emaKeep(signal)), forgotten(emaKeep(slow)));
