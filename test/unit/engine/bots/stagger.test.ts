import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STAGGER_MS, firstFireTimes } from "../../../../src-main/engine/bots/stagger.ts";

const PERIOD = 900_000;
const phaseDistance = (a: number, b: number): number => {
  const d = Math.abs((a % PERIOD) - (b % PERIOD));
  return Math.min(d, PERIOD - d);
};

describe("firstFireTimes", () => {
  it("starts bots two seconds apart, the first at once", () => {
    expect(firstFireTimes(1_000_000, 3, [])).toEqual([1_000_000, 1_002_000, 1_004_000]);
  });

  it("never starts in the past and never puts two bots on one slot while there are free ones", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 0, max: 45 }),
        fc.integer({ min: 1, max: 45 }),
        (now, running, count) => {
          const taken = firstFireTimes(now - 12_345, running, []);
          const times = firstFireTimes(now, count, taken);
          expect(times).toHaveLength(count);
          for (const [i, time] of times.entries()) {
            expect(time).toBeGreaterThanOrEqual(now);
            for (const other of [...taken, ...times.slice(0, i)])
              expect(phaseDistance(time, other)).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  it("shares phases when there are more bots than slots", () => {
    expect(new Set(firstFireTimes(0, 1000, [])).size).toBe(1000);
    expect(firstFireTimes(0, 1000, []).at(-1)).toBe(999 * STAGGER_MS);
  });
});
