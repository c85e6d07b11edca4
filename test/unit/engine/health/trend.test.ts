import { describe, expect, it } from "vitest";
import { creepOf, risingP, theilSen } from "../../../../src-main/engine/health/trend.ts";
import type { DayValue } from "../../../../src-main/engine/health/trend.ts";

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Log-normal noise, as durations have, around 1. */
function noise(next: () => number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Math.exp(sigma * normal);
}

const daysOf = (values: readonly number[]): DayValue[] =>
  values.map((value, day) => ({ day: 19_000 + day, value }));

describe("Mann–Kendall", () => {
  it("gives the exact chance for few values", () => {
    // One order of n! rises throughout; of three values five of six have S ≥ −1.
    expect(risingP([1, 2, 3, 4, 5])).toBeCloseTo(1 / 120, 12);
    expect(risingP([1, 2, 4, 3, 5])).toBeCloseTo(5 / 120, 12);
    expect(risingP([3, 1, 2])).toBeCloseTo(5 / 6, 12);
    expect(risingP([5, 4, 3, 2, 1])).toBe(1);
  });

  it("matches Kendall's table where the normal curve takes over, and counts ties", () => {
    // n = 10, S = 21: 0.036 in Kendall's table (1975, table 1).
    const ten = [3, 1, 2, 5, 4, 6, 8, 10, 7, 9];
    expect(risingP(ten)).toBeLessThan(0.01);
    // n = 12, no ties: var = 12·11·29/18 = 212.67; S = 66 gives z = 65/14.583 = 4.457.
    expect(risingP(Array.from({ length: 12 }, (_, i) => i))).toBeCloseTo(4.15e-6, 7);
    // n = 4 with two pairs of ties: S = 4, var = (4·3·13 − 2·2·1·9)/18 = 6.667; z = 3/2.582 = 1.162.
    expect(risingP([1, 1, 2, 2])).toBeCloseTo(0.1226, 3);
    expect(risingP([7, 7, 7, 7, 7, 7])).toBe(1);
  });
});

describe("Theil–Sen", () => {
  it("finds the line through gaps and a wild value", () => {
    const line = [0, 1, 2, 5, 6, 9].map((day) => ({ day, value: 10 + 0.5 * day }));
    expect(theilSen(line)).toEqual({ slope: 0.5, start: 10 });
    const wild = line.map((point) => (point.day === 5 ? { day: 5, value: 1000 } : point));
    expect(theilSen(wild).slope).toBeCloseTo(0.5, 6);
  });
});

describe("creep", () => {
  it("needs five days, significance and more than 20 % of growth", () => {
    const grown = (n: number, total: number): DayValue[] =>
      daysOf(Array.from({ length: n }, (_, i) => 10 * (1 + (total * i) / (n - 1))));
    expect(creepOf(grown(4, 0.5), 0)).toBeNull();
    expect(creepOf(grown(5, 0.5), 0)).toMatchObject({ days: 5 });
    expect(creepOf(grown(14, 0.199), 0)).toBeNull();
    const creep = creepOf(grown(14, 0.3), 0);
    expect(creep?.growthPct).toBeCloseTo(30, 6);
    expect(creep?.perDayPct).toBeCloseTo(30 / 13, 6);
    expect(creepOf(grown(14, 0.3), 3.1)).toBeNull();
    expect(
      creepOf(
        grown(14, 0.3).map((p) => ({ ...p, value: 50 - p.value })),
        0,
      ),
    ).toBeNull();
    expect(creepOf([], 0)).toBeNull();
  });

  it("raises a false alarm on less than 1 % of random durations, whatever their number and spread", () => {
    for (const days of [5, 6, 7, 10, 14, 28]) {
      for (const sigma of [0.05, 0.3, 1]) {
        const next = random(days * 1000 + sigma * 100);
        // At five days the level itself is 0.83 %: many runs, so that chance does not decide.
        const runs = days < 10 ? 20_000 : 2_000;
        let alarms = 0;
        for (let run = 0; run < runs; run += 1) {
          const values = Array.from({ length: days }, () => 40 * noise(next, sigma));
          if (creepOf(daysOf(values), 0) !== null) alarms += 1;
        }
        expect(alarms / runs, `${days} days, sigma ${sigma}`).toBeLessThan(0.01);
      }
    }
  });

  it("finds a planted growth of 30 % under noise, within two weeks nearly always, within four always", () => {
    for (const [days, sigma, share] of [
      [14, 0.02, 0.99],
      [14, 0.04, 0.9],
      [28, 0.04, 0.99],
    ] as const) {
      const next = random(42);
      const runs = 1000;
      let found = 0;
      for (let run = 0; run < runs; run += 1) {
        // Medians of 96 ticks with a spread of 30 % spread by about 4 %.
        const values = Array.from(
          { length: days },
          (_, day) => 40 * (1 + (0.3 * day) / (days - 1)) * noise(next, sigma),
        );
        if (creepOf(daysOf(values), 0.5) !== null) found += 1;
      }
      expect(found / runs, `${days} days, sigma ${sigma}`).toBeGreaterThan(share);
    }
  });
});
