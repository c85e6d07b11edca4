import { describe, expect, it } from "vitest";
import type { Fire } from "../../../../src-main/engine/scheduler/types.ts";
import { harness } from "./harness.ts";

describe("running", () => {
  it("starts at the anchor and then at exact multiples, with lateness 0", async () => {
    const { clock, scheduler, job, told, records } = harness();
    scheduler.add(job({}, () => clock.sleep(150)));
    scheduler.start();
    await clock.advanceTo(30_500);
    expect(told()).toEqual([
      "a ran 0 @150",
      "a ran 10000 @10150",
      "a ran 20000 @20150",
      "a ran 30000 @30150",
    ]);
    expect(
      records.every(
        ({ latenessMs, error, reason }) =>
          latenessMs === 0 && error === null && reason === "Ran on time.",
      ),
    ).toBe(true);
    expect(scheduler.get("a")).toEqual({
      id: "a",
      nextFireTime: 40_000,
      paused: false,
      running: 0,
    });
  });

  it("orders equal fire times by id in natural order, whatever the order of adding", async () => {
    const { clock, scheduler, job, starts } = harness();
    for (const id of ["bot-b10", "bot-b2", "alpha", "bot-b1"]) scheduler.add(job({ id }));
    scheduler.start();
    await clock.advanceTo(10_000);
    const ids = ["alpha", "bot-b1", "bot-b2", "bot-b10"];
    expect(starts.map(({ id }) => id)).toEqual([...ids, ...ids]);
    expect(scheduler.list().map(({ id }) => id)).toEqual(["bot-b10", "bot-b2", "alpha", "bot-b1"]);
  });

  it("keeps a stagger over periods", async () => {
    const { clock, scheduler, job, starts } = harness();
    for (const [i, id] of ["a", "b", "c"].entries()) scheduler.add(job({ id, anchor: 2000 * i }));
    scheduler.start();
    await clock.advanceTo(15_000);
    expect(starts.map(({ id, at }) => `${id}${at}`)).toEqual([
      "a0",
      "b2000",
      "c4000",
      "a10000",
      "b12000",
      "c14000",
    ]);
  });

  it("records what a run throws, at once or later, and stops no other", async () => {
    const { clock, scheduler, job, records, errors } = harness();
    scheduler.add(job({ id: "a" }, () => Promise.reject(new Error("no candles"))));
    scheduler.add(
      job({
        id: "b",
        run: () => {
          throw new Error("sync");
        },
      }),
    );
    scheduler.add(job({ id: "c" }));
    scheduler.start();
    await clock.advanceTo(10_000);
    expect(
      records.map(({ jobId, outcome, reason }) => [jobId, outcome, reason]).slice(0, 3),
    ).toEqual(
      expect.arrayContaining([
        ["a", "ran", "Started on time and failed: no candles"],
        ["b", "ran", "Started on time and failed: sync"],
        ["c", "ran", "Ran on time."],
      ]),
    );
    expect(records).toHaveLength(6);
    expect(errors).toEqual([]);
  });

  it("goes on when a record cannot be taken", async () => {
    const { clock, scheduler, job, records, errors } = harness();
    const push = records.push.bind(records);
    records.push = (...items) => {
      if (records.length === 0) {
        records.push = push;
        throw new Error("disk full");
      }
      return push(...items);
    };
    scheduler.add(job());
    scheduler.start();
    await clock.advanceTo(10_000);
    expect(errors).toEqual([new Error("disk full")]);
    expect(records).toHaveLength(1);
    expect(scheduler.get("a")?.running).toBe(0);
  });

  it("judges fire times that lie before the start late, and none that were accounted for", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ id: "late", anchor: -35_000, graceMs: null }));
    scheduler.add(
      job({ id: "restarted", anchor: -35_000, graceMs: null, accountedUntil: -15_000 }),
    );
    scheduler.add(job({ id: "done", anchor: -35_000, graceMs: null, accountedUntil: -5000 }));
    scheduler.start();
    await clock.advanceTo(0);
    expect(told()).toEqual([
      "late coalesced -35000..-15000 @0",
      "late ran -5000 @0",
      "restarted ran -5000 @0",
    ]);
    expect(scheduler.get("done")?.nextFireTime).toBe(5000);
  });

  it("runs what work that blocks the loop made late", async () => {
    const { clock, scheduler, job, starts } = harness();
    scheduler.add(
      job({ every: 900_000 }, async () => {
        if (clock.now() < 900_000) clock.jump(910_000);
      }),
    );
    scheduler.start();
    await clock.advanceTo(2_000_000);
    expect(starts.map(({ fireTime, at }) => [fireTime, at])).toEqual([
      [0, 0],
      [900_000, 910_000],
      [1_800_000, 1_800_000],
    ]);
  });

  it("holds the clock for each run until it is recorded", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({}, () => new Promise((resolve) => setTimeout(resolve, 3))));
    scheduler.start();
    await clock.advanceTo(20_000);
    expect(told()).toEqual(["a ran 0 @0", "a ran 10000 @10000", "a ran 20000 @20000"]);
  });
});

