import type { HeapItem } from "../clock-heap.ts";
import { checkSpec } from "./check.ts";
import { JobId } from "./job-id.ts";
import { endingAt, scheduleOf, shifted } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import type { JobSpec } from "./types.ts";

/** Fire times that were found late after a change of the clock and wait for their turn, a stagger apart. */
export interface Overdue {
  /** Ascending; in time by their grace when they were judged at `judgedAt`. */
  readonly fireTimes: readonly number[];
  readonly judgedAt: number;
  /** When its turn comes; Infinity while the gate is shut. */
  turn: number;
}

/** A registered job. Replacing a job makes a new one; the old one is ended. */
export interface Job extends HeapItem {
  spec: JobSpec;
  schedule: Schedule;
  /** For the order of ids at one fire time. */
  readonly id: JobId;
  /** All fire times up to here are accounted for or were never due. */
  after: number;
  /** First fire time after `after`; Infinity when none comes any more. */
  next: number;
  /** Its `next` when it was made: beyond that it has begun. −Infinity once it got a new phase. */
  firstNext: number;
  overdue: Overdue | null;
  paused: boolean;
  /** Why it starts nothing any more, as the middle of a sentence; null while registered. */
  ended: string | null;
  /** Phases that its interval had before the wall was set back: none is taken again. */
  phases: readonly number[];
  /** By how much a candle close is moved off the closes it had before the wall was set back, ms. */
  shiftMs: number;
}

/**
 * Fire times up to and including `after` (−Infinity for none) are not due. A calendar or the closes of candles have no
 * first fire time: theirs are due from `now` on where `after` does not say. Throws EngineFault "invalid" for a
 * spec that makes no sense.
 */
export function makeJob(spec: JobSpec, after: number, now: number, paused: boolean): Job {
  checkSpec(spec);
  const { kind } = spec.trigger;
  const hasFirst = kind === "interval" || kind === "date";
  const from = hasFirst || after !== Number.NEGATIVE_INFINITY ? after : now - 1;
  const schedule = boundedSchedule(spec);
  const next = schedule.next(from);
  return {
    spec,
    schedule,
    id: new JobId(spec.id),
    after: from,
    next,
    firstNext: next,
    overdue: null,
    paused,
    ended: null,
    phases: [],
    shiftMs: 0,
    heapIndex: -1,
  };
}

/** The fire times of a spec up to its end. */
export function boundedSchedule({ trigger, endAt }: JobSpec): Schedule {
  const schedule = scheduleOf(trigger);
  return endAt == null ? schedule : endingAt(schedule, endAt);
}

/** `spec` in the phase of the job that it replaces, with what that one has accounted for and what waits for its turn. */
export function jobInPhase(spec: JobSpec, old: Job, now: number, paused: boolean): Job {
  const { trigger } = old.spec;
  const after = Math.max(spec.accountedUntil ?? Number.NEGATIVE_INFINITY, old.after);
  const job = makeJob({ ...spec, trigger }, after, now, paused);
  if (old.shiftMs > 0) job.schedule = shifted(job.schedule, old.shiftMs);
  job.shiftMs = old.shiftMs;
  job.phases = old.phases;
  job.overdue = old.overdue;
  old.overdue = null;
  advance(job, after);
  return job;
}

/** Takes all fire times up to `after` as accounted for. */
export function advance(job: Job, after: number): void {
  job.after = Math.max(job.after, after);
  job.next = job.schedule.next(job.after);
}

/** The instant at which a job wants to be looked at. */
export const dueAt = ({ next, overdue }: Job): number =>
  overdue === null ? next : Math.min(next, overdue.turn);

/** No fire time of it is left, late or to come. */
export const isOver = ({ next, overdue }: Job): boolean =>
  next === Number.POSITIVE_INFINITY && overdue === null;

/** By fire time, then by id in natural order (bot-b2 before bot-b10), whatever the order of adding. */
export const earlier = (a: Job, b: Job): boolean => {
  const [dueA, dueB] = [dueAt(a), dueAt(b)];
  return dueA === dueB ? byId(a, b) < 0 : dueA < dueB;
};

const byId = (a: Job, b: Job): number => a.id.compare(b.id);

export const byNext = (a: Job, b: Job): number =>
  a.next === b.next ? byId(a, b) : a.next - b.next;

/** The order of turns: by the first late fire time, then by id. */
export const byOverdue = (a: Job, b: Job): number =>
  (a.overdue?.fireTimes[0] ?? 0) - (b.overdue?.fireTimes[0] ?? 0) || byId(a, b);
