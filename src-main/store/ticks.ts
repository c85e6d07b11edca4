import type { LatencyBucket, TickCounts, TickReport } from "../../src-preload/contract/ticks.ts";
import type { TickStore } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

/** Lateness under which a tick counts as on time, ms; the contract's definition. */
const ON_TIME_MS = 1000;
/** Most ticks whose percentiles are taken exactly; of more, an even sample of this size is looked at. */
const SAMPLE = 24_000;

type ListQuery = Parameters<TickStore["list"]>[0];
type LatencyQuery = Parameters<TickStore["latency"]>[0];
type Bound = number | string;

/** One pass over the index, no sorting: a row a window. */
const COUNTS = `
  ${["ran", "missed", "coalesced", "skipped", "cancelled"]
    .map((outcome) => `total(CASE WHEN outcome = '${outcome}' THEN fire_count END) AS ${outcome}`)
    .join(", ")},
  total(CASE WHEN outcome = 'ran' AND result <> 'error' AND lateness_ms < ${ON_TIME_MS} THEN fire_count END) AS onTime,
  total(CASE WHEN result = 'error' THEN fire_count END) AS errors,
  count(CASE WHEN outcome = 'ran' THEN 1 END) AS rows`;

interface BotRow {
  readonly id: number;
  readonly ran: number;
  readonly last_fire_time: number;
}

function prepare(db: Database) {
  return {
    bot: db.prepare<[string], BotRow>(
      "SELECT id, ran, last_fire_time FROM tick_bot WHERE bot_id = ?",
    ),
    addBot: db.prepare<[string]>(
      "INSERT INTO tick_bot (bot_id, ran, last_fire_time) VALUES (?, 0, 0)",
    ),
    setBot: db.prepare<[number, number, number]>(
      "UPDATE tick_bot SET ran = ?, last_fire_time = ? WHERE id = ?",
    ),
    tick: db.prepare<[number, number], { id: number; outcome: string; fire_count: number }>(
      "SELECT id, outcome, fire_count FROM tick WHERE bot = ? AND fire_time = ?",
    ),
    addTick: db.prepare<[number, number, number, string, string, number, number]>(
      "INSERT OR IGNORE INTO tick (bot, fire_time, fire_count, outcome, result, duration_ms, lateness_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    setTick: db.prepare<[number, string, string, number, number, number]>(
      "UPDATE tick SET fire_count = ?, outcome = ?, result = ?, duration_ms = ?, lateness_ms = ? WHERE id = ?",
    ),
    setBody: db.prepare<[number, string]>("INSERT OR REPLACE INTO tick_body VALUES (?, ?)"),
    bots: db.prepare<[], { id: number; bot_id: string; ran: number }>(
      "SELECT id, bot_id, ran FROM tick_bot",
    ),
    lastBody: db
      .prepare<[number], string>(
        "SELECT report FROM tick_body WHERE id = (SELECT id FROM tick WHERE bot = ? ORDER BY fire_time DESC LIMIT 1)",
      )
      .pluck(),
    old: db
      .prepare<[number, number], number>(
        "SELECT id FROM tick WHERE fire_time < ? ORDER BY fire_time LIMIT ?",
      )
      .pluck(),
    dropBody: db.prepare<[number]>("DELETE FROM tick_body WHERE id = ?"),
    drop: db.prepare<[number]>("DELETE FROM tick WHERE id = ?"),
  };
}

/**
 * Tick history in market.db: narrow rows with indexes that answer the questions of lists and percentiles alone, the
 * report itself as JSON beside them. What a bot ran and when it was last accounted for is kept per bot, so that it
 * is known at once after a year and after pruning.
 */
