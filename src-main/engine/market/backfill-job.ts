import * as z from "zod";
import type { BackfillView } from "../../../src-preload/contract/data.ts";
import { timeframeSchema } from "../../../src-preload/contract/time.ts";

const stateSchema = z.enum(["queued", "running", "paused", "done", "failed", "cancelled"]);

const jobSchema = z.object({
  id: z.number().int(),
  symbol: z.string(),
  timeframe: timeframeSchema,
  from: z.number(),
  verify: z.boolean(),
  state: stateSchema,
  reason: z.string(),
  /** Open time of the first candle that the exchange has from `from` on; null until asked. */
  begin: z.number().nullable(),
  /** Everything from here up to the newest was asked for, ms UTC; null at first. */
  cursor: z.number().nullable(),
  /** Of a comparison: everything before this open time is compared; null at first. */
  compared: z.number().nullable(),
  /** 0..1. */
  progress: z.number(),
  added: z.number(),
  changed: z.number(),
  refused: z.number(),
  requests: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
  finishedAt: z.number().nullable(),
});

/** A backfill as it is kept, so that it goes on after a restart where it was. */
export type BackfillJob = z.infer<typeof jobSchema>;

/** Null for what another version has written. */
export function parseBackfillJob(value: unknown): BackfillJob | null {
  const parsed = jobSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Where backfills live: market.db. */
export interface BackfillStore {
  /** By id, oldest first. */
  list(): readonly BackfillJob[];
  /** Inserts or replaces by id. */
  put(job: BackfillJob): void;
  remove(id: number): void;
}

export const backfillView = (job: BackfillJob): BackfillView => ({
  id: job.id,
  symbol: job.symbol,
  timeframe: job.timeframe,
  from: job.from,
  verify: job.verify,
  state: job.state,
  reason: job.reason,
  progress: job.progress,
  added: job.added,
  changed: job.changed,
  refused: job.refused,
  requests: job.requests,
  createdAt: job.createdAt,
  finishedAt: job.finishedAt,
});
