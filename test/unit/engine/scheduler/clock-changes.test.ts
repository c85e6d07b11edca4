import { describe, expect, it } from "vitest";
import type { ClockChange } from "../../../../src-main/engine/scheduler/types.ts";
import { harness } from "./harness.ts";

const minute = 60_000;
const every15 = { every: 15 * minute, anchor: 15 * minute };
const fleet = Array.from({ length: 45 }, (_, i) => `bot-b${i}`);

describe("a change of the clock", () => {
  it("serves 45 overdue bots a stagger apart, in order, with their true fire time, though their grace runs out meanwhile", async () => {
    const { clock, scheduler, job, starts, records } = harness();
    fleet.forEach((id, i) =>
      scheduler.add(job({ id, every: 15 * minute, anchor: 15 * minute + i * 100 })),
    );
    scheduler.start();
    await clock.advanceTo(minute);
    clock.step(14 * minute + 30_000);
    const report = scheduler.clockChanged({ kind: "sleep", deltaMs: 14 * minute + 30_000 });
    expect(report).toEqual({
      kind: "sleep",
      deltaMs: 870_000,
      at: 930_000,
      overdueJobs: 45,
      missed: 0,
      coalesced: 0,
      skipped: 0,
      reanchored: 0,
      reason:
        "The machine slept (14.5 min): 45 overdue jobs run late, 0 fire times did not run, 0 jobs got a new phase.",
    });
    await clock.advance(2 * minute);
    expect(starts).toEqual(
      fleet.map((id, i) => ({ id, fireTime: 900_000 + i * 100, at: 930_000 + i * 2000 })),
    );
    expect(records.map((r) => r.latenessMs)).toEqual(fleet.map((_, i) => 30_000 + i * 1900));
    expect(Math.max(...records.map((r) => r.latenessMs))).toBeGreaterThan(minute);
  });

  it("judges at once what is beyond grace, and tells how many fire times came to nothing", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job(every15));
    scheduler.start();
    await clock.advanceTo(minute);
    clock.step(60 * minute + 1);
    expect(scheduler.clockChanged({ kind: "sleep", deltaMs: 60 * minute })).toMatchObject({
      overdueJobs: 0,
      missed: 1,
      coalesced: 3,
    });
    expect(told()).toEqual(["a coalesced 900000..2700000 @3660001", "a missed 3600000 @3660001"]);
    expect(scheduler.clockChanged({ kind: "sleep", deltaMs: 0 })).toMatchObject({ missed: 0 });
    await clock.advanceTo(75 * minute);
    expect(told().at(-1)).toBe("a ran 4500000 @4500000");
  });

  it("without the news finds it late only when its timer ends: the wall was set, monotonic time was not", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job(every15));
    scheduler.add(job({ id: "b", ...every15 }));
    scheduler.start();
    await clock.advanceTo(minute);
    clock.step(14 * minute);
    await clock.advance(13 * minute);
    expect(told()).toEqual([]);
    await clock.advance(minute);
    expect(told()).toEqual(["a missed 900000 @1740000", "b missed 900000 @1740000"]);
    clock.step(40_000);
    scheduler.clockChanged({ kind: "step", deltaMs: 40_000 });
    await clock.advance(20_000);
    expect(told().slice(2)).toEqual(["a ran 1800000 @1800000", "b ran 1800000 @1800000"]);
  });

  it("finds a stall that nobody reported by itself, and spreads what it left", async () => {
    const { clock, scheduler, job, starts } = harness({ overdueAfterMs: 10_000 });
    for (const id of ["x", "y", "z"]) scheduler.add(job({ id, ...every15 }));
    scheduler.start();
    await clock.advanceTo(14 * minute);
    clock.jump(70_001);
    await clock.advance(minute);
    expect(starts.map(({ id, at }) => [id, at])).toEqual([
      ["x", 910_001],
      ["y", 912_001],
      ["z", 914_001],
    ]);
    await clock.advanceTo(29 * minute);
    clock.jump(70_000);
    await clock.advance(minute);
    expect(starts.slice(3).map(({ at }) => at)).toEqual([1_810_000, 1_810_000, 1_810_000]);
  });

  it("re-staggers again from its own instant when the clock changes once more", async () => {
    const { clock, scheduler, job, starts } = harness();
    for (const id of ["x", "y", "z"]) scheduler.add(job({ id, ...every15 }));
    scheduler.start();
    await clock.advanceTo(14 * minute);
    clock.jump(80_000);
    scheduler.clockChanged({ kind: "stall", deltaMs: 80_000 });
    await clock.advance(500);
    clock.jump(3000);
    scheduler.clockChanged({ kind: "stall", deltaMs: 3000 });
    await clock.advance(minute);
    expect(starts.map(({ id, at }) => [id, at])).toEqual([
      ["x", 920_000],
      ["y", 923_500],
      ["z", 925_500],
    ]);
  });

  it("lets a later fire time take over an overdue one of its job, by its policy, and never runs two at once", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ id: "a", every: 1000, graceMs: null, coalesce: false }));
    scheduler.add(job({ id: "b", every: 1000, graceMs: null, coalesce: false }));
    scheduler.add(job({ id: "c", every: 1000, graceMs: null }));
    scheduler.start();
    await clock.advanceTo(500);
    clock.jump(2100);
    scheduler.clockChanged({ kind: "stall", deltaMs: 2100 });
    await clock.advanceTo(3000);
    expect(told().slice(3).toSorted()).toEqual([
      "a ran 1000 @2600",
      "a ran 2000 @2600",
      "a ran 3000 @3000",
      "b ran 1000 @3000",
      "b ran 2000 @3000",
      "b ran 3000 @3000",
      "c coalesced 1000 @2600",
      "c coalesced 2000 @3000",
      "c ran 3000 @3000",
    ]);
  });

  it("does not count the wait for a turn against the grace of a backlog", async () => {
    const { clock, scheduler, job, told } = harness({ staggerMs: 10_000 });
    scheduler.add(job({ id: "a", every: 1000, endAt: 1500 }));
    scheduler.add(job({ id: "b", every: 1000, endAt: 2500, graceMs: 1700, coalesce: false }));
    scheduler.start();
    await clock.advanceTo(500);
    clock.jump(2100);
    scheduler.clockChanged({ kind: "stall", deltaMs: 2100 });
    await clock.advanceTo(20_000);
    expect(told().slice(2)).toEqual(["a ran 1000 @2600", "b ran 1000 @12600", "b ran 2000 @12600"]);
  });

  it("skips an overdue fire time whose job is still at work when its turn comes", async () => {
    const { clock, scheduler, job, told } = harness({ staggerMs: 500 });
    scheduler.add(job({ id: "a" }));
    scheduler.add(job({ id: "b", graceMs: null }, () => clock.sleep(30_000)));
    scheduler.start();
    await clock.advanceTo(100);
    scheduler.add(job({ id: "b", anchor: 10_000, maxInstances: 2, graceMs: null }), {
      replace: true,
      phase: "new",
    });
    clock.jump(10_000);
    scheduler.clockChanged({ kind: "stall", deltaMs: 10_000 });
    scheduler.add(job({ id: "b", graceMs: null }), { replace: true });
    await clock.advance(1000);
    expect(told().at(-1)).toBe("b skipped 10000 @10600");
  });

  it("cancels what waits for its turn when its job is paused, removed or the scheduler stops; a replaced one goes on", async () => {
    const { clock, scheduler, job, told } = harness();
    for (const id of ["a", "b", "c", "d", "e"]) scheduler.add(job({ id, ...every15 }));
    scheduler.start();
    await clock.advanceTo(14 * minute);
    clock.jump(80_000);
    scheduler.clockChanged({ kind: "stall", deltaMs: 80_000 });
    await clock.advance(0);
    scheduler.pause("b");
    scheduler.remove("c");
    scheduler.add(job({ id: "d", ...every15, coalesce: false }), { replace: true });
    await clock.advance(7000);
    const stopped = scheduler.stop({ limitMs: 0 });
    await clock.advance(minute);
    await stopped;
    expect(told()).toEqual([
      "a ran 900000 @920000",
      "b cancelled 900000 @920000",
      "c cancelled 900000 @920000",
      "d ran 900000 @926000",
      "e cancelled 900000 @927000",
    ]);
  });

  it("judges what waited again when all was paused meanwhile", async () => {
    const { clock, scheduler, job, told } = harness();
    for (const id of ["a", "b", "c"]) scheduler.add(job({ id, ...every15 }));
    scheduler.start();
    await clock.advanceTo(14 * minute);
    clock.jump(80_000);
    scheduler.clockChanged({ kind: "stall", deltaMs: 80_000 });
    await clock.advance(100);
    scheduler.pauseAll();
    await clock.advance(10 * minute);
    scheduler.resumeAll();
    await clock.advance(10_000);
    expect(told()).toEqual([
      "a ran 900000 @920000",
      "b missed 900000 @1520100",
      "c missed 900000 @1520100",
    ]);
  });

  it("refuses a delta that is no number", () => {
    const { scheduler } = harness();
    expect(() => scheduler.clockChanged({ kind: "step", deltaMs: Number.NaN })).toThrow(
      "The clock cannot have changed by NaN ms; give a finite number of ms.",
    );
  });
});

