import * as z from "zod";
import { timeframeSchema } from "./time.ts";

/** Candles in columns, oldest first, all of one length; times are open times in ms UTC. */
export interface CandleChartData {
  readonly time: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly volume: readonly number[];
}

export const marketRequests = {
  "market:candles": z.strictObject({
    symbol: z.string(),
    timeframe: timeframeSchema,
    limit: z.number().int().min(1).max(5000),
  }),
} as const;

export interface MarketResponses {
  /** Stored closed candles only; asks the exchange for nothing. */
  "market:candles": CandleChartData;
}
