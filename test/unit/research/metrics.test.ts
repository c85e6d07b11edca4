import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metricsOf, underwaterOf } from "../../../src-main/research/metrics.ts";
import { emptyTrades } from "../../../src-main/research/trades.ts";
import type { Trades } from "../../../src-main/research/trades.ts";

const HOUR = 3_600_000;
const PER_YEAR = 365 * 24;

interface Row {
  readonly entry: number;
  readonly exit: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly quantity: number;
  readonly pnl: number;
}

function tradesOf(rows: readonly Row[]): Trades {
  const trades = emptyTrades(rows.length);
  rows.forEach((row, at) => {
    trades.entry[at] = row.entry;
    trades.exit[at] = row.exit;
    trades.side[at] = 1;
    trades.entryPrice[at] = row.entryPrice;
    trades.exitPrice[at] = row.exitPrice;
    trades.quantity[at] = row.quantity;
    trades.pnl[at] = row.pnl;
    trades.fees[at] = 0.25;
    trades.slippage[at] = 0.5;
    trades.funding[at] = -0.125;
  });
  trades.count = rows.length;
  return trades;
}

const run = (marks: readonly number[], rows: readonly Row[], start = 100) =>
  metricsOf({
    equity: Float64Array.from(marks),
    lastMark: marks.at(-1) ?? start,
    trades: tradesOf(rows),
    start,
    length: HOUR,
    open: 50,
    close: 60,
  });

const row = (pnl: number, over: Partial<Row> = {}): Row => ({
  entry: 0,
  exit: 2,
  entryPrice: 10,
  exitPrice: 11,
  quantity: 2,
  pnl,
  ...over,
});

/** The definitions of docs/backtest-metrics.md, each by a way of its own: lists, sorting, every pair of marks. */
function independent(marks: readonly number[], pnls: readonly number[], start: number) {
  const returns = marks.slice(1).map((mark, i) => mark / (marks[i] ?? 1) - 1);
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / returns.length;
  const downside = Math.sqrt(
    returns.map((value) => Math.min(0, value) ** 2).reduce((sum, value) => sum + value, 0) /
      returns.length,
  );
  let depth = 0;
  const path = [start, ...marks];
  for (let i = 0; i < path.length; i++) {
    for (let j = i + 1; j < path.length; j++) {
      depth = Math.max(depth, 1 - (path[j] ?? 0) / (path[i] ?? 1));
    }
  }
  const winners = pnls.filter((pnl) => pnl > 0);
  const losers = pnls.filter((pnl) => pnl <= 0);
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const average = total(pnls) / pnls.length;
  const spread = Math.sqrt(
    total(pnls.map((pnl) => (pnl - average) ** 2)) / Math.max(1, pnls.length - 1),
  );
  return {
    sharpe: (mean / Math.sqrt(variance)) * Math.sqrt(PER_YEAR),
    sortino: (mean / downside) * Math.sqrt(PER_YEAR),
    volatility: Math.sqrt(variance) * Math.sqrt(PER_YEAR),
    depth,
    winRate: winners.length / pnls.length,
    profitFactor: total(winners) / -total(losers),
    expectancy: (winners.length / pnls.length) * (total(winners) / (winners.length || 1)) +
      (losers.length / pnls.length) * (total(losers) / (losers.length || 1)),
    sqn: (Math.sqrt(pnls.length) * average) / spread,
  };
}

const near = (got: number | null, wanted: number): void => {
  if (!Number.isFinite(wanted)) return;
  expect(got).not.toBeNull();
  expect(Math.abs((got ?? 0) - wanted)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(wanted)));
};

