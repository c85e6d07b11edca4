import { lowerBound } from "../engine/market/columns.ts";
import type { CandleColumns, CandleGap } from "../engine/market/types.ts";
import type { Database } from "./sqlite.ts";

interface GapRow {
  readonly from_time: number;
  readonly to_time: number;
  readonly real: number;
  readonly checked_at: number | null;
}

const gapOf = (row: GapRow): CandleGap => ({
  from: row.from_time,
  to: row.to_time,
  real: row.real === 1,
  checkedAt: row.checked_at,
});

/** Where candles are missing inside a series: kept as rows, so that the coverage map reads no candle. */
export class CandleGaps {
  readonly #of;
  readonly #all;
  readonly #touching;
  readonly #add;
  readonly #settle;
  readonly #drop;
  readonly #dropAll;

  constructor(db: Database) {
    const columns = "from_time, to_time, real, checked_at";
    this.#of = db.prepare<[number], GapRow>(
      `SELECT ${columns} FROM candle_gap WHERE series_id = ? ORDER BY from_time`,
    );
    this.#all = db.prepare<[], GapRow & { readonly series_id: number }>(
      `SELECT series_id, ${columns} FROM candle_gap ORDER BY series_id, from_time`,
    );
    this.#touching = db.prepare<[number, number, number], GapRow>(
      `SELECT ${columns} FROM candle_gap WHERE series_id = ? AND from_time <= ? AND to_time > ? ORDER BY from_time`,
    );
    this.#add = db.prepare<[number, number, number, number, number | null]>(
      "INSERT INTO candle_gap (series_id, from_time, to_time, real, checked_at) VALUES (?, ?, ?, ?, ?)",
    );
    this.#settle = db.prepare<[number, number, number, number, number]>(
      "UPDATE candle_gap SET real = ?, checked_at = ? WHERE series_id = ? AND from_time >= ? AND to_time <= ?",
    );
    this.#drop = db.prepare<[number, number]>(
      "DELETE FROM candle_gap WHERE series_id = ? AND from_time = ?",
    );
    this.#dropAll = db.prepare<[number]>("DELETE FROM candle_gap WHERE series_id = ?");
  }

  of(seriesId: number): readonly CandleGap[] {
    return this.#of.all(seriesId).map(gapOf);
  }

  all(): ReadonlyMap<number, readonly CandleGap[]> {
    const found = new Map<number, CandleGap[]>();
    for (const row of this.#all.iterate()) {
      const list = found.get(row.series_id);
      if (list === undefined) found.set(row.series_id, [gapOf(row)]);
      else list.push(gapOf(row));
    }
    return found;
  }

  /** Notes what is missing behind `before` (open time of the candle in front; null for none) and between the columns' times. */
  find(seriesId: number, before: number | null, columns: CandleColumns, step: number): void {
    const { time, length } = columns;
    let last = before ?? (time[0] ?? 0) - step;
    for (let i = 0; i < length; i += 1) {
      const now = time[i] ?? 0;
      if (now - last > step) this.add(seriesId, last + step, now);
      last = now;
    }
  }

  add(seriesId: number, from: number, to: number): void {
    this.#add.run(seriesId, from, to, 0, null);
  }

  /** Takes the ascending `times` of candles that have come out of the gaps they were in. */
  fill(seriesId: number, times: Float64Array, step: number): void {
    const first = times[0];
    const last = times.at(-1);
    if (first === undefined || last === undefined) return;
    for (const gap of this.#touching.all(seriesId, last, first)) {
      const from = lowerBound(times, times.length, gap.from_time);
      const to = lowerBound(times, times.length, gap.to_time);
      if (from === to) continue;
      this.#drop.run(seriesId, gap.from_time);
      let start = gap.from_time;
      for (let i = from; i <= to; i += 1) {
        const end = i === to ? gap.to_time : (times[i] ?? gap.to_time);
        if (end > start) this.#add.run(seriesId, start, end, gap.real, gap.checked_at);
        start = end + step;
      }
    }
  }

  settle(
    seriesId: number,
    gap: {
      readonly from: number;
      readonly to: number;
      readonly real: boolean;
      readonly checkedAt: number;
    },
  ): void {
    this.#settle.run(gap.real ? 1 : 0, gap.checkedAt, seriesId, gap.from, gap.to);
  }

  clear(seriesId: number): void {
    this.#dropAll.run(seriesId);
  }
}
