import { describe, expect, it } from "vitest";
import { harness } from "./harness.ts";

const hang = (): Promise<void> => new Promise(() => {});

describe.each<[string, { group?: string }]>([
  ["single jobs", {}],
  ["jobs of one group", { group: "15m" }],
])("run time limit of %s", (_, mode) => {
  it("aborts a hung run, tells it, frees its place and leaves the others alone", async () => {
    const { clock, scheduler, job, told, records } = harness();
    let aborted: unknown;
    scheduler.add(
      job({ id: "a", every: 30_000, runLimitMs: 20_000, ...mode }, (fire) => {
        fire.signal.addEventListener("abort", () => (aborted = fire.signal.reason));
        return hang();
      }),
    );
    scheduler.add(job({ id: "b", every: 30_000, ...mode }, () => clock.sleep(100)));
    scheduler.start();
    await clock.advanceTo(29_000);
    const [bEnds] = mode.group === undefined ? [100] : [21_100];
    expect(told().toSorted()).toEqual(["a cancelled 0 @21000", `b ran 0 @${bEnds}`]);
    expect(records.find((r) => r.jobId === "a")).toMatchObject({
      reason: "It ran longer than 20.0 s, so it was cancelled.",
      fireCount: 1,
    });
    expect(aborted).toEqual(new Error("It ran longer than 20.0 s, so it was cancelled."));
    expect(scheduler.get("a")?.running).toBe(0);
    await clock.advanceTo(59_000);
    expect(told().filter((line) => line.startsWith("a"))).toEqual([
      "a cancelled 0 @21000",
      "a cancelled 30000 @51000",
    ]);
  });

  it("takes a run that notices at its word, and one that ends at its limit as in time", async () => {
    const { clock, scheduler, job, told, records } = harness();
    scheduler.add(
      job({ id: "a", every: 90_000, runLimitMs: 20_000, ...mode }, (fire) =>
        clock.sleep(50_000, fire.signal),
      ),
    );
    scheduler.start();
    await clock.advanceTo(80_000);
    expect(told()).toEqual(["a cancelled 0 @20000"]);
    expect(records[0]?.error).toEqual(new Error("It ran longer than 20.0 s, so it was cancelled."));
    scheduler.add(
      job({ id: "b", anchor: 85_000, every: 90_000, runLimitMs: 2000, ...mode }, () =>
        clock.sleep(2000),
      ),
    );
    await clock.advanceTo(89_000);
    expect(told().at(-1)).toBe("b ran 85000 @87000");
  });

  it("goes on with the rest of a backlog, and cancels it where the job is gone", async () => {
    for (const gone of [false, true]) {
      const { clock, scheduler, job, told } = harness();
      let runs = 0;
      scheduler.add(
        job({ anchor: -20_000, coalesce: false, runLimitMs: 3000, ...mode }, () =>
          ++runs === 1 ? hang() : clock.sleep(1000),
        ),
      );
      scheduler.start();
      await clock.advanceTo(1000);
      if (gone) scheduler.remove("a");
      await clock.advanceTo(9000);
      expect(told()).toEqual(
        gone
          ? ["a cancelled -20000 @4000", "a cancelled -10000..0 @4000"]
          : ["a cancelled -20000 @4000", "a ran -10000 @5000", "a ran 0 @6000"],
      );
    }
  });

  it("drains a hung run by the drain's limit, and starts nothing that waits behind it", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ id: "a", runLimitMs: 60_000, ...mode }, hang));
    scheduler.add(job({ id: "b", runLimitMs: 60_000, ...mode }, hang));
    scheduler.start();
    await clock.advanceTo(1000);
    const stopped = scheduler.stop({ limitMs: 5000 });
    await clock.advance(100_000);
    const grouped = mode.group !== undefined;
    expect(await stopped).toMatchObject({ finished: 0, aborted: grouped ? ["a"] : ["a", "b"] });
    expect(told().toSorted()).toEqual([
      "a cancelled 0 @7000",
      `b cancelled 0 @${grouped ? 1000 : 7000}`,
    ]);
  });
});

describe("a group", () => {
  it("runs its members in order, each with its own record, an error in one never touching the next", async () => {
    const { clock, scheduler, job, told, starts } = harness();
    for (const id of ["b10", "b2", "b1"]) {
      scheduler.add(
        job({ id, every: 900_000, group: "15m" }, async () => {
          await clock.sleep(1000);
          if (id === "b2") throw new Error("no data");
        }),
      );
    }
    scheduler.add(job({ id: "alone", every: 900_000 }));
    scheduler.start();
    await clock.advanceTo(10_000);
    expect(starts.map(({ id, at }) => [id, at])).toEqual([
      ["alone", 0],
      ["b1", 0],
      ["b2", 1000],
      ["b10", 2000],
    ]);
    expect(told().slice(1)).toEqual(["b1 ran 0 @1000", "b2 ran 0 @2000", "b10 ran 0 @3000"]);
  });

  it("does not count the wait for its turn as lateness, and skips what falls due while it waits", async () => {
    const { clock, scheduler, job, told } = harness();
    scheduler.add(job({ id: "a", every: 60_000, group: "g" }, () => clock.sleep(7000)));
    scheduler.add(job({ id: "b", every: 5000, graceMs: 1000, group: "g" }));
    scheduler.start();
    await clock.advanceTo(10_000);
    expect(told()).toEqual([
      "b skipped 5000 @5000",
      "a ran 0 @7000",
      "b ran 0 @7000",
      "b ran 10000 @10000",
    ]);
  });

  it("drops a waiting member at once when it is paused, removed or replaced", async () => {
    const { clock, scheduler, job, told } = harness();
    for (const id of ["a", "b", "c", "d"])
      scheduler.add(job({ id, every: 60_000, group: "g" }, () => clock.sleep(1000)));
    scheduler.start();
    await clock.advanceTo(500);
    scheduler.pause("b");
    scheduler.remove("c");
    scheduler.add(job({ id: "d", every: 60_000 }), { replace: true });
    await clock.advanceTo(10_000);
    expect(told()).toEqual([
      "b cancelled 0 @500",
      "c cancelled 0 @500",
      "d cancelled 0 @500",
      "a ran 0 @1000",
    ]);
  });
});
