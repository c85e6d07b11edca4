import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BackupFile } from "../../src-preload/contract/housekeeping.ts";

const DAY_MS = 86_400_000;
/** Backups older than this go, once there is a newer one. */
const KEEP_MS = 14 * DAY_MS;
const NAME = /^ledger-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})Z\.db$/;

/** "ledger-2026-03-01T03-15-00Z.db": the instant to the second, in characters that every file system takes. */
const nameOf = (time: number): string =>
  `ledger-${new Date(time).toISOString().slice(0, 19).replaceAll(":", "-")}Z.db`;

function timeOf(name: string): number | null {
  const [, day, hours, minutes, seconds] = NAME.exec(name) ?? [];
  if (day === undefined) return null;
  const time = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? null : time;
}

/** Backups of the ledger in `folder`, newest first; other files are nobody's business. */
export function listBackups(folder: string): readonly BackupFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .flatMap((name): BackupFile[] => {
      const time = timeOf(name);
      if (time === null) return [];
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      return found === undefined ? [] : [{ name, time, bytes: found.size }];
    })
    .toSorted((a, b) => b.time - a.time);
}

/**
 * Writes a backup into `folder` by `write` (which replaces nothing unless the copy is whole), then deletes those older
 * than 14 days and what an interrupted one left. Rejects with what `write` rejects with; older backups stay then.
 */
export async function makeBackup(
  folder: string,
  now: number,
  write: (to: string) => Promise<void>,
): Promise<BackupFile> {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (/\.partial(-\w+)?$/.test(name)) rmSync(join(folder, name), { force: true });
  }
  const name = nameOf(now);
  await write(join(folder, name));
  for (const old of listBackups(folder)) {
    if (old.time < now - KEEP_MS) rmSync(join(folder, old.name), { force: true });
  }
  return { name, time: now, bytes: statSync(join(folder, name)).size };
}
