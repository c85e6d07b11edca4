import * as z from "zod";
import type { CandleColumns } from "../../engine/market/types.ts";
import { ENTER_LONG, EXIT_LONG, EXIT_SHORT } from "../signals.ts";
import type { ColumnStrategy } from "../signals.ts";

const params = z.strictObject({
  period: z.int().min(2).max(500).default(20),
  deviations: z.number().gt(0).max(10).default(2),
});

/** The running sums are made anew every so many candles by absolute index, so that no error builds up. */
const ANCHOR = 512;

/**
 * Mean reversion at Bollinger bands (Bollinger, 2001; population deviation): enter beyond mean ± deviations × σ, leave
 * at the mean. The running mean and sum of squared distances are Welford's (Technometrics 4, 1962) for a sliding window.
 */
function bandSignals(
  close: Float64Array,
  length: number,
  period: number,
  deviations: number,
  flags: Uint8Array,
): void {
  const inverse = 1 / period;
  // |x − mean| > k σ without a root: (x − mean)² > k² m2 / period.
  const limit = deviations * deviations * inverse;
  const first = Math.min(period - 1, length);
  flags.fill(0, 0, first);
  for (let from = first; from < length;) {
    // Anchors lie on multiples of ANCHOR, whatever the period: the same candle gives the same bits.
    const to = Math.min(length, (Math.floor(from / ANCHOR) + 1) * ANCHOR);
    let mean = 0;
    for (let j = from - period + 1; j <= from; j++) mean += close[j] as number;
    mean *= inverse;
    let squares = 0;
    for (let j = from - period + 1; j <= from; j++) {
      const distance = (close[j] as number) - mean;
      squares += distance * distance;
    }
    let distance = (close[from] as number) - mean;
    for (let i = from; ;) {
      // Sums of comparisons: which side of the mean a close lies on is a coin toss, and a branch on it is mispredicted.
      // ENTER_SHORT is ENTER_LONG shifted by one.
      flags[i] =
        (Number(distance <= 0) * EXIT_SHORT) |
        (Number(distance >= 0) * EXIT_LONG) |
        (Number(distance * distance > limit * squares) * (ENTER_LONG << Number(distance > 0)));
      if (++i >= to) break;
      const entering = close[i] as number;
      const leaving = close[i - period] as number;
      const change = entering - leaving;
      const before = mean;
      mean += change * inverse;
      distance = entering - mean;
      squares += change * (distance + leaving - before);
    }
    from = to;
  }
}

/** Strategy A of the standard job. */
export const standardBands: ColumnStrategy<typeof params> = {
  id: "standard_bands",
  title: "Standard job A: bands",
  summary:
    "Enters against a close beyond the Bollinger bands and leaves at their middle; long and short. The job that back-testers are compared on.",
  source: "John Bollinger, Bollinger on Bollinger Bands (2001).",
  params,
  warmup: (p) => p.period,
  signals: (candles: CandleColumns, p, flags) => {
    bandSignals(candles.close, candles.length, p.period, p.deviations, flags);
  },
};
