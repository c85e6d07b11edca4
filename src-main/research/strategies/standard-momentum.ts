import * as z from "zod";
import type { CandleColumns } from "../../engine/market/types.ts";
import { ENTER_LONG, EXIT_LONG } from "../signals.ts";
import type { ColumnStrategy } from "../signals.ts";

const params = z
  .strictObject({
    rsiPeriod: z.int().min(2).max(500).default(14),
    macdFast: z.int().min(1).max(500).default(12),
    macdSlow: z.int().min(2).max(500).default(26),
    macdSignal: z.int().min(1).max(500).default(9),
  })
  .refine((p) => p.macdFast < p.macdSlow, {
    path: ["macdFast"],
    message: "MACD fast must be below MACD slow; lower the fast period or raise the slow one.",
  });
type Params = z.infer<typeof params>;

const warmup = (p: Params): number => Math.max(p.rsiPeriod + 2, p.macdSlow + p.macdSignal - 1);

/**
 * RSI (Wilder, 1978) above 50 is average gain above average loss, so neither a division nor the index itself is needed.
 * EMAs are seeded with their first simple mean.
 */
function momentumSignals(close: Float64Array, length: number, p: Params, flags: Uint8Array): void {
  const { rsiPeriod, macdFast, macdSlow, macdSignal } = p;
  const first = warmup(p) - 1;
  // The seeds are complete after this many candles; from there on the loop has no cases.
  const settled = Math.min(length, Math.max(rsiPeriod, macdSlow + macdSignal - 2) + 1);
  const keepRsi = 1 - 1 / rsiPeriod;
  const addRsi = 0.5 / rsiPeriod;
  const fastWeight = 2 / (macdFast + 1);
  const slowWeight = 2 / (macdSlow + 1);
  const signalWeight = 2 / (macdSignal + 1);
  const fastKeep = 1 - fastWeight;
  const slowKeep = 1 - slowWeight;
  const signalKeep = 1 - signalWeight;
  let gain = 0;
  let loss = 0;
  let fast = 0;
  let slow = 0;
  let signal = 0;
  let before = close[0] ?? 0;
  let above = 0;
  for (let i = 0; i < settled; i++) {
    const price = close[i] as number;
    const change = price - before;
    before = price;
    const up = change > 0 ? change : 0;
    const down = up - change;
    if (i <= rsiPeriod) {
      gain += up / rsiPeriod;
      loss += down / rsiPeriod;
    } else {
      gain = gain * keepRsi + up / rsiPeriod;
      loss = loss * keepRsi + down / rsiPeriod;
    }
    if (i < macdFast) fast += price / macdFast;
    else fast = fast * fastKeep + price * fastWeight;
    if (i < macdSlow) slow += price / macdSlow;
    else slow = slow * slowKeep + price * slowWeight;
    const since = i - (macdSlow - 1);
    if (since >= 0) {
      if (since < macdSignal) signal += (fast - slow) / macdSignal;
      else signal = signal * signalKeep + (fast - slow) * signalWeight;
    }
    const isAbove = i >= rsiPeriod && gain > loss ? 1 : 0;
    const line = fast - slow;
    flags[i] =
      i < first || line === signal ? 0 : line < signal ? EXIT_LONG : isAbove & (above ^ 1) & ENTER_LONG;
    above = isAbove;
  }
  for (let i = settled; i < length; i++) {
    const price = close[i] as number;
    const change = price - before;
    before = price;
    const size = Math.abs(change);
    gain = gain * keepRsi + (size + change) * addRsi;
    loss = loss * keepRsi + (size - change) * addRsi;
    fast = fast * fastKeep + price * fastWeight;
    slow = slow * slowKeep + price * slowWeight;
    const line = fast - slow;
    signal = signal * signalKeep + line * signalWeight;
    // Sums of comparisons rather than branches that are mispredicted.
    const isAbove = Number(gain > loss);
    flags[i] =
      (isAbove & (above ^ 1) & Number(line > signal)) * ENTER_LONG + Number(line < signal) * EXIT_LONG;
    above = isAbove;
  }
}

/** Strategy B of the standard job. */
export const standardMomentum: ColumnStrategy<typeof params> = {
  id: "standard_momentum",
  title: "Standard job B: momentum",
  summary:
    "Buys when the RSI crosses above 50 while the MACD histogram is above 0, and leaves when it falls below 0; long only. The job that back-testers are compared on.",
  source:
    "J. Welles Wilder, New Concepts in Technical Trading Systems (1978); Gerald Appel, moving average convergence / divergence.",
  params,
  warmup,
  signals: (candles: CandleColumns, p, flags) => {
    momentumSignals(candles.close, candles.length, p, flags);
  },
};
