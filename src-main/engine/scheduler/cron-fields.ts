import { EngineFault } from "../fault.ts";
import { civilDay, dayNumber, daysInMonth, isoWeekOf, weekdayOf } from "./civil.ts";
import type { CivilDay } from "./civil.ts";
import type { CronTrigger } from "./types.ts";

/** What a cron trigger allows, ready for arithmetic. */
export interface CronFields {
  /** Sorted. */
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  /** Null for every year. */
  readonly years: ReadonlySet<number> | null;
  /** Whether a day, known to be in an allowed year and month, is allowed. */
  readonly day: (days: number, civil: CivilDay) => boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const field = (name: string, min: number, max: number, names = ""): Field => ({
  name,
  min,
  max,
  names: names === "" ? [] : names.split(" "),
});
const second = field("second", 0, 59);
const minute = field("minute", 0, 59);
const hour = field("hour", 0, 23);
const dayOfMonth = field("day-of-month", 1, 31);
const month = field("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec");
const weekday = field("weekday", 0, 7, "sun mon tue wed thu fri sat");
const year = field("year", 1970, 9999);
const week = field("week", 1, 53);

/** Reads a cron trigger. Throws EngineFault "invalid" with one sentence that says what is wrong, where, and what to give. */
export function parseCron(trigger: CronTrigger): CronFields {
  const { expression } = trigger;
  const parts = expression.trim().toLowerCase().split(/\s+/);
  if (expression.trim() === "" || (parts.length !== 5 && parts.length !== 6)) {
    const has = expression.trim() === "" ? "is empty" : `has ${parts.length} fields`;
    throw fault(
      expression,
      `it ${has}; give 5 (minute hour day month weekday) or 6 with a second before them`,
    );
  }
  const [s = "", m = "", h = "", d = "", mo = "", wd = ""] =
    parts.length === 5 ? ["0", ...parts] : parts;
  const values = (text: string, of: Field): number[] => parseField(expression, text, of);
  const fields: CronFields = {
    seconds: values(s, second),
    minutes: values(m, minute),
    hours: values(h, hour),
    months: new Set(values(mo, month)),
    years: trigger.years === undefined ? null : new Set(values(trigger.years, year)),
    day: dayRule(trigger, d, wd),
  };
  if (!everComes(fields)) {
    throw fault(
      expression,
      "no day of any year fits it; give a day that its month and weekday have",
    );
  }
  return fields;
}

const fault = (expression: string, what: string): EngineFault =>
  new EngineFault("invalid", `The cron expression "${expression}" cannot be used: ${what}.`);

function parseField(expression: string, text: string, of: Field): number[] {
  const found = new Set<number>();
  const refuse = (what: string, fix: string): never => {
    throw fault(expression, `its ${of.name} field "${text}" ${what}; give ${fix}`);
  };
  const names = of.names.length > 0 ? ` or ${of.names.join(", ")}` : "";
  const range = `${of.min} to ${of.max}${names}`;
  const valueOf = (word: string, last: boolean): number => {
    const named = of.names.indexOf(word);
    // A range may end on a Sunday: fri-sun.
    if (named >= 0) return of === weekday ? (last && named === 0 ? 7 : named) : named + of.min;
    if (!/^\d+$/.test(word)) return refuse(`has "${word}"`, range);
    const value = Number(word);
    return value < of.min || value > of.max ? refuse(`has ${value}`, range) : value;
  };
  for (const item of text.split(",")) {
    const match = /^(?:([*?])|([a-z]+|\d+)(?:-([a-z]+|\d+))?)(?:\/(\d+))?$/.exec(item);
    if (match === null) return refuse(item === "" ? "has an empty item" : `has "${item}"`, range);
    const [, star, from = "", to, stepText] = match;
    const top = of === weekday && star !== undefined ? 6 : of.max;
    const first = star === undefined ? valueOf(from, false) : of.min;
    const last =
      star !== undefined || (to === undefined && stepText !== undefined)
        ? top
        : valueOf(to ?? from, to !== undefined);
    if (last < first)
      refuse(`has the range "${item}", whose end is before its start`, "it as two ranges");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (stepText !== undefined && (step < 1 || step > last - first)) {
      refuse(
        `has the step ${step} over a range of ${last - first}`,
        `a step of 1 to ${last - first}`,
      );
    }
    for (let value = first; value <= last; value += step)
      found.add(of === weekday ? value % 7 : value);
  }
  return [...found].toSorted((a, b) => a - b);
}

/** "fri#3" (the third), "fril" (the last). */
const nthWeekday = /^([a-z]{3}|[0-7])(?:#([1-5])|l)$/;

/** Vixie cron: where day of month and weekday are both restricted (neither begins with *), either may match. */
function dayRule(trigger: CronTrigger, days: string, weekdays: string): CronFields["day"] {
  const { expression } = trigger;
  const dayItems = days.split(",");
  const lastDay = dayItems.includes("l");
  const plainDays = dayItems.filter((item) => item !== "l");
  const dayNumbers = new Set(
    plainDays.length === 0 ? [] : parseField(expression, plainDays.join(","), dayOfMonth),
  );
  const nth: (readonly [number, number])[] = [];
  const plainWeekdays: string[] = [];
  for (const item of weekdays.split(",")) {
    const match = nthWeekday.exec(item);
    const [, name = "", ordinal] = match ?? [];
    if (match === null) plainWeekdays.push(item);
    else nth.push([parseField(expression, name, weekday)[0] ?? 0, Number(ordinal ?? 0)]);
  }
  const weekdayNumbers = new Set(
    plainWeekdays.length === 0 ? [] : parseField(expression, plainWeekdays.join(","), weekday),
  );
  const weeks =
    trigger.weeks === undefined ? null : new Set(parseField(expression, trigger.weeks, week));
  const ofMonth = (civil: CivilDay): boolean =>
    dayNumbers.has(civil.day) || (lastDay && civil.day === daysInMonth(civil.year, civil.month));
  const ofWeek = (number: number, civil: CivilDay): boolean => {
    const on = weekdayOf(number);
    return (
      weekdayNumbers.has(on) ||
      nth.some(([wanted, ordinal]) =>
        wanted !== on
          ? false
          : ordinal === 0
            ? civil.day + 7 > daysInMonth(civil.year, civil.month)
            : Math.ceil(civil.day / 7) === ordinal,
      )
    );
  };
  const open = (text: string): boolean => text.startsWith("*") || text.startsWith("?");
  const either = trigger.dayRule !== "both" && !open(days) && !open(weekdays);
  return (number, civil) =>
    (weeks === null || weeks.has(isoWeekOf(number))) &&
    (either ? ofMonth(civil) || ofWeek(number, civil) : ofMonth(civil) && ofWeek(number, civil));
}

/** The first allowed day from `from` on (days since 1970-01-01), or null when none comes within 60 years. */
export function nextDay(fields: CronFields, from: number): number | null {
  const { years } = fields;
  let days = from;
  let civil = civilDay(days);
  let lastYear = civil.year + 60;
  for (; civil.year <= lastYear; civil = civilDay(days)) {
    const { year } = civil;
    if (years?.has(year) === false) {
      const later = [...years].filter((each) => each > year);
      if (later.length === 0) return null;
      days = dayNumber({ year: Math.min(...later), month: 1, day: 1 });
      lastYear = Math.max(lastYear, Math.min(...later));
    } else if (!fields.months.has(civil.month)) {
      days += daysInMonth(year, civil.month) - civil.day + 1;
    } else if (fields.day(days, civil)) return days;
    else days += 1;
  }
  return null;
}

/** The last allowed day up to `from`, or null when there is none from `floor` on. */
export function previousDay(fields: CronFields, from: number, floor: number): number | null {
  for (let days = from; days >= floor;) {
    const civil = civilDay(days);
    const open = fields.years?.has(civil.year) !== false && fields.months.has(civil.month);
    if (!open) days -= civil.day;
    else if (fields.day(days, civil)) return days;
    else days -= 1;
  }
  return null;
}

const everComes = (fields: CronFields): boolean => {
  const first = fields.years === null ? 2000 : Math.min(...fields.years);
  return nextDay(fields, dayNumber({ year: first, month: 1, day: 1 })) !== null;
};
