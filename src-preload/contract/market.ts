import * as z from "zod";
import type { Regime } from "./ticks.ts";
import { timeframeSchema } from "./time.ts";
import type { Timeframe } from "./time.ts";

/** Candles in columns, oldest first, all of one length; times are open times in ms UTC. */
export interface CandleChartData {
  readonly time: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly volume: readonly number[];
}

/** The regime of one symbol and timeframe in use. */
export interface RegimeView {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Null while fewer candles are stored than it is made of. */
  readonly regime: Regime | null;
  /** Open time of the candle it is of, ms UTC; null without candles. */
  readonly candleTime: number | null;
  readonly close: number | null;
  /** Bots that use it. */
  readonly bots: number;
}

/** Correlation of returns, every symbol with every other. */
export interface CorrelationView {
  readonly timeframe: Timeframe;
  /** Returns that a figure is made of at most. */
  readonly window: number;
  readonly symbols: readonly string[];
  /** Rows and columns as `symbols`, −1..1; null where fewer than 20 returns are common or one does not vary. */
  readonly matrix: readonly (readonly (number | null)[])[];
  /** Open time of the newest candle in it, ms UTC. */
  readonly candleTime: number | null;
}

export const marketRequests = {
  "market:candles": z.strictObject({
    symbol: z.string(),
    timeframe: timeframeSchema,
    limit: z.number().int().min(1).max(5000),
  }),
  "market:regime": z.void(),
  "market:correlation": z.strictObject({ timeframe: timeframeSchema.nullable() }),
} as const;

export interface MarketResponses {
  /** Stored closed candles only; asks the exchange for nothing. */
  "market:candles": CandleChartData;
  /** By symbol and timeframe, of all that bots use. */
  "market:regime": readonly RegimeView[];
  /** Of all symbols that bots use; with no timeframe, on the one that most of them are used on. */
  "market:correlation": CorrelationView;
}

export interface MarketEvents {
  /** Candles of these closed and are stored: regimes and correlations are new. */
  "market:changed": { readonly series: readonly string[] };
}
