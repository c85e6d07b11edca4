import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeCandles } from "../../../../src-main/engine/market/integrity.ts";
import type { Candle } from "../../../../src-main/engine/market/types.ts";

const LENGTH = 60_000;
const good: Candle = { time: 5 * LENGTH, open: 10, high: 12, low: 9, close: 11, volume: 3 };
const options = { length: LENGTH, now: 100 * LENGTH };

describe("candle integrity", () => {
  it.each<[string, string, Partial<Candle>]>([
    ["wrong_order", "its high 9.5 is below its open 10", { high: 9.5 }],
    ["wrong_order", "its high 10.5 is below its close 11", { high: 10.5 }],
    ["wrong_order", "its high 8 is below its low 9", { high: 8 }],
    ["wrong_order", "its low 10.5 is above its open 10", { low: 10.5 }],
    ["wrong_order", "its low 9.5 is above its close 9", { low: 9.5, close: 9 }],
    ["not_positive", "its open 0 is not above 0", { open: 0 }],
    ["not_positive", "its low -1 is not above 0", { low: -1 }],
    ["not_a_number", "its close NaN is not a number", { close: Number.NaN }],
    ["not_a_number", "its high Infinity is not a number", { high: Number.POSITIVE_INFINITY }],
    ["not_positive", "its volume -0.5 is negative", { volume: -0.5 }],
    ["not_a_number", "its volume NaN is not a number", { volume: Number.NaN }],
    ["off_grid", "its time is 1 ms off the grid", { time: 5 * LENGTH + 1 }],
    ["off_grid", "its time NaN is not a time", { time: Number.NaN }],
    ["open", "it is still open", { time: 100 * LENGTH }],
  ])("refuses as %s a candle because %s", (kind, reason, wrong) => {
    const candle = { ...good, ...wrong };
    expect(judgeCandles([candle], options)).toEqual({
      accepted: [],
      refused: [{ candle, kind, reason }],
    });
  });

  it("refuses duplicates and what is out of order, and accepts a candle that has just closed and one without trades", () => {
    const at = (i: number): Candle => ({ ...good, time: i * LENGTH });
    const still = { ...at(99), open: 9, high: 9, low: 9, close: 9, volume: 0 };
    const verdict = judgeCandles([at(3), at(4), at(4), at(2), at(7), still], {
      ...options,
      after: 3 * LENGTH,
    });
    expect(verdict.accepted).toEqual([at(4), at(7), still]);
    expect(verdict.refused.map(({ reason }) => reason)).toEqual([
      "it is a duplicate",
      "it is a duplicate",
      "it is out of order",
    ]);
  });

  it("accepts or refuses each candle once, and what it accepts is sound and ascending", () => {
    const price = fc.oneof(fc.double({ min: -1, max: 20 }), fc.integer({ min: 1, max: 4 }));
    const any = fc.record({
      time: fc.oneof(
        fc.integer({ min: -2, max: 110 }).map((i) => i * LENGTH),
        fc.double(),
      ),
      open: price,
      high: price,
      low: price,
      close: price,
      volume: price,
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (candles) => {
        const { accepted, refused } = judgeCandles(candles, options);
        expect(accepted.length + refused.length).toBe(candles.length);
        let last = -1;
        for (const c of accepted) {
          expect(c.time).toBeGreaterThan(last);
          expect(c.low).toBeGreaterThan(0);
          expect(c.low <= Math.min(c.open, c.close) && c.high >= Math.max(c.open, c.close)).toBe(
            true,
          );
          expect(c.volume).toBeGreaterThanOrEqual(0);
          expect(c.time + LENGTH).toBeLessThanOrEqual(options.now);
          last = c.time;
        }
      }),
    );
  });
});