describe("the gate before overdue runs", () => {
  const gated = (ms: number) => {
    const changes: ClockChange[] = [];
    const all = harness({
      overdueAfterMs: 10_000,
      beforeOverdue: async (change) => {
        changes.push(change);
        if (ms > 0) await all.clock.sleep(ms);
        else if (ms < 0) throw new Error("the exchange does not answer");
        else await new Promise(() => {});
      },
    });
    return { ...all, changes };
  };

  it("is awaited before anything runs, regular fire times and the rest of a backlog included", async () => {
    const { clock, scheduler, job, told, changes } = gated(5000);
    scheduler.add(job({ id: "late", ...every15 }));
    scheduler.add(job({ id: "soon", anchor: 923_000, every: minute }));
    scheduler.add(
      job({ id: "backlog", anchor: 830_000, every: 5000, coalesce: false, maxInstances: 2 }, () =>
        clock.sleep(4000),
      ),
    );
    scheduler.start();
    await clock.advanceTo(839_000);
    clock.jump(81_000);
    scheduler.clockChanged({ kind: "sleep", deltaMs: 81_000 });
    await clock.advance(4999);
    expect(told().filter((line) => line.includes(" ran ")).length).toBe(2);
    await clock.advance(1);
    expect(changes).toEqual([{ kind: "sleep", deltaMs: 81_000 }]);
    await clock.advance(5000);
    const starts = told().filter((line) => /(late|soon) ran/.test(line));
    expect(starts).toEqual(["late ran 900000 @927000", "soon ran 923000 @929000"]);
  });

  it("is asked again for a change that comes meanwhile, and not for a stall that left nothing", async () => {
    const { clock, scheduler, job, told, changes } = gated(5000);
    scheduler.add(job(every15));
    scheduler.start();
    await clock.advanceTo(minute);
    scheduler.clockChanged({ kind: "stall", deltaMs: 1000 });
    expect(changes).toEqual([]);
    scheduler.clockChanged({ kind: "step", deltaMs: 20 });
    clock.jump(14 * minute);
    scheduler.clockChanged({ kind: "sleep", deltaMs: 14 * minute });
    await clock.advance(minute);
    expect(changes.map(({ kind }) => kind)).toEqual(["step", "sleep"]);
    expect(told()).toHaveLength(1);
  });

  it("opens with a word when the checks fail or hang", async () => {
    for (const [ms, at, message] of [
      [-1, 930_000, "the exchange does not answer"],
      [0, 990_000, "took more than 60.0 s"],
    ] as const) {
      const { clock, scheduler, job, told, errors } = gated(ms);
      scheduler.add(job({ ...every15, graceMs: null }));
      scheduler.start();
      await clock.advanceTo(minute);
      clock.jump(14 * minute + 30_000);
      await clock.advance(5 * minute);
      expect(told()).toEqual([`a ran 900000 @${at}`]);
      expect(String(errors)).toContain(message);
    }
  });

  it("starts nothing when the scheduler stops while it is shut, and is open after the next start", async () => {
    const { clock, scheduler, job, told } = gated(5000);
    scheduler.add(job(every15));
    scheduler.start();
    await clock.advanceTo(minute);
    clock.jump(14 * minute + 30_000);
    scheduler.clockChanged({ kind: "sleep", deltaMs: 870_000 });
    const stopped = scheduler.stop({ limitMs: 0 });
    await clock.advance(100);
    await stopped;
    scheduler.start();
    scheduler.add(job({ id: "b", anchor: 931_000, every: minute }));
    await clock.advanceTo(940_000);
    expect(told()).toEqual(["a cancelled 900000 @930000", "b ran 931000 @931000"]);
  });
});

