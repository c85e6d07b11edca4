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
  const cells: { line: number; cells: readonly string[] }[] = [];
  const found: { layout: Layout | null; header: boolean; before: number } = {
    layout: null,
    header: false,
    before: 0,
  };
  const separator = await readCsv(file, (record, line) => {
    if (found.layout === null && found.before < longestPreamble) {
      const header = layoutOfHeader(record, wanted);
      found.layout = header ?? layoutOfData(record, wanted);
      found.header = header !== null;
      found.before += 1;
      if (found.layout === null || header !== null) return;
    }
    if (found.layout !== null) cells.push({ line, cells: record });
  });
  const { layout, header } = found;
  if (layout === null) throw noColumns(file, wanted);
  const style = cells.map(({ cells: [...all] }) => styleIn(all, layout)).find((each) => each !== null);
  if (style === undefined || style === null) throw noTimes(file, cells.length);
  const rows: Row[] = [];
  const refused: RefusedLine[] = [];
  for (const record of cells) {
    const read = readRow(record.cells, layout, wanted, style, separator);
    if (typeof read === "string") refused.push({ line: record.line, reason: read });
    else rows.push({ line: record.line, ...read });
  }
  const newestFirst = (rows[0]?.time ?? 0) > (rows.at(-1)?.time ?? 0);
  return {
    format: { separator, header, times: style, newestFirst },
    timeName: layout.timeName,
    lines: cells.length,
    rows: newestFirst ? rows.toReversed() : rows,
    refused,
  };
}

const at = (cells: readonly string[], layout: Layout, key: string): string =>
  cells[layout.columns.get(key) ?? -1] ?? "";

const styleIn = (cells: readonly string[], layout: Layout): TimeStyle | null =>
  timeStyleOf(at(cells, layout, "time"));

function readRow(
  cells: readonly string[],
  layout: Layout,
  wanted: readonly Wanted[],
  style: TimeStyle,
  separator: string,
): { time: number; values: number[] } | string {
  const written = at(cells, layout, "time");
  const time = timeOf(written, style);
  if (time === null) return `its time "${written}" is not a time${spoken[style]}`;
  const values: number[] = [];
  for (const { key } of wanted.slice(1)) {
    const cell = at(cells, layout, key);
    const value = numberOf(cell, separator);
    if (!Number.isFinite(value))
      return cell === "" ? `it has no ${key}` : `its ${key} "${cell}" is not a number`;
    values.push(value);
  }
  return { time, values };
}

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
