import type BetterSqlite3 from "better-sqlite3";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

// A native module goes through require, so that a runtime can bring the build that fits it.
const Sqlite = createRequire(import.meta.url)("better-sqlite3") as typeof BetterSqlite3;

export type Database = BetterSqlite3.Database;

/** A numbered step of the schema; once released it never changes. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export interface OpenOptions {
  /** Absolute path, or ":memory:". */
  readonly file: string;
  readonly migrations: readonly Migration[];
  /** FULL for the ledger: a commit survives a power cut. NORMAL for what can be rebuilt. */
  readonly synchronous: "FULL" | "NORMAL";
  /** Bytes; only heeded when the file is new. */
  readonly pageSize?: number;
  /** Read the whole file for damage first (the default); false where that would take seconds and the file can be rebuilt. */
  readonly check?: boolean;
}

/** A database that cannot be used, with one sentence for the trader. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly file: string;
  constructor(file: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.file = file;
  }
}

const sqliteCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

function sentence(file: string, error: unknown): string {
  const code = sqliteCode(error);
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return `${file} is damaged; move it away (and put a backup in its place if there is one), then start again. It was not changed.`;
  }
  if (code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_CANTOPEN")) {
    return `${file} cannot be opened for writing; make the file and its folder writable, then start again.`;
  }
  if (code.startsWith("SQLITE_FULL"))
    return `The disk of ${file} is full; free some space, then start again.`;
  if (code.startsWith("SQLITE_BUSY"))
    return `${file} is open in another process; close that one, then start again.`;
  return `${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`;
}

/** Throws for a file of a newer schema, and for one that has tables but no schema of ours. */
function refuseForeign(db: Database, file: string, newest: number): void {
  const current = db.pragma("user_version", { simple: true }) as number;
  if (current > newest) {
    throw new DatabaseError(
      file,
      `${file} was written by a newer Tickdeck (schema ${current}, this one knows ${newest}); update Tickdeck, then start again.`,
    );
  }
  if (current === 0 && db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined) {
    throw new DatabaseError(
      file,
      `${file} is a database of another program; move it away, then start again. It was not changed.`,
    );
  }
}

function migrate(db: Database, migrations: readonly Migration[]): void {
  const current = db.pragma("user_version", { simple: true }) as number;
  for (const step of migrations) {
    if (step.version <= current) continue;
    db.transaction(() => {
      db.exec(step.sql);
      db.pragma(`user_version = ${step.version}`);
    })();
  }
}

/**
 * Opens a database, checks that it is whole and brings it to the newest schema, or throws DatabaseError and
 * leaves it as it was.
 */
export function openDatabase(options: OpenOptions): Database {
  const { file } = options;
  let db: Database | undefined;
  try {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
    const fresh = file === ":memory:" || !existsSync(file);
    db = new Sqlite(file, { timeout: 2000 });
    if (fresh && options.pageSize !== undefined) db.pragma(`page_size = ${options.pageSize}`);
    // All that may refuse the file comes before the first write to it.
    // Damage is looked for, not what the tables refused at each write; that would take four times as long.
    db.pragma("ignore_check_constraints = ON");
    const check = options.check !== false ? db.pragma("quick_check(1)", { simple: true }) : "ok";
    db.pragma("ignore_check_constraints = OFF");
    if (check !== "ok") {
      throw new DatabaseError(
        file,
        `${file} is damaged (${String(check)}); move it away (and put a backup in its place if there is one), then start again. It was not changed.`,
      );
    }
    refuseForeign(db, file, options.migrations.at(-1)?.version ?? 0);
    db.pragma("journal_mode = WAL");
    db.pragma(`synchronous = ${options.synchronous}`);
    db.pragma("foreign_keys = ON");
    migrate(db, options.migrations);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof DatabaseError) throw error;
    throw new DatabaseError(file, sentence(file, error), { cause: error });
  }
}
