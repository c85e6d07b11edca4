import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";

const markOf = (file: string): string => `${file}.clean`;

/** Size and last change of a file as they are now: what a copy, an edit or a write of another program does not leave alike. */
function looksOf(file: string): string {
  const { size, mtimeNs } = statSync(file, { bigint: true });
  return `${size} ${mtimeNs}`;
}

/**
 * True when the database was closed in order and nobody has touched it since, so that reading all of it for damage
 * can be left out. A file that was put in its place, and one whose write-ahead log was left behind by a crash, is not.
 */
export function wasClosedInOrder(file: string): boolean {
  try {
    return !existsSync(`${file}-wal`) && readFileSync(markOf(file), "utf8") === looksOf(file);
  } catch {
    return false;
  }
}

/** The database is about to be used: from here on only an orderly end makes it clean again. */
export function unmark(file: string): void {
  rmSync(markOf(file), { force: true });
}

/** The database was closed. Where no mark can be written, the next start reads the file as after a crash. */
export function markClosed(file: string): void {
  try {
    writeFileSync(markOf(file), looksOf(file));
  } catch {
    unmark(file);
  }
}
