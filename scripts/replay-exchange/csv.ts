import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { UsageError } from "./api-error.ts";

const unzip = promisify(gunzip);

/**
 * Reads a CSV of numbers, plain or gzip, into columns. Rows must ascend strictly in the first column. Throws UsageError naming
 * file and line.
 */
export async function readColumns(file: string, header: string): Promise<readonly Float64Array[]> {
  const bytes = await readFile(file);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (isGzip ? await unzip(bytes) : bytes).toString("latin1");
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines[0]?.trim() !== header) {
    throw new UsageError(
      `${file} line 1 must be "${header}"; write the header so, or take the file away.`,
    );
  }
  const width = header.split(",").length;
  const columns = Array.from({ length: width }, () => new Float64Array(lines.length - 1));
  let previous = -Infinity;
  for (let row = 1; row < lines.length; row += 1) {
    const cells = (lines[row] ?? "").split(",");
    for (let index = 0; index < width; index += 1) {
      const cell = cells[index]?.trim() ?? "";
      const value = cell === "" ? Number.NaN : Number(cell);
      const column = columns[index];
      if (cells.length !== width || !Number.isFinite(value) || column === undefined) {
        throw new UsageError(
          `${file} line ${row + 1} must hold ${width} numbers (${header}); correct or remove it.`,
        );
      }
      column[row - 1] = value;
    }
    const time = columns[0]?.[row - 1] ?? Number.NaN;
    if (!(time > previous)) {
      throw new UsageError(
        `${file} line ${row + 1} is not later than the line before it; sort the file by time.`,
      );
    }
    previous = time;
  }
  return columns;
}
