import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";

const realIo = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 2);
  });

describe("VirtualClock", () => {
  it("lets time go on to the limit of work that hangs, through fire times, once its patience is over", async () => {
    const clock = new VirtualClock(0, { patienceMs: 0 });
    const seen: string[] = [];
    const note = (name: string) => (): void => void seen.push(`${name} ${clock.now()}`);
    const release = clock.hold();
    clock.at(100, () => release(), "limit");
    clock.at(100, note("fire"), "fire");
    clock.at(50, note("early"), "fire");
    await clock.advanceTo(200);
    expect(seen).toEqual(["early 50", "fire 100"]);
  });

  it("gives real I/O that a limit watches over its patience, and work that is done cancels its limit", async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    clock.at(
      10,
      () => {
        const release = clock.hold();
        const cancel = clock.at(20, () => seen.push("limit"), "limit");
        void realIo().then(() => {
          seen.push(`done ${clock.now()}`);
          cancel();
          release();
        });
      },
      "fire",
    );
    clock.at(15, () => seen.push("fire"), "fire");
    await clock.advanceTo(100);
    expect(seen).toEqual(["done 10", "fire"]);
    const hung = new VirtualClock(0, { patienceMs: 20 });
    const release = hung.hold();
    const limit = (): void => {
      seen.push(`hung ${hung.now()}`);
      release();
    };
    hung.at(50, limit, "limit");
    const began = performance.now();
    await hung.advanceTo(50);
    expect(performance.now() - began).toBeGreaterThan(15);
    expect(seen.at(-1)).toBe("hung 50");
  });

  it("sets the wall and moves no timer: each waits as long as it would have", async () => {
    const clock = new VirtualClock(1000);
    const seen: number[] = [];
    clock.at(1100, () => seen.push(clock.now()), "fire");
    clock.at(1200, () => seen.push(clock.now()), "work");
    clock.step(5000);
    expect(clock.now()).toBe(6000);
    clock.at(6150, () => seen.push(clock.now()), "limit");
    await clock.advanceTo(6120);
    expect(seen).toEqual([6100]);
    clock.step(-6000);
    await clock.advanceTo(200);
    expect(seen).toEqual([6100, 150, 200]);
    await expect(clock.advanceTo(199)).rejects.toThrow("stands at 200 and cannot go back to 199");
    expect(() => clock.step(Number.NaN)).toThrow("cannot be set by NaN ms");
  });

  it("fires in order of time, then fire before work, then registration, each at its own time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ time: fc.nat(50), work: fc.boolean(), cancel: fc.boolean() }), {
          maxLength: 30,
        }),
        fc.nat(60),
        async (timers, until) => {
          const clock = new VirtualClock(0);
          const fired: number[] = [];
          for (const [i, { time, work, cancel }] of timers.entries()) {
            const off = clock.at(
              time,
              () => {
                expect(clock.now()).toBe(time);
                fired.push(i);
              },
              work ? "work" : "fire",
            );
            if (cancel) off();
          }
          await clock.advanceTo(until);
          const expected = [...timers.entries()]
            .filter(([, { time, cancel }]) => time <= until && !cancel)
            .toSorted(
              ([i, a], [j, b]) => a.time - b.time || Number(a.work) - Number(b.work) || i - j,
            )
            .map(([i]) => i);
          expect(fired).toEqual(expected);
          expect(clock.now()).toBe(until);
        },
      ),
    );
  });

  it("lets every promise settle before the next timer, however long the chain", async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    clock.at(
      10,
      () =>
        void (async () => {
          for (let i = 0; i < 200; i += 1) await Promise.resolve();
          seen.push(`chain at ${clock.now()}`);
          await clock.sleep(5);
          seen.push(`slept at ${clock.now()}`);
        })(),
      "fire",
    );
    clock.at(11, () => seen.push("eleven"), "fire");
    clock.at(16, () => seen.push("sixteen"), "fire");
    await clock.advanceTo(20);
    expect(seen).toEqual(["chain at 10", "eleven", "slept at 15", "sixteen"]);
  });

  it("stands still at a fire time while held work does real I/O", async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    clock.at(
      10,
      () =>
        void (async () => {
          const release = clock.hold();
          await realIo();
          seen.push(`work ended at ${clock.now()}`);
          release();
        })(),
      "fire",
    );
    clock.at(20, () => seen.push("twenty"), "fire");
    await clock.advanceTo(30);
    expect(seen).toEqual(["work ended at 10", "twenty"]);
  });

  it("waits for held work before it returns, too", async () => {
    const clock = new VirtualClock(0);
    let ended = false;
    clock.at(
      10,
      () =>
        void (async () => {
          const release = clock.hold();
          await realIo();
          ended = true;
          release();
        })(),
      "fire",
    );
    await clock.advanceTo(10);
    expect(ended).toBe(true);
  });

  it("passes fire times when held work sleeps, and goes on when held work starts to sleep after I/O", async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    const release = clock.hold();
    void (async () => {
      await realIo();
      await clock.sleep(15);
      seen.push(`woke at ${clock.now()}`);
      release();
    })();
    clock.at(10, () => seen.push("ten"), "fire");
    clock.at(15, () => seen.push("fifteen"), "fire");
    await clock.advanceTo(30);
    expect(seen).toEqual(["ten", "fifteen", "woke at 15"]);
    expect(clock.now()).toBe(30);
  });

  it("leaves work that sleeps beyond the goal for the next advance", async () => {
    const clock = new VirtualClock(0);
    const release = clock.hold();
    let woke = 0;
    void clock.sleep(100).then(() => {
      woke = clock.now();
      release();
    });
    await clock.advanceTo(50);
    expect([clock.now(), woke]).toEqual([50, 0]);
    await clock.advance(60);
    expect([clock.now(), woke]).toEqual([110, 100]);
  });

  it("jumps without firing; what fell due fires late", async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    clock.at(10, () => seen.push(clock.now()), "fire");
    clock.at(20, () => seen.push(clock.now()), "fire");
    clock.jump(15);
    expect(seen).toEqual([]);
    await clock.advanceTo(20);
    expect(seen).toEqual([15, 20]);
  });

  it("calls what fell due in a stall in one turn, before the work that it wakes goes on; limits come after", async () => {
    const clock = new VirtualClock(0);
    const log: string[] = [];
    void clock.sleep(10).then(() => log.push("work went on"));
    clock.at(12, () => log.push("limit"), "limit");
    clock.at(20, () => log.push("fire"), "fire");
    clock.jump(50);
    await clock.advance(0);
    expect(log).toEqual(["work went on", "limit", "fire"]);
    log.length = 0;
    void clock.sleep(10).then(() => log.push("work went on"));
    clock.at(70, () => log.push("fire"), "fire");
    clock.at(75, () => log.push("limit"), "limit");
    clock.jump(50);
    await clock.advance(0);
    expect(log).toEqual(["fire", "work went on", "limit"]);
  });

  it("never fires a timer in the call that registers it", async () => {
    const clock = new VirtualClock(100);
    let fired = false;
    clock.at(50, () => void (fired = true), "fire");
    expect(fired).toBe(false);
    await clock.advance(0);
    expect(fired).toBe(true);
  });

  it("rejects a sleep with the reason of its signal, before and during", async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    const during = clock.sleep(100, controller.signal);
    controller.abort(new Error("enough"));
    await expect(during).rejects.toThrow("enough");
    await expect(clock.sleep(100, controller.signal)).rejects.toThrow("enough");
    // The aborted sleep is no work any more: it opens no gate.
    const release = clock.hold();
    let fired = false;
    clock.at(10, () => void (fired = true), "fire");
    const advanced = clock.advanceTo(20);
    await realIo();
    expect(fired).toBe(false);
    release();
    await advanced;
    expect(fired).toBe(true);
  });

  it("hands on what a callback throws and goes on", async () => {
    const errors: unknown[] = [];
    const clock = new VirtualClock(0, { onError: (error) => errors.push(error) });
    let later = false;
    clock.at(
      1,
      () => {
        throw new Error("broken");
      },
      "fire",
    );
    clock.at(2, () => void (later = true), "fire");
    await clock.advanceTo(3);
    expect(errors).toEqual([new Error("broken")]);
    expect(later).toBe(true);
  });

  it("refuses to go back, to advance twice at once, and times that are no numbers", async () => {
    const clock = new VirtualClock(100);
    await expect(clock.advanceTo(99)).rejects.toThrow("stands at 100 and cannot go back to 99");
    expect(() => clock.jump(-1)).toThrow("never goes back");
    expect(() => clock.at(Number.NaN, () => {}, "fire")).toThrow("finite");
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow("advancing already");
    await first;
    expect(clock.now()).toBe(110);
  });
});
