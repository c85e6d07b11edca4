import type { TickMarks } from "../../src-preload/contract/schedule.ts";
import type { FireOutcome, TickResult } from "../../src-preload/contract/ticks.ts";
import type { TickSpread, TickStatsStore, TimeSpan } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

/** Most ticks whose durations are read for percentiles; of more, an even sample of this size. */
const SAMPLE = 24_000;

type Bound = number | string;
type Query<K extends keyof TickStatsStore> = Parameters<TickStatsStore[K]>[0];
type MarkRow = readonly [
  id: number,
  bot: number,
  fireTime: number,
  fireCount: number,
  outcome: FireOutcome,
  result: TickResult,
  latenessMs: number,
  durationMs: number,
];

const MARK = "id, bot, fire_time, fire_count, outcome, result, lateness_ms, duration_ms";

function prepare(db: Database) {
  return {
    bots: db.prepare<[], [number, string]>("SELECT id, bot_id FROM tick_bot").raw(),
    rowBefore: db
      .prepare<[number, number], MarkRow>(
        `SELECT ${MARK} FROM tick WHERE bot = ? AND fire_time < ? ORDER BY fire_time DESC LIMIT 1`,
      )
      .raw(),
    lastFireTime: db
      .prepare<[number], number>(
        "SELECT json_extract(report, '$.lastFireTime') FROM tick_body WHERE id = ?",
      )
      .pluck(),
    outcomes: db
      .prepare<[number, number], [number, FireOutcome, number, number]>(
        `SELECT bot, outcome, sum(fire_count), count(*) FROM tick
         WHERE fire_time >= ? AND fire_time < ? GROUP BY bot, outcome`,
      )
      .raw(),
    // Ids are hashed before the modulo, since a fleet's bots come in the same order each time. Bots that seldom tick are read in full.
    ran: db
      .prepare<[number, number, string, number], [number, number, number]>(
        `SELECT bot, lateness_ms, duration_ms FROM tick
         WHERE fire_time >= ? AND fire_time < ? AND outcome = 'ran'
           AND (bot IN (SELECT value FROM json_each(?)) OR (id * 40503 >> 8) % ? = 0)`,
      )
      .raw(),
    counts: db
      .prepare<[number, number], [FireOutcome, number]>(
        "SELECT outcome, sum(fire_count) FROM tick WHERE fire_time >= ? AND fire_time < ? GROUP BY outcome",
      )
      .raw(),
    refused: db
      .prepare<[number, number, number], [FireOutcome, number, number, string]>(
        `SELECT outcome, fire_count, json_extract(report, '$.lastFireTime'), json_extract(report, '$.reason')
         FROM tick JOIN tick_body USING (id)
         WHERE fire_time >= ? AND fire_time < ? AND outcome <> 'ran' ORDER BY fire_time DESC LIMIT ?`,
      )
      .raw(),
    durations: db
      .prepare<[string, number, number], number>(
        `SELECT duration_ms FROM tick WHERE bot = (SELECT id FROM tick_bot WHERE bot_id = ?)
           AND fire_time < ? AND outcome = 'ran' ORDER BY fire_time DESC LIMIT ?`,
      )
      .pluck(),
    durationsOf: db
      .prepare<[number, number], [number, number]>(
        "SELECT bot, duration_ms FROM tick WHERE fire_time >= ? AND fire_time < ? AND outcome = 'ran'",
      )
      .raw(),
  };
}

/** Figures over the tick history: passes over its narrow rows and their indexes; a report is read for its reason only. */
export class SqliteTickStatsStore implements TickStatsStore {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  marks(query: Query<"marks">): ReturnType<TickStatsStore["marks"]> {
    const { from, to, limit } = query;
    const names = this.#names();
    const wanted = query.botIds === undefined ? null : new Set(query.botIds);
    const bots = [...names].filter(([, botId]) => wanted?.has(botId) ?? true).map(([id]) => id);
    const bound: Bound[] = [from, to];
    let filter = "fire_time >= ? AND fire_time < ?";
    if (wanted !== null) {
      filter += " AND bot IN (SELECT value FROM json_each(?))";
      bound.push(JSON.stringify(bots));
    }
    const newest = this.#db
      .prepare<Bound[], MarkRow>(
        `SELECT ${MARK} FROM tick WHERE ${filter} ORDER BY fire_time DESC LIMIT ?`,
      )
      .raw()
      .all(...bound, limit + 1);
    const truncated = newest.length > limit;
    if (truncated) newest.pop();
    const marks = new Map<string, MutableMarks>();
    const put = (row: MarkRow, lastFireTime: number): void => {
      const botId = names.get(row[1]);
      if (botId === undefined) return;
      let of = marks.get(botId);
      if (of === undefined) marks.set(botId, (of = emptyMarks()));
      of.fireTime.push(row[2]);
      of.lastFireTime.push(lastFireTime);
      of.fireCount.push(row[3]);
      of.outcome.push(row[4]);
      of.result.push(row[5]);
      of.latenessMs.push(row[6]);
      of.durationMs.push(row[7]);
    };
    for (const bot of truncated ? [] : bots) {
      // A row of fire times that a sleep swallowed may begin before the span and end in it.
      const before = this.#sql.rowBefore.get(bot, from);
      if (before === undefined || before[3] === 1) continue;
      const last = this.#lastFireTime(before);
      if (last >= from) put(before, last);
    }
    for (const row of newest.toReversed()) put(row, this.#lastFireTime(row));
    return { marks, truncated };
  }