describe("misfires", () => {
  it("runs late within grace, misses one ms beyond, and goes on with the grid", async () => {
    for (const [stall, first] of [
      [61_000, "a ran 900000 @960000"],
      [61_001, "a missed 900000 @960001"],
    ] as const) {
      const { clock, scheduler, job, told } = harness();
      scheduler.add(job({ every: 900_000, anchor: 900_000 }));
      scheduler.start();
      await clock.advanceTo(899_000);
      clock.jump(stall);
      await clock.advanceTo(1_800_000);
      expect(told()).toEqual([first, "a ran 1800000 @1800000"]);
    }
  });

  it("coalesces a night's sleep into one record and one run", async () => {
    const { clock, scheduler, job, told, records } = harness();
    scheduler.add(job({ every: 1000 }));
    scheduler.start();
    await clock.advanceTo(500);
    clock.jump(30 * 86_400_000);
    await clock.advance(0);
    expect(told()).toEqual([
      "a ran 0 @0",
      "a coalesced 1000..2591999000 @2592000500",
      "a ran 2592000000 @2592000500",
    ]);
    expect(records.map(({ fireCount }) => fireCount)).toEqual([1, 2_591_999, 1]);
  });

  it("without coalescing judges each by grace, before its own start, and runs them one after the other", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(
      job({ anchor: 10_000, graceMs: 25_000, coalesce: false }, () => clock.sleep(12_000)),
    );
    scheduler.start();
    await clock.advanceTo(9000);
    clock.jump(25_000);
    await clock.advanceTo(80_000);
    expect(told()).toEqual([
      "a skipped 40000 @40000",
      "a ran 10000 @46000",
      "a missed 20000 @46000",
      "a skipped 50000 @50000",
      "a ran 30000 @58000",
      "a skipped 70000 @70000",
      "a ran 60000 @72000",
    ]);
  });

  it("skips what falls due while the limit of instances is at work, a tie included", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ id: "one" }, () => clock.sleep(10_000)));
    scheduler.add(job({ id: "two", maxInstances: 2 }, () => clock.sleep(25_000)));
    scheduler.start();
    await clock.advanceTo(30_000);
    expect(told()).toEqual([
      "one skipped 10000 @10000",
      "one ran 0 @10000",
      "two skipped 20000 @20000",
      "two ran 0 @25000",
      "one skipped 30000 @30000",
      "one ran 20000 @30000",
    ]);
    expect(scheduler.get("two")?.running).toBe(2);
  });
});

