import * as z from "zod";

export type HousekeepingName = "backup" | "prune";

/** One of the jobs that keep the data folder in order. Instants are wall time, ms UTC. */
export interface HousekeepingJob {
  readonly name: HousekeepingName;
  readonly running: boolean;
  /** When it last came to an end, well or not; null before the first time. */
  readonly lastAt: number | null;
  /** When it last ended well. */
  readonly lastSuccessAt: number | null;
  /** What came of the last run, in one sentence. */
  readonly lastResult: string | null;
  readonly lastFailed: boolean;
  readonly lastMs: number | null;
  readonly nextAt: number | null;
}

export interface BackupFile {
  readonly name: string;
  /** Wall time, ms UTC. */
  readonly time: number;
  readonly bytes: number;
}

export interface HousekeepingStatus {
  readonly jobs: readonly HousekeepingJob[];
  /** Newest first. */
  readonly backups: readonly BackupFile[];
  readonly backupFolder: string;
  /** What lies in the data folder. */
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[];
}

export const housekeepingRequests = {
  "housekeeping:status": z.void(),
  /** Writes a backup now and answers when it is done. */
  "housekeeping:backup": z.void(),
} as const;

export interface HousekeepingResponses {
  "housekeeping:status": HousekeepingStatus;
  "housekeeping:backup": HousekeepingStatus;
}
