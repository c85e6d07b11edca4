import * as z from "zod";
import { periodField } from "./fields.ts";
import {
  MACD_ORDER,
  MOMENTUM_CONFIDENCE,
  decideMomentum,
  macdInOrder,
  momentumFields,
  momentumWarmup,
} from "./momentum.ts";
import type { Strategy } from "./types.ts";

const params = z
  .strictObject({
    ...momentumFields(2),
    trendPeriod: periodField(
      "Trend mean",
      "Candles of the mean that allows longs above it and shorts below it.",
      200,
      500,
    ),
  })
  .refine(macdInOrder, MACD_ORDER);

const warmup = (p: z.infer<typeof params>): number => Math.max(momentumWarmup(p), p.trendPeriod);

export const momentumRsiMacd4h: Strategy<typeof params> = {
  id: "momentum_rsi_macd_4h",
  title: "Momentum with trend filter, 4 h",
  summary:
    "The RSI and MACD momentum rule with a trend filter: longs only above the 200 mean, shorts only below it. Leaves when the histogram changes its sign.",
  source:
    "J. Welles Wilder, New Concepts in Technical Trading Systems (1978); Gerald Appel, Technical Analysis: Power Tools for Active Investors (2005); the long mean as filter after Mebane Faber, A Quantitative Approach to Tactical Asset Allocation (2007).",
  rules: {
    entry:
      "As Momentum, RSI and MACD; a long also needs the close above the trend mean, a short below it.",
    exit: "When the histogram changes its sign: below 0 for a long, above 0 for a short.",
    stop: "Stop distance × ATR from the close.",
    confidence: MOMENTUM_CONFIDENCE,
  },
  defaultTimeframe: "4h",
  params,
  needs: () => ({ references: [], metrics: [], metricWindowMs: 0 }),
  warmup,
  decide: (input) => decideMomentum(input, warmup(input.params), input.params.trendPeriod),
};
