import { setImmediate } from "node:timers/promises";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import { emptyColumns, putCandle, sliceColumns } from "../engine/market/columns.ts";
import { judgeCandles } from "../engine/market/integrity.ts";
import { mergeColumns } from "../engine/market/merge.ts";
import type { Candle, CandleColumns, CandleStore } from "../engine/market/types.ts";
import type { Reading } from "./csv-file.ts";
import type { Wanted } from "./layout.ts";
import { timeNames } from "./layout.ts";
import { readTable } from "./table.ts";
import type { FileFormat, RefusedLine, Rows } from "./table.ts";
import { writeCsv } from "./write.ts";

const wanted: readonly Wanted[] = [
  { key: "time", names: timeNames },
  { key: "open", names: ["open", "o", "openprice"] },
  { key: "high", names: ["high", "h", "highprice", "max"] },
  { key: "low", names: ["low", "l", "lowprice", "min"] },
  { key: "close", names: ["close", "c", "closeprice", "last"] },
  { key: "volume", names: ["volume", "vol", "v", "basevolume", "volumebase"] },
];

export interface CandleSeries {
  /** "BTC/USDT". */
  readonly symbol: string;
  readonly timeframe: Timeframe;
}

/** What a file of candles came to, judged and compared with what is stored; nothing is changed by making it. */
export interface CandleFile {
  readonly series: CandleSeries;
  readonly format: FileFormat;
  /** Lines of data. */
  readonly lines: number;
  /** Those that can be stored, oldest first. */
  readonly candles: CandleColumns;
  /** All others, by line. */
  readonly refused: readonly RefusedLine[];
  /** Of `candles`: not stored yet, stored with other figures (they will be replaced), stored the same. */
  readonly fresh: number;
  readonly changed: number;
  readonly same: number;
  /** Candles that are missing between the first and the last of the file. */
  readonly missing: number;
}

/** Candles that are judged, compared or stored at once: a few ms, so that no tick waits for a file. */
const batch = 2048;

/**
 * Reads a CSV file of candles (open time, open, high, low, close, base volume) for a series and judges each line. `now` is the
 * instant after which a candle is open, ms UTC. Rejects with one sentence when it is no such file.
 */
export async function readCandleFile(
  file: string,
  series: CandleSeries,
  store: Pick<CandleStore, "read">,
  now: number,
  reading: Reading = {},
): Promise<CandleFile> {
  const table = await readTable(file, wanted, reading);
  const length = timeframeMs(series.timeframe);
  const { candles, refused } = await judged(table.rows, length, now, reading);
  const { changed, fresh } = await compared(candles, series, store, length, reading);
  return {
    series,
    format: table.format,
    lines: table.lines,
    candles,
    refused: [...table.refused, ...refused].toSorted((a, b) => a.line - b.line),
    fresh,
    changed,
    same: candles.length - fresh - changed,
    missing: missingIn(candles, length),
  };
}

/** Stores what a file came to, in one transaction. Returns what was added and replaced. */
export function storeCandleFile(
  { series, candles }: CandleFile,
  store: Pick<CandleStore, "merge">,
): { readonly added: number; readonly changed: number } {
  if (candles.length === 0) return { added: 0, changed: 0 };
  const { added, changed } = store.merge(series.symbol, series.timeframe, candles);
  return { added, changed: changed.length };
}

/**
 * Stores what a file came to in slices, each of them whole, with room for ticks in between; `onSlice` is told how much of
 * it is stored, 0..1. Ended in the middle, the oldest candles are stored, and storing the same file again
 * goes on.
 */
export async function storeCandleSlices(
  { series, candles }: CandleFile,
  store: Pick<CandleStore, "merge">,
  onSlice: (share: number) => void,
): Promise<{ readonly added: number; readonly changed: number }> {
  let added = 0;
  let changed = 0;
  for (const [from, to] of batches(candles.length)) {
    const slice = sliceColumns(candles, from, to);
    const result = store.merge(series.symbol, series.timeframe, slice);
    added += result.added;
    changed += result.changed.length;
    onSlice(to / candles.length);
    await setImmediate();
  }
  return { added, changed };
}

