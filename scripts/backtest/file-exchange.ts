import { ExchangeError } from "../../src-main/engine/exchange/port.ts";
import type { Exchange, MetricPoint } from "../../src-main/engine/exchange/port.ts";
import type { Candle, Market, MetricName } from "../../src-main/engine/market/types.ts";
import { plainMarket } from "../../src-main/research/history.ts";
import { TIMEFRAMES, timeframeMs } from "../../src-preload/contract/time.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { UsageError } from "../replay-exchange/api-error.ts";
import { readColumns } from "../replay-exchange/csv.ts";

const METRIC_NAMES: readonly MetricName[] = [
  "funding_rate",
  "open_interest",
  "long_short_ratio",
  "nupl",
  "stablecoin_supply",
];

async function readFileColumns(file: string, header: string): Promise<readonly Float64Array[]> {
  try {
    return await readColumns(file, header);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be read: ${message}.`, { cause: error });
  }
}

interface Series {
  readonly file: string;
  readonly candles: readonly Candle[];
  /** The shortest distance of two candles, ms. */
  readonly step: number;
}

async function readCandles(file: string): Promise<Series> {
  const [time, open, high, low, close, volume] = await readFileColumns(
    file,
    "timestamp_ms,open,high,low,close,volume",
  );
  const candles = Array.from(time ?? [], (at, i): Candle => ({
    time: at,
    open: open?.[i] ?? 0,
    high: high?.[i] ?? 0,
    low: low?.[i] ?? 0,
    close: close?.[i] ?? 0,
    volume: volume?.[i] ?? 0,
  }));
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < candles.length; i++) {
    step = Math.min(step, (candles[i]?.time ?? 0) - (candles[i - 1]?.time ?? 0));
  }
  return { file, candles, step };
}

/** Candles of `length` ms summed up from shorter ones; one with a missing part is left out. */
function summedUp(candles: readonly Candle[], step: number, length: number): readonly Candle[] {
  if (step === length) return candles;
  const out: Candle[] = [];
  let parts = 0;
  let now: Candle = { time: Number.NaN, open: 0, high: 0, low: 0, close: 0, volume: 0 };
  for (const candle of candles) {
    const start = Math.floor(candle.time / length) * length;
    const isFirst = now.time !== start;
    if (isFirst) parts = 0;
    now = isFirst
      ? { ...candle, time: start }
      : {
          ...now,
          high: Math.max(now.high, candle.high),
          low: Math.min(now.low, candle.low),
          close: candle.close,
          volume: now.volume + candle.volume,
        };
    parts += 1;
    if (parts === length / step) out.push(now);
  }
  return out;
}

/** CSV files behind the Exchange port, so that a back-test loads them as it loads an exchange. No steps and limits. */
export class FileExchange implements Exchange {
  readonly id = "files";
  readonly label: string;
  readonly maxCandles = Number.MAX_SAFE_INTEGER;
  readonly timeframes: ReadonlySet<Timeframe> = new Set(TIMEFRAMES);
  readonly #series: ReadonlyMap<string, Series>;
  readonly #metrics: ReadonlyMap<string, readonly MetricPoint[]>;

  /** Use `open`. */
  constructor(
    series: ReadonlyMap<string, Series>,
    metrics: ReadonlyMap<string, readonly MetricPoint[]>,
  ) {
    this.#series = series;
    this.#metrics = metrics;
    this.label = [...series.values()].map(({ file }) => file).join(", ");
  }

  /** Reads all files at once. Throws UsageError naming file and line. */
  static async open(
    files: ReadonlyMap<string, string>,
    metricFiles: ReadonlyMap<string, string>,
  ): Promise<FileExchange> {
    const series = new Map<string, Series>();
    for (const [symbol, file] of files) series.set(symbol, await readCandles(file));
    const metrics = new Map<string, readonly MetricPoint[]>();
    for (const [name, file] of metricFiles) {
      if (!METRIC_NAMES.some((known) => known === name)) {
        throw new UsageError(
          `--metric names "${name}", which is no metric; choose one of ${METRIC_NAMES.join(", ")}.`,
        );
      }
      const [time, value] = await readFileColumns(file, "timestamp_ms,value");
      metrics.set(
        name,
        Array.from(time ?? [], (at, i) => ({ time: at, value: value?.[i] ?? Number.NaN })),
      );
    }
    return new FileExchange(series, metrics);
  }

  async markets(): Promise<ReadonlyMap<string, Market>> {
    return new Map([...this.#series.keys()].map((symbol) => [symbol, plainMarket(symbol)]));
  }

  async fetchCandles(
    symbol: string,
    timeframe: Timeframe,
    since: number,
    limit: number,
  ): Promise<readonly Candle[]> {
    const found = this.#series.get(symbol);
    if (found === undefined) {
      throw new UsageError(
        `The strategy reads candles of ${symbol}; add --reference ${symbol}=FILE.`,
      );
    }
    const length = timeframeMs(timeframe);
    if (found.candles.length > 1 && (length < found.step || length % found.step !== 0)) {
      throw new UsageError(
        `${found.file} holds candles of ${found.step / 60_000} minutes, of which none of ${timeframe} can be made; choose a timeframe that is a multiple.`,
      );
    }
    return summedUp(found.candles, found.step, length)
      .filter(({ time }) => time >= since)
      .slice(0, limit);
  }

  async fetchMetric(name: MetricName, _symbol: string | null, since: number) {
    const points = this.#metrics.get(name);
    if (points === undefined) {
      throw new ExchangeError("unsupported", `There is no file of ${name}; add --metric ${name}=FILE.`);
    }
    return points.filter(({ time }) => time >= since);
  }

  async clockOffset(): Promise<number> {
    return 0;
  }

  usage(): { readonly requests: number; readonly budgetUsed: number | null } {
    return { requests: 0, budgetUsed: null };
  }

  async close(): Promise<void> {}
}
