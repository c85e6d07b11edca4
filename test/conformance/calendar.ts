import { scheduleOf } from "../../src-main/engine/scheduler/schedule.ts";
import type { CronTrigger, Trigger } from "../../src-main/engine/scheduler/types.ts";
import { Zone } from "../../src-main/engine/scheduler/zone.ts";
import type { ApsCron, TriggerCase } from "./cases.ts";

const names = ["year", "month", "day", "week", "day_of_week", "hour", "minute", "second"] as const;
type Name = (typeof names)[number];
const defaults: Readonly<Record<Name, string>> = {
  year: "*",
  month: "1",
  day: "1",
  week: "*",
  day_of_week: "*",
  hour: "0",
  minute: "0",
  second: "0",
};
const ordinals = ["1st", "2nd", "3rd", "4th", "5th"];

/** "pytz:America/New_York", "local:…" say how APScheduler got at a zone; the zone is the same. */
export const zoneName = (zone: string | undefined): string =>
  (zone ?? "UTC").replace(/^(pytz|zoneinfo|dateutil|local):/, "");

/**
 * APScheduler's cron fields in our words: fields before the last one that is given are `*`, those after it their
 * minimum; weekday 0 is Monday, day and weekday must both fit. A crontab line is cron's, as the recommendations ask.
 */
export function cronTriggerOf(fields: ApsCron, zone: string): CronTrigger {
  if (fields["crontab"] !== undefined)
    return { kind: "cron", expression: String(fields["crontab"]), zone };
  const given = names.filter((name) => fields[name] !== undefined);
  const unknown = Object.keys(fields).filter(
    (name) => !names.some((known) => known === name) && !/^(type|timezone|start|end)$/.test(name),
  );
  if (unknown.length > 0) throw new Error(`The runner does not know the field ${unknown[0]}.`);
  // Without any field every second fits.
  const last =
    given.length === 0 ? names.length : names.findLastIndex((name) => given.includes(name));
  const value = (name: Name): string => {
    if (fields[name] === undefined) return names.indexOf(name) < last ? "*" : defaults[name];
    const text = String(fields[name])
      .trim()
      .toLowerCase()
      .replaceAll(/\s*,\s*/g, ",");
    if (text === "") throw new Error(`The field ${name} is empty.`);
    return text;
  };
  const { days, weekdays, dayRule } = daysOf(value("day"), value("day_of_week"));
  const clock = [value("second"), value("minute"), value("hour")].join(" ");
  return {
    kind: "cron",
    expression: `${clock} ${days} ${value("month")} ${weekdays}`,
    zone,
    dayRule,
    ...(value("year") !== "*" && { years: value("year") }),
    ...(value("week") !== "*" && { weeks: value("week") }),
  };
}

function daysOf(
  day: string,
  weekday: string,
): { days: string; weekdays: string; dayRule: "either" | "both" } {
  const items = day.split(",");
  const positional = items.flatMap((item) => {
    const [which = "", on] = item.split(/\s+/);
    if (on === undefined) return [];
    return which === "last" ? [`${on}L`] : [`${on}#${ordinals.indexOf(which) + 1}`];
  });
  const days = items
    .filter((item) => !/\s/.test(item))
    .map((item) => (item === "last" ? "L" : item))
    .join(",");
  if (positional.length === 0) return { days, weekdays: fromMonday(weekday), dayRule: "both" };
  if (weekday !== "*") throw new Error(`The runner cannot tell the day "${day}" beside a weekday.`);
  const weekdays = positional.join(",");
  return days === ""
    ? { days: "*", weekdays, dayRule: "both" }
    : { days, weekdays, dayRule: "either" };
}

/** 0 = Monday becomes 1 = Monday and 7 = Sunday; every second weekday counts from Monday. */
const fromMonday = (weekday: string): string =>
  weekday
    .split(",")
    .map((item) =>
      item.startsWith("*/")
        ? `1-7${item.slice(1)}`
        : item.replace(/^(\d)(?:-(\d))?/, (_, from: string, to: string | undefined) =>
            to === undefined ? `${Number(from) + 1}` : `${Number(from) + 1}-${Number(to) + 1}`,
          ),
    )
    .join(",");

/** ms UTC of an ISO time, with a fraction where it has one; without an offset it is local time of the zone. */
export function instantOf(text: string, zone: string): number {
  const finer = /(\.\d{3})(\d+)/.exec(text);
  if (finer !== null) {
    const [all, ms = "", rest = ""] = finer;
    return instantOf(text.replace(all, ms), zone) + Number(`0.${rest}`);
  }
  if (/(Z|[+-]\d\d:\d\d)$/.test(text)) return Date.parse(text);
  const local = Date.parse(`${text}Z`);
  const zoned = new Zone(zone);
  const guess = local - zoned.pieceAt(local).offset;
  return local - zoned.pieceAt(guess).offset;
}

const iso = (time: number): string => new Date(time).toISOString().replace(".000Z", "Z");

/** The first fire times of a trigger case, null after its end, or the sentence with which it is refused. */
export function playTrigger(c: TriggerCase): readonly (string | null)[] | { refused: string } {
  const { trigger } = c;
  const zone = zoneName(trigger["timezone"]?.toString());
  const instant = (key: string): number | null =>
    trigger[key] === undefined ? null : instantOf(String(trigger[key]), zone);
  const now = instantOf(c.now, zone);
  const end = instant("end") ?? Number.POSITIVE_INFINITY;
  try {
    const schedule = scheduleOf(triggerOf(c, zone, instant("start"), now));
    const fires: (string | null)[] = [];
    let time = Math.ceil(Math.max(now, instant("start") ?? now)) - 1;
    // A date comes, late, even when it is past.
    if (trigger["type"] === "date") time = Number.NEGATIVE_INFINITY;
    while (fires.length < c.count && fires.at(-1) !== null) {
      time = schedule.next(time);
      fires.push(time > end || time === Number.POSITIVE_INFINITY ? null : iso(time));
    }
    return fires;
  } catch (error) {
    return { refused: String(error) };
  }
}

function triggerOf(
  { trigger }: TriggerCase,
  zone: string,
  start: number | null,
  now: number,
): Trigger {
  const { type } = trigger;
  if (type === "cron") return cronTriggerOf(trigger, zone);
  if (type === "interval") {
    const everyMs = Number(trigger["interval_ms"]);
    return { kind: "interval", everyMs, anchor: start ?? now + everyMs };
  }
  const date = trigger["run_date"] ?? trigger["date"];
  if (type === "date" && date !== undefined)
    return { kind: "date", time: instantOf(String(date), zone) };
  throw new Error(`The runner does not know the trigger "${String(type)}".`);
}
