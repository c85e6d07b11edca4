import { nextDay, parseCron, previousDay } from "./cron-fields.ts";
import type { CronFields } from "./cron-fields.ts";
import { EngineFault } from "../fault.ts";
import type { FireRow, Schedule } from "./schedule.ts";
import type { CronTrigger } from "./types.ts";
import { Zone } from "./zone.ts";
import type { ZonePiece } from "./zone.ts";

const daySeconds = 86_400;
/** No zone is or was further from UTC, ms. */
const furthestOffsetMs = 16 * 3_600_000;

/**
 * Fire times of a cron trigger: the instants whose local time fits, a repeated local time at both of its instants,
 * a local time in a gap at the instant that the offset from before the gap gives it. The cost of a query is
 * one step for each day it looks over, whatever the number of fire times.
 * Throws EngineFault "invalid" for an expression or a zone that makes no sense.
 */
export function cronSchedule(trigger: CronTrigger): Schedule {
  return new CronTimes(parseCron(trigger), zoneOf(trigger));
}

function zoneOf({ expression, zone }: CronTrigger): Zone {
  try {
    return new Zone(zone);
  } catch {
    throw new EngineFault(
      "invalid",
      `The time zone "${zone}" of the cron expression "${expression}" is unknown; give an IANA name such as "UTC" or "America/New_York".`,
    );
  }
}

class CronTimes implements Schedule {
  readonly #fields: CronFields;
  readonly #zone: Zone;
  /** The last answer of `next`, which is asked for twice in a row. */
  #asked = Number.NaN;
  #answer = 0;

  constructor(fields: CronFields, zone: Zone) {
    this.#fields = fields;
    this.#zone = zone;
  }

  next(after: number): number {
    if (after !== this.#asked) {
      this.#answer = this.#next(Math.floor(after) + 1);
      this.#asked = after;
    }
    return this.#answer;
  }

  between(after: number, upTo: number): FireRow | null {
    const first = this.next(after);
    if (first > upTo) return null;
    const last = this.#previous(upTo, first);
    return { first, last, count: first === last ? 1 : this.#count(first, last) };
  }

  newest(row: FireRow, count: number): readonly number[] {
    const times: number[] = [];
    for (let time = row.last; times.length < Math.min(count, row.count);) {
      times.push(time);
      time = this.#previous(time - 1, row.first);
    }
    return times.reverse();
  }

  /** The first fire time from `from` on; Infinity when there is none. */
  #next(from: number): number {
    let time = from;
    for (;;) {
      const local = nextLocal(this.#fields, Math.floor((time - furthestOffsetMs) / 1000));
      if (local === null) return Number.POSITIVE_INFINITY;
      time = Math.max(time, local * 1000 - furthestOffsetMs);
      const end = local * 1000 + furthestOffsetMs;
      while (time <= end) {
        const piece = this.#zone.pieceAt(time);
        const found = this.#firstIn(piece, time);
        if (found !== null) return found;
        time = piece.to;
      }
    }
  }

  #firstIn(piece: ZonePiece, from: number): number | null {
    const at = (offset: number, end: number): number => {
      const local = nextLocal(this.#fields, Math.ceil((from + offset) / 1000));
      const time = local === null ? end : local * 1000 - offset;
      return time < end ? time : Number.POSITIVE_INFINITY;
    };
    const { gap } = piece;
    const owed = gap !== null && from < gap.until ? at(gap.before, gap.until) : Infinity;
    const found = Math.min(at(piece.offset, piece.to), owed);
    return Number.isFinite(found) ? found : null;
  }

  /** The last fire time up to `upTo`; `floor` is a fire time. */
  #previous(upTo: number, floor: number): number {
    for (let time = upTo; time > floor;) {
      const piece = this.#zone.pieceAt(time);
      const from = Math.max(piece.from, floor);
      const at = (offset: number, until: number): number => {
        const least = Math.ceil((from + offset) / 1000);
        const local = previousLocal(this.#fields, Math.floor((until + offset) / 1000), least);
        return local === null ? Number.NEGATIVE_INFINITY : local * 1000 - offset;
      };
      const { gap } = piece;
      const owed = gap === null ? -Infinity : at(gap.before, Math.min(time, gap.until - 1));
      const found = Math.max(at(piece.offset, time), owed);
      if (Number.isFinite(found)) return found;
      time = piece.from - 1;
    }
    return floor;
  }

  #count(from: number, upTo: number): number {
    let count = 0;
    for (let time = from; time <= upTo;) {
      const piece = this.#zone.pieceAt(time);
      const until = Math.min(piece.to - 1, upTo);
      count += countLocal(
        this.#fields,
        Math.ceil((time + piece.offset) / 1000),
        Math.floor((until + piece.offset) / 1000),
      );
      if (piece.gap !== null)
        count += this.#owedOnly(piece, time, Math.min(until, piece.gap.until - 1));
      time = piece.to;
    }
    return count;
  }

