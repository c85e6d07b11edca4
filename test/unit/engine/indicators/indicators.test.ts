import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adx } from "../../../../src-main/engine/indicators/adx.ts";
import { atr } from "../../../../src-main/engine/indicators/atr.ts";
import { bollinger } from "../../../../src-main/engine/indicators/bollinger.ts";
import { correlation, simpleReturns } from "../../../../src-main/engine/indicators/correlation.ts";
import { ema } from "../../../../src-main/engine/indicators/ema.ts";
import { macd } from "../../../../src-main/engine/indicators/macd.ts";
import { percentileRank } from "../../../../src-main/engine/indicators/percentile.ts";
import { quantileInPlace } from "../../../../src-main/engine/indicators/quantile.ts";
import { rsi } from "../../../../src-main/engine/indicators/rsi.ts";
import {
  adxSettled,
  emaSettled,
  macdSettled,
  wilderSettled,
} from "../../../../src-main/engine/indicators/settle.ts";
import { sma } from "../../../../src-main/engine/indicators/sma.ts";
import { zScore } from "../../../../src-main/engine/indicators/moments.ts";
import { apart, walk } from "./series.ts";

const of = (...values: number[]): Float64Array => Float64Array.from(values);
const nan = Number.NaN;

describe("values worked out by hand", () => {
  it("SMA and EMA: NaN until the first window is full", () => {
    expect([...sma(of(1, 2, 3, 4, 8), 3)]).toEqual([nan, nan, 2, 3, 5]);
    // α = 1/2, seed 2: 2 + (4 − 2)/2 = 3, 3 + (8 − 3)/2 = 5.5
    expect([...ema(of(1, 2, 3, 4, 8), 3)]).toEqual([nan, nan, 2, 3, 5.5]);
  });

  it("RSI: mean gain against mean loss, Wilder's smoothing", () => {
    // Changes +2 −1 +3: seed of two: gain 1, loss 0.5 → 66.67; then gain (1 + 3)/2 = 2, loss 0.25 → 88.89.
    const out = rsi(of(10, 12, 11, 14), 2);
    expect(out[1]).toBeNaN();
    expect(out[2]).toBeCloseTo(200 / 3, 12);
    expect(out[3]).toBeCloseTo(200 / 2.25, 12);
  });

  it("RSI: 100 without losses, 0 without gains, 50 when nothing moves", () => {
    expect(rsi(of(1, 2, 3, 4), 2)[3]).toBe(100);
    expect(rsi(of(4, 3, 2, 1), 2)[3]).toBe(0);
    expect(rsi(of(5, 5, 5, 5), 2)[3]).toBe(50);
  });

  it("ATR: gaps count", () => {
    // True ranges: max(12, 10) − min(11, 10) = 2, then 1; mean 1.5; then (1.5 + 3)/2.
    const columns = {
      high: of(11, 12, 12, 9.5),
      low: of(9, 11, 11, 8.5),
      close: of(10, 11.5, 11.5, 9),
    };
    const out = atr(columns, 2);
    expect([...out]).toEqual([nan, nan, 1.5, 2.25]);
  });

  it("ADX: 100 in a pure trend, 0 where nothing moves", () => {
    const up = Float64Array.from({ length: 12 }, (_, i) => 10 + i);
    expect(adx({ high: up, low: up }, 3).at(-1)).toBeCloseTo(100, 9);
    const flat = new Float64Array(12).fill(7);
    const out = adx({ high: flat, low: flat }, 3);
    expect([out[4], out[5], out.at(-1)]).toEqual([nan, 0, 0]);
  });

  it("Bollinger bands use the population deviation", () => {
    // 2 4 4 4 5 5 7 9: mean 5, population deviation 2.
    const { middle, upper, lower } = bollinger(of(2, 4, 4, 4, 5, 5, 7, 9), 8, 2);
    expect([middle[7], upper[7], lower[7], upper[6]]).toEqual([5, 9, 1, nan]);
  });

  it("correlation, returns, z-score, percentile rank", () => {
    expect([...simpleReturns(of(100, 110, 99))].map((x) => Number(x.toFixed(12)))).toEqual([
      nan,
      0.1,
      -0.1,
    ]);
    expect(correlation(of(1, 2, 3), of(2, 4, 6), 3)[2]).toBeCloseTo(1, 12);
    expect(correlation(of(1, 2, 3), of(6, 4, 2), 3)[2]).toBeCloseTo(-1, 12);
    expect(correlation(of(1, 1, 1), of(6, 4, 2), 3)[2]).toBeNaN();
    expect(zScore(of(2, 4, 4, 4, 5, 5, 7, 9), 8)[7]).toBe(2);
    expect(zScore(of(0.1, 0.1, 0.1, 0.1, 0.1, 0.1), 6)[5]).toBeNaN();
    expect([...percentileRank(of(1, 3, 2, 2), 3)]).toEqual([nan, nan, 0.5, 1 / 3]);
  });

  it("quantile is linear between neighbours", () => {
    const values = [15, 20, 35, 40, 50, 7, 90];
    // Python's statistics.quantiles(values, n=10, method="inclusive")
    const tenths = [11.8, 16, 19, 26, 35, 38, 42, 48, 66];
    for (const [i, want] of tenths.entries()) {
      expect(quantileInPlace(of(...values), (i + 1) / 10)).toBeCloseTo(want, 10);
    }
    expect(quantileInPlace(of(), 0.5)).toBeNaN();
  });
});

