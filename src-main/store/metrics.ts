import type { MetricName, MetricSeries, MetricStore } from "../engine/market/types.ts";
import type { Database } from "./sqlite.ts";

interface MetricPoint {
  readonly time: number;
  readonly value: number;
}

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
    valueAt: db
      .prepare<[number, number], number>(
        "SELECT value FROM metric_point WHERE series_id = ? AND time = ?",
      )
      .pluck(),
    change: db.prepare<[number, number, number]>(
      "UPDATE metric_point SET value = ? WHERE series_id = ? AND time = ?",
    ),
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

  append(name: MetricName, symbol: string | null, points: readonly MetricPoint[]): void {
    if (points.length === 0) return;
    this.#db.transaction(() => {
      const id = this.#seriesId(name, symbol);
      assertAscending(name, symbol, points, this.#sql.last.get(id) ?? Number.NEGATIVE_INFINITY);
      for (const { time, value } of points) this.#sql.add.run(id, time, value);
    })();
  }

  merge(
    name: MetricName,
    symbol: string | null,
    points: readonly MetricPoint[],
  ): { readonly added: number; readonly changed: number } {
    const counts = { added: 0, changed: 0 };
    if (points.length === 0) return counts;
    assertAscending(name, symbol, points, Number.NEGATIVE_INFINITY);
    this.#db.transaction(() => {
      const id = this.#seriesId(name, symbol);
      for (const { time, value } of points) {
        const stored = this.#sql.valueAt.get(id, time);
        if (stored === undefined) {
          this.#sql.add.run(id, time, value);
          counts.added += 1;
        } else if (stored !== value) {
          this.#sql.change.run(value, id, time);
          counts.changed += 1;
        }
      }
    })();
    return counts;
  }

  #seriesId(name: MetricName, symbol: string | null): number {
    const id = this.#sql.series.get(name, keyOf(symbol));
    return id ?? Number(this.#sql.addSeries.run(name, keyOf(symbol)).lastInsertRowid);
  }
}

function assertAscending(
  name: MetricName,
  symbol: string | null,
  points: readonly MetricPoint[],
  after: number,
): void {
  let last = after;
  for (const { time, value } of points) {
    if (!Number.isSafeInteger(time) || time <= last || !Number.isFinite(value)) {
      throw new Error(
        `Points of ${name} ${symbol ?? ""} were not stored: value ${value} at time ${time} comes after ${last}; give numbers in ascending order of whole ms.`,
      );
    }
    last = time;
  }
}
