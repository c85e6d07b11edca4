import type { Timeframe } from "../../src-preload/contract/time.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import { columnsOf } from "../engine/market/columns.ts";
import { judgeCandles } from "../engine/market/integrity.ts";
import { mergeColumns } from "../engine/market/merge.ts";
import type { Candle, CandleColumns, CandleStore } from "../engine/market/types.ts";
import type { Wanted } from "./layout.ts";
import { timeNames } from "./layout.ts";
import { readTable } from "./table.ts";
import type { FileFormat, RefusedLine, Row } from "./table.ts";
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

/** Candles that are judged at once. */
const batch = 8192;

/**
 * Reads a CSV file of candles (open time, open, high, low, close, base volume) for a series and judges each line. `now` is the
 * instant after which a candle is open, ms UTC. Rejects with one sentence when it is no such file.
 */
export async function readCandleFile(
  file: string,
  series: CandleSeries,
  store: Pick<CandleStore, "read">,
  now: number,
): Promise<CandleFile> {
  const table = await readTable(file, wanted);
  const length = timeframeMs(series.timeframe);
  const { candles, refused } = judged(table.rows, length, now);
  const { changed, fresh } = compared(candles, series, store, length);
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
 * Writes the stored candles of [from, to) by open time, oldest first, gzip where the name ends in .gz. Numbers are exact: read
 * again they are the same. Returns how many. Rejects with one sentence, leaving no half-written file.
 */
export async function writeCandleFile(
  file: string,
  { symbol, timeframe }: CandleSeries,
  store: Pick<CandleStore, "read">,
  from: number,
  to: number,
): Promise<number> {
  const { length, time, open, high, low, close, volume } = store.read(symbol, timeframe, from, to);
  const line = (i: number): string =>
    `${time[i]},${open[i]},${high[i]},${low[i]},${close[i]},${volume[i]}`;
  await writeCsv(file, "timestamp_ms,open,high,low,close,volume", length, line);
  return length;
}

function judged(
  rows: readonly Row[],
  length: number,
  now: number,
): { candles: CandleColumns; refused: RefusedLine[] } {
  const accepted: Candle[] = [];
  const refused: RefusedLine[] = [];
  for (let from = 0; from < rows.length; from += batch) {
    const lines = new Map<Candle, number>();
    for (const { line, time, values } of rows.slice(from, from + batch)) {
      const [open = 0, high = 0, low = 0, close = 0, volume = 0] = values;
      lines.set({ time, open, high, low, close, volume }, line);
    }
    const after = accepted.at(-1)?.time;
    const judgement = judgeCandles([...lines.keys()], {
      length,
      now,
      ...(after !== undefined && { after }),
    });
    for (const candle of judgement.accepted) accepted.push(candle);
    for (const { candle, reason } of judgement.refused)
      refused.push({ line: lines.get(candle) ?? 0, reason });
  }
  return { candles: columnsOf(accepted), refused };
}

function compared(
  candles: CandleColumns,
  { symbol, timeframe }: CandleSeries,
  store: Pick<CandleStore, "read">,
  length: number,
): { fresh: number; changed: number } {
  const [first] = candles.time;
  if (first === undefined) return { fresh: 0, changed: 0 };
  const end = (candles.time.at(-1) ?? first) + length;
  const { fresh, changed } = mergeColumns(store.read(symbol, timeframe, first, end), candles);
  return { fresh: fresh.length, changed: changed.length };
}

const missingIn = ({ time }: CandleColumns, length: number): number =>
  time.length === 0 ? 0 : ((time.at(-1) ?? 0) - (time[0] ?? 0)) / length + 1 - time.length;
