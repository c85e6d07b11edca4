import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { VirtualClock } from "../../src-main/engine/clock-virtual.ts";
import type { MetricPoint } from "../../src-main/engine/exchange/port.ts";
import { SyntheticExchange } from "../../src-main/engine/exchange/synthetic-exchange.ts";
import { columnsOf } from "../../src-main/engine/market/columns.ts";
import { judgeCandles } from "../../src-main/engine/market/integrity.ts";
import { MetricService } from "../../src-main/engine/market/metric-service.ts";
import type {
  Candle,
  CandleColumns,
  MetricName,
  MetricSeries,
} from "../../src-main/engine/market/types.ts";
import { TIMEFRAMES, timeframeMs } from "../../src-preload/contract/time.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { UsageError } from "./usage-error.ts";

const unzip = promisify(gunzip);

const CANDLE_HEADER = "timestamp_ms,open,high,low,close,volume";
const METRIC_HEADER = "timestamp_ms,value";

/** Rows of numbers of a CSV file, gzip or plain, under exactly that header. */
async function rows(file: string, header: string): Promise<number[][]> {
  const raw = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${file} cannot be read (${error.code ?? error.message}); check the path.`,
    );
  });
  const text = (file.endsWith(".gz") ? await unzip(raw) : raw).toString("utf8");
  const lines = text.split(/\r?\n/);
  while (lines.at(-1)?.trim() === "") lines.pop();
  if (lines[0]?.trim() !== header) {
    throw new UsageError(`${file} line 1 must be "${header}"; write the header so.`);
  }
  const width = header.split(",").length;
  return lines.slice(1).map((line, i) => {
    const cells = line.split(",").map((cell) => (cell.trim() === "" ? Number.NaN : Number(cell)));
    if (cells.length !== width || cells.some((cell) => !Number.isFinite(cell))) {
      throw new UsageError(
        `${file} line ${i + 2} must hold ${width} numbers (${header}); correct or remove it.`,
      );
    }
    return cells;
  });
}

/** The timeframe whose length is the least distance of the times. */
function timeframeOf(file: string, times: readonly number[]): Timeframe {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < times.length; i++) {
    const distance = (times[i] ?? 0) - (times[i - 1] ?? 0);
    if (distance > 0) least = Math.min(least, distance);
  }
  const found = TIMEFRAMES.find((timeframe) => timeframeMs(timeframe) === least);
  if (found === undefined) {
    throw new UsageError(
      `${file} has candles ${least} ms apart, which is none of ${TIMEFRAMES.join(", ")}; give candles of one of these.`,
    );
  }
  return found;
}

/** Candles of a CSV file and their timeframe. Throws UsageError naming the first line that is wrong. */
export async function candlesOfCsv(
  file: string,
): Promise<{ readonly candles: CandleColumns; readonly timeframe: Timeframe }> {
  const candles = (await rows(file, CANDLE_HEADER)).map(
    ([time = 0, open = 0, high = 0, low = 0, close = 0, volume = 0]): Candle => ({
      time,
      open,
      high,
      low,
      close,
      volume,
    }),
  );
  const timeframe = timeframeOf(
    file,
    candles.map(({ time }) => time),
  );
  const { refused } = judgeCandles(candles, {
    length: timeframeMs(timeframe),
    now: Number.POSITIVE_INFINITY,
  });
  const [first] = refused;
  if (first !== undefined) {
    throw new UsageError(
      `${file} line ${candles.indexOf(first.candle) + 2} cannot be used: ${first.reason}; correct or remove it.`,
    );
  }
  return { candles: columnsOf(candles), timeframe };
}

/** Published points of a CSV file, oldest first. */
export async function pointsOfCsv(file: string): Promise<MetricPoint[]> {
  const points = await rows(file, METRIC_HEADER);
  return points.map(([time = 0, value = 0]) => ({ time, value }));
}

/** The market whose candles are a function of seed and time. */
export class SyntheticHistory {
  readonly #exchange: SyntheticExchange;
  readonly #end: number;

  constructor(seed: number, end: number) {
    this.#end = end;
    this.#exchange = new SyntheticExchange({ clock: new VirtualClock(end), seed });
  }

  /** The last `count` candles that have closed. */
  async candles(symbol: string, timeframe: Timeframe, count: number): Promise<CandleColumns> {
    const length = timeframeMs(timeframe);
    const last = Math.floor(this.#end / length) * length - length;
    const out: Candle[] = [];
    let since = last - (count - 1) * length;
    while (since <= last) {
      const page = await this.#exchange.fetchCandles(symbol, timeframe, since, 1000);
      const closed = page.filter(({ time }) => time <= last);
      if (closed.length === 0) break;
      out.push(...closed);
      since = (closed.at(-1)?.time ?? last) + length;
    }
    return columnsOf(out);
  }

  /** Points published in [since, end]. */
  points(name: MetricName, symbol: string, since: number): Promise<readonly MetricPoint[]> {
    return this.#exchange.fetchMetric(name, symbol, since);
  }
}

/** A metric as the engine's own service gives it: with the time from which each value may be known. */
export async function knownSeries(
  name: MetricName,
  from: number,
  end: number,
  points: (since: number) => Promise<readonly MetricPoint[]>,
): Promise<MetricSeries | null> {
  const clock = new VirtualClock(end);
  const source = new SyntheticExchange({ clock, seed: 0 });
  const service = new MetricService({
    clock,
    exchange: Object.assign(source, {
      fetchMetric: async (_name: MetricName, _symbol: string | null, since: number) =>
        (await points(since)).filter(({ time }) => time >= since && time <= end),
    }),
    store: {
      read: () => ({ length: 0, time: new Float64Array(0), value: new Float64Array(0) }),
      last: () => null,
      append: () => undefined,
      merge: () => ({ added: 0, changed: 0 }),
    },
    onNote: () => undefined,
  });
  return service.series(name, null, end - from);
}
