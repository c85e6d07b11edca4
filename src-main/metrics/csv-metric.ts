import { ExchangeError, type MetricPoint } from "../engine/exchange/port.ts";
import { messageOf } from "../engine/fault.ts";
import type { MetricName } from "../engine/market/types.ts";
import { metricColumns } from "../market-files/metric-files.ts";
import { readTable, type RefusedLine, type Table } from "../market-files/table.ts";

const DAY = 86_400_000;

/**
 * Reads a metric's CSV file: the day or time a value describes and the value, in whatever form "npm run data" takes. Answers
 * points of days that are over. Rejects with ExchangeError, naming the first line that is wrong.
 */
export async function readCsvMetric(
  file: string,
  name: MetricName,
  since: number,
  now: number,
): Promise<readonly MetricPoint[]> {
  const { rows, refused } = await table(file, name);
  const wrong = [...refused, ...misplaced(rows)].toSorted((a, b) => a.line - b.line)[0];
  if (wrong !== undefined)
    throw new ExchangeError(
      "bad_answer",
      `${file}, line ${wrong.line}: ${wrong.reason}. Nothing of the file was taken; mend that line.`,
    );
  const points: MetricPoint[] = [];
  for (const [i, time] of rows.time.entries()) {
    const over = (Math.floor(time / DAY) + 1) * DAY <= now;
    const value = rows.values[0]?.[i] ?? Number.NaN;
    if (time >= since && over) points.push({ time, value });
  }
  return points;
}

async function table(file: string, name: MetricName): Promise<Table> {
  try {
    return await readTable(file, metricColumns(name));
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause === undefined) throw new ExchangeError("bad_answer", messageOf(error));
    if ((cause as NodeJS.ErrnoException).code === "ENOENT")
      throw new ExchangeError(
        "unsupported",
        `There is no ${file}; put a CSV file with the columns time and value there.`,
      );
    throw new ExchangeError("network", messageOf(error));
  }
}

const misplaced = ({ line, time }: Table["rows"]): RefusedLine[] =>
  Array.from(time).flatMap((each, i) =>
    i > 0 && each <= (time[i - 1] ?? Number.NaN)
      ? [{ line: line[i] ?? 0, reason: "its time does not come after the line before" }]
      : [],
  );
