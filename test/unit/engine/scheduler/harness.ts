import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { Scheduler } from "../../../../src-main/engine/scheduler/scheduler.ts";
import type { SchedulerParts } from "../../../../src-main/engine/scheduler/scheduler.ts";
import type {
  Fire,
  FireRecord,
  JobEnd,
  JobSpec,
} from "../../../../src-main/engine/scheduler/types.ts";

interface Start {
  readonly id: string;
  readonly fireTime: number;
  readonly at: number;
}

/** A scheduler on virtual time that starts at 0, with everything it said. All its work is simulated. */
export function harness(parts: Partial<SchedulerParts> = {}) {
  const clock = new VirtualClock(0, { patienceMs: 0 });
  const ends: JobEnd[] = [];
  const records: FireRecord[] = [];
  const errors: unknown[] = [];
  const starts: Start[] = [];
  const scheduler = new Scheduler({
    clock,
    onRecord: (record) => records.push(record),
    onError: (error) => errors.push(error),
    onEnd: (end) => ends.push(end),
    ...parts,
  });

  /** A job every 10 s from 0 on, grace 60 s, that notes its starts; `work` is what it does. */
  const job = (
    overrides: Partial<JobSpec> & { every?: number; anchor?: number } = {},
    work?: (fire: Fire) => Promise<void>,
  ): JobSpec => {
    const { every = 10_000, anchor = 0, ...rest } = overrides;
    return {
      id: "a",
      trigger: { kind: "interval", everyMs: every, anchor },
      graceMs: 60_000,
      coalesce: true,
      maxInstances: 1,
      accountedUntil: null,
      run: async (fire) => {
        starts.push({ id: rest.id ?? "a", fireTime: fire.fireTime, at: fire.startedAt });
        await work?.(fire);
      },
      ...rest,
    };
  };
  /** "outcome first[..last] @at", a line a record. */
  const told = (): string[] =>
    records.map(
      ({ jobId, outcome, fireTime, lastFireTime, at }) =>
        `${jobId} ${outcome} ${fireTime}${lastFireTime === fireTime ? "" : `..${lastFireTime}`} @${at}`,
    );
  return { clock, scheduler, records, errors, starts, ends, job, told };
}
