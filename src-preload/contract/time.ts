import * as z from "zod";

export const TIMEFRAMES = [
  "1m",
  "3m",
  "5m",
  "15m",
  "30m",
  "1h",
  "2h",
  "4h",
  "8h",
  "12h",
  "1d",
] as const;
export const timeframeSchema = z.enum(TIMEFRAMES);
/** Candle length. */
export type Timeframe = (typeof TIMEFRAMES)[number];

const MINUTE = 60_000;
const LENGTH_MS: Readonly<Record<Timeframe, number>> = {
  "1m": MINUTE,
  "3m": 3 * MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "30m": 30 * MINUTE,
  "1h": 60 * MINUTE,
  "2h": 120 * MINUTE,
  "4h": 240 * MINUTE,
  "8h": 480 * MINUTE,
  "12h": 720 * MINUTE,
  "1d": 1440 * MINUTE,
};

/** Length of one candle in ms. */
export const timeframeMs = (timeframe: Timeframe): number => LENGTH_MS[timeframe];
