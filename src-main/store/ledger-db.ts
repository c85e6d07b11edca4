import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { LedgerStore } from "../engine/store-port.ts";
import { backupDatabase } from "./backup.ts";
import { botRepository } from "./bots.ts";
import { markClosed, unmark, wasClosedInOrder } from "./clean-mark.ts";
import { equityRepository } from "./equity.ts";
import { LEDGER_MIGRATIONS } from "./ledger-schema.ts";
import { orderRepository } from "./orders.ts";
import { positionRepository } from "./positions.ts";
import { riskRepository } from "./risk.ts";
import { DatabaseError, openDatabase } from "./sqlite.ts";
import { namedValues } from "./values.ts";

export interface LedgerDb extends LedgerStore {
  close(): void;
  /**
   * Writes a copy, a few pages a turn of the event loop; the file at `to` is replaced only when the copy is whole. Rejects with DatabaseError.
   */
  backup(to: string): Promise<void>;
}

/**
 * Throws when the file, its folder or SQLite's companions may not be written. Asked before SQLite opens anything: a
 * read-only file of the current schema would open without complaint and leave read-only companions behind.
 */
function demandWritable(file: string): void {
  if (file === ":memory:" || !existsSync(file)) return;
  for (const path of [dirname(file), file, `${file}-wal`, `${file}-shm`]) {
    try {
      if (existsSync(path)) accessSync(path, constants.W_OK);
    } catch (cause) {
      throw new DatabaseError(
        file,
        `${file} cannot be used because ${path} cannot be written; make it writable, then start again. It was not changed.`,
        { cause },
      );
    }
  }
}

/**
 * Opens ledger.db (or ":memory:"): synchronous FULL, so that what is committed survives a power cut. Throws
 * DatabaseError with one sentence when the file is damaged, read-only, busy or of a newer schema, and leaves
 * it as it was.
 */
export function openLedgerDb(file: string): LedgerDb {
  demandWritable(file);
  const db = openDatabase({
    file,
    migrations: LEDGER_MIGRATIONS,
    synchronous: "FULL",
    // A year's ledger takes a third of a second to read; the daily backup is checked whatever happens.
    check: !wasClosedInOrder(file),
  });
  unmark(file);
  // Made once, since making costs as much as a small insert; it gives back what its work gives.
  const transact = db.transaction((work: () => unknown) => work());
  return {
    transaction: <T>(work: () => T) => transact.immediate(work) as T,
    bots: botRepository(db),
    orders: orderRepository(db),
    positions: positionRepository(db),
    equity: equityRepository(db),
    risk: riskRepository(db),
    values: namedValues(db),
    close: () => {
      if (!db.open) return;
      db.close();
      if (file !== ":memory:") markClosed(file);
    },
    backup: (to) => backupDatabase(db, to),
  };
}
