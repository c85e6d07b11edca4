import { splitNewest } from "./schedule.ts";
import type { FireRow, Schedule } from "./schedule.ts";
import type { JobSpec } from "./types.ts";

/** Most late fire times of one job that are worked off one after the other when it does not coalesce. */
export const longestBacklog = 100;

/** Fire times that will not run, with the reason in one sentence. */
export interface Refusal {
  readonly outcome: "missed" | "coalesced" | "skipped";
  readonly row: FireRow;
  readonly reason: string;
}

/** What becomes of all fire times that are due: each is in `refused` or in `run`, once. */
export interface Verdict {
  readonly refused: readonly Refusal[];
  /** To be run one after the other as one instance, ascending. */
  readonly run: readonly number[];
}

/** "850 ms", "30.0 s", "17.2 min", "4.1 h". */
export function spoken(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Lateness beyond the grace time; exactly the grace time is still in time. */
export const isMisfire = (fireTime: number, now: number, graceMs: number | null): boolean =>
  graceMs !== null && now - fireTime > graceMs;

export function missed(row: FireRow, now: number, graceMs: number | null): Refusal {
  const late = `${spoken(now - row.last)} late, beyond the grace time of ${spoken(graceMs ?? 0)}`;
  const reason =
    row.count === 1
      ? `Found ${late}.`
      : `${row.count} fire times were found too late, the latest of them ${late}.`;
  return { outcome: "missed", row, reason };
}

export function skipped(row: FireRow, running: number, maxInstances: number): Refusal {
  const limit =
    maxInstances === 1 ? "the previous run was" : `${running} of ${maxInstances} allowed runs were`;
  return { outcome: "skipped", row, reason: `Due while ${limit} still at work.` };
}

/**
 * Judges the fire times of `schedule` in (after, now], in APScheduler 3's order: coalesce to the latest, then the limit of
 * instances, then grace. Without coalescing each is judged by grace on its own, and those in time are run one
 * after the other as one instance. O(1) in the length of the gap. `running` counts the runs of this id.
 */
export function judge(
  spec: Pick<JobSpec, "graceMs" | "coalesce" | "maxInstances">,
  schedule: Schedule,
  after: number,
  now: number,
  running: number,
): Verdict {
  const { graceMs } = spec;
  const refused: Refusal[] = [];
  let due = schedule.between(after, now);
  if (due === null) return { refused, run: [] };
  if (spec.coalesce && due.count > 1) {
    const earlier = schedule.between(after, due.last - 1);
    if (earlier !== null) {
      const reason = `${due.count} fire times were due at once; ${earlier.count === 1 ? "the earlier one" : `the ${earlier.count} earlier ones`} coalesced into the latest.`;
      refused.push({ outcome: "coalesced", row: earlier, reason });
    }
    due = { first: due.last, last: due.last, count: 1 };
  }
  if (running >= spec.maxInstances) {
    refused.push(skipped(due, running, spec.maxInstances));
    return { refused, run: [] };
  }
  if (graceMs !== null) {
    const late = schedule.between(due.first - 1, Math.min(due.last, now - graceMs - 1));
    if (late !== null) refused.push(missed(late, now, graceMs));
    due = schedule.between(late?.last ?? due.first - 1, due.last);
    if (due === null) return { refused, run: [] };
  }
  const { older, newest } = splitNewest(schedule, due, longestBacklog);
  if (older !== null) {
    const reason = `${due.count} late fire times waited; only the newest ${newest.length} are worked off.`;
    refused.push({ outcome: "skipped", row: older, reason });
  }
  return { refused, run: newest };
}
