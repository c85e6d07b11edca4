import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { columnsOf, lowerBound } from "../../../../src-main/engine/market/columns.ts";
import type {
  Candle,
  CandleColumns,
  MetricSeries,
} from "../../../../src-main/engine/market/types.ts";
import { HOUR } from "./market.ts";

const DATA = resolve(import.meta.dirname, "../../../../../shared/data");

/** Whether the recorded market data is beside the project; says so on the error stream when it is not. */
export const realDataPresent = existsSync(DATA);
if (!realDataPresent) {
  process.stderr.write("SKIPPED: strategies on recorded candles: ../shared/data is absent.\n");
}

function rows(file: string): number[][] {
  const text = gunzipSync(readFileSync(resolve(DATA, file))).toString("utf8");
  return text
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split(",").map(Number));
}

/** Recorded candles with open times in [from, to). */
export function realCandles(name: string, from: number, to: number): CandleColumns {
  const candles = rows(`candles/${name}.csv.gz`)
    .filter(([time = 0]) => time >= from && time < to)
    .map(([time = 0, open = 0, high = 0, low = 0, close = 0, volume = 0]): Candle => ({
      time,
      open,
      high,
      low,
      close,
      volume,
    }));
  return columnsOf(candles);
}

/** Four-hour candles made of recorded hourly ones. */
export function realFourHours(name: string, from: number, to: number): CandleColumns {
  const hourly = realCandles(name, from, to);
  const out: Candle[] = [];
  for (let start = from; start < to; start += 4 * HOUR) {
    const first = lowerBound(hourly.time, hourly.length, start);
    const end = lowerBound(hourly.time, hourly.length, start + 4 * HOUR);
    if (first === end) continue;
    const part = (column: Float64Array): Float64Array => column.subarray(first, end);
    out.push({
      time: start,
      open: hourly.open[first] ?? 0,
      high: Math.max(...part(hourly.high)),
      low: Math.min(...part(hourly.low)),
      close: hourly.close[end - 1] ?? 0,
      volume: part(hourly.volume).reduce((sum, value) => sum + value, 0),
    });
  }
  return columnsOf(out);
}

/** A recorded metric, each value known `delayMs` after its own time. */
export function realMetric(name: string, delayMs: number): MetricSeries {
  const points = rows(`metrics/${name}.csv.gz`);
  return {
    length: points.length,
    time: Float64Array.from(points, ([time = 0]) => time + delayMs),
    value: Float64Array.from(points, ([, value = Number.NaN]) => value),
  };
}
