import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HousekeepingStatus } from "../../src-preload/contract/housekeeping.ts";
import type { LedgerDb } from "../store/ledger-db.ts";
import type { MarketDb } from "../store/market-db.ts";
import { listBackups, makeBackup } from "./backups.ts";
import { Housekeeping } from "./housekeeping.ts";
import { pruneHistory } from "./prune.ts";

/** Wall ms between two goes of a deletion: ticks come first. */
const PAUSE_MS = 5;

export interface DataFolder {
  /** Absolute path. */
  readonly dataDir: string;
  readonly ledger: LedgerDb;
  /** The one open now: it is replaced with the market source. */
  readonly market: () => Pick<MarketDb, "ticks" | "engineEvents">;
  /** Engine time, ms UTC. */
  readonly engineTime: () => number;
  readonly retentionDays: () => number;
  readonly onResult: (level: "info" | "error", sentence: string) => void;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const folderOf = (dataDir: string): string => join(dataDir, "backups");

/** The housekeeping of one data folder, on the wall's time: not started yet. */
export function housekeepingOf(folder: DataFolder): Housekeeping {
  const { dataDir, ledger, market, engineTime, retentionDays, onResult } = folder;
  const now = (): number => Date.now();
  return new Housekeeping({
    values: ledger.values,
    now,
    after: (ms, work) => {
      const timer = setTimeout(work, ms).unref();
      return () => clearTimeout(timer);
    },
    onResult,
    chores: [
      {
        name: "backup",
        cron: "15 3 * * *",
        run: async () => {
          const made = await makeBackup(folderOf(dataDir), now(), (to) => ledger.backup(to));
          return `Backup ${made.name} written and checked, ${megabytes(made.bytes)}.`;
        },
      },
      {
        name: "prune",
        cron: "45 3 * * *",
        run: () =>
          pruneHistory({
            prunables: () => [
              { what: "ticks", prune: (before, most) => market().ticks.prune(before, most) },
              {
                what: "engine events",
                prune: (before, most) => market().engineEvents.prune(before, most),
              },
              { what: "equity rows", prune: (before, most) => ledger.equity.thin(before, most) },
            ],
            now: engineTime,
            keepDays: retentionDays,
            turn: () => pause(PAUSE_MS),
          }),
      },
    ],
  });
}

/** Bytes of all files below a folder; 0 for one that is not there. */
function bytesIn(path: string): number {
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true }).reduce(
      (sum, entry) =>
        entry.isFile()
          ? sum +
            (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0)
          : sum,
      0,
    );
  } catch {
    return 0;
  }
}

/** What the window shows of it. */
export function housekeepingStatus(
  { dataDir }: Pick<DataFolder, "dataDir">,
  housekeeping: Housekeeping,
): HousekeepingStatus {
  const names = readdirSync(dataDir).filter((name) => /\.db(-wal|-shm)?$/.test(name));
  const bytesOf = (matches: (name: string) => boolean): number =>
    names
      .filter(matches)
      .reduce(
        (sum, name) => sum + (statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0),
        0,
      );
  const isLedger = (name: string): boolean => name.startsWith("ledger.db");
  return {
    jobs: housekeeping.jobs(),
    backups: listBackups(folderOf(dataDir)),
    backupFolder: folderOf(dataDir),
    sizes: [
      { name: "Ledger", bytes: bytesOf(isLedger) },
      { name: "Market data and tick history", bytes: bytesOf((name) => !isLedger(name)) },
      { name: "Backups", bytes: bytesIn(folderOf(dataDir)) },
      { name: "Logs", bytes: bytesIn(join(dataDir, "logs")) },
    ],
  };
}
