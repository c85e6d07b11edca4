import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { finished } from "node:stream/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import { messageOf } from "../engine/fault.ts";

/** One record of a file, the number of its line, from 1, and what separates the cells of the file. */
type OnRecord = (cells: readonly string[], line: number, separator: Separator) => void;

const separators = [",", ";", "\t", "|"] as const;
export type Separator = (typeof separators)[number];

/** How a file is read. */
export interface Reading {
  /** Told 0..1 while it is read. */
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Ends it: rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that are read and taken apart at once: a few hundred lines, a millisecond or two. */
const pieceBytes = 16 * 1024;
/** Bytes that are looked at to find the separator. */
const sampleBytes = 64 * 1024;

/**
 * Reads a CSV file, gzip or plain, record by record; empty lines are passed over. Returns its separator: the one that
 * cuts most of its first lines into equally many cells. Rejects with one sentence when the file cannot be read.
 */
export async function readCsv(
  file: string,
  onRecord: OnRecord,
  { onProgress, signal }: Reading = {},
): Promise<Separator> {
  try {
    const separator = separatorOf(await sample(file));
    const parser = parse({
      delimiter: separator,
      bom: true,
      trim: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { lines }) => {
        onRecord(cells, lines, separator);
        return null;
      },
    });
    const { size } = await stat(file);
    const input = await opened(file, (bytes) => onProgress?.(Math.min(1, bytes / size)));
    input.on("error", (error) => parser.destroy(error));
    input.pipe(parser);
    parser.resume();
    try {
      await finished(parser, signal === undefined ? {} : { signal });
    } finally {
      input.destroy();
    }
    return separator;
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(
      `${file} cannot be read (${messageOf(error)}); give a CSV file, plain or gzip, that is whole and readable.`,
      { cause: error },
    );
  }
}

/** Gzip is known by its first two bytes, whatever the file's name. `onRead` is told the bytes of the file read so far. */
async function opened(file: string, onRead?: (bytes: number) => void): Promise<Readable> {
  const handle = await open(file);
  const magic = Buffer.alloc(2);
  try {
    await handle.read(magic, 0, 2, 0);
  } finally {
    await handle.close();
  }
  const raw = createReadStream(file, { highWaterMark: pieceBytes });
  const zipped = magic[0] === 0x1f && magic[1] === 0x8b;
  const unzipped = createGunzip({ chunkSize: pieceBytes });
  const read = zipped ? unzipped : raw;
  if (onRead !== undefined) read.on("data", () => onRead(raw.bytesRead));
  if (!zipped) return raw;
  raw.on("error", (error) => unzipped.destroy(error));
  unzipped.on("close", () => raw.destroy());
  return raw.pipe(unzipped);
}

async function sample(file: string): Promise<string> {
  const input = await opened(file);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of input) {
    if (!Buffer.isBuffer(part)) continue;
    parts.push(part);
    bytes += part.length;
    if (bytes >= sampleBytes) break;
  }
  input.destroy();
  return Buffer.concat(parts).toString("utf8");
}

function separatorOf(text: string): Separator {
  const lines = text
    .split(/\r?\n|\r/)
    .filter((line) => line.trim() !== "")
    .slice(0, 50);
  const score = (separator: Separator): number => {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const cells = line.split(separator).length;
      if (cells > 1) counts.set(cells, (counts.get(cells) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values());
  };
  // A tie goes to the rarer one: in "1,5;2,5" both cut, and the comma is a decimal point.
  const order: readonly Separator[] = ["\t", ";", "|", ","];
  return order.reduce((best, each) => (score(each) > score(best) ? each : best));
}
