import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TimeLapseClock } from "../../../../src-main/engine/clock-time-lapse.ts";
import type { TimeLapseOptions } from "../../../../src-main/engine/clock-time-lapse.ts";

/** The wall under test: timeouts are fake, immediates are real turns of the loop. */
let stalled = 0;
const wallStart = 1_700_000_000_000;
const wall = (): number => Date.now() - wallStart + stalled;
const turns = async (n = 4): Promise<void> => {
  for (let i = 0; i < n; i += 1) await new Promise((resolve) => setImmediate(resolve));
};
const pass = async (ms: number): Promise<void> => {
  await turns();
  await vi.advanceTimersByTimeAsync(ms);
  await turns();
};
/** The host does nothing for that long: no timer ends in time. */
const stall = (ms: number): void => {
  stalled += ms;
};

const clocks: TimeLapseClock[] = [];
const make = (options: Partial<TimeLapseOptions> = {}): TimeLapseClock => {
  const clock = new TimeLapseClock({ start: 0, speed: 100, ...options });
  clocks.push(clock);
  return clock;
};

beforeEach(() => {
  stalled = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: wallStart });
  vi.spyOn(performance, "now").mockImplementation(wall);
});
afterEach(() => {
  for (const clock of clocks.splice(0)) clock.dispose();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("TimeLapseClock", () => {
  it("lets a limit come after real ms while a gate keeps time standing, and opens no gate with it", async () => {
    const clock = make();
    const seen: string[] = [];
    const note = (name: string) => (): void => void seen.push(`${name} ${clock.now()} ${wall()}`);
    const release = clock.hold();
    clock.at(40, note("fire"), "fire");
    clock.at(2000, note("limit"), "limit");
    clock.at(3000, note("gone"), "limit")();
    await pass(1999);
    expect([clock.now(), seen]).toEqual([40, []]);
    await pass(1);
    expect(seen).toEqual(["limit 40 2000"]);
    await pass(100);
    expect(seen).toHaveLength(1);
    release();
    await pass(10);
    expect(seen).toEqual(["limit 40 2000", "fire 40 2100"]);
  });

  it("waits for a limit in weeks, tells what its callback throws, and drops limits on dispose", async () => {
    const errors: unknown[] = [];
    const clock = make({ onError: (error) => errors.push(error) });
    const weeks = 40 * 86_400_000;
    clock.at(
      weeks,
      () => {
        throw new Error("broken");
      },
      "limit",
    );
    let fired = false;
    clock.at(weeks + 1, () => void (fired = true), "limit");
    await pass(weeks - 1);
    expect(errors).toEqual([]);
    await pass(1);
    expect(errors).toEqual([new Error("broken")]);
    clock.dispose();
    clock.at(clock.now(), () => void (fired = true), "limit");
    await pass(1000);
    expect(fired).toBe(false);
    expect(() => clock.at(Number.NaN, () => {}, "limit")).toThrow("A timer's time is NaN");
  });

  it("moves at its speed, and a change of speed goes on from where time is", async () => {
    const clock = make();
    await pass(50);
    expect(clock.now()).toBe(5000);
    clock.setSpeed(10);
    expect(clock.now()).toBe(5000);
    await pass(50);
    expect(clock.now()).toBe(5500);
    expect(clock.speed).toBe(10);
  });

  it("fires each timer with now() at exactly its own time, at the pace's real instant", async () => {
    const clock = make();
    const seen: [number, number][] = [];
    for (const time of [500, 300, 1000, 1001, 7000])
      clock.at(time, () => seen.push([clock.now(), wall()]), "fire");
    await pass(5);
    expect(seen).toEqual([
      [300, 3],
      [500, 5],
    ]);
    await pass(65);
    expect(seen.map(([time]) => time)).toEqual([300, 500, 1000, 1001, 7000]);
    expect(wall()).toBe(70);
  });

  it("gates: held, it moves at the wall's pace and stops at the next fire time until all is released", async () => {
    const clock = make();
    let firedAt: number | null = null;
    clock.at(1000, () => void (firedAt = clock.now()), "fire");
    await pass(9);
    const one = clock.hold();
    const two = clock.hold();
    await pass(40);
    expect(clock.now()).toBe(940);
    one();
    one();
    await pass(500);
    expect([clock.now(), firedAt]).toEqual([1000, null]);
    two();
    await pass(0);
    expect(firedAt).toBe(1000);
    // What the gate cut off is not made up for.
    await pass(1);
    expect(clock.now()).toBe(1100);
  });

  it("lets held work sleep: time goes on at the wall's pace, through fire times, each on time", async () => {
    const clock = make();
    const seen: string[] = [];
    const release = clock.hold();
    clock.at(100, () => seen.push(`fire at ${clock.now()}, wall ${wall()}`), "fire");
    void clock.sleep(200).then(() => {
      seen.push(`woke at ${clock.now()}, wall ${wall()}`);
      release();
    });
    await pass(150);
    await pass(150);
    expect(seen).toEqual(["fire at 100, wall 100", "woke at 200, wall 200"]);
    expect(clock.now()).toBe(200 + 100 * 100);
  });

  it("opens the gate for held work that starts to sleep while time stands", async () => {
    const clock = make();
    const seen: string[] = [];
    const release = clock.hold();
    clock.at(50, () => seen.push(`fire at ${clock.now()}, wall ${wall()}`), "fire");
    await pass(80);
    expect([clock.now(), seen]).toEqual([50, []]);
    void clock.sleep(20).then(() => {
      seen.push(`woke at ${clock.now()}, wall ${wall()}`);
      release();
    });
    await pass(20);
    expect(seen).toEqual(["fire at 50, wall 80", "woke at 70, wall 100"]);
  });

  it("keeps its pace when each wake-up is a little late", async () => {
    const clock = make();
    let rounds = 0;
    const again = (): void => {
      rounds += 1;
      clock.at(clock.now() + 1000, again, "fire");
    };
    clock.at(1000, again, "fire");
    for (let i = 0; i < 50; i += 1) {
      stall(3);
      await pass(7);
    }
    expect(wall()).toBe(500);
    expect(rounds).toBe(50);
  });

  it("starts a tick's work at its fire time: lateness 0, and time counts at the wall's pace from there", async () => {
    const clock = make({ speed: 900 });
    const seen: number[] = [];
    for (const time of [2000, 4000, 6000]) {
      clock.at(
        time,
        () => {
          const release = clock.hold();
          seen.push(clock.now());
          void clock.sleep(30).then(() => {
            seen.push(clock.now());
            release();
          });
        },
        "fire",
      );
    }
    for (let i = 0; i < 200; i += 1) await pass(1);
    expect(seen).toEqual([2000, 2030, 4000, 4030, 6000, 6030]);
  });

  it("goes on from where it was after a stall of the host; each timer still finds its own time", async () => {
    const clock = make();
    const seen: number[] = [];
    for (const time of [1000, 20_000, 100_000])
      clock.at(time, () => seen.push(clock.now()), "fire");
    await pass(5);
    stall(3_600_000);
    expect(clock.now()).toBe(1000);
    await pass(5);
    // 250 real ms of the hour count, 25,000 engine ms.
    expect(seen).toEqual([1000, 20_000]);
    expect(clock.now()).toBeLessThanOrEqual(1000 + 26_000);
    stall(3_600_000);
    expect(clock.now()).toBeLessThan(100_001);
  });

  it("makes up for nothing in a tick's own time: a late wake-up does not age the work", async () => {
    const clock = make();
    let release = (): void => {};
    clock.at(1000, () => void (release = clock.hold()), "fire");
    await pass(5);
    stall(200);
    await pass(5);
    const begun = clock.now();
    expect(begun).toBe(1000);
    await pass(30);
    expect(clock.now()).toBe(begun + 30);
    release();
  });

  it("does not leap when it slept without any timer", async () => {
    const clock = make();
    await pass(10);
    stall(8 * 3_600_000);
    await pass(20_000);
    expect(clock.now()).toBeLessThanOrEqual((10 + 20_250 + 20_250) * 100);
  });

  it("reports real lateness: the real time since the pace asked for an instant", async () => {
    const clock = make();
    const late: number[] = [];
    clock.at(1000, () => late.push(clock.realLateness(1000)), "fire");
    clock.at(2000, () => late.push(clock.realLateness(2000)), "fire");
    await pass(5);
    stall(12);
    await pass(5);
    expect(late[0]).toBe(12);
    expect(late[1]).toBeGreaterThanOrEqual(0);
    expect(clock.realLateness(clock.now() + 5000)).toBe(0);
  });

  it("announces each distinct instant before its timers fire, rising, and waits for it", async () => {
    const announced: number[] = [];
    const seen: string[] = [];
    const clock = make({
      beforeFire: async (time) => {
        await new Promise((resolve) => setImmediate(resolve));
        announced.push(time);
      },
    });
    for (const time of [100, 100, 200, 300]) {
      clock.at(time, () => seen.push(`${time} of ${announced.join()}`), "fire");
    }
    await pass(10);
    await turns(20);
    expect(seen).toEqual(["100 of 100", "100 of 100", "200 of 100,200", "300 of 100,200,300"]);
  });

  it("goes on when announcements fail or hang, and reports a row of failures once", async () => {
    const errors: unknown[] = [];
    let mode: "fail" | "hang" | "work" = "fail";
    const clock = make({
      beforeFire: () =>
        mode === "fail"
          ? Promise.reject(new Error("down"))
          : mode === "hang"
            ? new Promise(() => {})
            : Promise.resolve(),
      onError: (error) => errors.push(error),
    });
    const seen: number[] = [];
    for (const time of [100, 200, 300, 400]) clock.at(time, () => seen.push(time), "fire");
    await pass(1);
    await pass(1);
    expect([seen, errors]).toEqual([[100, 200], [new Error("down")]]);
    mode = "work";
    await pass(1);
    mode = "hang";
    await pass(1);
    expect(seen).toEqual([100, 200, 300]);
    await pass(5000);
    expect(seen).toEqual([100, 200, 300, 400]);
    expect(errors).toHaveLength(2);
  });

  it("survives a callback that throws", async () => {
    const errors: unknown[] = [];
    const clock = make({ onError: (error) => errors.push(error) });
    let later = false;
    clock.at(
      100,
      () => {
        throw new Error("broken");
      },
      "fire",
    );
    clock.at(200, () => void (later = true), "work");
    await pass(2);
    expect(errors).toEqual([new Error("broken")]);
    expect(later).toBe(true);
  });

  it("stops for good on dispose, and refuses speeds that are none", async () => {
    const clock = make();
    clock.at(1000, () => expect.unreachable(), "fire");
    await pass(5);
    clock.dispose();
    await pass(100);
    expect(clock.now()).toBe(500);
    expect(() => clock.setSpeed(0)).toThrow("speed is 0");
    expect(() => make({ speed: Number.NaN })).toThrow("finite number above 0");
  });

  const step = fc.oneof(
    fc.record({ op: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ op: fc.constant("stall" as const), ms: fc.integer({ min: 1, max: 2000 }) }),
    fc.record({
      op: fc.constant("speed" as const),
      speed: fc.constantFrom(1, 7, 100, 900, 50_000),
    }),
    fc.record({
      op: fc.constant("fire" as const),
      after: fc.nat(5000),
      works: fc.option(fc.nat(50)),
    }),
    fc.record({ op: fc.constant("work" as const), after: fc.nat(100) }),
    fc.record({ op: fc.constant("hold" as const) }),
    fc.record({ op: fc.constant("release" as const) }),
  );

  it("keeps order, is never early nor late, never passes a gate, never goes back, and always gets on", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.constantFrom(1, 60, 900, 100_000),
        async (steps, speed) => {
          const clock = make({ speed });
          const holds: (() => void)[] = [];
          let held = 0;
          let work = 0;
          let order = 0;
          const open = { timers: 0 };
          const fired: { time: number; kind: string; order: number }[] = [];
          let last = clock.now();
          const look = (): void => {
            const now = clock.now();
            expect(now).toBeGreaterThanOrEqual(last);
            last = now;
          };
          const hold = (): (() => void) => {
            const release = clock.hold();
            held += 1;
            return () => {
              held -= 1;
              release();
            };
          };
          const timer = (after: number, kind: "fire" | "work", act: () => void): void => {
            const time = clock.now() + after;
            const mine = order++;
            if (kind === "work") work += 1;
            open.timers += 1;
            clock.at(
              time,
              () => {
                if (kind === "fire") expect(held === 0 || work > 0).toBe(true);
                else work -= 1;
                open.timers -= 1;
                expect(clock.now()).toBe(Math.max(time, last));
                fired.push({ time, kind, order: mine });
                look();
                act();
              },
              kind,
            );
          };
          for (const s of steps) {
            if (s.op === "pass") await pass(s.ms);
            else if (s.op === "stall") stall(s.ms);
            else if (s.op === "speed") clock.setSpeed(s.speed);
            else if (s.op === "hold") holds.push(hold());
            else if (s.op === "release") holds.pop()?.();
            else if (s.op === "work") timer(s.after, "work", () => {});
            else {
              timer(s.after, "fire", () => {
                if (s.works === null) return;
                const release = hold();
                timer(s.works, "work", release);
              });
            }
            look();
          }
          for (const release of holds) release();
          clock.setSpeed(1000);
          for (let i = 0; i < 40 && open.timers > 0; i += 1) {
            await pass(50);
            look();
          }
          expect(open.timers).toBe(0);
          // In order among those that stood in the heap together: registration after an earlier firing may add smaller times.
          for (const [i, a] of fired.entries()) {
            const b = fired[i + 1];
            if (b !== undefined && b.order < a.order) {
              expect(
                a.time < b.time ||
                  (a.time === b.time && (a.kind === b.kind ? false : a.kind === "fire")),
              ).toBe(true);
            }
          }
          clock.dispose();
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
