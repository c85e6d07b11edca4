import type { IntervalTrigger } from "./types.ts";

/** An unbroken row of fire times of one trigger, ms UTC; `count` is at least 1. */
export interface FireRow {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** First fire time after `after` (−Infinity for the very first), ms UTC. O(1). */
export function nextFireTime(trigger: IntervalTrigger, after: number): number {
  const { anchor, everyMs } = trigger;
  if (after < anchor) return anchor;
  return anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs;
}

/** The fire times in (after, upTo], or null when there are none. O(1) in the length of the gap. */
export function fireTimesBetween(
  trigger: IntervalTrigger,
  after: number,
  upTo: number,
): FireRow | null {
  const first = nextFireTime(trigger, after);
  if (first > upTo) return null;
  const steps = Math.floor((upTo - first) / trigger.everyMs);
  return { first, last: first + steps * trigger.everyMs, count: steps + 1 };
}

/** The newest `count` fire times of a row, ascending, and the row of those before, null when there are none. */
export function splitNewest(
  trigger: IntervalTrigger,
  row: FireRow,
  count: number,
): { readonly older: FireRow | null; readonly newest: readonly number[] } {
  const kept = Math.min(count, row.count);
  const from = row.last - (kept - 1) * trigger.everyMs;
  return {
    older: fireTimesBetween(trigger, row.first - 1, from - 1),
    newest: Array.from({ length: kept }, (_, i) => from + i * trigger.everyMs),
  };
}

/** True when both fire at the same distance, so that one can go on in the other's phase. */
export const sameRhythm = (a: IntervalTrigger, b: IntervalTrigger): boolean =>
  a.everyMs === b.everyMs;
