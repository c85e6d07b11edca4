import type { MetricName, MetricSeries, MetricStore } from "../engine/market/types.ts";
import type { Database } from "./sqlite.ts";

/** A metric of the whole market has no symbol; SQL's NULL is never equal to itself, so it is stored as "". */
const keyOf = (symbol: string | null): string => symbol ?? "";

function prepare(db: Database) {
  return {
    series: db
      .prepare<[string, string], number>(
        "SELECT id FROM metric_series WHERE name = ? AND symbol = ?",
      )
      .pluck(),
    addSeries: db.prepare<[string, string]>(
      "INSERT INTO metric_series (name, symbol) VALUES (?, ?)",
    ),
    points: db
      .prepare<[number, number, number], [number, number]>(
        "SELECT time, value FROM metric_point WHERE series_id = ? AND time >= ? AND time < ? ORDER BY time",
      )
      .raw(),
    last: db
      .prepare<[number], number | null>("SELECT max(time) FROM metric_point WHERE series_id = ?")
      .pluck(),
    add: db.prepare<[number, number, number]>("INSERT INTO metric_point VALUES (?, ?, ?)"),
  };
}

/** Metric series in market.db, a row a point. */
export class SqliteMetricStore implements MetricStore {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  read(name: MetricName, symbol: string | null, from: number, to: number): MetricSeries {
    const id = this.#sql.series.get(name, keyOf(symbol));
    const rows = id === undefined ? [] : this.#sql.points.all(id, from, to);
    return {
      length: rows.length,
      time: Float64Array.from(rows, ([time]) => time),
      value: Float64Array.from(rows, ([, value]) => value),
    };
  }

  last(name: MetricName, symbol: string | null): number | null {
    const id = this.#sql.series.get(name, keyOf(symbol));
    return id === undefined ? null : (this.#sql.last.get(id) ?? null);
  }

  append(
    name: MetricName,
    symbol: string | null,
    points: readonly { readonly time: number; readonly value: number }[],
  ): void {
    if (points.length === 0) return;
    this.#db.transaction(() => {
      const id =
        this.#sql.series.get(name, keyOf(symbol)) ??
        Number(this.#sql.addSeries.run(name, keyOf(symbol)).lastInsertRowid);
      let last = this.#sql.last.get(id) ?? Number.NEGATIVE_INFINITY;
      for (const { time, value } of points) {
        if (!Number.isSafeInteger(time) || time <= last || !Number.isFinite(value)) {
          throw new Error(
            `Points of ${name} ${symbol ?? ""} were not stored: value ${value} at time ${time} comes after ${last}; give numbers in ascending order of whole ms.`,
          );
        }
        this.#sql.add.run(id, time, value);
        last = time;
      }
    })();
  }
}