/**
 * Writes the stored candles of [from, to) by open time, oldest first, gzip where the name ends in .gz. Numbers are exact: read
 * again they are the same. Returns how many. Rejects with one sentence, leaving no half-written file.
 */
export async function writeCandleFile(
  file: string,
  { symbol, timeframe }: CandleSeries,
  store: Pick<CandleStore, "read" | "range">,
  from: number,
  to: number,
  { onProgress, signal }: Reading = {},
): Promise<number> {
  const range = store.range(symbol, timeframe);
  const step = batch * timeframeMs(timeframe);
  let count = 0;
  function* lines(): Generator<readonly string[]> {
    if (range === null) return;
    const end = Math.min(to, range.last + 1);
    const begin = Math.max(from, range.first);
    for (let at = begin; at < end; at += step) {
      const part = store.read(symbol, timeframe, at, Math.min(at + step, end));
      const { time, open, high, low, close, volume } = part;
      count += part.length;
      onProgress?.((at - begin) / (end - begin));
      yield Array.from(
        time,
        (each, i) => `${each},${open[i]},${high[i]},${low[i]},${close[i]},${volume[i]}`,
      );
    }
  }
  await writeCsv(file, "timestamp_ms,open,high,low,close,volume", lines(), signal);
  return count;
}

function* batches(length: number): Generator<readonly [number, number]> {
  for (let from = 0; from < length; from += batch) yield [from, Math.min(length, from + batch)];
}

async function judged(
  { length: count, line, time, values }: Rows,
  length: number,
  now: number,
  { signal }: Reading,
): Promise<{ candles: CandleColumns; refused: RefusedLine[] }> {
  const accepted = emptyColumns(count);
  let taken = 0;
  const refused: RefusedLine[] = [];
  const at = (column: number, i: number): number => values[column]?.[i] ?? Number.NaN;
  for (const [from, to] of batches(count)) {
    const lines = new Map<Candle, number>();
    for (let i = from; i < to; i += 1)
      lines.set(
        {
          time: time[i] ?? Number.NaN,
          open: at(0, i),
          high: at(1, i),
          low: at(2, i),
          close: at(3, i),
          volume: at(4, i),
        },
        line[i] ?? 0,
      );
    const after = taken === 0 ? undefined : accepted.time[taken - 1];
    const judgement = judgeCandles([...lines.keys()], {
      length,
      now,
      ...(after !== undefined && { after }),
    });
    for (const candle of judgement.accepted) putCandle(accepted, taken++, candle);
    for (const { candle, reason } of judgement.refused)
      refused.push({ line: lines.get(candle) ?? 0, reason });
    await setImmediate();
    signal?.throwIfAborted();
  }
  return { candles: sliceColumns(accepted, 0, taken), refused };
}

async function compared(
  candles: CandleColumns,
  { symbol, timeframe }: CandleSeries,
  store: Pick<CandleStore, "read">,
  length: number,
  { signal }: Reading,
): Promise<{ fresh: number; changed: number }> {
  let fresh = 0;
  let changed = 0;
  for (const [from, to] of batches(candles.length)) {
    const slice = sliceColumns(candles, from, to);
    const [first = 0] = slice.time;
    const end = (slice.time.at(-1) ?? first) + length;
    const merged = mergeColumns(store.read(symbol, timeframe, first, end), slice);
    fresh += merged.fresh.length;
    changed += merged.changed.length;
    await setImmediate();
    signal?.throwIfAborted();
  }
  return { fresh, changed };
}

const missingIn = ({ time }: CandleColumns, length: number): number =>
  time.length === 0 ? 0 : ((time.at(-1) ?? 0) - (time[0] ?? 0)) / length + 1 - time.length;
