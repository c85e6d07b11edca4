import { knownFrom } from "../engine/market/metric-service.ts";
import type { MetricName, MetricStore } from "../engine/market/types.ts";
import type { Reading } from "./csv-file.ts";
import type { Wanted } from "./layout.ts";
import { timeNames } from "./layout.ts";
import { readTable } from "./table.ts";
import type { FileFormat, RefusedLine, Rows } from "./table.ts";
import { writeCsv } from "./write.ts";

/** Name of the time column of our own files: the time from which a value may be known. */
const knownColumn = "known_from_ms";

export interface MetricId {
  readonly name: MetricName;
  /** Null for a metric of the whole market. */
  readonly symbol: string | null;
}

/** `time`: from when the value may be known, ms UTC. */
interface MetricPoint {
  readonly time: number;
  readonly value: number;
}

/** What a file of a metric came to; nothing is changed by making it. */
export interface MetricFile {
  readonly series: MetricId;
  readonly format: FileFormat;
  /** The file's times are those from which values may be known; else they date what the values describe. */
  readonly known: boolean;
  /** Lines of data. */
  readonly lines: number;
  /** Those that can be stored, oldest first. */
  readonly points: readonly MetricPoint[];
  /** All others, by line. */
  readonly refused: readonly RefusedLine[];
  /** Of `points`: not stored yet, stored with another value (it will be replaced), stored the same. */
  readonly fresh: number;
  readonly changed: number;
  readonly same: number;
}

/** Values that a metric can have: from, to. Funding and NUPL go below 0. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  open_interest: [0, Infinity],
  long_short_ratio: [0, Infinity],
  stablecoin_supply: [0, Infinity],
  fear_greed: [0, 100],
  btc_dominance: [0, 100],
};

/**
 * Reads a CSV file of a metric (time, value) and judges each line. A time dates what the value describes, and the value
 * may be known from its publication on: the next day for daily ones. Only a column `known_from_ms`, as our own files have it,
 * is taken as it is. `now`, ms UTC: what would be known later is refused. Rejects with one sentence when it is no such file.
 */
export async function readMetricFile(
  file: string,
  series: MetricId,
  store: Pick<MetricStore, "read">,
  now: number,
  reading?: Reading,
): Promise<MetricFile> {
  const table = await readTable(file, metricColumns(series.name), reading);
  const known = table.timeName === "knownfromms";
  const { points, refused } = judged(table.rows, series.name, known, now);
  const counts = compared(points, series, store);
  return {
    series,
    format: table.format,
    known,
    lines: table.lines,
    points,
    refused: [...table.refused, ...refused].toSorted((a, b) => a.line - b.line),
    ...counts,
  };
}

/** Stores what a file came to, in one transaction. Returns what was added and replaced. */
export const storeMetricFile = (
  { series, points }: MetricFile,
  store: Pick<MetricStore, "merge">,
): { readonly added: number; readonly changed: number } =>
  store.merge(series.name, series.symbol, points);

/**
 * Writes the stored values of [from, to) by the time from which they may be known, oldest first, gzip where the name ends in
 * .gz. Returns how many. Rejects with one sentence, leaving no half-written file.
 */
export async function writeMetricFile(
  file: string,
  { name, symbol }: MetricId,
  store: Pick<MetricStore, "read">,
  from: number,
  to: number,
): Promise<number> {
  const { length, time, value } = store.read(name, symbol, from, to);
  const lines = Array.from(time.subarray(0, length), (each, i) => `${each},${value[i]}`);
  await writeCsv(file, `${knownColumn},value`, [lines]);
  return length;
}

/** The columns of a metric's file and the names they may have. */
export const metricColumns = (name: MetricName): readonly Wanted[] => [
  { key: "time", names: timeNames },
  { key: "value", names: ["value", "v", "close", name.replaceAll("_", "")] },
];

function judged(
  rows: Rows,
  name: MetricName,
  known: boolean,
  now: number,
): { points: MetricPoint[]; refused: RefusedLine[] } {
  const points: MetricPoint[] = [];
  const refused: RefusedLine[] = [];
  for (const [i, described] of rows.time.entries()) {
    const line = rows.line[i] ?? 0;
    const time = known ? described : knownFrom(name, described);
    const value = rows.values[0]?.[i] ?? Number.NaN;
    const reason = wrongWith(name, { time, value }, points.at(-1)?.time ?? -Infinity, now);
    if (reason === null) points.push({ time, value });
    else refused.push({ line, reason });
  }
  return { points, refused };
}

function wrongWith(
  name: MetricName,
  { time, value }: MetricPoint,
  last: number,
  now: number,
): string | null {
  const [least, most] = ranges[name] ?? [-Infinity, Infinity];
  if (!Number.isSafeInteger(time)) return `its time ${time} is no whole ms`;
  if (time === last) return "it is a duplicate";
  if (time < last) return "it is out of order";
  if (time > now) return `it is known only from ${new Date(time).toISOString()} on`;
  if (value < least) return `its value ${value} is below ${least}`;
  if (value > most) return `its value ${value} is above ${most}`;
  return null;
}

function compared(
  points: readonly MetricPoint[],
  { name, symbol }: MetricId,
  store: Pick<MetricStore, "read">,
): { fresh: number; changed: number; same: number } {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return { fresh: 0, changed: 0, same: 0 };
  const held = store.read(name, symbol, first.time, last.time + 1);
  const stored = new Map(Array.from(held.time, (time, i) => [time, held.value[i]]));
  const known = points.filter(({ time }) => stored.has(time));
  const same = known.filter(({ time, value }) => stored.get(time) === value).length;
  return { fresh: points.length - known.length, changed: known.length - same, same };
}
