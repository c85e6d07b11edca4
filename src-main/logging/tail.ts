import { closeSync, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";

const readAsync = promisify(read);
const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** A file held open from a moment on; what is appended or renamed later does not change what is read. */
export interface Snapshot {
  readonly fd: number;
  readonly size: number;
}

/** Opens those of the files that exist, in their order. */
export function snapshots(files: readonly string[]): Snapshot[] {
  const opened: Snapshot[] = [];
  for (const file of files) {
    try {
      const fd = openSync(file, "r");
      opened.push({ fd, size: fstatSync(fd).size });
    } catch {
      // Not rotated that far yet, or gone meanwhile.
    }
  }
  return opened;
}

export function release(opened: readonly Snapshot[]): void {
  for (const { fd } of opened) closeSync(fd);
}

/**
 * Lines from the last to the first, in blocks so that the event loop stays free. Bytes before a line's first newline
 * are joined as bytes: a block may end inside a character.
 */
export async function* linesBackward({ fd, size }: Snapshot): AsyncGenerator<string> {
  let end = size;
  let rest: Buffer = Buffer.alloc(0);
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const block = Buffer.alloc(end - start);
    const { bytesRead } = await readAsync(fd, block, 0, block.length, start);
    if (bytesRead < block.length) return;
    let text = Buffer.concat([block, rest]);
    for (let cut = text.lastIndexOf(NEWLINE); cut !== -1; cut = text.lastIndexOf(NEWLINE)) {
      if (cut + 1 < text.length) yield text.toString("utf8", cut + 1);
      text = text.subarray(0, cut);
    }
    rest = text;
    end = start;
  }
  if (rest.length > 0) yield rest.toString("utf8");
}
