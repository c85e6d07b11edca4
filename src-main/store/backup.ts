import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { DatabaseError } from "./sqlite.ts";

/**
 * Runs on a thread of its own, so that neither the copy nor the check of it takes a moment from a tick. All pages go over in one
 * step: one snapshot, which commits of the other thread neither wait for nor disturb. The copy keeps no write-ahead
 * log, so that it is one file that can be moved about.
 */
const WORK = `
  const { createRequire } = require("node:module");
  const { parentPort, workerData } = require("node:worker_threads");
  const Sqlite = createRequire(workerData.from)("better-sqlite3");
  const work = async () => {
    const source = new Sqlite(workerData.file, { readonly: true, fileMustExist: true });
    try {
      await source.backup(workerData.to, { progress: () => 0x7fffffff });
    } finally {
      source.close();
    }
    const copy = new Sqlite(workerData.to);
    try {
      copy.pragma("journal_mode = DELETE");
      return copy.pragma("integrity_check(1)", { simple: true });
    } finally {
      copy.close();
    }
  };
  work().then((verdict) => parentPort.postMessage(verdict));
`;

/** Copies `file` to `to` and gives SQLite's verdict on the copy: "ok", or the first thing wrong. Rejects when it cannot. */
function copyAndCheck(file: string, to: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORK, {
      eval: true,
      workerData: { from: import.meta.url, file, to },
      // Flags of this process, such as those of a test runner or a profiler, are not the worker's.
      execArgv: [],
    });
    worker.on("message", resolve);
    worker.on("error", reject);
    worker.on("exit", (code) => {
      reject(new Error(`the copying thread ended with code ${code} before it was done`));
    });
  });
}

/**
 * Writes a copy of an open database as it is at this moment. The file at `to` is replaced only when the copy is whole:
 * written as `<to>.partial`, checked, renamed. Rejects with DatabaseError and leaves nothing half-written.
 */
export async function backupDatabase(file: string, to: string): Promise<void> {
  if (!existsSync(dirname(to))) {
    throw new DatabaseError(
      to,
      `Backup not written: the folder ${dirname(to)} does not exist; create it first.`,
    );
  }
  const partial = `${to}.partial`;
  const clean = (): void => {
    for (const end of ["", "-journal", "-wal", "-shm"])
      rmSync(`${partial}${end}`, { force: true });
  };
  try {
    clean();
    const verdict = await copyAndCheck(file, partial);
    if (verdict !== "ok") throw new Error(`the copy is damaged (${String(verdict)})`);
    renameSync(partial, to);
  } catch (cause) {
    clean();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseError(to, `Backup to ${to} was not written: ${why}.`, { cause });
  }
}
