import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bestOf,
  gridSets,
  neighbourhoods,
  randomSets,
  searchSequentially,
  valuesOf,
} from "../../../src-main/research/search.ts";
import type { ParamSet } from "../../../src-main/research/search.ts";
import type { SweepPoint } from "../../../src-preload/contract/research.ts";
import type { Axis } from "../../../src-preload/contract/research-studies.ts";

const point = (params: ParamSet, sharpe: number | null, trades = 50): SweepPoint => ({
  params,
  sharpe,
  trades,
  finalEquity: 1000,
  totalReturn: 0,
  sortino: sharpe,
  maxDrawdown: 0.1,
  winRate: 0.5,
  profitFactor: 1,
});
const AXES: readonly Axis[] = [
  { key: "period", from: 10, to: 30, step: 5 },
  { key: "deviations", from: 1, to: 2, step: 0.1 },
];

describe("Parameter sets of a search", () => {
  it("a range has exact values and its end", () => {
    expect(valuesOf({ key: "x", from: 1, to: 2, step: 0.1 })).toEqual([
      1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2,
    ]);
    expect(valuesOf({ key: "x", from: 5, to: 9, step: 3 })).toEqual([5, 8]);
    expect(valuesOf({ key: "x", values: [3, 3, "a"] })).toEqual([3, "a"]);
  });

  it("a grid has each combination once, the last axis fastest", () => {
    const sets = gridSets(AXES);
    expect(sets).toHaveLength(55);
    expect(sets[0]).toEqual({ period: 10, deviations: 1 });
    expect(sets[1]).toEqual({ period: 10, deviations: 1.1 });
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(55);
  });

  it("refuses a grid that nobody could read, and an axis named twice", () => {
    const long = { from: 0, to: 1000, step: 1 };
    expect(() =>
      gridSets([
        { key: "a", ...long },
        { key: "b", ...long },
      ]),
    ).toThrow(/1002001 combinations/);
    expect(() =>
      gridSets([
        { key: "a", values: [1] },
        { key: "a", values: [2] },
      ]),
    ).toThrow(/twice/);
  });

  it("random draws are different points of the grid, the same for the same seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(1000), (count, seed) => {
        const sets = randomSets(AXES, count, seed);
        const keys = sets.map((set) => JSON.stringify(set));
        const grid = new Set(gridSets(AXES).map((set) => JSON.stringify(set)));
        expect(keys).toHaveLength(Math.min(count, 55));
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) expect(grid.has(key)).toBe(true);
        expect(randomSets(AXES, count, seed)).toEqual(sets);
      }),
      { numRuns: 40 },
    );
  });
});

describe("The best of a search", () => {
  it("is the first of the highest, and never one of too few trades", () => {
    const points = [point({}, 1), point({}, 3, 4), point({}, 2), point({}, 2), point({}, null)];
    expect(bestOf(points, "sharpe", 10)).toBe(2);
    expect(bestOf([point({}, null)], "sharpe", 10)).toBeNull();
  });

  it("the sequential search finds a hill with a fraction of the grid, in the same steps each time", () => {
    const axes: readonly Axis[] = [
      { key: "a", from: 0, to: 100, step: 1 },
      { key: "b", from: 0, to: 100, step: 1 },
    ];
    const run = (set: ParamSet): SweepPoint =>
      point(set, 5 - ((Number(set["a"]) - 73) / 20) ** 2 - ((Number(set["b"]) - 21) / 20) ** 2);
    const worth = (one: SweepPoint): number | null => one.sharpe;
    const points = searchSequentially(axes, 400, run, worth);
    const best = points[bestOf(points, "sharpe", 0) ?? 0];
    expect(best?.sharpe).toBeGreaterThan(4.97);
    expect(points.length).toBeLessThan(600);
    expect(searchSequentially(axes, 400, run, worth)).toEqual(points);
  });

  it("the sequential search ends when everything was tried or nothing counts", () => {
    const axes: readonly Axis[] = [{ key: "a", values: [1, 2, 3] }];
    const points = searchSequentially(
      axes,
      1000,
      (set) => point(set, null),
      () => null,
    );
    expect(points.length).toBeLessThanOrEqual(3);
    expect(points.length).toBeGreaterThan(0);
  });

  it("neighbours are at most a step away on every axis", () => {
    const axes: readonly Axis[] = [
      { key: "a", values: [1, 2, 3] },
      { key: "b", values: [1, 2, 3, 4] },
    ];
    const points = gridSets(axes).map((set) =>
      point(set, Number(set["a"]) * 10 + Number(set["b"])),
    );
    const found = neighbourhoods(axes, points, "sharpe", 0);
    expect(found[0]).toEqual({ index: 0, neighbours: 4, mean: 16.5, least: 11 });
    expect(found[5]).toEqual({ index: 5, neighbours: 9, mean: 22, least: 11 });
  });
});
