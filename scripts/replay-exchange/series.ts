import type { Candle, CandleColumns } from "../../src-main/engine/market/types.ts";

/** Candles of one length as a file holds them. */
export interface FileSeries {
  readonly intervalMs: number;
  readonly columns: CandleColumns;
}

/** Index of the first element ≥ value. */
export function lowerBound(times: Float64Array, value: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function candleAt(columns: CandleColumns, index: number): Candle {
  const at = (column: Float64Array): number => column[index] ?? Number.NaN;
  return {
    time: at(columns.time),
    open: at(columns.open),
    high: at(columns.high),
    low: at(columns.low),
    close: at(columns.close),
    volume: at(columns.volume),
  };
}

function columnsOf(candles: readonly Candle[]): CandleColumns {
  const column = (pick: (candle: Candle) => number): Float64Array =>
    Float64Array.from(candles, pick);
  return {
    length: candles.length,
    time: column((candle) => candle.time),
    open: column((candle) => candle.open),
    high: column((candle) => candle.high),
    low: column((candle) => candle.low),
    close: column((candle) => candle.close),
    volume: column((candle) => candle.volume),
  };
}

/** Sums of decimal volumes carry binary dust; Binance has eight decimals. */
const rounded = (volume: number): number => Number(volume.toFixed(8));

/** One candle from several, oldest first; null for none. */
function merge(time: number, parts: readonly Candle[]): Candle | null {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return null;
  let { high, low } = first;
  let volume = 0;
  for (const part of parts) {
    high = Math.max(high, part.high);
    low = Math.min(low, part.low);
    volume += part.volume;
  }
  return { time, open: first.open, high, low, close: last.close, volume: rounded(volume) };
}

/** Aggregates one file; a bucket that the file enters or leaves half way is left out, a real outage inside is not. */
function* aggregate(
  file: FileSeries,
  intervalMs: number,
): Generator<{ candle: Candle; covered: number }> {
  const { columns, intervalMs: step } = file;
  const first = columns.time[0] ?? 0;
  const end = (columns.time[columns.length - 1] ?? 0) + step;
  let parts: Candle[] = [];
  let bucket = Number.NaN;
  for (let index = 0; index <= columns.length; index += 1) {
    const candle = index < columns.length ? candleAt(columns, index) : null;
    const start = candle === null ? Number.NaN : candle.time - (candle.time % intervalMs);
    if (start !== bucket) {
      const merged = merge(bucket, parts);
      if (merged !== null && bucket >= first && bucket + intervalMs <= end) {
        yield { candle: merged, covered: parts.length * step };
      }
      parts = [];
      bucket = start;
    }
    if (candle !== null) parts.push(candle);
  }
}

/**
 * All closed candles of one length from the files of a symbol: as recorded where a file of that length has the
 * candle whole, else from the finest file that covers it best. Real gaps stay gaps.
 */
export function buildSeries(files: readonly FileSeries[], intervalMs: number): CandleColumns {
  const native = files.filter((file) => file.intervalMs === intervalMs);
  const finer = files
    .filter((file) => file.intervalMs < intervalMs && intervalMs % file.intervalMs === 0)
    .toSorted((a, b) => a.intervalMs - b.intervalMs);
  if (native[0] !== undefined && finer.length === 0) return native[0].columns;
  const best = new Map<number, { candle: Candle; covered: number }>();
  for (const file of [...native, ...finer]) {
    for (const found of aggregate(file, intervalMs)) {
      const known = best.get(found.candle.time);
      if (known === undefined || found.covered > known.covered) best.set(found.candle.time, found);
    }
  }
  return columnsOf(
    [...best.values()].map(({ candle }) => candle).toSorted((a, b) => a.time - b.time),
  );
}

/**
 * The candle that opened at `bucket` as it stands at `now`, from the finest file that has anything of it: whole
 * candles up to now, and of the one that now falls into no more than its open.
 */
export function openCandle(
  files: readonly FileSeries[],
  intervalMs: number,
  bucket: number,
  now: number,
): Candle | null {
  const usable = files
    .filter((file) => file.intervalMs <= intervalMs && intervalMs % file.intervalMs === 0)
    .toSorted((a, b) => a.intervalMs - b.intervalMs);
  for (const { columns, intervalMs: step } of usable) {
    const parts: Candle[] = [];
    for (let index = lowerBound(columns.time, bucket); index < columns.length; index += 1) {
      const candle = candleAt(columns, index);
      if (candle.time > now || candle.time >= bucket + intervalMs) break;
      parts.push(candle.time + step <= now ? candle : opened(candle));
    }
    const merged = merge(bucket, parts);
    if (merged !== null) return merged;
  }
  return null;
}

const opened = ({ time, open }: Candle): Candle => ({
  time,
  open,
  high: open,
  low: open,
  close: open,
  volume: 0,
});

/** The latest price known at `now`: the open of the candle that now falls into, or the close of the one before. */
export function lastPrice(files: readonly FileSeries[], now: number): number | null {
  let latest = { time: -Infinity, price: Number.NaN };
  for (const { columns, intervalMs } of files) {
    const index = lowerBound(columns.time, now + 1) - 1;
    if (index < 0) continue;
    const candle = candleAt(columns, index);
    const closed = candle.time + intervalMs <= now;
    const time = closed ? candle.time + intervalMs : candle.time;
    if (time > latest.time) latest = { time, price: closed ? candle.close : candle.open };
  }
  return Number.isFinite(latest.time) ? latest.price : null;
}
