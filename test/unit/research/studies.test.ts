import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deflatedSharpe,
  expectedBestSharpe,
  returnMoments,
} from "../../../src-main/research/deflated-sharpe.ts";
import { monteCarlo, tradeReturns } from "../../../src-main/research/monte-carlo.ts";
import { subPeriods, walkWindows } from "../../../src-main/research/windows.ts";

const OPTIONS = { method: "shuffle", runs: 400, block: 5, ruinLoss: 0.5, seed: 7 } as const;
const trades = (count: number): Float64Array =>
  Float64Array.from(
    { length: count },
    (_, i) => (i % 3 === 0 ? -0.02 : 0.013) * (1 + (i % 7) / 10),
  );

describe("Monte Carlo", () => {
  it("a shuffle ends where the trades ended, whatever their order", () => {
    const returns = trades(120);
    const end = returns.reduce((equity, share) => equity * (1 + share), 1000);
    const report = monteCarlo(returns, 1000, OPTIONS);
    for (const value of report.finalQuantiles) expect(value).toBeCloseTo(end, 8);
    expect(report.drawdownQuantiles[4]).toBeGreaterThan(report.drawdownQuantiles[0] ?? 1);
    expect(report.fan.trades[0]).toBe(0);
    expect(report.fan.p50[0]).toBe(1000);
    expect(report.fan.trades.at(-1)).toBe(120);
  });

  it("a bootstrap spreads the ends, in the same way for the same seed", () => {
    const returns = trades(120);
    const options = { ...OPTIONS, method: "bootstrap" } as const;
    const report = monteCarlo(returns, 1000, options);
    expect(report.finalQuantiles[4]).toBeGreaterThan((report.finalQuantiles[0] ?? 0) * 1.05);
    expect(monteCarlo(returns, 1000, options)).toEqual(report);
    expect(monteCarlo(returns, 1000, { ...options, seed: 8 })).not.toEqual(report);
    expect(report.finals.counts.reduce((sum, count) => sum + count, 0)).toBe(400);
  });

  it("ruin is certain for trades that only lose, and impossible for trades that only gain", () => {
    const losing = monteCarlo(new Float64Array(40).fill(-0.05), 1000, OPTIONS);
    expect(losing.ruinProbability).toBe(1);
    expect(losing.lossProbability).toBe(1);
    const gaining = monteCarlo(new Float64Array(40).fill(0.05), 1000, OPTIONS);
    expect(gaining.ruinProbability).toBe(0);
    expect(gaining.drawdownQuantiles).toEqual([0, 0, 0, 0, 0]);
  });

  it("keeps blocks together: with blocks as long as the trades, a path is the trades turned around", () => {
    const returns = Float64Array.from({ length: 50 }, (_, i) => (i === 0 ? -0.5 : 0.001));
    const report = monteCarlo(returns, 1000, {
      ...OPTIONS,
      method: "bootstrap",
      block: 1_000_000,
      runs: 200,
    });
    const end = returns.reduce((equity, share) => equity * (1 + share), 1000);
    expect(report.finalQuantiles[0]).toBeCloseTo(end, 6);
    expect(report.finalQuantiles[4]).toBeCloseTo(end, 6);
  });

  it("refuses fewer than ten trades in one sentence", () => {
    expect(() => monteCarlo(trades(9), 1000, OPTIONS)).toThrow(/9 trades says nothing/);
  });

  it("returns of trades compound to what they gained", () => {
    const returns = tradeReturns([100, -50, 25], 1000);
    expect(returns.reduce((equity, share) => equity * (1 + share), 1000)).toBeCloseTo(1075, 10);
    expect(tradeReturns([-1000, 50], 1000)).toHaveLength(1);
  });
});

describe("Deflated Sharpe ratio", () => {
  it("gives the paper's own example", () => {
    // Bailey & López de Prado 2014: annual ratio 2.5 over 1,250 days, skewness −3, kurtosis 10, 100 trials whose annual
    // ratios have a variance of 1/2.
    const sharpe = 2.5 / Math.sqrt(250);
    expect(expectedBestSharpe(100, 0.5 / 250)).toBeCloseTo(0.1132, 4);
    const spread = Math.sqrt(0.5 / 250);
    // Trials with just that sample variance.
    const trials = Array.from(
      { length: 100 },
      (_, i) => (i % 2 === 0 ? 1 : -1) * spread * Math.sqrt(99 / 100),
    );
    const found = deflatedSharpe({ count: 1250, sharpe, skewness: -3, kurtosis: 10 }, trials);
    expect(found?.probability).toBeCloseTo(0.9004, 4);
  });

  it("one trial is not deflated; more trials never make the same result more likely", () => {
    const moments = { count: 500, sharpe: 0.08, skewness: 0, kurtosis: 3 };
    expect(deflatedSharpe(moments, [0.08])?.threshold).toBe(0);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), (count) => {
        const of = (n: number) =>
          deflatedSharpe(
            moments,
            Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0.05 : -0.05)),
          )?.threshold ?? 0;
        expect(of(2 * count + 2)).toBeGreaterThan(of(2 * count));
      }),
    );
  });

  it("reads moments of equity; none where nothing moves", () => {
    const moments = returnMoments(Float64Array.of(100, 110, 99, 108.9));
    expect(moments?.count).toBe(3);
    expect(moments?.sharpe).toBeCloseTo(0.1 / 3 / Math.sqrt(0.08 / 9), 10);
    expect(returnMoments(new Float64Array(10).fill(5))).toBeNull();
    expect(returnMoments(Float64Array.of(1, 2))).toBeNull();
  });
});

describe("Walk-forward windows", () => {
  it("cover what follows the first in-sample span without gap or overlap, and never look ahead", () => {
    fc.assert(
      fc.property(
        fc.record({
          from: fc.integer({ min: 0, max: 1000 }),
          length: fc.integer({ min: 10, max: 5000 }),
          inSampleMs: fc.integer({ min: 1, max: 500 }),
          outOfSampleMs: fc.integer({ min: 2, max: 300 }),
          kind: fc.constantFrom("rolling" as const, "anchored" as const),
        }),
        ({ from, length, inSampleMs, outOfSampleMs, kind }) => {
          fc.pre(length >= inSampleMs + outOfSampleMs);
          const span = { from, to: from + length };
          const windows = walkWindows(span, { kind, inSampleMs, outOfSampleMs });
          let next = from + inSampleMs;
          for (const { inSample, outOfSample } of windows) {
            expect(inSample.to).toBe(outOfSample.from);
            expect(outOfSample.from).toBe(next);
            expect(outOfSample.to).toBeLessThanOrEqual(span.to);
            expect(inSample.from).toBe(kind === "anchored" ? from : next - inSampleMs);
            next = outOfSample.to;
          }
          expect(span.to - next).toBeLessThan(outOfSampleMs / 2);
        },
      ),
    );
  });

  it("refuses a span without room for one", () => {
    expect(() =>
      walkWindows({ from: 0, to: 100 }, { kind: "rolling", inSampleMs: 99, outOfSampleMs: 50 }),
    ).toThrow(/too short/);
  });

  it("three sub-periods share the span on the grid", () => {
    expect(subPeriods({ from: 0, to: 10_000 }, 1000)).toEqual([
      { from: 0, to: 3000 },
      { from: 3000, to: 7000 },
      { from: 7000, to: 10_000 },
    ]);
  });
});
