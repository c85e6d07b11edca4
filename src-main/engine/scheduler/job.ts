import type { HeapItem } from "../clock-heap.ts";
import { EngineFault } from "../fault.ts";
import { nextFireTime } from "./trigger.ts";
import type { JobSpec } from "./types.ts";

/** A registered job. Replacing a job makes a new one; the old one is ended. */
export interface Job extends HeapItem {
  readonly spec: JobSpec;
  /** For the order of ids at one fire time. */
  readonly sortKey: string;
  /** All fire times up to here are accounted for or were never due. */
  after: number;
  /** First fire time after `after`. */
  next: number;
  paused: boolean;
  /** Why it starts nothing any more, as the middle of a sentence; null while registered. */
  ended: string | null;
}

/** Fire times up to and including `after` are not due. Throws EngineFault "invalid" for a spec that makes no sense. */
export function makeJob(spec: JobSpec, after: number, paused: boolean): Job {
  check(spec);
  const next = nextFireTime(spec.trigger, after);
  return { spec, sortKey: sortKey(spec.id), after, next, paused, ended: null, heapIndex: -1 };
}

/** By fire time, then by id in natural order (bot-b2 before bot-b10), whatever the order of adding. */
export const earlier = (a: Job, b: Job): boolean =>
  a.next !== b.next
    ? a.next < b.next
    : a.sortKey !== b.sortKey
      ? a.sortKey < b.sortKey
      : a.spec.id < b.spec.id;

const sortKey = (id: string): string => id.replaceAll(/\d+/g, (digits) => digits.padStart(16, "0"));

function check(spec: JobSpec): void {
  const refuse = (what: string, fix: string): never => {
    throw new EngineFault("invalid", `Job "${spec.id}" cannot be added: ${what}; give ${fix}.`);
  };
  const { trigger, graceMs, maxInstances, accountedUntil } = spec;
  if (spec.id === "") refuse("its id is empty", "a unique id");
  if (!Number.isSafeInteger(trigger.everyMs) || trigger.everyMs < 1) {
    refuse(`its interval is ${trigger.everyMs} ms`, "a whole number of ms above 0");
  }
  if (!Number.isSafeInteger(trigger.anchor))
    refuse(`its anchor is ${trigger.anchor}`, "whole ms UTC");
  if (graceMs !== null && (!Number.isSafeInteger(graceMs) || graceMs < 1)) {
    refuse(`its grace time is ${graceMs} ms`, "a whole number of ms above 0, or null for no limit");
  }
  if (!Number.isSafeInteger(maxInstances) || maxInstances < 1) {
    refuse(`its limit of instances is ${maxInstances}`, "a whole number above 0");
  }
  if (accountedUntil !== null && !Number.isFinite(accountedUntil)) {
    refuse(`its last accounted fire time is ${accountedUntil}`, "ms UTC, or null for none");
  }
}