export class SqliteTickStore implements TickStore {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;
  /** Rows of tick_bot as committed: this connection is their only writer. */
  readonly #bots = new Map<string, BotRow>();
  /** One transaction; made once, since making costs as much as a small insert. */
  readonly #write: (report: TickReport) => BotRow;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
    this.#write = db.transaction((report: TickReport) => this.#put(report));
  }

  insert(report: TickReport): void {
    this.#bots.set(report.botId, this.#write(report));
  }

  list(query: ListQuery): readonly TickReport[] {
    const where: string[] = [];
    const bound: Bound[] = [];
    if (query.botId !== undefined) {
      const bot = this.#sql.bot.get(query.botId);
      if (bot === undefined) return [];
      where.push("bot = ?");
      bound.push(bot.id);
    }
    for (const [column, values] of [
      ["outcome", query.outcomes],
      ["result", query.results],
    ] as const) {
      if (values === undefined) continue;
      where.push(`${column} IN (${values.map(() => "?").join(", ")})`);
      bound.push(...values);
    }
    if (query.before !== undefined) {
      where.push("fire_time < ?");
      bound.push(query.before);
    }
    const filter = where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`;
    // The ids come from an index alone; only the rows of the answer touch the reports.
    const ids = this.#db
      .prepare<Bound[], number>(
        `SELECT id FROM tick ${filter} ORDER BY fire_time DESC, id DESC LIMIT ?`,
      )
      .pluck()
      .all(...bound, query.limit);
    const body = this.#db
      .prepare<[number], string>("SELECT report FROM tick_body WHERE id = ?")
      .pluck();
    return ids.map((id) => parse(body.get(id)));
  }

  latency(query: LatencyQuery): {
    readonly buckets: readonly LatencyBucket[];
    readonly total: TickCounts;
  } {
    const { from, to, buckets } = query;
    let filter = "fire_time >= ? AND fire_time < ?";
    const bound: number[] = [from, to];
    if (query.botId !== undefined) {
      filter += " AND bot = ?";
      bound.push(this.#sql.bot.get(query.botId)?.id ?? -1);
    }
    const counts = this.#db
      .prepare<number[], TickCounts & { readonly rows: number }>(
        `SELECT ${COUNTS} FROM tick WHERE ${filter}`,
      )
      .get(...bound);
    if (counts === undefined) throw new Error("SQLite gave no row for a sum.");
    const { rows, ...total } = counts;
    const every = Math.max(1, Math.ceil(rows / SAMPLE));
    const width = (to - from) / buckets;
    // Ids are hashed before the modulo, since a fleet's bots come in the same order each time.
    const sampled = this.#db
      .prepare<number[], [number, number, number]>(
        `SELECT CAST((fire_time - ?) / ? AS INTEGER) AS bucket, duration_ms, lateness_ms FROM tick
         WHERE ${filter} AND outcome = 'ran' AND (id * 40503 >> 8) % ? = 0 ORDER BY 1, 2`,
      )
      .raw()
      .all(from, width, ...bound, every);
    return { buckets: bucketed(sampled, from, width, every), total };
  }

  /** Writes a report, a new one or one in the place of an older, and gives the bot's row as it is then. */
  #put(report: TickReport): BotRow {
    const sql = this.#sql;
    const { botId, fireTime, fireCount, outcome, result, durationMs, latenessMs } = report;
    const bot = this.#bots.get(botId) ?? this.#bot(botId);
    const added = sql.addTick.run(
      bot.id,
      fireTime,
      fireCount,
      outcome,
      result,
      durationMs,
      latenessMs,
    );
    let id = Number(added.lastInsertRowid);
    let before = 0;
    if (added.changes === 0) {
      const old = sql.tick.get(bot.id, fireTime);
      if (old === undefined) throw new Error(`The tick ${report.id} could not be written.`);
      if (old.outcome === "ran") before = old.fire_count;
      id = old.id;
      sql.setTick.run(fireCount, outcome, result, durationMs, latenessMs, id);
    }
    sql.setBody.run(id, JSON.stringify(report));
    const ran = bot.ran - before + (outcome === "ran" ? fireCount : 0);
    const last_fire_time = Math.max(bot.last_fire_time, report.lastFireTime);
    sql.setBot.run(ran, last_fire_time, bot.id);
    return { id: bot.id, ran, last_fire_time };
  }

  #bot(botId: string): BotRow {
    return (
      this.#sql.bot.get(botId) ?? {
        id: Number(this.#sql.addBot.run(botId).lastInsertRowid),
        ran: 0,
        last_fire_time: Number.MIN_SAFE_INTEGER,
      }
    );
  }

  lastOfEach(): ReadonlyMap<string, { readonly report: TickReport; readonly ran: number }> {
    const last = new Map<string, { readonly report: TickReport; readonly ran: number }>();
    for (const { id, bot_id, ran } of this.#sql.bots.all()) {
      const body = this.#sql.lastBody.get(id);
      if (body !== undefined) last.set(bot_id, { report: parse(body), ran });
    }
    return last;
  }

  lastFireTime(botId: string): number | null {
    return this.#sql.bot.get(botId)?.last_fire_time ?? null;
  }

  prune(before: number, most: number): number {
    return this.#db.transaction(() => {
      const ids = this.#sql.old.all(before, most);
      for (const id of ids) {
        this.#sql.dropBody.run(id);
        this.#sql.drop.run(id);
      }
      return ids.length;
    })();
  }
}

/** The store wrote this JSON from a TickReport itself. */
const parse = (body: string | undefined): TickReport => JSON.parse(body ?? "null") as TickReport;

/** Rows come ordered by bucket, then duration; only buckets with ticks are given. */
function bucketed(
  rows: readonly (readonly [bucket: number, duration: number, lateness: number])[],
  from: number,
  width: number,
  every: number,
): LatencyBucket[] {
  const found: LatencyBucket[] = [];
  let start = 0;
  while (start < rows.length) {
    const bucket = rows[start]?.[0] ?? 0;
    let end = start;
    while (rows[end]?.[0] === bucket) end += 1;
    const within = rows.slice(start, end);
    const duration = Float64Array.from(within, (row) => row[1]);
    const lateness = Float64Array.from(within, (row) => row[2]).toSorted();
    found.push({
      time: from + bucket * width,
      ticks: within.length * every,
      duration: percentiles(duration),
      lateness: percentiles(lateness),
    });
    start = end;
  }
  return found;
}

/** Nearest-rank percentiles of ascending values. */
function percentiles(sorted: Float64Array): {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
} {
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
