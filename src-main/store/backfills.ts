import type { BackfillJob, BackfillStore } from "../engine/market/backfill-job.ts";
import { parseBackfillJob } from "../engine/market/backfill-job.ts";
import type { Database } from "./sqlite.ts";

/** Backfills in market.db: each as JSON, since nothing but the engine looks inside. */
export class SqliteBackfillStore implements BackfillStore {
  readonly #list;
  readonly #put;
  readonly #drop;

  constructor(db: Database) {
    this.#list = db.prepare<[], string>("SELECT job FROM backfill_job ORDER BY id").pluck();
    this.#put = db.prepare<[number, string, number, string]>(
      "INSERT INTO backfill_job (id, state, updated_at, job) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at, job = excluded.job",
    );
    this.#drop = db.prepare<[number]>("DELETE FROM backfill_job WHERE id = ?");
  }

  list(): readonly BackfillJob[] {
    return this.#list.all().flatMap((text) => {
      const job = parseBackfillJob(JSON.parse(text));
      return job === null ? [] : [job];
    });
  }

  put(job: BackfillJob): void {
    this.#put.run(job.id, job.state, job.updatedAt, JSON.stringify(job));
  }

  remove(id: number): void {
    this.#drop.run(id);
  }
}