describe("life cycle", () => {
  it("refuses a taken id and specs that make no sense, in one sentence, and changes nothing", async () => {
    const { clock, scheduler, job, starts } = harness();
    scheduler.add(job());
    expect(() => scheduler.add(job({ anchor: 5000 }))).toThrow(
      'A job "a" exists already; remove it first, or replace it.',
    );
    const bad = [
      [{ id: "" }, "its id is empty"],
      [{ id: "x", every: 0 }, "its interval is 0 ms; give a whole number of ms above 0."],
      [{ id: "x", anchor: 0.5 }, "its anchor is 0.5"],
      [
        { id: "x", graceMs: 0 },
        "its grace time is 0 ms; give a whole number of ms above 0, or null",
      ],
      [{ id: "x", maxInstances: 0 }, "its limit of instances is 0"],
      [{ id: "x", accountedUntil: Number.NaN }, "its last accounted fire time is NaN"],
    ] as const;
    for (const [overrides, message] of bad)
      expect(() => scheduler.add(job(overrides))).toThrow(message);
    expect(() => scheduler.add(job({ every: -1 }), { replace: true })).toThrow("its interval");
    scheduler.start();
    expect(() => scheduler.start()).toThrow("runs already");
    await clock.advanceTo(10_000);
    expect(starts.map(({ at }) => at)).toEqual([0, 10_000]);
    expect([
      scheduler.remove("x"),
      scheduler.pause("x"),
      scheduler.resume("x"),
      scheduler.get("x"),
    ]).toEqual([false, false, false, undefined]);
  });

  it("replaces in phase when the interval is the same, however often", async () => {
    const { clock, scheduler, job, starts } = harness();
    scheduler.add(job({ anchor: 2000 }));
    scheduler.start();
    for (const at of [7000, 14_000, 21_000, 28_000]) {
      await clock.advanceTo(at);
      scheduler.add(job({ anchor: at + 10_000 }), { replace: true });
    }
    await clock.advanceTo(32_000);
    expect(starts.map(({ at }) => at)).toEqual([2000, 12_000, 22_000, 32_000]);
  });

  it("replaces with a new interval from now on, or with a new phase when asked; the old run still counts", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({}, () => clock.sleep(9000)));
    scheduler.start();
    await clock.advanceTo(2000);
    scheduler.add(job({ every: 3000, anchor: -1000 }), { replace: true });
    expect(scheduler.get("a")).toEqual({ id: "a", nextFireTime: 2000, paused: false, running: 1 });
    await clock.advanceTo(11_000);
    expect(told()).toEqual([
      "a skipped 2000 @2000",
      "a skipped 5000 @5000",
      "a skipped 8000 @8000",
      "a ran 0 @9000",
      "a ran 11000 @11000",
    ]);
    scheduler.add(job({ every: 3000, anchor: 10_000 }), { replace: true, phase: "new" });
    await clock.advanceTo(13_000);
    expect(told().slice(5)).toEqual(["a ran 10000 @11000", "a ran 13000 @13000"]);
  });

  it("counts instances by id: a job removed and added again is skipped while its old run goes on", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({}, () => clock.sleep(8000)));
    scheduler.start();
    await clock.advanceTo(3000);
    expect(scheduler.remove("a")).toBe(true);
    await clock.advanceTo(4000);
    scheduler.add(job({ anchor: 4000 }));
    await clock.advanceTo(14_000);
    expect(told()).toEqual(["a skipped 4000 @4000", "a ran 0 @8000", "a ran 14000 @14000"]);
  });

  it("pauses without a trace and resumes in phase; resuming a job that runs changes nothing", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ anchor: 2000 }));
    scheduler.start();
    await clock.advanceTo(13_000);
    scheduler.pause("a");
    expect(scheduler.get("a")).toMatchObject({ paused: true, nextFireTime: null });
    await clock.advanceTo(37_000);
    scheduler.resume("a");
    scheduler.resume("a");
    expect(scheduler.get("a")).toMatchObject({ paused: false, nextFireTime: 42_000 });
    await clock.advanceTo(42_000);
    expect(told()).toEqual(["a ran 2000 @2000", "a ran 12000 @12000", "a ran 42000 @42000"]);
  });

  it("runs a fire time at which it is resumed, once, though it was paused at that instant too", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ anchor: 10_000 }));
    scheduler.start();
    await clock.advanceTo(5000);
    scheduler.pause("a");
    await clock.advanceTo(20_000);
    scheduler.resume("a");
    await clock.advanceTo(20_000);
    scheduler.pause("a");
    scheduler.resume("a");
    await clock.advanceTo(29_000);
    expect(told()).toEqual(["a ran 20000 @20000"]);
  });

  it("starts nothing more when a run pauses all", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ id: "a" }, () => Promise.resolve(scheduler.pauseAll())));
    scheduler.add(job({ id: "b" }));
    scheduler.start();
    await clock.advanceTo(3000);
    expect(told()).toEqual(["a ran 0 @0"]);
    scheduler.resumeAll();
    await clock.advanceTo(3000);
    expect(told()).toEqual(["a ran 0 @0", "b ran 0 @3000"]);
  });

  it("adds paused, and keeps a job paused when it is replaced, unless told otherwise", async () => {
    const { clock, scheduler, job, starts } = harness();
    scheduler.start();
    scheduler.add(job({ anchor: -50_000 }), { paused: true });
    await clock.advanceTo(6000);
    scheduler.add(job({ every: 5000 }), { replace: true });
    await clock.advanceTo(16_000);
    expect([starts.length, scheduler.get("a")?.paused]).toEqual([0, true]);
    scheduler.add(job({ every: 5000 }), { replace: true, paused: false });
    await clock.advanceTo(20_000);
    expect(starts.map(({ at }) => at)).toEqual([20_000]);
    scheduler.add(job({ every: 5000 }), { replace: true, paused: true });
    await clock.advanceTo(40_000);
    expect(starts).toHaveLength(1);
  });

  it("does not make up for a pause when a paused job is restarted before the start", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ anchor: -86_400_000 }));
    scheduler.pause("a");
    scheduler.start();
    await clock.advanceTo(15_000);
    scheduler.resume("a");
    await clock.advanceTo(20_000);
    expect(told()).toEqual(["a ran 20000 @20000"]);
  });

  it("judges what fell due while all was paused on resuming, but for jobs paused or removed meanwhile", async () => {
    const { clock, scheduler, job, told } = harness();
    for (const id of ["a", "b", "c"]) scheduler.add(job({ id, anchor: 10_000, graceMs: 4000 }));
    scheduler.start();
    await clock.advanceTo(9000);
    scheduler.pauseAll();
    await clock.advanceTo(25_000);
    scheduler.pause("b");
    scheduler.remove("c");
    expect(told()).toEqual(["b cancelled 10000..20000 @25000", "c cancelled 10000..20000 @25000"]);
    scheduler.resumeAll();
    await clock.advanceTo(30_000);
    expect(told().slice(2)).toEqual([
      "a coalesced 10000 @25000",
      "a missed 20000 @25000",
      "a ran 30000 @30000",
    ]);
  });

  it("cancels the rest of a backlog when its job is removed; the run at work finishes", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ anchor: -30_000, coalesce: false }, () => clock.sleep(4000)));
    scheduler.start();
    await clock.advanceTo(6000);
    scheduler.remove("a");
    await clock.advanceTo(60_000);
    expect(told()).toEqual([
      "a ran -30000 @4000",
      "a ran -20000 @8000",
      "a cancelled -10000..0 @8000",
    ]);
  });
});

