import * as z from "zod";
import {
  MACD_ORDER,
  MOMENTUM_CONFIDENCE,
  decideMomentum,
  macdInOrder,
  momentumFields,
  momentumWarmup,
} from "./momentum.ts";
import type { Strategy } from "./types.ts";

const params = z.strictObject(momentumFields(1.5)).refine(macdInOrder, MACD_ORDER);

export const momentumRsiMacd: Strategy<typeof params> = {
  id: "momentum_rsi_macd",
  title: "Momentum, RSI and MACD",
  summary:
    "Buys when the RSI crosses above its line while the MACD histogram is above zero and rising; mirrored for shorts. Leaves when the histogram changes its sign.",
  source:
    "J. Welles Wilder, New Concepts in Technical Trading Systems (1978); Gerald Appel, Technical Analysis: Power Tools for Active Investors (2005).",
  rules: {
    entry:
      "Long when the RSI crosses above its line with the MACD histogram above 0 and above the one before; short when it crosses below with the histogram below 0 and below the one before.",
    exit: "When the histogram changes its sign: below 0 for a long, above 0 for a short.",
    stop: "Stop distance × ATR from the close.",
    confidence: MOMENTUM_CONFIDENCE,
  },
  defaultTimeframe: "15m",
  params,
  needs: () => ({ references: [], metrics: [], metricWindowMs: 0 }),
  warmup: momentumWarmup,
  decide: (input) => decideMomentum(input, momentumWarmup(input.params), null),
};
