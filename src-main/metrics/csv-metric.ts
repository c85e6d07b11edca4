import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { ExchangeError, type MetricPoint } from "../engine/exchange/port.ts";
import { messageOf } from "../engine/fault.ts";

const DAY = 86_400_000;
/** Numbers below this are seconds, above ms: 1e11 s is the year 5138, 1e11 ms is 1973. */
const SECONDS_BELOW = 1e11;

const bad = (file: string, line: number, what: string): never => {
  throw new ExchangeError(
    "bad_answer",
    `${file}, line ${line}: ${what}. Nothing of the file was taken; mend that line.`,
  );
};

/** A time as people write it: ISO 8601, seconds or ms since 1970; NaN for anything else. */
function timeOf(text: string): number {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) {
    const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`;
    return Date.parse(zoned.replace(" ", "T"));
  }
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return number < SECONDS_BELOW ? number * 1000 : number;
}

const separatorOf = (text: string): string => {
  const first = text.split(/\r?\n/, 1)[0] ?? "";
  return [";", "\t", ","].find((separator) => first.includes(separator)) ?? ",";
};

/**
 * Reads a metric's CSV file: two columns, the day or time a value describes and the value, with or without a header,
 * separated by comma, semicolon or tab; ascending. Answers points of days that are over. Rejects with ExchangeError,
 * naming the line.
 */
export async function readCsvMetric(
  file: string,
  since: number,
  now: number,
): Promise<readonly MetricPoint[]> {
  let text: string;
  try {
    text = (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new ExchangeError(
        "unsupported",
        `There is no ${file}; put a CSV file with the columns time and value there.`,
      );
    }
    throw new ExchangeError("network", `${file} could not be read: ${messageOf(error)}`);
  }
  const lines: number[] = [];
  const rows = parse(text, {
    delimiter: separatorOf(text),
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    on_record: (record: string[], info) => {
      lines.push(info.lines);
      return record;
    },
  });
  const points: MetricPoint[] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const [i, [at = "", shown = ""]] of rows.entries()) {
    const line = lines[i] ?? i + 1;
    const time = timeOf(at);
    if (i === 0 && Number.isNaN(time)) continue;
    if (!Number.isFinite(time)) bad(file, line, `"${at}" is no time (write 2024-05-31)`);
    const value = shown === "" ? Number.NaN : Number(shown);
    if (!Number.isFinite(value)) bad(file, line, `"${shown}" is no number`);
    if (time <= before) bad(file, line, `${at} does not come after the line before`);
    before = time;
    const over = (Math.floor(time / DAY) + 1) * DAY <= now;
    if (time >= since && over) points.push({ time, value });
  }
  return points;
}