describe("metrics", () => {
  it("agree with an independent computation on any account", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 50, max: 200, noNaN: true }), { minLength: 3, maxLength: 60 }),
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 }),
        (marks, pnls) => {
          const got = run(marks, pnls.map((pnl) => row(pnl)));
          const wanted = independent(marks, pnls, 100);
          if (wanted.volatility > 1e-6) near(got.sharpe, wanted.sharpe);
          near(got.volatility, wanted.volatility);
          if (got.sortino !== null) near(got.sortino, wanted.sortino);
          near(got.maxDrawdown, wanted.depth);
          near(got.winRate, wanted.winRate);
          if (got.profitFactor !== null) near(got.profitFactor, wanted.profitFactor);
          near(got.expectancy, wanted.expectancy);
          if (got.sqn !== null) near(got.sqn, wanted.sqn);
          const worst = Math.min(0, ...underwaterOf(Float64Array.from(marks), 100));
          near(-worst, wanted.depth);
        },
      ),
    );
  });

  it("are right on an account worked out by hand", () => {
    // 100 → 110 → 99 → 121 → 121 over four hours; falls of 10 % from 110, back above it after two candles.
    const got = run([110, 99, 121, 121], [
      row(10, { entry: 0, exit: 1 }),
      row(-11, { entry: 1, exit: 2 }),
      row(22, { entry: 2, exit: 3 }),
    ]);
    expect(got).toMatchObject({
      startEquity: 100,
      finalEquity: 121,
      trades: 3,
      wins: 2,
      maxDrawdownMs: 2 * HOUR,
      longestDrawdownMs: 2 * HOUR,
      averageWin: 16,
      averageLoss: -11,
      averageTradeMs: HOUR,
      exposure: 0.75,
      fees: 0.75,
      slippage: 1.5,
      funding: -0.375,
    });
    expect(got.totalReturn).toBeCloseTo(0.21, 12);
    expect(got.maxDrawdown).toBeCloseTo(0.1, 12);
    expect(got.profitFactor).toBeCloseTo(32 / 11, 12);
    expect(got.expectancy).toBeCloseTo(7, 12);
    // Returns −10 %, +22.2 %, 0 from mark to mark.
    expect(got.annualReturn).toBeCloseTo(((-0.1 + 22 / 99) / 3) * PER_YEAR, 9);
    expect(got.cagr).toBeCloseTo(1.21 ** (PER_YEAR / 4) - 1, 0);
    expect(got.buyAndHold).toBeCloseTo(0.2, 12);
    expect(got.excess).toBeCloseTo(0.01, 12);
    // Three trades of 2 × 10 in and 2 × 11 out over four hours and a mean equity of 112.75.
    expect(got.turnover).toBeCloseTo((126 / 112.75) * (PER_YEAR / 4), 6);
    expect(got.averageTradeReturn).toBeCloseTo(21 / 3 / 20, 12);
  });

  it("say nothing where there is nothing to say", () => {
    expect(run([100, 100, 100], [])).toMatchObject({
      trades: 0,
      sharpe: null,
      sortino: null,
      calmar: null,
      winRate: null,
      profitFactor: null,
      expectancy: null,
      sqn: null,
      maxDrawdown: 0,
      exposure: 0,
    });
  });

  it("count a fall that is not made good to the end", () => {
    const got = run([100, 120, 90, 110], []);
    expect(got.maxDrawdown).toBeCloseTo(0.25, 12);
    expect(got.maxDrawdownMs).toBe(2 * HOUR);
  });

  it("measure the longest fall, which need not be the deepest", () => {
    // Down 1 % for four candles, then down 50 % for two.
    const got = run([100, 99, 99, 99, 100, 50, 100], []);
    expect(got.maxDrawdownMs).toBe(2 * HOUR);
    expect(got.longestDrawdownMs).toBe(4 * HOUR);
  });

  it("take the closing at the end for a return after the last mark", () => {
    const marks = Float64Array.from([100, 110, 108]);
    const of = (lastMark: number) =>
      metricsOf({ equity: marks, lastMark, trades: tradesOf([]), start: 100, length: HOUR, open: 1, close: 1 });
    // Marked 109 before the costs of closing took it to 108.
    expect(of(109).annualReturn).toBeCloseTo(
      ((0.1 + (109 / 110 - 1) + (108 / 109 - 1)) / 2) * PER_YEAR,
      9,
    );
  });
});
