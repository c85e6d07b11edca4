import { existsSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type BetterSqlite3 from "better-sqlite3";
import { DatabaseError } from "./sqlite.ts";
import type { Database } from "./sqlite.ts";

// A native module goes through require, so that a runtime can bring the build that fits it.
const Sqlite = createRequire(import.meta.url)("better-sqlite3") as typeof BetterSqlite3;

/** Pages copied between two turns of the event loop: 256 KiB, a fraction of a ms. */
const PAGES_A_TURN = 64;

/**
 * Reads a copy for damage, a table with its indexes between two turns of the event loop, and gives what is wrong first, or
 * null. The copy keeps no write-ahead log from then on, so that it is one file that can be moved about.
 */
async function damageOf(file: string): Promise<string | null> {
  const copy = new Sqlite(file);
  try {
    copy.pragma("journal_mode = DELETE");
    // Each row met them when it was written.
    copy.pragma("ignore_check_constraints = ON");
    const tables = copy
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all();
    for (const table of tables) {
      await turn();
      const verdict: unknown = copy.pragma(`integrity_check("${table}")`, { simple: true });
      if (verdict !== "ok") return String(verdict);
    }
    return null;
  } finally {
    copy.close();
  }
}

/**
 * Writes a copy of an open database, a few pages a turn; what this connection commits meanwhile is in it. (A thread of its own
 * would be better still, but SQLite's native module ends some Electrons when a worker loads it.) The file at `to` is replaced only when the copy is whole:
 * written as `<to>.partial`, checked, renamed. Rejects with DatabaseError and leaves nothing half-written.
 */
export async function backupDatabase(db: Database, to: string): Promise<void> {
  if (!existsSync(dirname(to))) {
    throw new DatabaseError(
      to,
      `Backup not written: the folder ${dirname(to)} does not exist; create it first.`,
    );
  }
  const partial = `${to}.partial`;
  const clean = (): void => {
    for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${partial}${end}`, { force: true });
  };
  try {
    clean();
    await db.backup(partial, { progress: () => PAGES_A_TURN });
    const damage = await damageOf(partial);
    if (damage !== null) throw new Error(`the copy is damaged (${damage})`);
    renameSync(partial, to);
  } catch (cause) {
    clean();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseError(to, `Backup to ${to} was not written: ${why}.`, { cause });
  }
}
