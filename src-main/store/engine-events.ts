import type { EngineEvent, EngineEventKind } from "../../src-preload/contract/schedule.ts";
import type { EngineEventStore } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

interface Row {
  readonly kind: EngineEventKind;
  readonly from_time: number;
  readonly to_time: number;
  readonly bot_id: string | null;
  readonly reason: string;
  readonly detail: string;
}

type Bound = number | string;

function prepare(db: Database) {
  return {
    insert: db.prepare<[string, number, number, string | null, string, string]>(
      "INSERT INTO engine_event (kind, from_time, to_time, bot_id, reason, detail) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    count: db
      .prepare<[number, number, string], [string, number]>(
        `SELECT bot_id, count(*) FROM engine_event
         WHERE to_time >= ? AND to_time < ? AND kind = ? AND bot_id IS NOT NULL GROUP BY bot_id`,
      )
      .raw(),
    prune: db.prepare<[number, number]>(
      `DELETE FROM engine_event WHERE id IN
         (SELECT id FROM engine_event WHERE to_time < ? ORDER BY to_time LIMIT ?)`,
    ),
  };
}

/** Sleeps, steps, stalls and warnings about bots, in market.db. */
export class SqliteEngineEventStore implements EngineEventStore {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  insert({ kind, from, to, botId, reason, detail }: EngineEvent): void {
    this.#sql.insert.run(
      kind,
      Math.floor(from),
      Math.floor(to),
      botId,
      reason,
      JSON.stringify(detail),
    );
  }

  list(query: Parameters<EngineEventStore["list"]>[0]): readonly EngineEvent[] {
    const { from, to, kinds, limit } = query;
    const rows = this.#db
      .prepare<Bound[], Row>(
        `SELECT kind, from_time, to_time, bot_id, reason, detail FROM engine_event
         WHERE to_time >= ? AND from_time <= ? AND kind IN (${kinds.map(() => "?").join(", ")})
         ORDER BY to_time DESC, id DESC LIMIT ?`,
      )
      .all(from, to, ...kinds, limit);
    return rows.map((row) => ({
      kind: row.kind,
      from: row.from_time,
      to: row.to_time,
      botId: row.bot_id,
      reason: row.reason,
      // `insert` wrote it from an EngineEvent.
      detail: JSON.parse(row.detail) as EngineEvent["detail"],
    }));
  }

  countByBot(
    kind: EngineEventKind,
    span: Parameters<EngineEventStore["countByBot"]>[1],
  ): ReadonlyMap<string, number> {
    return new Map(this.#sql.count.all(span.from, span.to, kind));
  }

  prune(before: number, most: number): number {
    return this.#sql.prune.run(before, most).changes;
  }
}
