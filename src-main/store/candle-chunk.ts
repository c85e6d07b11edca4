import { crc32 } from "node:zlib";
import { emptyColumns, sliceColumns } from "../engine/market/columns.ts";
import type { CandleColumns } from "../engine/market/types.ts";

const VALUES = ["open", "high", "low", "close", "volume"] as const;
const ALL = ["time", ...VALUES] as const;
const WIDTH = 8;
/** Bytes of a candle with and without its time. */
const FULL = ALL.length * WIDTH;
const TIMELESS = VALUES.length * WIDTH;

/**
 * A chunk's bytes. On the timeframe's grid (step, ms): five columns of 64-bit floats (little-endian) one after the other,
 * then for each gap within the chunk two 32-bit numbers: the index of the candle behind it and how many candles are
 * missing. Times follow from the chunk's first time. Off the grid, or with a gap at every candle: six columns, `time`
 * first. The two differ in length, so that nothing else has to say which it is.
 */
export function packChunk(
  columns: CandleColumns,
  step: number,
): { readonly data: Uint8Array; readonly checksum: number } {
  const skips = skipsOf(columns, step);
  const fields = skips === null ? ALL : VALUES;
  const bytes = columns.length * WIDTH;
  const data = new Uint8Array(bytes * fields.length + (skips?.byteLength ?? 0));
  fields.forEach((field, i) => {
    data.set(bytesOf(columns[field]), i * bytes);
  });
  if (skips !== null) data.set(bytesOf(skips), bytes * fields.length);
  return { data, checksum: crc32(data) };
}

export interface PackedChunk {
  readonly first_time: number;
  readonly count: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

/** Copies a chunk's candles into columns at `index`; false, with nothing written, when the bytes are not those packed. */
export function unpackChunk(
  { data, count, checksum, first_time: first }: PackedChunk,
  step: number,
  into: CandleColumns,
  index: number,
): boolean {
  const full = data.length === count * FULL;
  const rest = data.length - count * TIMELESS;
  if ((!full && (rest < 0 || rest % WIDTH !== 0)) || crc32(data) !== checksum) return false;
  const bytes = count * WIDTH;
  (full ? ALL : VALUES).forEach((field, i) => {
    bytesOf(into[field]).set(data.subarray(i * bytes, (i + 1) * bytes), index * WIDTH);
  });
  if (full) return true;
  // Copied, since the bytes of a row need not begin where 32-bit numbers may.
  const skips = new Uint32Array(rest / 4);
  bytesOf(skips).set(data.subarray(count * TIMELESS));
  const { time } = into;
  let next = first;
  let gap = 0;
  for (let i = 0; i < count; i += 1) {
    if (skips[gap] === i) {
      next += (skips[gap + 1] ?? 0) * step;
      gap += 2;
    }
    time[index + i] = next;
    next += step;
  }
  return true;
}

/** Pairs (index, missing candles before it), or null where times alone can say it. */
function skipsOf({ time, length }: CandleColumns, step: number): Uint32Array | null {
  const pairs: number[] = [];
  for (let i = 1; i < length; i += 1) {
    const distance = (time[i] ?? 0) - (time[i - 1] ?? 0);
    if (distance === step) continue;
    const missing = distance / step - 1;
    if (!Number.isInteger(missing) || missing < 1 || missing >= 2 ** 32) return null;
    pairs.push(i, missing);
  }
  return pairs.length / 2 < length ? Uint32Array.from(pairs) : null;
}

/** Candles cut into chunks of at most `size`. */
export function* chunksOf(columns: CandleColumns, size: number): Generator<CandleColumns> {
  for (let from = 0; from < columns.length; from += size) {
    yield sliceColumns(columns, from, Math.min(from + size, columns.length));
  }
}

/** The column's own bytes. Every machine that Electron runs on is little-endian. */
const bytesOf = (column: Float64Array | Uint32Array): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength);

/** Columns of exactly one chunk's candles, or null when its bytes are damaged. */
export function readChunk(chunk: PackedChunk, step: number): CandleColumns | null {
  const columns = emptyColumns(chunk.count);
  return unpackChunk(chunk, step, columns, 0) ? columns : null;
}