describe("a wall that is set back", () => {
  it("keeps an interval at its distance in monotonic time, beside the fire times it had", async () => {
    const { clock, scheduler, job, starts } = harness();
    scheduler.add(job(every15));
    scheduler.start();
    await clock.advanceTo(1_000_000);
    clock.step(-60 * minute);
    expect(scheduler.clockChanged({ kind: "step", deltaMs: -60 * minute })).toMatchObject({
      reanchored: 1,
    });
    await clock.advance(30 * minute);
    // In true time 899.999 s after the run before, then every 15 minutes.
    expect(starts.map(({ at }) => at)).toEqual([900_000, -1_800_001, -900_001]);
    await clock.advanceTo(20 * minute);
    expect(starts.map(({ at }) => at).slice(3)).toEqual([-1, 899_999]);
  });

  it("repeats no candle close for a small step, and moves beside the closes for a large one; a calendar likewise", async () => {
    const { clock, scheduler, job, starts } = harness();
    const close = { kind: "candle_close", everyMs: 15 * minute, offsetMs: 2000 } as const;
    scheduler.add(job({ id: "close", trigger: close }));
    scheduler.add(
      job({ id: "cron", trigger: { kind: "cron", expression: "0 * * * *", zone: "UTC" } }),
    );
    scheduler.start();
    await clock.advanceTo(62 * minute);
    clock.step(-3 * minute);
    expect(scheduler.clockChanged({ kind: "step", deltaMs: -3 * minute }).reanchored).toBe(0);
    await clock.advanceTo(65 * minute);
    clock.step(-40 * minute);
    expect(scheduler.clockChanged({ kind: "step", deltaMs: -40 * minute }).reanchored).toBe(1);
    await clock.advanceTo(62 * minute);
    const at = (id: string) => starts.filter((s) => s.id === id).map((s) => s.fireTime);
    expect(at("close")).toEqual([
      2000, 902_000, 1_802_000, 2_702_000, 3_602_000, 1_802_001, 2_702_001, 3_602_001,
    ]);
    expect(at("cron")).toEqual([0, 3_600_000]);
  });

  it("leaves alone what begins later anyway, and re-anchors a paused job for its resume", async () => {
    const { clock, scheduler, job, starts } = harness();
    scheduler.add(job({ id: "later", every: minute, anchor: 600 * minute }));
    scheduler.add(job({ id: "paused", ...every15 }));
    scheduler.start();
    await clock.advanceTo(16 * minute);
    scheduler.pause("paused");
    clock.step(-60 * minute);
    expect(scheduler.clockChanged({ kind: "step", deltaMs: -60 * minute }).reanchored).toBe(1);
    scheduler.resume("paused");
    expect(scheduler.get("later")?.nextFireTime).toBe(600 * minute);
    await clock.advance(15 * minute);
    expect(starts.map(({ id }) => id)).toEqual(["paused", "paused"]);
  });
});
