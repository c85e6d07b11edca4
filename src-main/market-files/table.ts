import { numberOf, timeOf, timeStyleOf } from "./cells.ts";
import type { TimeStyle } from "./cells.ts";
import { readCsv } from "./csv-file.ts";
import type { Separator } from "./csv-file.ts";
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

/** Lines of data in the order of time in which the file has them, oldest first. */
export interface Table {
  readonly format: FileFormat;
  /** Normalised name of the time column; null without a header. */
  readonly timeName: string | null;
  /** Lines of data, refused ones included. */
  readonly lines: number;
  readonly rows: readonly Row[];
  /** Lines of which a cell cannot be read. */
  readonly refused: readonly RefusedLine[];
}

export interface Row {
  readonly line: number;
  /** ms UTC. */
  readonly time: number;
  /** Of the wanted columns after the time, in their order. */
  readonly values: readonly number[];
}

/** A title and a line of an address may stand before the header. */
const longestPreamble = 5;

/**
 * Reads the wanted columns of a CSV file, the first of which is the time; finds separator, header, the style of times
 * and their direction by itself. Rejects with one sentence when the file cannot be read or has no such columns.
 */
export async function readTable(file: string, wanted: readonly Wanted[]): Promise<Table> {
  let layout: Layout | null = null;
  let header = false;
  let times: TimeStyle | null = null;
  let before = 0;
  let lines = 0;
  const rows: Row[] = [];
  const refused: RefusedLine[] = [];
  const separator = await readCsv(file, (cells, line, separator) => {
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
    else if (values !== null) rows.push({ line, time, values });
  });
  // What a callback sets is not seen by the compiler.
  const found = layout as Layout | null;
  const style = times as TimeStyle | null;
  if (found === null) throw noColumns(file, wanted);
  if (style === null) throw noTimes(file, lines);
  const newestFirst = falls(rows);
  return {
    format: { separator, header, times: style, newestFirst },
    timeName: found.timeName,
    lines,
    rows: newestFirst ? rows.toReversed() : rows,
    refused,
  };
}

/** Most lines are older than the one before. */
function falls(rows: readonly Row[]): boolean {
  let balance = 0;
  for (const [i, { time }] of rows.entries())
    balance += Math.sign((rows[i - 1]?.time ?? time) - time);
  return balance > 0;
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
