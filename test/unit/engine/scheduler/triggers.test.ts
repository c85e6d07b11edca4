import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  scheduleOf,
  shifted,
  splitNewest,
} from "../../../../src-main/engine/scheduler/schedule.ts";
import type { CronTrigger } from "../../../../src-main/engine/scheduler/types.ts";
import { harness } from "./harness.ts";

const cron = (expression: string, zone = "UTC", rest: Partial<CronTrigger> = {}): CronTrigger => ({
  kind: "cron",
  expression,
  zone,
  ...rest,
});
const iso = (time: number): string => new Date(time).toISOString().replace(".000Z", "Z");
const fires = (trigger: CronTrigger, after: string, count: number): string[] => {
  const schedule = scheduleOf(trigger);
  const times: string[] = [];
  for (let time = Date.parse(after); times.length < count; times.push(iso(time)))
    time = schedule.next(time);
  return times;
};

/** Local fields by Intl alone: the slow truth. */
function localFields(zone: string) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    weekday: "short",
  });
  return (time: number): Record<string, string> =>
    Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
}

describe("cron", () => {
  it("agrees with a walk over all minutes around a change of the clocks, but for times in the gap", () => {
    const changes = [
      ["America/New_York", "2026-03-08T07:00:00Z"],
      ["America/New_York", "2026-11-01T06:00:00Z"],
      ["Europe/Berlin", "2026-03-29T01:00:00Z"],
      ["Europe/Berlin", "2026-10-25T01:00:00Z"],
      ["Australia/Lord_Howe", "2026-04-04T15:00:00Z"],
      ["Asia/Kolkata", "2026-01-01T00:00:00Z"],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 3 }),
        fc.uniqueArray(fc.constantFrom<number>(0, 1, 2, 3, 4, 23), { minLength: 1, maxLength: 4 }),
        fc.option(fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 })),
        ([zone, at], minutes, hours, weekdays) => {
          const from = Date.parse(at) - 26 * 3_600_000;
          const to = from + 52 * 3_600_000;
          const local = localFields(zone);
          const names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
          const wanted: number[] = [];
          for (let time = from; time <= to; time += 60_000) {
            const f = local(time);
            const fits =
              minutes.includes(Number(f["minute"])) &&
              hours.includes(Number(f["hour"])) &&
              (weekdays === null || weekdays.includes(names.indexOf(f["weekday"] ?? "")));
            if (fits) wanted.push(time);
          }
          const expression = `${minutes.join(",")} ${hours.join(",")} * * ${weekdays?.join(",") ?? "*"}`;
          const schedule = scheduleOf(cron(expression, zone));
          const got: number[] = [];
          for (let time = schedule.next(from - 1); time <= to; time = schedule.next(time))
            got.push(time);
          // What the gap owes comes in the hour after the change, and nothing else is added or lost.
          const owed = got.filter((time) => !wanted.includes(time));
          expect(wanted.every((time) => got.includes(time))).toBe(true);
          for (const time of owed) {
            expect(time).toBeGreaterThanOrEqual(Date.parse(at));
            expect(time).toBeLessThan(Date.parse(at) + 3_600_000);
          }
          const row = schedule.between(from - 1, to);
          expect(row).toEqual(
            got.length === 0 ? null : { first: got[0], last: got.at(-1), count: got.length },
          );
          if (row !== null) {
            expect(schedule.newest(row, 4)).toEqual(got.slice(-4));
            const { older, newest } = splitNewest(schedule, row, 2);
            expect((older?.count ?? 0) + newest.length).toBe(got.length);
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it("fires a time in the gap at its next valid instant, each once, and a repeated one at both", () => {
    const zone = "Europe/Berlin";
    expect(fires(cron("30 2 * * *", zone), "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T01:30:00Z",
      "2026-03-30T00:30:00Z",
    ]);
    expect(fires(cron("*/20 2,3 * * *", zone), "2026-03-28T12:00:00Z", 4)).toEqual([
      "2026-03-29T01:00:00Z",
      "2026-03-29T01:20:00Z",
      "2026-03-29T01:40:00Z",
      "2026-03-30T00:00:00Z",
    ]);
    expect(fires(cron("30 2 * * *", zone), "2026-10-24T12:00:00Z", 3)).toEqual([
      "2026-10-25T00:30:00Z",
      "2026-10-25T01:30:00Z",
      "2026-10-26T01:30:00Z",
    ]);
    expect(fires(cron("0 * * * *", "Australia/Lord_Howe"), "2026-10-03T14:30:00Z", 2)).toEqual([
      "2026-10-03T15:30:00Z",
      "2026-10-03T16:00:00Z",
    ]);
  });

  it("reads names, lists, ranges, steps, last days and n-th weekdays", () => {
    const day = (expression: string, count: number, after = "2026-01-01T00:00:00Z"): string[] =>
      fires(cron(expression), after, count).map((time) => time.slice(0, 10));
    expect(day("0 0 * jan,MAR-apr mon", 3)).toEqual(["2026-01-05", "2026-01-12", "2026-01-19"]);
    expect(day("0 0 L * *", 3)).toEqual(["2026-01-31", "2026-02-28", "2026-03-31"]);
    expect(day("0 0 * * friL", 2)).toEqual(["2026-01-30", "2026-02-27"]);
    expect(day("0 0 * * 2#2", 2)).toEqual(["2026-01-13", "2026-02-10"]);
    expect(day("0 0 * * fri-sun", 4)).toEqual([
      "2026-01-02",
      "2026-01-03",
      "2026-01-04",
      "2026-01-09",
    ]);
    expect(day("0 0 * * 7", 1)).toEqual(day("0 0 * * 0", 1));
    expect(day("0 0 13 * fri", 3)).toEqual(["2026-01-02", "2026-01-09", "2026-01-13"]);
    expect(day("0 0 29 2 *", 2)).toEqual(["2028-02-29", "2032-02-29"]);
    expect(fires(cron("5/20 * * * * *"), "2026-01-01T00:00:00Z", 4).at(-1)).toBe(
      "2026-01-01T00:01:05Z",
    );
    const first = cron("0 0 1-7 * sun", "UTC", { dayRule: "both", years: "2027" });
    expect(fires(first, "2026-01-01T00:00:00Z", 1)).toEqual(["2027-01-03T00:00:00Z"]);
    expect(scheduleOf(first).next(Date.parse("2027-12-31T00:00:00Z"))).toBe(Infinity);
  });

  it("finds what comes next from an instant between two seconds, even 16 hours before it", () => {
    const schedule = scheduleOf(cron("0 9 * * *"));
    const due = Date.parse("2026-01-05T09:00:00Z");
    for (const early of [1, 500, 57_599_999, 57_600_000, 57_600_001, 57_600_500])
      expect(schedule.next(due - early)).toBe(due);
  });

  it("counts 30 days of seconds, and a gap of half a century, without walking them", () => {
    const schedule = scheduleOf(cron("* * * * * *", "America/New_York"));
    const from = Date.parse("2026-02-15T00:00:00Z");
    const began = performance.now();
    expect(schedule.between(from, from + 30 * 86_400_000)).toEqual({
      first: from + 1000,
      last: from + 30 * 86_400_000,
      count: 2_592_000,
    });
    expect(schedule.between(0, from)?.count).toBe(from / 1000);
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it("refuses what makes no sense with one sentence: what, where, how to fix", () => {
    const bad = [
      ["", "is empty; give 5 (minute hour day month weekday) or 6"],
      ["* * *", "it has 3 fields; give 5"],
      ["61 * * * *", 'its minute field "61" has 61; give 0 to 59.'],
      ["* 24 * * *", 'its hour field "24" has 24; give 0 to 23.'],
      ["* * 0 * *", 'its day-of-month field "0" has 0; give 1 to 31.'],
      ["* * * foo *", 'its month field "foo" has "foo"; give 1 to 12 or jan, feb'],
      ["* * * * mon-", 'its weekday field "mon-" has "mon-"; give 0 to 7 or sun, mon'],
      ["1,,2 * * * *", 'its minute field "1,,2" has an empty item; give 0 to 59.'],
      [
        "* 22-2 * * *",
        'has the range "22-2", whose end is before its start; give it as two ranges.',
      ],
      ["* * */31 * *", 'its day-of-month field "*/31" has the step 31 over a range of 30'],
      ["* * 4-6/3 * *", "has the step 3 over a range of 2; give a step of 1 to 2."],
      ["0 0 31 2 *", "no day of any year fits it"],
      ["@daily", "it has 1 fields"],
    ] as const;
    for (const [expression, message] of bad) {
      const refused = `The cron expression "${expression}" cannot be used: `;
      expect(() => scheduleOf(cron(expression))).toThrow(refused);
      expect(() => scheduleOf(cron(expression))).toThrow(message);
    }
    expect(() => scheduleOf(cron("* * * * *", "Mars/Olympus"))).toThrow(
      'The time zone "Mars/Olympus" of the cron expression "* * * * *" is unknown; give an IANA name',
    );
  });
});

describe("other triggers", () => {
  it("fires a while after each close, aligned to the epoch, from now on", async () => {
    const { clock, scheduler, job, starts } = harness();
    await clock.advanceTo(950_000);
    const trigger = { kind: "candle_close", everyMs: 900_000, offsetMs: 2000 } as const;
    scheduler.add(job({ trigger }));
    scheduler.start();
    await clock.advanceTo(3_000_000);
    expect(starts.map(({ at }) => at)).toEqual([1_802_000, 2_702_000]);
  });

  it("fires once at a date, and the job ends with a word", async () => {
    const { clock, scheduler, job, told, ends } = harness();
    scheduler.add(job({ trigger: { kind: "date", time: 5000 } }, () => clock.sleep(100)));
    scheduler.add(job({ id: "late", trigger: { kind: "date", time: -70_000 } }));
    scheduler.add(job({ id: "never", trigger: { kind: "date", time: 1 }, accountedUntil: 1 }));
    scheduler.start();
    await clock.advanceTo(5050);
    expect(scheduler.list()).toEqual([]);
    expect(ends.map(({ jobId, at }) => [jobId, at])).toEqual([
      ["never", 0],
      ["late", 0],
      ["a", 5000],
    ]);
    expect(ends[2]?.reason).toBe("No fire time of the job is left; it was taken out.");
    const stopped = scheduler.stop({ limitMs: 1000 });
    await clock.advanceTo(20_000);
    expect(await stopped).toMatchObject({ finished: 1 });
    expect(told()).toEqual(["late missed -70000 @0", "a ran 5000 @5100"]);
  });

  it("ends at its end, included, and a backlog of an ended job is not worked off after a stop", async () => {
    const { clock, scheduler, job, told, ends } = harness();
    scheduler.add(job({ endAt: 20_000, anchor: 0, coalesce: false }, () => clock.sleep(3000)));
    clock.jump(45_000);
    scheduler.start();
    await clock.advance(1000);
    expect(ends).toEqual([
      {
        jobId: "a",
        at: 45_000,
        reason:
          "No fire time of the job is left up to its end at 1970-01-01 00:00 UTC; it was taken out.",
      },
    ]);
    const stopped = scheduler.stop({ limitMs: 60_000 });
    await clock.advance(60_000);
    await stopped;
    expect(told()).toEqual(["a ran 0 @48000", "a cancelled 10000..20000 @48000"]);
  });

  it("holds a job back by its start offset and keeps its phase; a paused date that passed ends on resuming", async () => {
    const { clock, scheduler, job, starts, ends } = harness();
    await clock.advanceTo(3000);
    scheduler.add(job({ startOffsetMs: 25_000 }));
    scheduler.add(job({ id: "d", trigger: { kind: "date", time: 4000 } }), { paused: true });
    scheduler.start();
    await clock.advanceTo(40_000);
    expect(starts.map(({ at }) => at)).toEqual([30_000, 40_000]);
    scheduler.resume("d");
    expect(ends.map(({ jobId }) => jobId)).toEqual(["d"]);
  });

  it("goes on in the old phase where a calendar is the same, and takes over from now on where it is not", async () => {
    const { clock, scheduler, job, starts } = harness();
    const at = (expression: string) => job({ trigger: cron(expression) });
    scheduler.add(at("*/10 * * * * *"));
    scheduler.start();
    await clock.advanceTo(9000);
    clock.jump(2000);
    scheduler.add(at("*/10 * * * * *"), { replace: true });
    await clock.advanceTo(11_500);
    scheduler.add(at("*/7 * * * * *"), { replace: true });
    await clock.advanceTo(20_000);
    expect(starts.map(({ fireTime }) => fireTime)).toEqual([0, 10_000, 14_000]);
  });

  it("refuses specs of the new kinds that make no sense", () => {
    const { scheduler, job } = harness();
    const bad = [
      [{ trigger: { kind: "candle_close", everyMs: 0, offsetMs: 0 } }, "its interval is 0 ms"],
      [
        { trigger: { kind: "candle_close", everyMs: 1, offsetMs: 0.5 } },
        "its offset after the close",
      ],
      [{ trigger: { kind: "date", time: Number.NaN } }, "its date is NaN; give whole ms UTC."],
      [{ runLimitMs: 0 }, "its run time limit is 0 ms; give a whole number of ms above 0, or null"],
      [{ startOffsetMs: -1 }, "its start offset is -1 ms"],
      [{ endAt: Number.NaN }, "its end is NaN; give ms UTC, or null for none."],
      [{ group: "" }, "its group is empty; give a name, or no group."],
      [{ trigger: cron("nonsense") }, 'The cron expression "nonsense" cannot be used'],
    ] as const;
    for (const [overrides, message] of bad)
      expect(() => scheduler.add(job({ id: "x", ...overrides }))).toThrow(message);
    expect(scheduler.list()).toEqual([]);
  });

  it("moves a whole schedule aside by a ms", () => {
    const s = shifted(scheduleOf({ kind: "candle_close", everyMs: 100, offsetMs: 0 }), 1);
    expect([s.next(0), s.next(1)]).toEqual([1, 101]);
    const row = s.between(0, 300);
    expect(row).toEqual({ first: 1, last: 201, count: 3 });
    expect(row === null ? [] : s.newest(row, 2)).toEqual([101, 201]);
  });
});
