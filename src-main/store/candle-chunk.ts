import { crc32 } from "node:zlib";
import { emptyColumns, sliceColumns } from "../engine/market/columns.ts";
import type { CandleColumns } from "../engine/market/types.ts";

const FIELDS = ["time", "open", "high", "low", "close", "volume"] as const;
const WIDTH = 8;

/** A chunk's bytes: six columns of 64-bit floats (little-endian), one after the other. */
export function packChunk(columns: CandleColumns): {
  readonly data: Uint8Array;
  readonly checksum: number;
} {
  const bytes = columns.length * WIDTH;
  const data = new Uint8Array(bytes * FIELDS.length);
  FIELDS.forEach((field, i) => {
    data.set(bytesOf(columns[field]), i * bytes);
  });
  return { data, checksum: crc32(data) };
}

/** Copies a chunk's candles into columns at `index`; false, with nothing written, when the bytes are not those packed. */
export function unpackChunk(
  data: Uint8Array,
  count: number,
  checksum: number,
  into: CandleColumns,
  index: number,
): boolean {
  const bytes = count * WIDTH;
  if (data.length !== bytes * FIELDS.length || crc32(data) !== checksum) return false;
  FIELDS.forEach((field, i) => {
    bytesOf(into[field]).set(data.subarray(i * bytes, (i + 1) * bytes), index * WIDTH);
  });
  return true;
}

/** `count` candles of two lists in a row, cut into chunks of at most `size`. */
export function* chunksOf(columns: CandleColumns, size: number): Generator<CandleColumns> {
  for (let from = 0; from < columns.length; from += size) {
    yield sliceColumns(columns, from, Math.min(from + size, columns.length));
  }
}

/** The column's own bytes. Every machine that Electron runs on is little-endian. */
const bytesOf = (column: Float64Array): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength);

/** Columns of exactly one chunk's candles, or null when its bytes are damaged. */
export function readChunk(data: Uint8Array, count: number, checksum: number): CandleColumns | null {
  const columns = emptyColumns(count);
  return unpackChunk(data, count, checksum, columns, 0) ? columns : null;
}
