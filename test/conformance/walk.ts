import { instantOf, playTrigger, zoneName } from "./calendar.ts";
import type { TriggerCase } from "./cases.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A crontab line that fires less often than this is not walked to its end. */
const longestWalkMs = 20 * 366 * 24 * hourMs;
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** A local minute: its fields and the place of its day. */
interface Minute {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
}

/** Whether one field of a crontab line allows a value: the plain reading of cron(5), item by item. */
function allows(field: string, value: number, [min, max]: readonly [number, number]): boolean {
  return field.split(",").some((item) => {
    const [range = "", step = "1"] = item.split("/");
    const [from = "", to] = range.split("-");
    const number = (name: string): number => {
      const named = max === 12 ? months.indexOf(name) + 1 : weekdays.indexOf(name);
      return /^\d+$/.test(name) ? Number(name) : named;
    };
    const low = range === "*" ? min : number(from);
    const high = range === "*" || (to === undefined && step !== "1") ? max : number(to ?? from);
    return value >= low && value <= high && (value - low) % Number(step) === 0;
  });
}

/** Weekday 0 and 7 are Sunday; where day and weekday are both restricted, either may fit. */
function fits(line: readonly string[], at: Minute): boolean {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = line;
  const onDay = allows(day, at.day, [1, 31]);
  const onWeekday =
    allows(weekday, at.weekday, [0, 7]) || (at.weekday === 0 && allows(weekday, 7, [0, 7]));
  const either = !day.startsWith("*") && !weekday.startsWith("*");
  return (
    allows(minute, at.minute, [0, 59]) &&
    allows(hour, at.hour, [0, 23]) &&
    allows(month, at.month, [1, 12]) &&
    (either ? onDay || onWeekday : onDay && onWeekday)
  );
}

const minuteOf = (local: number): Minute => {
  const date = new Date(local);
  return {
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay(),
  };
};

/** Local time minus UTC, ms, read from what Intl writes. */
function offsetReader(zone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (time) => Date.parse(`${format.format(time).replace(" ", "T")}Z`) - time;
}

/** The fire times of a crontab line, found by looking at every half hour, and every minute where one may fit. */
function walked(c: TriggerCase, line: readonly string[]): string[] {
  const zone = zoneName(c.trigger["timezone"]?.toString());
  const offsetAt = offsetReader(zone);
  const from = Math.ceil(instantOf(c.now, zone) / minuteMs) * minuteMs;
  const [, ...rest] = line;
  const found: string[] = [];
  let before = offsetAt(from - minuteMs);
  let gap = { offset: before, until: 0 };
  for (let time = from; found.length < c.count && time < from + longestWalkMs;) {
    const offset = offsetAt(time);
    // A day that begins in the gap begins after it: APScheduler's recorded K33.
    if (offset > before && (time + before) % (24 * hourMs) !== 0)
      gap = { offset: before, until: time + offset - before };
    before = offset;
    const owed = time < gap.until && fits(line, minuteOf(time + gap.offset));
    if (owed || fits(line, minuteOf(time + offset)))
      found.push(new Date(time).toISOString().replace(".000Z", "Z"));
    const next = Math.floor(time / (hourMs / 2) + 1) * (hourMs / 2);
    const idle = time >= gap.until && !fits(["*", ...rest], minuteOf(time + offset));
    time = idle ? next : time + minuteMs;
  }
  return found;
}

/** What is wrong with the fire times of a crontab line by cron's own rules, in place of APScheduler's. */
export function cronQuirk(c: TriggerCase): readonly string[] {
  const got = playTrigger(c);
  const line = String(c.trigger["crontab"] ?? "")
    .trim()
    .toLowerCase()
    .split(/\s+/);
  if ("refused" in got)
    return c.expected.raises === undefined ? [`the trigger was refused: ${got.refused}`] : [];
  if (line.length === 5) {
    const wanted = walked(c, line);
    const same = JSON.stringify(got) === JSON.stringify(wanted);
    return same ? [] : [`fires: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`];
  }
  // No crontab line: what holds for every trigger.
  const times = got.flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  const from = instantOf(c.now, zoneName(c.trigger["timezone"]?.toString()));
  const ascending = times.every((time, i) => time > (times[i - 1] ?? from - 1));
  return ascending
    ? []
    : [`the fire times ${JSON.stringify(got)} are not ascending from ${c.now} on`];
}
