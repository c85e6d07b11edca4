import { timeStyleOf } from "./cells.ts";

/** A column that is looked for, and the names under which files have it, in lower case without signs. */
export interface Wanted {
  readonly key: string;
  readonly names: readonly string[];
}

/** Where the columns of a file are. */
export interface Layout {
  /** By key of the wanted column. */
  readonly columns: ReadonlyMap<string, number>;
  /** Name of the time column as the file has it; null without a header. */
  readonly timeName: string | null;
}

const nameOf = (cell: string): string => cell.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/**
 * The columns by a header, or null when these cells are not one: a header names the time and every wanted column. Of
 * several that fit, the first counts.
 */
export function layoutOfHeader(cells: readonly string[], wanted: readonly Wanted[]): Layout | null {
  const names = cells.map(nameOf);
  const columns = new Map<string, number>();
  for (const { key, names: known } of wanted) {
    const at = names.findIndex((name) => known.some((each) => name === each));
    if (at < 0) return null;
    columns.set(key, at);
  }
  return { columns, timeName: names[columns.get("time") ?? 0] ?? null };
}

/** Without a header the columns stand in the order of `wanted`, as in the dumps of exchanges; null when these cells are no such line. */
export function layoutOfData(cells: readonly string[], wanted: readonly Wanted[]): Layout | null {
  if (cells.length < wanted.length || timeStyleOf(cells[0] ?? "") === null) return null;
  return { columns: new Map(wanted.map(({ key }, i) => [key, i])), timeName: null };
}

/** Names of a time column. */
export const timeNames = [
  "time",
  "timestamp",
  "timestampms",
  "timems",
  "opentime",
  "opentimems",
  "date",
  "datetime",
  "unix",
  "unixtime",
  "unixtimestamp",
  "timestamputc",
  "timeutc",
  "dateutc",
  "ts",
  "knownfromms",
];
