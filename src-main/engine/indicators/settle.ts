/*
 * How many candles a recursive indicator needs until its seed no longer matters: until the weight of what came
 * before is under 1e-9. An EMA's seed keeps (1 − 2 / (n + 1))^k ≈ e^(−2k / (n + 1)) of its weight after k candles,
 * Wilder's (1 − 1 / n)^k ≈ e^(−k / n), and e^(−21) < 1e-9. So a value does not depend on how much more
 * history there is, and a bot that has just started decides as one that ran for months.
 */

/** Candles until an EMA of `period` is settled, its first window included. */
export const emaSettled = (period: number): number => period + 11 * (period + 1);

/** Candles until Wilder's smoothing (RSI, ATR) of `period` is settled, its first window and change included. */
export const wilderSettled = (period: number): number => 22 * period + 1;

/** Candles until the ADX, which smooths twice, is settled. */
export const adxSettled = (period: number): number => 27 * period;

/** Candles until the MACD's histogram is settled: its slow average and the signal line, which starts after it. */
export const macdSettled = (slow: number, signal: number): number =>
  Math.max(emaSettled(slow) + signal, slow + emaSettled(signal));