describe("values of an independent computation in exact fractions", () => {
  const columns = walk(60, 12345);
  const at = (values: Float64Array, index = 59): number => values[index] ?? nan;
  const bands = bollinger(columns.close, 20, 2);
  const momentum = macd(columns.close, 12, 26, 9);
  it.each([
    ["first closes", at(columns.close, 4), 100.87],
    ["SMA 10", at(sma(columns.close, 10)), 102.571],
    ["EMA 10", at(ema(columns.close, 10)), 102.79619217735942],
    ["EMA 10 seed", at(ema(columns.close, 10), 9), 100.93],
    ["upper band", at(bands.upper), 103.66574133136575],
    ["lower band", at(bands.lower), 100.83225866863424],
    ["RSI 14 seed", at(rsi(columns.close, 14), 14), 61.343283582089555],
    ["RSI 14", at(rsi(columns.close, 14)), 55.89671473980847],
    ["MACD", at(momentum.macd), 0.2911074237769088],
    ["MACD signal seed", at(momentum.signal, 33), 0.08612570157677986],
    ["MACD signal", at(momentum.signal), 0.13399782653243747],
    ["MACD histogram", at(momentum.histogram), 0.1571095972444713],
    ["ATR 14 seed", at(atr(columns, 14), 14), 1.1321428571428571],
    ["ATR 14", at(atr(columns, 14)), 1.0881557954363186],
    ["ADX 14 first", at(adx(columns, 14), 27), 36.502702695999396],
    ["ADX 14", at(adx(columns, 14)), 15.80201909632413],
    ["correlation 20", at(correlation(columns.close, columns.volume, 20)), 0.054669716749768935],
    ["z-score 20", at(zScore(columns.close, 20)), 1.356634381625032],
  ])("%s", (_name, have, want) => {
    expect(apart(have, want)).toBeLessThan(1e-9);
  });
});