describe("drain", () => {
  it("waits for running runs, starts nothing, and says how many finished", async () => {
    const { clock, scheduler, job, told, starts } = harness();
    scheduler.add(job({ every: 1000 }, () => clock.sleep(8000)));
    scheduler.start();
    await clock.advanceTo(500);
    const stopped = scheduler.stop({ limitMs: 30_000 });
    expect(() => scheduler.add(job({ id: "b" }))).toThrow("while the scheduler stops");
    expect(() => scheduler.start()).toThrow("is stopping");
    expect(scheduler.stop({ limitMs: 0 })).toBe(stopped);
    await clock.advanceTo(100_000);
    expect(await stopped).toMatchObject({ finished: 1, aborted: [] });
    expect(told()).toEqual(["a ran 0 @8000"]);
    expect(starts).toHaveLength(1);
    expect(scheduler.list()).toEqual([]);
  });

  it("aborts at the limit, names the jobs, and gives up on runs that do not listen", async () => {
    const { clock, scheduler, job, told, records } = harness();
    scheduler.add(job({ id: "deaf" }, () => new Promise(() => {})));
    scheduler.add(job({ id: "listens" }, (fire) => clock.sleep(90_000, fire.signal)));
    scheduler.add(job({ id: "quick" }, () => clock.sleep(2000)));
    scheduler.start();
    await clock.advanceTo(0);
    const stopped = scheduler.stop({ limitMs: 5000 });
    await clock.advanceTo(20_000);
    expect(await stopped).toMatchObject({ finished: 1, aborted: ["deaf", "listens"] });
    expect(told()).toEqual([
      "quick ran 0 @2000",
      "listens cancelled 0 @5000",
      "deaf cancelled 0 @6000",
    ]);
    expect(records[1]).toMatchObject({
      reason: expect.stringContaining("5.0 s after"),
      error: expect.any(Error),
    });
    expect(clock.now()).toBe(20_000);
  });

  it("aborts at once without a limit, and a run that looks at its signal late sees it", async () => {
    const { clock, scheduler, job, told } = harness();
    let seen: Fire | undefined;
    scheduler.add(
      job({}, async (fire) => {
        seen = fire;
        await clock.sleep(8000);
      }),
    );
    scheduler.start();
    await clock.advanceTo(3000);
    const stopped = scheduler.stop({ limitMs: 0 });
    expect(seen?.signal.aborted).toBe(true);
    await clock.advanceTo(20_000);
    expect(await stopped).toMatchObject({ finished: 0, aborted: ["a"] });
    expect(told()).toEqual(["a cancelled 0 @4000"]);
  });

  it("cancels what was due or waiting, and may be started anew, empty", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ id: "due", anchor: 10_000 }));
    scheduler.add(
      job({ id: "backlog", anchor: -20_000, coalesce: false }, () => clock.sleep(4000)),
    );
    scheduler.start();
    await clock.advanceTo(3000);
    clock.jump(7000);
    const stopped = scheduler.stop({ limitMs: 30_000 });
    await clock.advanceTo(11_000);
    expect(await stopped).toMatchObject({ finished: 1, aborted: [] });
    expect(told().toSorted()).toEqual([
      "backlog cancelled -10000..0 @10000",
      "backlog cancelled 10000 @10000",
      "backlog ran -20000 @10000",
      "due cancelled 10000 @10000",
    ]);
    scheduler.start();
    scheduler.add(job({ id: "due", anchor: 12_000 }));
    await clock.advanceTo(12_000);
    expect(told().at(-1)).toBe("due ran 12000 @12000");
  });

  it("lets a run that was given up end when it likes, without touching a new one of its id", async () => {
    const { clock, scheduler, job, told } = harness();
    let end = (): void => {};
    scheduler.add(job({}, () => new Promise((resolve) => (end = resolve))));
    scheduler.start();
    // It keeps the clock standing until the drain gives it up.
    const begun = clock.advanceTo(0);
    await new Promise((resolve) => setImmediate(resolve));
    const stopped = scheduler.stop({ limitMs: 0 });
    await begun;
    await clock.advanceTo(2000);
    await stopped;
    scheduler.start();
    scheduler.add(job({ anchor: 2000 }, () => clock.sleep(5000)));
    await clock.advanceTo(3000);
    end();
    await clock.advanceTo(4000);
    expect(scheduler.get("a")?.running).toBe(1);
    await clock.advanceTo(8000);
    expect(told()).toEqual(["a cancelled 0 @1000", "a ran 2000 @7000"]);
  });

  it("refuses a limit that makes no sense, and stops an idle scheduler without a word", async () => {
    const { scheduler, job, records } = harness();
    await expect(scheduler.stop({ limitMs: -1 })).rejects.toThrow("The drain limit is -1 ms");
    scheduler.add(job({ anchor: -5000 }));
    expect(await scheduler.stop({ limitMs: 1000 })).toMatchObject({ finished: 0, aborted: [] });
    expect(records).toEqual([]);
  });
});
