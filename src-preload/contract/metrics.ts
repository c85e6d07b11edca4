import * as z from "zod";

/** Metrics whose source can be chosen, each with what it can be read from. */
export const METRIC_SOURCES = {
  funding_rate: ["exchange", "off"],
  open_interest: ["exchange", "off"],
  long_short_ratio: ["exchange", "off"],
  nupl: ["web", "csv", "off"],
  stablecoin_supply: ["web", "csv", "off"],
  fear_greed: ["web", "csv", "off"],
  btc_dominance: ["csv", "off"],
} as const;
export type MetricId = keyof typeof METRIC_SOURCES;
export type MetricSourceKind = (typeof METRIC_SOURCES)[MetricId][number];

const urlSchema = z
  .url({
    protocol: /^https?$/,
    error: 'Address must start with http:// or https://, e.g. "https://api.alternative.me".',
  })
  .nullable()
  .default(null);

/** `url` replaces the scheme and host of the source's own address; null for its own. */
const webMetric = z
  .strictObject({ source: z.enum(METRIC_SOURCES.nupl).default("web"), url: urlSchema })
  .prefault({});
const exchangeMetric = z
  .strictObject({ source: z.enum(METRIC_SOURCES.funding_rate).default("exchange") })
  .prefault({});

export const metricSettingsSchema = z
  .strictObject({
    funding_rate: exchangeMetric,
    open_interest: exchangeMetric,
    long_short_ratio: exchangeMetric,
    nupl: webMetric,
    stablecoin_supply: webMetric,
    fear_greed: webMetric,
    btc_dominance: z
      .strictObject({ source: z.enum(METRIC_SOURCES.btc_dominance).default("csv") })
      .prefault({}),
  })
  .prefault({});
export type MetricSettings = z.infer<typeof metricSettingsSchema>;

/** One series of a metric: where it comes from, how old it is, and what its last fetch brought. Times are ms UTC. */
export interface MetricView {
  readonly name: MetricId;
  readonly title: string;
  /** Null for one of the whole market. */
  readonly symbol: string | null;
  /** "synthetic" where the market itself is made. */
  readonly source: MetricSourceKind | "synthetic";
  /** Where it is read from, in words. */
  readonly origin: string;
  /** Null before the first value. */
  readonly lastValue: number | null;
  /** When the last value was published. */
  readonly publishedAt: number | null;
  /** From when on strategies may know it: publication and its safety delay. */
  readonly knownAt: number | null;
  /** Since `knownAt`, ms. */
  readonly ageMs: number | null;
  /** Beyond this age strategies take it for missing, ms. */
  readonly maxAgeMs: number;
  readonly stale: boolean;
  readonly values: number;
  /** When its schedule asks next; null where it is asked by ticks only. */
  readonly nextSync: number | null;
  readonly lastSync: {
    readonly time: number;
    /** New values; null when it failed. */
    readonly added: number | null;
    /** One sentence; null when it went well. */
    readonly error: string | null;
  } | null;
}

export const metricRequests = {
  "metrics:list": z.void(),
  /** Asks the source at once. */
  "metrics:sync": z.strictObject({
    name: z.enum(Object.keys(METRIC_SOURCES) as [MetricId, ...MetricId[]]),
  }),
} as const;

export interface MetricResponses {
  "metrics:list": readonly MetricView[];
  "metrics:sync": readonly MetricView[];
}
