import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { finished } from "node:stream/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import { messageOf } from "../engine/fault.ts";

/** One record of a file, the number of its line, from 1, and what separates the cells of the file. */
type OnRecord = (cells: readonly string[], line: number, separator: Separator) => void;

const separators = [",", ";", "\t", "|"] as const;
export type Separator = (typeof separators)[number];

/** Bytes that are looked at to find the separator. */
const sampleBytes = 64 * 1024;

/**
 * Reads a CSV file, gzip or plain, record by record; empty lines are passed over. Returns its separator: the one that
 * cuts most of its first lines into equally many cells. Rejects with one sentence when the file cannot be read.
 */
export async function readCsv(file: string, onRecord: OnRecord): Promise<Separator> {
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
    const input = await opened(file);
    input.on("error", (error) => parser.destroy(error));
    input.pipe(parser);
    parser.resume();
    await finished(parser);
    return separator;
  } catch (error) {
    throw new Error(
      `${file} cannot be read (${messageOf(error)}); give a CSV file, plain or gzip, that is whole and readable.`,
      { cause: error },
    );
  }
}

/** Gzip is known by its first two bytes, whatever the file's name. */
async function opened(file: string): Promise<Readable> {
  const handle = await open(file);
  const magic = Buffer.alloc(2);
  try {
    await handle.read(magic, 0, 2, 0);
  } finally {
    await handle.close();
  }
  const raw = createReadStream(file);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return raw;
  const unzipped = createGunzip();
  raw.on("error", (error) => unzipped.destroy(error));
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
