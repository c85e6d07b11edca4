import type { BacktestRequest } from "../../src-preload/contract/research.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { ExchangeError } from "../engine/exchange/port.ts";
import type { Exchange, MetricPoint } from "../engine/exchange/port.ts";
import { EngineFault, messageOf } from "../engine/fault.ts";
import { columnsOf } from "../engine/market/columns.ts";
import { judgeCandles } from "../engine/market/integrity.ts";
import { knownSeries, MARKET_WIDE } from "../engine/market/metric-service.ts";
import type { Candle, CandleColumns, MetricName, MetricSeries } from "../engine/market/types.ts";
import type { Chosen } from "./catalogue.ts";
import type { History } from "./history.ts";

/** What a run reads besides its own candles, and how many of those come before its start. */
interface Wants {
  readonly warmup: number;
  readonly references: readonly string[];
  readonly metrics: readonly MetricName[];
  readonly metricWindowMs: number;
}

function wantsOf(chosen: Chosen, symbol: string): Wants {
  const warmup = chosen.strategy.warmup(chosen.params);
  if (chosen.form === "column") return { warmup, references: [], metrics: [], metricWindowMs: 0 };
  const { references, metrics, metricWindowMs } = chosen.strategy.needs(chosen.params, symbol);
  return {
    warmup,
    references: references.filter((name) => name !== symbol),
    metrics,
    metricWindowMs,
  };
}

/** Closed candles with open times in [from, to), judged as the candle service judges them. */
async function candlesOf(
  exchange: Exchange,
  symbol: string,
  timeframe: Timeframe,
  from: number,
  to: number,
): Promise<CandleColumns> {
  const length = timeframeMs(timeframe);
  const found: Candle[] = [];
  const page = Math.max(1, exchange.maxCandles);
  let cursor = Math.max(0, Math.ceil(from / length) * length);
  while (cursor < to) {
    const span = Math.min(page, Math.ceil((to - cursor) / length));
    const candles = await exchange.fetchCandles(symbol, timeframe, cursor, span);
    found.push(...candles.filter(({ time }) => time >= cursor && time < to));
    const last = candles.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
    cursor = Math.max(cursor + span * length, last + length);
  }
  return columnsOf(judgeCandles(found, { length, now: Math.max(to, from) }).accepted);
}

async function metricOf(
  exchange: Exchange,
  name: MetricName,
  symbol: string,
  since: number,
): Promise<readonly MetricPoint[] | null> {
  try {
    return await exchange.fetchMetric(name, MARKET_WIDE.has(name) ? null : symbol, Math.max(0, since));
  } catch (error) {
    // A market without the metric is a run without it: the strategy then does not enter, and its reasons say so.
    if (error instanceof ExchangeError && error.kind === "unsupported") return null;
    throw error;
  }
}

/** Days of metrics before the window, so that its first value is there whatever its publication time. */
const METRIC_SLACK_MS = 2 * 86_400_000;

/**
 * All data of a request from an exchange (or what stands in for one). Throws EngineFault when the symbol is unknown or
 * the exchange does not answer.
 */
export async function loadHistory(
  exchange: Exchange,
  request: BacktestRequest,
  chosen: Chosen,
): Promise<History> {
  const { symbol, timeframe, rules, to } = request;
  try {
    const market = (await exchange.markets()).get(symbol);
    if (market === undefined) {
      throw new EngineFault(
        "invalid",
        `${exchange.label} does not trade ${symbol}; choose another symbol.`,
        "symbol",
      );
    }
    const { warmup, references, metrics, metricWindowMs } = wantsOf(chosen, symbol);
    // Twice the warm-up, so that there is enough of it where candles are missing.
    const from = request.from - 2 * warmup * timeframeMs(timeframe);
    const candles = await candlesOf(exchange, symbol, timeframe, from, to);
    const others = new Map<string, CandleColumns>();
    for (const name of references) {
      others.set(name, await candlesOf(exchange, name, timeframe, from, to));
    }
    const series = new Map<MetricName, MetricSeries>();
    for (const name of metrics) {
      const points = await metricOf(exchange, name, symbol, from - metricWindowMs - METRIC_SLACK_MS);
      if (points !== null) series.set(name, knownSeries(name, points));
    }
    const fine =
      rules.fineTimeframe === null
        ? null
        : await candlesOf(exchange, symbol, rules.fineTimeframe, request.from, to);
    const paid = rules.funding
      ? await metricOf(exchange, "funding_rate", symbol, request.from)
      : null;
    return {
      symbol,
      timeframe,
      market,
      candles,
      references: others,
      metrics: series,
      fine: fine === null || fine.length === 0 ? null : fine,
      funding: paid === null || paid.length === 0 ? null : seriesOf(paid),
      source: exchange.label,
    };
  } catch (error) {
    if (error instanceof EngineFault) throw error;
    throw new EngineFault("unavailable", messageOf(error));
  }
}

const seriesOf = (points: readonly MetricPoint[]): MetricSeries => ({
  length: points.length,
  time: Float64Array.from(points, ({ time }) => time),
  value: Float64Array.from(points, ({ value }) => value),
});
