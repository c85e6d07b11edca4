import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SystemClock } from "../../../../src-main/engine/clock-system.ts";

const start = 1_700_000_000_000;

describe("SystemClock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: start });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("fires in order and never early, with one timeout for all timers", async () => {
    const clock = new SystemClock();
    const seen: [string, number][] = [];
    const note = (name: string) => (): void => void seen.push([name, clock.now() - start]);
    clock.at(start + 30, note("c"), "fire");
    clock.at(start + 10, note("a"), "fire");
    clock.at(start + 10, note("b"), "work");
    clock.at(start + 20, note("gone"), "fire")();
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(29);
    expect(seen).toEqual([
      ["a", 10],
      ["b", 10],
    ]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.at(-1)).toEqual(["c", 30]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never fires synchronously, nor a timer that a callback registers in the past within the same turn", async () => {
    const clock = new SystemClock();
    let rounds = 0;
    const again = (): void => {
      rounds += 1;
      clock.at(0, again, "fire");
    };
    clock.at(0, again, "fire");
    expect(rounds).toBe(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(rounds).toBe(1);
    clock.dispose();
  });

  it("looks at the wall at least every 20 s, so that a set clock is noticed, and waits for months", async () => {
    const clock = new SystemClock();
    let firedAt: number | null = null;
    clock.at(start + 90 * 86_400_000, () => void (firedAt = clock.now()), "fire");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(firedAt).toBeNull();
    vi.setSystemTime(start + 90 * 86_400_000 + 5);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(firedAt).not.toBeNull();
    expect(clock.realLateness(start)).toBe(clock.now() - start);
  });

  it("keeps a timer beyond 2^31 ms, and never asks setTimeout for such a wait", async () => {
    const asked: number[] = [];
    const setFake = globalThis.setTimeout;
    const spy = vi.spyOn(globalThis, "setTimeout").mockImplementation(((
      call: () => void,
      ms: number,
    ) => {
      asked.push(ms);
      return setFake(call, ms);
    }) as typeof setTimeout);
    const clock = new SystemClock();
    const wait = 2 ** 31 + 5_000;
    let firedAt: number | null = null;
    clock.at(start + wait, () => void (firedAt = clock.now()), "fire");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(firedAt).toBeNull();
    // A jump of the wall, so that not every look of 25 days is played.
    vi.setSystemTime(start + wait - 1);
    await vi.advanceTimersByTimeAsync(20_000 - 1);
    expect(firedAt).toBeNull();
    vi.setSystemTime(start + wait - 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(firedAt).toBe(start + wait);
    expect(Math.max(...asked)).toBeLessThanOrEqual(20_000);
    spy.mockRestore();
  });

  it("plans anew at once when it is told that the wall was set forward", async () => {
    const clock = new SystemClock();
    const seen: string[] = [];
    clock.at(start + 60_000, () => seen.push("old"), "fire");
    await vi.advanceTimersByTimeAsync(1_000);
    vi.setSystemTime(start + 120_000);
    // The armed wait has 19 s to go; a new timer that is due sooner must not wait for it.
    clock.at(start + 122_000, () => seen.push("new"), "fire");
    clock.adjusted();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual(["old"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(seen).toEqual(["old", "new"]);
    clock.dispose();
  });

  it("does not fire early when the wall is set back", async () => {
    const clock = new SystemClock();
    let fired = false;
    clock.at(start + 1000, () => void (fired = true), "fire");
    vi.setSystemTime(start - 5000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(fired).toBe(false);
    await vi.advanceTimersByTimeAsync(5000);
    expect(fired).toBe(true);
  });

  it("re-plans when an earlier timer comes, and lets go of everything on dispose", async () => {
    const clock = new SystemClock();
    const seen: string[] = [];
    clock.at(start + 500, () => seen.push("late"), "fire");
    clock.at(start + 5, () => seen.push("early"), "fire");
    await vi.advanceTimersByTimeAsync(5);
    expect(seen).toEqual(["early"]);
    clock.dispose();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual(["early"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sleeps, aborts sleeps, and survives a callback that throws", async () => {
    const errors: unknown[] = [];
    const clock = new SystemClock({ onError: (error) => errors.push(error) });
    clock.at(
      start + 1,
      () => {
        throw new Error("broken");
      },
      "fire",
    );
    const slept = clock.sleep(2).then(() => clock.now() - start);
    const controller = new AbortController();
    const aborted = expect(clock.sleep(1000, controller.signal)).rejects.toThrow("enough");
    await vi.advanceTimersByTimeAsync(2);
    expect(await slept).toBe(2);
    expect(errors).toEqual([new Error("broken")]);
    controller.abort(new Error("enough"));
    await aborted;
    expect(vi.getTimerCount()).toBe(0);
    clock.hold()();
  });
});
