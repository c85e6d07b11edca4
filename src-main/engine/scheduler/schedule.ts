import { cronSchedule } from "./cron.ts";
import type { Trigger } from "./types.ts";

/** An unbroken row of fire times of one schedule, ms UTC; `count` is at least 1. */
export interface FireRow {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** The fire times of a trigger, ms UTC. */
export interface Schedule {
  /** First fire time after `after` (−Infinity for the very first); Infinity when none comes any more. */
  next(after: number): number;
  /** The fire times in (after, upTo], or null when there are none. */
  between(after: number, upTo: number): FireRow | null;
  /** The newest `count` of a row, or all of them where it has fewer, ascending. */
  newest(row: FireRow, count: number): readonly number[];
}

/** Throws EngineFault "invalid" for a cron trigger that makes no sense. Interval, candle close and date are O(1). */
export function scheduleOf(trigger: Trigger): Schedule {
  switch (trigger.kind) {
    case "interval":
      return new Grid(trigger.anchor, trigger.everyMs, trigger.anchor);
    case "candle_close":
      return new Grid(trigger.offsetMs, trigger.everyMs, Number.NEGATIVE_INFINITY);
    case "cron":
      return cronSchedule(trigger);
    case "date":
      return once(trigger.time);
  }
}

/** anchor + n × everyMs from `first` on. Plain UTC arithmetic, never drifts. A class: thousands of jobs have one each. */
class Grid implements Schedule {
  readonly #anchor: number;
  readonly #everyMs: number;
  readonly #first: number;

  constructor(anchor: number, everyMs: number, first: number) {
    this.#anchor = anchor;
    this.#everyMs = everyMs;
    this.#first = first;
  }

  next(after: number): number {
    if (after < this.#first) return this.#first;
    const step = Math.floor((after - this.#anchor) / this.#everyMs) + 1;
    return this.#anchor + step * this.#everyMs;
  }

  between(after: number, upTo: number): FireRow | null {
    const first = this.next(after);
    if (first > upTo) return null;
    const steps = Math.floor((upTo - first) / this.#everyMs);
    return { first, last: first + steps * this.#everyMs, count: steps + 1 };
  }

  newest(row: FireRow, count: number): readonly number[] {
    const kept = Math.min(count, row.count);
    const from = row.last - (kept - 1) * this.#everyMs;
    return Array.from({ length: kept }, (_, i) => from + i * this.#everyMs);
  }
}

const once = (time: number): Schedule => ({
  next: (after) => (after < time ? time : Number.POSITIVE_INFINITY),
  between: (after, upTo) =>
    after < time && time <= upTo ? { first: time, last: time, count: 1 } : null,
  newest: () => [time],
});

/** Without the fire times after `end`. */
export const endingAt = (schedule: Schedule, end: number): Schedule => ({
  next(after) {
    const time = schedule.next(after);
    return time > end ? Number.POSITIVE_INFINITY : time;
  },
  between: (after, upTo) => schedule.between(after, Math.min(upTo, end)),
  newest: (row, count) => schedule.newest(row, count),
});

/** Every fire time `ms` later. */
export const shifted = (schedule: Schedule, ms: number): Schedule => {
  const moved = (row: FireRow, by: number): FireRow => ({
    first: row.first + by,
    last: row.last + by,
    count: row.count,
  });
  return {
    next: (after) => schedule.next(after - ms) + ms,
    between(after, upTo) {
      const row = schedule.between(after - ms, upTo - ms);
      return row === null ? null : moved(row, ms);
    },
    newest: (row, count) => schedule.newest(moved(row, -ms), count).map((time) => time + ms),
  };
};

/** Fire times of a schedule, ascending, as unbroken rows. */
export function rowsOf(schedule: Schedule, fireTimes: readonly number[]): readonly FireRow[] {
  const rows: FireRow[] = [];
  for (const time of fireTimes) {
    const row = rows.at(-1);
    if (row !== undefined && schedule.next(row.last) === time)
      rows[rows.length - 1] = { first: row.first, last: time, count: row.count + 1 };
    else rows.push({ first: time, last: time, count: 1 });
  }
  return rows;
}

/** The newest `count` fire times of a row, ascending, and the row of those before, null when there are none. */
export function splitNewest(
  schedule: Schedule,
  row: FireRow,
  count: number,
): { readonly older: FireRow | null; readonly newest: readonly number[] } {
  const newest = schedule.newest(row, count);
  const [oldest] = newest;
  const older = oldest === undefined ? null : schedule.between(row.first - 1, oldest - 1);
  return { older, newest };
}

/** True when both fire at the same distance or by the same calendar, so that one can go on in the other's phase. */
export function sameRhythm(a: Trigger, b: Trigger): boolean {
  if (a.kind === "interval" && b.kind === "interval") return a.everyMs === b.everyMs;
  if (a.kind === "candle_close" && b.kind === "candle_close") {
    return a.everyMs === b.everyMs && a.offsetMs === b.offsetMs;
  }
  if (a.kind === "cron" && b.kind === "cron") {
    return (
      a.expression === b.expression &&
      a.zone === b.zone &&
      a.years === b.years &&
      a.weeks === b.weeks &&
      a.dayRule === b.dayRule
    );
  }
  return a.kind === "date" && b.kind === "date" && a.time === b.time;
}
