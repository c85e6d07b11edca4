import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { messageOf } from "../engine/fault.ts";

/** Writes a CSV file beside its place and then puts it there, gzip where its name ends in .gz. Rejects with one sentence. */
export async function writeCsv(
  file: string,
  header: string,
  lines: Iterable<readonly string[]>,
  signal?: AbortSignal,
): Promise<void> {
  const part = `${file}.part`;
  function* text(): Generator<string> {
    yield `${header}\n`;
    for (const some of lines) {
      signal?.throwIfAborted();
      if (some.length > 0) yield `${some.join("\n")}\n`;
    }
  }
  try {
    const target = createWriteStream(part);
    if (file.endsWith(".gz")) await pipeline(Readable.from(text()), createGzip(), target);
    else await pipeline(Readable.from(text()), target);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    signal?.throwIfAborted();
    throw new Error(
      `${file} cannot be written (${messageOf(error)}); choose a folder that is there and writable.`,
      { cause: error },
    );
  }
}