  /** Fire times that are there only because the gap owes them. */
  #owedOnly({ gap, offset }: ZonePiece, from: number, until: number): number {
    if (gap === null) return 0;
    let count = 0;
    for (let time = from; ;) {
      const local = nextLocal(this.#fields, Math.ceil((time + gap.before) / 1000));
      if (local === null) return count;
      const owed = local * 1000 - gap.before;
      if (owed > until) return count;
      const own = (owed + offset) / 1000;
      if (nextLocal(this.#fields, own) !== own) count += 1;
      time = owed + 1;
    }
  }
}

/** The first local second from `from` on (since 1970 in local time) that fits, or null. */
function nextLocal(fields: CronFields, from: number): number | null {
  const day = Math.floor(from / daySeconds);
  const allowed = nextDay(fields, day);
  if (allowed === null) return null;
  if (allowed > day) return allowed * daySeconds + timeFrom(fields, 0);
  const time = timeFrom(fields, from - day * daySeconds);
  if (time >= 0) return day * daySeconds + time;
  const later = nextDay(fields, day + 1);
  return later === null ? null : later * daySeconds + timeFrom(fields, 0);
}

/** The last local second up to `upTo` that fits, or null when there is none from `floor` on. */
function previousLocal(fields: CronFields, upTo: number, floor: number): number | null {
  const day = Math.floor(upTo / daySeconds);
  const floorDay = Math.floor(floor / daySeconds);
  const not = (local: number): number | null => (local < floor ? null : local);
  const allowed = previousDay(fields, day, floorDay);
  if (allowed === null) return null;
  if (allowed === day) {
    const rank = timesBefore(fields, upTo - day * daySeconds + 1);
    if (rank > 0) return not(day * daySeconds + timeOfRank(fields, rank - 1));
  }
  const earlier = allowed === day ? previousDay(fields, day - 1, floorDay) : allowed;
  return earlier === null
    ? null
    : not(earlier * daySeconds + timeOfRank(fields, timesADay(fields) - 1));
}

/** Local seconds from `from` to `upTo`, both included, that fit. */
function countLocal(fields: CronFields, from: number, upTo: number): number {
  if (upTo < from) return 0;
  const firstDay = Math.floor(from / daySeconds);
  const lastDay = Math.floor(upTo / daySeconds);
  let count = 0;
  for (let day = nextDay(fields, firstDay); day !== null && day <= lastDay;) {
    count += timesADay(fields);
    if (day === firstDay) count -= timesBefore(fields, from - day * daySeconds);
    if (day === lastDay) {
      count -= timesADay(fields) - timesBefore(fields, upTo - day * daySeconds + 1);
    }
    day = nextDay(fields, day + 1);
  }
  return count;
}

const timesADay = ({ hours, minutes, seconds }: CronFields): number =>
  hours.length * minutes.length * seconds.length;

const below = (values: readonly number[], limit: number): number => {
  const index = values.findIndex((value) => value >= limit);
  return index < 0 ? values.length : index;
};

/** How many times of the day come before `time`, seconds since local midnight. */
function timesBefore({ hours, minutes, seconds }: CronFields, time: number): number {
  const [hour, minute, second] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
  let count = below(hours, hour) * minutes.length * seconds.length;
  if (!hours.includes(hour)) return count;
  count += below(minutes, minute) * seconds.length;
  return minutes.includes(minute) ? count + below(seconds, second) : count;
}

function timeOfRank({ hours, minutes, seconds }: CronFields, rank: number): number {
  const hour = hours[Math.floor(rank / (minutes.length * seconds.length))] ?? 0;
  const minute = minutes[Math.floor(rank / seconds.length) % minutes.length] ?? 0;
  return (hour * 60 + minute) * 60 + (seconds[rank % seconds.length] ?? 0);
}

/** The first time of the day from `time` on, or −1. */
function timeFrom(fields: CronFields, time: number): number {
  const rank = timesBefore(fields, time);
  return rank < timesADay(fields) ? timeOfRank(fields, rank) : -1;
}
