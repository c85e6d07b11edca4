import type { MetricName } from "./types.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const METRIC_NAMES = [
  "funding_rate",
  "open_interest",
  "long_short_ratio",
  "nupl",
  "stablecoin_supply",
  "fear_greed",
  "btc_dominance",
] as const satisfies readonly MetricName[];

interface MetricFacts {
  /** As it stands in a sentence. */
  readonly title: string;
  /** One value is kept for each of these spans, ms. */
  readonly every: number;
  /** Safety delay after publication, ms. A daily value is dated by the day it describes, so it is due the next day. */
  readonly delay: number;
  /** A last value older than this is stale, ms: some of its publication intervals. */
  readonly maxAgeMs: number;
  /** One series for the whole market, not one a symbol. */
  readonly wide: boolean;
}

/**
 * Funding comes every 8 h, open interest and the ratio every 1 to 4 h depending on the source, the others daily; three
 * intervals late (of the usual ones) is a feed that has stopped.
 */
export const METRIC_FACTS: Readonly<Record<MetricName, MetricFacts>> = {
  funding_rate: {
    title: "funding rate",
    every: 8 * HOUR,
    delay: MINUTE,
    maxAgeMs: 3 * 8 * HOUR,
    wide: false,
  },
  open_interest: {
    title: "open interest",
    every: HOUR,
    delay: 5 * MINUTE,
    maxAgeMs: 6 * HOUR,
    wide: false,
  },
  long_short_ratio: {
    title: "long/short ratio",
    every: HOUR,
    delay: 5 * MINUTE,
    maxAgeMs: 6 * HOUR,
    wide: false,
  },
  nupl: { title: "NUPL", every: DAY, delay: DAY, maxAgeMs: 3 * DAY, wide: true },
  stablecoin_supply: {
    title: "stablecoin supply",
    every: DAY,
    delay: DAY,
    maxAgeMs: 3 * DAY,
    wide: true,
  },
  fear_greed: { title: "fear and greed", every: DAY, delay: DAY, maxAgeMs: 3 * DAY, wide: true },
  btc_dominance: { title: "BTC dominance", every: DAY, delay: DAY, maxAgeMs: 3 * DAY, wide: true },
};
