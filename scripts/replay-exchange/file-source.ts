import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { MetricPoint } from "../../src-main/engine/exchange/port.ts";
import type { Candle, CandleColumns } from "../../src-main/engine/market/types.ts";
import { timeframeMs, timeframeSchema } from "../../src-preload/contract/time.ts";
import { readColumns } from "./csv.ts";
import {
  buildSeries,
  candleAt,
  lastPrice,
  lowerBound,
  openCandle,
  type FileSeries,
} from "./series.ts";
import { splitSymbol, type FuturesMetric, type MarketSource, type SourceSymbol } from "./source.ts";

const CANDLE_FILE = /^([A-Z0-9]+)-(\d+[mhd])\.csv\.gz$/;
const CANDLE_HEADER = "timestamp_ms,open,high,low,close,volume";
/** After so long without a candle the symbol counts as no longer traded. */
const DEAD_AFTER_MS = 7 * 24 * 3_600_000;

interface SymbolFiles {
  readonly paths: Map<number, string>;
  loaded: Promise<readonly FileSeries[]> | null;
  readonly series: Map<number, CandleColumns>;
}

/** Recorded candles and metrics of a folder; read when first asked for and kept. */
export class FileSource implements MarketSource {
  readonly symbols: readonly SourceSymbol[];
  readonly description: string;
  readonly #directory: string;
  readonly #files: Map<string, SymbolFiles>;
  readonly #metrics = new Map<string, Promise<readonly MetricPoint[]>>();

  constructor(directory: string) {
    this.#directory = directory;
    this.#files = listCandles(directory);
    this.symbols = [...this.#files.keys()].toSorted().flatMap((id) => {
      const assets = splitSymbol(id);
      return assets === null
        ? []
        : [{ id, ...assets, tickSize: null, stepSize: null, minNotional: null }];
    });
    this.description = `recorded candles of ${this.symbols.length} symbols`;
  }

  /** Whether the folder holds any candles. */
  static has(directory: string): boolean {
    return listCandles(directory).size > 0;
  }

  async candles(
    id: string,
    intervalMs: number,
    from: number,
    to: number,
    limit: number,
    now: number,
  ): Promise<readonly Candle[]> {
    const files = await this.#load(id);
    const series = this.#series(id, files, intervalMs);
    const found: Candle[] = [];
    for (let index = lowerBound(series.time, from); index < series.length; index += 1) {
      const candle = candleAt(series, index);
      if (found.length >= limit || candle.time > to || candle.time + intervalMs > now) break;
      found.push(candle);
    }
    const bucket = now - (now % intervalMs);
    if (found.length < limit && bucket >= from && bucket <= to) {
      const open = openCandle(files, intervalMs, bucket, now);
      if (open !== null) found.push(open);
    }
    return found;
  }

  async latest(
    id: string,
    intervalMs: number,
    to: number,
    limit: number,
    now: number,
  ): Promise<readonly Candle[]> {
    const series = this.#series(id, await this.#load(id), intervalMs);
    const end = lowerBound(series.time, Math.min(to, now) + 1);
    const from = series.time[Math.max(0, end - limit - 1)] ?? to;
    return (await this.candles(id, intervalMs, from, to, limit + 2, now)).slice(-limit);
  }

  async price(id: string, now: number): Promise<number | null> {
    const files = await this.#load(id);
    const traded = files.some(({ columns }) => {
      const last = columns.time[lowerBound(columns.time, now + 1) - 1];
      return last !== undefined && now - last < DEAD_AFTER_MS;
    });
    return traded ? lastPrice(files, now) : null;
  }

  async finest(id: string, now: number): Promise<number | null> {
    const around = (await this.#load(id)).filter(({ columns, intervalMs }) => {
      const last = columns.time[columns.length - 1] ?? -Infinity;
      return (columns.time[0] ?? Infinity) <= now && now < last + intervalMs;
    });
    return around.length === 0 ? null : Math.min(...around.map(({ intervalMs }) => intervalMs));
  }

  async metric(
    name: FuturesMetric,
    id: string,
    from: number,
    now: number,
  ): Promise<readonly MetricPoint[]> {
    const file = metricFile(name, id);
    const path = join(this.#directory, "metrics", `${file}.csv.gz`);
    let points = this.#metrics.get(file);
    if (points === undefined) {
      points = existsSync(path) ? readPoints(path) : Promise.resolve([]);
      this.#metrics.set(file, points);
    }
    return (await points).filter(({ time }) => time >= from && time <= now);
  }

  #load(id: string): Promise<readonly FileSeries[]> {
    const files = this.#files.get(id);
    if (files === undefined) return Promise.resolve([]);
    files.loaded ??= Promise.all(
      [...files.paths].map(async ([intervalMs, path]) => ({
        intervalMs,
        columns: await readCandles(path),
      })),
    );
    return files.loaded;
  }

  #series(id: string, files: readonly FileSeries[], intervalMs: number): CandleColumns {
    const kept = this.#files.get(id)?.series;
    const known = kept?.get(intervalMs);
    if (known !== undefined) return known;
    const built = buildSeries(files, intervalMs);
    kept?.set(intervalMs, built);
    return built;
  }
}

function listCandles(directory: string): Map<string, SymbolFiles> {
  const found = new Map<string, SymbolFiles>();
  const folder = join(directory, "candles");
  if (!existsSync(folder)) return found;
  for (const name of readdirSync(folder)) {
    const [, id, length] = CANDLE_FILE.exec(name) ?? [];
    const timeframe = timeframeSchema.safeParse(length);
    if (id === undefined || !timeframe.success) continue;
    const files: SymbolFiles = found.get(id) ?? {
      paths: new Map(),
      loaded: null,
      series: new Map(),
    };
    files.paths.set(timeframeMs(timeframe.data), join(folder, name));
    found.set(id, files);
  }
  return found;
}

async function readCandles(path: string): Promise<CandleColumns> {
  const empty = new Float64Array();
  const [time = empty, open = empty, high = empty, low = empty, close = empty, volume = empty] =
    await readColumns(path, CANDLE_HEADER);
  return { length: time.length, time, open, high, low, close, volume };
}

async function readPoints(path: string): Promise<readonly MetricPoint[]> {
  const [times = [], values = []] = await readColumns(path, "timestamp_ms,value");
  return Array.from(times, (time, index) => ({ time, value: values[index] ?? Number.NaN }));
}

/** The recordings' names: BTCUSDT has the plain ones. */
function metricFile(name: FuturesMetric, id: string): string {
  if (name === "open_interest") return `open_interest_4h_${id}_usd`;
  return id === "BTCUSDT" ? name : `${name}_${id}`;
}
