import { describe, expect, it } from "vitest";
import { sliceColumns } from "../../../../src-main/engine/market/columns.ts";
import { REGIME_CANDLES, regimeOf } from "../../../../src-main/engine/market/regime.ts";
import { numbers } from "../indicators/series.ts";
import { candlesOf, generatedWorld } from "./market.ts";

const next = numbers(3);
const noise = Array.from({ length: 400 }, () => next() / 16_384 - 1);
/** 300 moves: noise of that size, then `tail` moves. */
const regime = (size: number, tail: readonly number[]) => {
  const steps = [...noise.slice(0, 300 - tail.length).map((each) => each * size), ...tail];
  return regimeOf(candlesOf(steps, "1h", 9));
};
const repeat = (count: number, move: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => move(i));
/** Ever smaller, so that the last band is the narrowest. */
const calming = (i: number) => quiver(0.004 / (1 + i))(i);
const quiver = (size: number) => (i: number) => (i % 2 === 0 ? size : -size);

describe("regimeOf", () => {
  it("needs its candles: unknown before", () => {
    const world = generatedWorld("1h", REGIME_CANDLES, 1);
    expect(regimeOf(world.candles)).not.toBeNull();
    expect(regimeOf(sliceColumns(world.candles, 1, REGIME_CANDLES))).toBeNull();
  });

  it.each([
    ["trending_up", 0.004, repeat(60, () => 0.004)],
    ["trending_down", 0.004, repeat(60, () => -0.004)],
    ["high_volatility", 0.002, noise.slice(300, 340).map((each) => each * 0.01)],
    ["squeeze", 0.01, repeat(40, calming)],
    ["breakout", 0.01, [...repeat(40, calming), 0.02]],
  ] as const)("%s", (expected, size, tail) => {
    expect(regime(size, tail)).toBe(expected);
  });

  it("finds all seven in a long market, and depends on its last candles only", () => {
    const { candles } = generatedWorld("1h", 5000, 5);
    const seen = new Map<string, number>();
    for (let end = REGIME_CANDLES; end <= candles.length; end += 7) {
      const label = regimeOf(sliceColumns(candles, 0, end));
      expect(regimeOf(sliceColumns(candles, end - REGIME_CANDLES, end))).toBe(label);
      if (label !== null) seen.set(label, (seen.get(label) ?? 0) + 1);
    }
    expect([...seen.keys()].toSorted()).toEqual([
      "breakout",
      "high_volatility",
      "ranging",
      "squeeze",
      "transition",
      "trending_down",
      "trending_up",
    ]);
  });
});
