import { numberOf, timeOf, timeStyleOf } from "./cells.ts";
import type { TimeStyle } from "./cells.ts";
import { readCsv } from "./csv-file.ts";
import type { Reading, Separator } from "./csv-file.ts";
import { layoutOfData, layoutOfHeader } from "./layout.ts";
import type { Layout, Wanted } from "./layout.ts";

/** A line that is not taken, and why. */
export interface RefusedLine {
  /** From 1, the header counted. */
  readonly line: number;
  readonly reason: string;
}

/** What was found out about a file. */
export interface FileFormat {
  readonly separator: Separator;
  readonly header: boolean;
  readonly times: TimeStyle;
  /** Its newest line comes first. */
  readonly newestFirst: boolean;
}

const separatorNames = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" } as const;
const timeWords = { s: "seconds", ms: "ms", us: "µs", iso: "ISO times" } as const;

/** "commas, a header, times in ms, newest first". */
export const formatInWords = ({ separator, header, times, newestFirst }: FileFormat): string =>
  `${separatorNames[separator]}, ${header ? "a header" : "no header"}, times in ${timeWords[times]}${newestFirst ? ", newest first" : ""}`;

/** Lines of data in the order of time in which the file has them, oldest first. */
export interface Table {
  readonly format: FileFormat;
  /** Normalised name of the time column; null without a header. */
  readonly timeName: string | null;
  /** Lines of data, refused ones included. */
  readonly lines: number;
  readonly rows: Rows;
  /** Lines of which a cell cannot be read. */
  readonly refused: readonly RefusedLine[];
}

/** Lines of data as columns: a million of them are some tens of MB, which as objects would be hundreds. */
export interface Rows {
  readonly length: number;
  readonly line: Float64Array;
  /** ms UTC. */
  readonly time: Float64Array;
  /** One for each wanted column after the time, in their order. */
  readonly values: readonly Float64Array[];
}

/** A title and a line of an address may stand before the header. */
const longestPreamble = 5;

/**
 * Reads the wanted columns of a CSV file, the first of which is the time; finds separator, header, the style of times
 * and their direction by itself. Rejects with one sentence when the file cannot be read or has no such columns.
 */
export async function readTable(
  file: string,
  wanted: readonly Wanted[],
  reading?: Reading,
): Promise<Table> {
  let layout: Layout | null = null;
  let header = false;
  let times: TimeStyle | null = null;
  let before = 0;
  let lines = 0;
  const taken = new RowColumns(wanted.length - 1);
  const refused: RefusedLine[] = [];
  const take = (cells: readonly string[], line: number, separator: Separator): void => {
    if (layout === null) {
      if (before++ >= longestPreamble) return;
      const named = layoutOfHeader(cells, wanted);
      layout = named ?? layoutOfData(cells, wanted);
      header = named !== null;
      if (layout === null || header) return;
    }
    lines += 1;
    const written = at(cells, layout, "time");
    times ??= timeStyleOf(written);
    const time = times === null ? null : timeOf(written, times);
    const values = time === null ? null : readValues(cells, layout, wanted, separator);
    if (time === null) refused.push({ line, reason: noTime(written, times) });
    else if (typeof values === "string") refused.push({ line, reason: values });
    else if (values !== null) taken.push(line, time, values);
  };
  const separator = await readCsv(file, take, reading);
  // What a callback sets is not seen by the compiler.
  const found = layout as Layout | null;
  const style = times as TimeStyle | null;
  if (found === null) throw noColumns(file, wanted);
  if (style === null) throw noTimes(file, lines);
  const rows = taken.rows();
  const newestFirst = falls(rows.time);
  if (newestFirst) for (const column of [rows.line, rows.time, ...rows.values]) column.reverse();
  return {
    format: { separator, header, times: style, newestFirst },
    timeName: found.timeName,
    lines,
    rows,
    refused,
  };
}

/** Most lines are older than the one before. */
function falls(time: Float64Array): boolean {
  let balance = 0;
  for (let i = 1; i < time.length; i += 1)
    balance += Math.sign((time[i - 1] ?? 0) - (time[i] ?? 0));
  return balance > 0;
}

/** Columns that grow. */
class RowColumns {
  #columns: Float64Array[];
  #length = 0;

  constructor(values: number) {
    this.#columns = Array.from({ length: values + 2 }, () => new Float64Array(1024));
  }

  push(line: number, time: number, values: readonly number[]): void {
    const at = this.#length++;
    const room = this.#columns[0]?.length ?? 0;
    if (at >= room)
      this.#columns = this.#columns.map((column) => {
        const grown = new Float64Array(2 * room);
        grown.set(column);
        return grown;
      });
    for (const [i, column] of this.#columns.entries())
      column[at] = i === 0 ? line : i === 1 ? time : (values[i - 2] ?? Number.NaN);
  }

  rows(): Rows {
    const length = this.#length;
    const [line, time, ...values] = this.#columns.map((column) => column.subarray(0, length));
    if (line === undefined || time === undefined) throw new RangeError("A table has two columns.");
    return { length, line, time, values };
  }
}

const at = (cells: readonly string[], layout: Layout, key: string): string =>
  cells[layout.columns.get(key) ?? -1] ?? "";

function readValues(
  cells: readonly string[],
  layout: Layout,
  wanted: readonly Wanted[],
  separator: string,
): number[] | string {
  const values: number[] = [];
  for (const { key } of wanted.slice(1)) {
    const cell = at(cells, layout, key);
    const value = numberOf(cell, separator);
    if (!Number.isFinite(value))
      return cell === "" ? `it has no ${key}` : `its ${key} "${cell}" is not a number`;
    values.push(value);
  }
  return values;
}

const noTime = (cell: string, style: TimeStyle | null): string =>
  `its time "${cell}" is not a time${style === null ? "" : spoken[style]}`;

const spoken: Readonly<Record<TimeStyle, string>> = {
  s: " in seconds, as in the lines before",
  ms: " in ms, as in the lines before",
  us: " in µs, as in the lines before",
  iso: " as 2024-01-31 or 2024-01-31T12:00:00Z",
};

const noColumns = (file: string, wanted: readonly Wanted[]): Error =>
  new Error(
    `${file} has no header that names ${wanted.map(({ key }) => key).join(", ")}, and its lines do not begin with a time and hold ${wanted.length} cells; add such a header.`,
  );

const noTimes = (file: string, lines: number): Error =>
  new Error(
    lines === 0
      ? `${file} has no lines of data; choose a file that has some.`
      : `${file} has no line with a time in s, ms or µs since 1970 or as 2024-01-31T12:00:00Z; correct its time column.`,
  );