describe("numerics", () => {
  it("deviation in a near-flat spell after a violent one keeps its digits", () => {
    // A running variance is left with the rounding of the violent spell; each window anew is not.
    const values = Float64Array.from({ length: 80 }, (_, i) =>
      i < 40 ? 60_000 + 20_000 * (i % 2) : 60_000 + 1e-6 * (i % 2),
    );
    const { upper, middle } = bollinger(values, 20, 2);
    expect(((upper[79] ?? nan) - (middle[79] ?? nan)) / 2 / 5e-7).toBeCloseTo(1, 4);
  });

  it("a flat window has exactly no deviation, whatever the price", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (price) => {
        const { upper, middle, lower } = bollinger(new Float64Array(20).fill(price), 20, 2);
        expect([upper[19], middle[19], lower[19]]).toEqual([price, price, price]);
      }),
    );
  });

  it("a settled value does not depend on older history beyond 1e-9", () => {
    const periods = fc.integer({ min: 2, max: 60 });
    fc.assert(
      fc.property(periods, fc.integer({ min: 1, max: 1e6 }), (period, seed) => {
        const need = Math.max(adxSettled(period), macdSettled(period, 9));
        const all = walk(need + 500, seed);
        const cut = (count: number) => ({
          high: all.high.subarray(-count),
          low: all.low.subarray(-count),
          close: all.close.subarray(-count),
        });
        const pairs: [Float64Array, Float64Array][] = [
          [ema(all.close, period), ema(cut(emaSettled(period)).close, period)],
          [rsi(all.close, period), rsi(cut(wilderSettled(period)).close, period)],
          [atr(all, period), atr(cut(wilderSettled(period)), period)],
          [adx(all, period), adx(cut(adxSettled(period)), period)],
        ];
        for (const [long, short] of pairs) {
          expect(apart(long.at(-1) ?? nan, short.at(-1) ?? nan)).toBeLessThan(1e-9);
        }
        const fast = Math.max(1, Math.floor(period / 2));
        const whole = macd(all.close, fast, period, 9).histogram.at(-1) ?? nan;
        const tail =
          macd(cut(macdSettled(period, 9)).close, fast, period, 9).histogram.at(-1) ?? nan;
        expect(Math.abs(whole - tail) / 100).toBeLessThan(1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("no value knows of later candles", () => {
    const columns = walk(200, 77);
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 199 }), (end) => {
        const cut = {
          high: columns.high.slice(0, end),
          low: columns.low.slice(0, end),
          close: columns.close.slice(0, end),
        };
        const same = (long: Float64Array, short: Float64Array) =>
          expect(long.slice(0, end)).toEqual(short);
        same(sma(columns.close, 20), sma(cut.close, 20));
        same(ema(columns.close, 20), ema(cut.close, 20));
        same(rsi(columns.close, 14), rsi(cut.close, 14));
        same(atr(columns, 14), atr(cut, 14));
        same(adx(columns, 14), adx(cut, 14));
        same(macd(columns.close, 12, 26, 9).histogram, macd(cut.close, 12, 26, 9).histogram);
        same(bollinger(columns.close, 20, 2).upper, bollinger(cut.close, 20, 2).upper);
      }),
    );
  });

  it("quickselect agrees with sorting, ties included", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const sorted = values.toSorted((a, b) => a - b);
          const position = share * (values.length - 1);
          const low = sorted[Math.floor(position)] ?? nan;
          const high = sorted[Math.ceil(position)] ?? nan;
          const want = low + (position - Math.floor(position)) * (high - low);
          expect(quantileInPlace(Float64Array.from(values), share)).toBeCloseTo(want, 12);
        },
      ),
    );
  });
});

describe("what cannot be computed", () => {
  it("a column shorter than the warm-up is NaN throughout", () => {
    const { high, low, close } = walk(10, 1);
    const short = { high, low, close };
    for (const out of [
      sma(close, 20),
      ema(close, 20),
      rsi(close, 14),
      atr(short, 14),
      adx(short, 14),
    ]) {
      expect(out.length).toBe(10);
      expect(out.every((value) => Number.isNaN(value))).toBe(true);
    }
  });

  it.each([0, -1, 2.5, nan])("period %s is refused in one sentence", (period) => {
    expect(() => sma(of(1, 2, 3), period)).toThrow(
      `SMA period is ${period}; it must be a whole number of at least 1.`,
    );
  });

  it("MACD needs the fast period below the slow one; correlation columns of one length", () => {
    expect(() => macd(of(1, 2, 3), 26, 12, 9)).toThrow("MACD slow period is 12");
    expect(() => correlation(of(1, 2), of(1, 2, 3), 2)).toThrow("2 and 3 values");
  });
});
