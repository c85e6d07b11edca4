import * as z from "zod";
import type { MetricPoint } from "../engine/exchange/port.ts";
import type { MetricName } from "../engine/market/types.ts";
import { readJson } from "./web.ts";
import type { WebOptions } from "./web.ts";

const DAY = 86_400_000;

interface WebRequest {
  /** Oldest time wanted, ms UTC. */
  readonly since: number;
  readonly now: number;
  /** Replaces scheme, host and port of the source's address; null for its own. */
  readonly base: string | null;
  readonly signal: AbortSignal | undefined;
  readonly options?: WebOptions;
}

/** One public source of a daily metric of the whole market. */
interface WebMetric {
  readonly label: string;
  readonly address: string;
  read(request: WebRequest): Promise<readonly MetricPoint[]>;
}

/** Numbers come as text from some sources; an empty one is missing, not zero. */
const numeric = z.union([z.number(), z.string().min(1).transform(Number)]).pipe(z.number());

const addressOf = (own: string, base: string | null): URL => {
  const url = new URL(own);
  if (base === null) return url;
  const other = new URL(base);
  url.protocol = other.protocol;
  url.host = other.host;
  return url;
};

/**
 * Points of days that are over, in order. The running day's value still changes at its source, so it is left for
 * tomorrow. A day that comes twice keeps its last value.
 */
function finished(
  points: readonly MetricPoint[],
  { since, now }: WebRequest,
): readonly MetricPoint[] {
  const byDay = new Map<number, number>();
  for (const { time, value } of points) {
    const day = Math.floor(time / DAY) * DAY;
    if (time >= since && day + DAY <= now) byDay.set(day, value);
  }
  return [...byDay].toSorted((a, b) => a[0] - b[0]).map(([time, value]) => ({ time, value }));
}

const FEAR_GREED = "https://api.alternative.me/fng/";
const fearGreedAnswer = z.object({
  data: z.array(z.object({ value: numeric.pipe(z.number().min(0).max(100)), timestamp: numeric })),
});

/** alternative.me's index, 0 (fear) to 100 (greed), a value a day, newest first; `limit` counts from the newest. */
async function readFearGreed(request: WebRequest): Promise<readonly MetricPoint[]> {
  const url = addressOf(FEAR_GREED, request.base);
  const days = Math.ceil((request.now - request.since) / DAY) + 2;
  url.searchParams.set("limit", String(days));
  url.searchParams.set("format", "json");
  const { data } = await readJson(
    "alternative.me",
    url,
    fearGreedAnswer,
    request.signal,
    request.options,
  );
  const points = data.map(({ value, timestamp }) => ({ time: timestamp * 1000, value }));
  return finished(points, request);
}

const STABLECOINS = "https://stablecoins.llama.fi/stablecoincharts/all";
const stablecoinAnswer = z.array(
  z.object({
    date: numeric,
    totalCirculating: z.object({ peggedUSD: numeric.pipe(z.number().positive()) }),
  }),
);

/** DefiLlama's total of all stablecoins pegged to the US dollar, in dollars, a value a day; always the whole history. */
async function readStablecoins(request: WebRequest): Promise<readonly MetricPoint[]> {
  const rows = await readJson(
    "DefiLlama",
    addressOf(STABLECOINS, request.base),
    stablecoinAnswer,
    request.signal,
    request.options,
  );
  const points = rows.map(({ date, totalCirculating }) => ({
    time: date * 1000,
    value: totalCirculating.peggedUSD,
  }));
  return finished(points, request);
}

const MVRV = "https://community-api.coinmetrics.io/v4/timeseries/asset-metrics";
const mvrvAnswer = z.object({
  data: z.array(
    z.object({
      time: z
        .string()
        .transform((text) => Date.parse(text))
        .pipe(z.number()),
      CapMVRVCur: numeric.pipe(z.number().positive()).nullish(),
    }),
  ),
  next_page_token: z.string().optional(),
});
const PAGE = 10_000;
/** More pages than this is an answer that goes round in circles. */
const MOST_PAGES = 20;

/**
 * NUPL (net unrealised profit and loss, a share of the market value) from Coin Metrics' community API: with MVRV =
 * market value / realised value, NUPL = (market − realised) / market = 1 − 1 / MVRV. Daily.
 */
async function readNupl(request: WebRequest): Promise<readonly MetricPoint[]> {
  const points: MetricPoint[] = [];
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const url = addressOf(MVRV, request.base);
    url.searchParams.set("assets", "btc");
    url.searchParams.set("metrics", "CapMVRVCur");
    url.searchParams.set("frequency", "1d");
    url.searchParams.set("start_time", new Date(request.since).toISOString().slice(0, 10));
    url.searchParams.set("page_size", String(PAGE));
    url.searchParams.set("paging_from", "start");
    if (token !== undefined) url.searchParams.set("next_page_token", token);
    const answer = await readJson("Coin Metrics", url, mvrvAnswer, request.signal, request.options);
    for (const { time, CapMVRVCur: mvrv } of answer.data) {
      // A day without the figure has none: it is not zero.
      if (mvrv != null) points.push({ time, value: 1 - 1 / mvrv });
    }
    token = answer.next_page_token;
    if (token === undefined) break;
  }
  return finished(points, request);
}

/** Sources by metric. */
export const WEB_METRICS: Readonly<Partial<Record<MetricName, WebMetric>>> = {
  fear_greed: { label: "alternative.me", address: FEAR_GREED, read: readFearGreed },
  stablecoin_supply: { label: "DefiLlama", address: STABLECOINS, read: readStablecoins },
  nupl: { label: "Coin Metrics", address: MVRV, read: readNupl },
};
