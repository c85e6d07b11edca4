import { afterEach, describe, expect, it, vi } from "vitest";
import { SystemClock } from "../../../../src-main/engine/clock-system.ts";
import { Scheduler } from "../../../../src-main/engine/scheduler/scheduler.ts";
import type { Fire } from "../../../../src-main/engine/scheduler/types.ts";

const start = 1_700_000_000_000;

describe("Scheduler on the wall clock", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("fires no fire time twice and does not spin when the wall is set back, even while it works", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: start });
    const clock = new SystemClock();
    const fired: string[] = [];
    const scheduler = new Scheduler({ clock, onRecord: () => {}, onError: () => {} });
    const add = (id: string, act: () => void): void => {
      scheduler.add({
        id,
        trigger: { kind: "interval", everyMs: 10_000, anchor: start + 10_000 },
        graceMs: 60_000,
        coalesce: true,
        maxInstances: 1,
        accountedUntil: null,
        run: async (fire: Fire) => {
          fired.push(`${id}${fire.fireTime - start}`);
          act();
        },
      });
    };
    let set = false;
    add("a", () => {
      if (!set) vi.setSystemTime(start + 5000);
      set = true;
    });
    add("b", () => {});
    scheduler.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fired).toEqual(["a10000", "b10000"]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(fired).toEqual(["a10000", "b10000", "a20000", "b20000"]);
    await scheduler.stop({ limitMs: 0 });
    clock.dispose();
  });
});