  spread({ from, to }: TimeSpan): ReadonlyMap<string, TickSpread> {
    const names = this.#names();
    const outcomes = this.#sql.outcomes.all(from, to);
    const ran = outcomes.filter(([, outcome]) => outcome === "ran");
    const total = ran.reduce((sum, [, , , rows]) => sum + rows, 0);
    const share = SAMPLE / Math.max(1, ran.length);
    const seldom = ran.filter(([, , , rows]) => rows <= share).map(([bot]) => bot);
    const values = new Map<number, { lateness: number[]; duration: number[] }>();
    const every = Math.max(1, Math.ceil(total / SAMPLE));
    for (const [bot, lateness, duration] of this.#sql.ran.all(
      from,
      to,
      JSON.stringify(seldom),
      every,
    )) {
      let of = values.get(bot);
      if (of === undefined) values.set(bot, (of = { lateness: [], duration: [] }));
      of.lateness.push(lateness);
      of.duration.push(duration);
    }
    const counts = new Map<number, Record<FireOutcome, number>>();
    for (const [bot, outcome, count] of outcomes) {
      let of = counts.get(bot);
      if (of === undefined)
        counts.set(bot, (of = { ran: 0, missed: 0, coalesced: 0, skipped: 0, cancelled: 0 }));
      of[outcome] = count;
    }
    const spread = new Map<string, TickSpread>();
    for (const [bot, of] of counts) {
      const botId = names.get(bot);
      if (botId === undefined) continue;
      const { lateness, duration } = values.get(bot) ?? { lateness: [], duration: [] };
      spread.set(botId, {
        counts: of,
        lateness: Float64Array.from(lateness),
        duration: Float64Array.from(duration),
      });
    }
    return spread;
  }

  lateness({ from, to, botId, edges }: Query<"lateness">): readonly number[] {
    const bound: Bound[] = [...edges.slice(1), from, to];
    const bins = edges.slice(1).map((_, bin) => `WHEN lateness_ms < ? THEN ${bin}`);
    const bin = bins.length === 0 ? "0" : `CASE ${bins.join(" ")} ELSE ${edges.length - 1} END`;
    let filter = "fire_time >= ? AND fire_time < ? AND outcome = 'ran'";
    if (botId !== undefined) {
      filter += " AND bot = (SELECT id FROM tick_bot WHERE bot_id = ?)";
      bound.push(botId);
    }
    const rows = this.#db
      .prepare<Bound[], [number, number]>(
        `SELECT ${bin}, count(*) FROM tick WHERE ${filter} GROUP BY 1`,
      )
      .raw()
      .all(...bound);
    const counts = edges.map(() => 0);
    for (const [index, count] of rows) counts[index] = count;
    return counts;
  }

  refusals({ from, to, limit }: Query<"refusals">): ReturnType<TickStatsStore["refusals"]> {
    return {
      counts: new Map(this.#sql.counts.all(from, to)),
      rows: this.#sql.refused
        .all(from, to, limit)
        .map(([outcome, count, lastFireTime, reason]) => ({
          outcome,
          count,
          lastFireTime,
          reason,
        })),
    };
  }

  durations(botId: string, before: number, limit: number): readonly number[] {
    return this.#sql.durations.all(botId, before, limit).toReversed();
  }

  durationsOf({ from, to }: TimeSpan): ReadonlyMap<string, Float64Array> {
    const names = this.#names();
    const values = new Map<number, number[]>();
    for (const [bot, duration] of this.#sql.durationsOf.all(from, to)) {
      const of = values.get(bot);
      if (of === undefined) values.set(bot, [duration]);
      else of.push(duration);
    }
    return new Map(
      [...values].flatMap(([bot, of]): [string, Float64Array][] => {
        const botId = names.get(bot);
        return botId === undefined ? [] : [[botId, Float64Array.from(of)]];
      }),
    );
  }

  #names(): Map<number, string> {
    return new Map(this.#sql.bots.all());
  }

  #lastFireTime([id, , fireTime, fireCount]: MarkRow): number {
    return fireCount === 1 ? fireTime : (this.#sql.lastFireTime.get(id) ?? fireTime);
  }
}

type MutableMarks = { -readonly [K in keyof TickMarks]: TickMarks[K][number][] };

const emptyMarks = (): MutableMarks => ({
  fireTime: [],
  lastFireTime: [],
  fireCount: [],
  outcome: [],
  result: [],
  latenessMs: [],
  durationMs: [],
});
