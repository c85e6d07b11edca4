import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { standardCandles } from "../../../bench/backtest/standard-candles.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import { chooseStrategy } from "../../../src-main/research/catalogue.ts";
import { candlesAYear, metricsOf, ratiosOfTotals } from "../../../src-main/research/metrics.ts";
import {
  columnRulesOf,
  makeScratch,
  runColumns,
  runStrategy,
  spanOf,
} from "../../../src-main/research/run.ts";
import type { RunResult } from "../../../src-main/research/run.ts";
import { historyOf, requestOf, STANDARD_RULES } from "./requests.ts";
import { playStandard, ruleA, ruleB } from "./standard-oracle.ts";
import type { OracleTrade } from "./standard-oracle.ts";

const candles = standardCandles();
/** SHA-256 of time, open, high, low, close, volume. */
const HASH = "24940fac159465adaec6d4b1c9c94114daea7432f06ce910b25458bbc37f592e";
const history = historyOf(candles);

/** As the C program of the standard job prints them. */
const JOBS = [
  {
    strategy: "standard_bands",
    oracle: playStandard(candles, ruleA(candles)),
    trades: 7161,
    stops: 928,
    final: 79_852.544698469,
    totalReturn: -0.201474553,
    maxDrawdown: 0.201600414,
    winRate: 0.463483,
    profitFactor: 0.415233,
    sharpe: -10.523062,
    sortino: -14.296828,
  },
  {
    strategy: "standard_momentum",
    oracle: playStandard(candles, ruleB(candles)),
    trades: 3433,
    stops: 53,
    final: 90_414.044454989,
    totalReturn: -0.095859555,
    maxDrawdown: 0.095942739,
    winRate: 0.265657,
    profitFactor: 0.506455,
    sharpe: -6.448856,
    sortino: -9.055731,
  },
] as const;

function rowsOf({ trades }: RunResult): readonly OracleTrade[] {
  return Array.from({ length: trades.count }, (_, at) => ({
    entry: trades.entry[at] ?? -1,
    exit: trades.exit[at] ?? -1,
    side: trades.side[at] ?? 0,
    reason: trades.reason[at] ?? -1,
    entryPrice: trades.entryPrice[at] ?? Number.NaN,
    exitPrice: trades.exitPrice[at] ?? Number.NaN,
    quantity: (trades.quantity[at] ?? Number.NaN) * (trades.side[at] ?? 0),
    pnl: trades.pnl[at] ?? Number.NaN,
  }));
}

function expectSame(got: readonly OracleTrade[], wanted: readonly OracleTrade[], within: number) {
  expect(got.map(({ entry, exit, side, reason }) => [entry, exit, side, reason])).toStrictEqual(
    wanted.map(({ entry, exit, side, reason }) => [entry, exit, side, reason]),
  );
  for (const key of ["entryPrice", "exitPrice", "quantity", "pnl"] as const) {
    const worst = Math.max(
      ...got.map((trade, at) => {
        const want = wanted[at]?.[key] ?? Number.NaN;
        return Math.abs(trade[key] - want) / Math.max(1, Math.abs(want));
      }),
    );
    expect(worst, key).toBeLessThan(within);
  }
}

describe("the candles of the standard job", () => {
  it("are the ones that the job is defined on, byte for byte", () => {
    const hash = createHash("sha256");
    const { time, open, high, low, close, volume } = candles;
    for (const column of [time, open, high, low, close, volume]) {
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    }
    expect(hash.digest("hex")).toBe(HASH);
  });
});

describe.each(JOBS)("the standard job: $strategy", (job) => {
  const request = requestOf({ strategy: job.strategy, rules: STANDARD_RULES });
  const chosen = chooseStrategy(job.strategy, {});
  const run = runStrategy(chosen, request, history);

  it("makes the reference's trades, index by index", () => {
    expect(run.trades.count).toBe(job.trades);
    expectSame(rowsOf(run), job.oracle.trades, 1e-9);
  });

  it("marks the account as the reference does", () => {
    const worst = run.equity.reduce(
      (most, mark, i) => Math.max(most, Math.abs(mark / (job.oracle.equity[i] ?? 0) - 1)),
      0,
    );
    expect(worst).toBeLessThan(1e-9);
  });

  it("has the reference's figures", () => {
    const metrics = metricsOf({
      equity: run.equity,
      lastMark: run.lastMark,
      trades: run.trades,
      start: 100_000,
      length: timeframeMs("15m"),
      open: candles.open[0] ?? 0,
      close: candles.close.at(-1) ?? 0,
    });
    expect(metrics.finalEquity).toBeCloseTo(job.final, 8);
    expect(metrics.totalReturn).toBeCloseTo(job.totalReturn, 9);
    expect(metrics.maxDrawdown).toBeCloseTo(job.maxDrawdown, 9);
    expect(metrics.winRate).toBeCloseTo(job.winRate, 6);
    expect(metrics.profitFactor).toBeCloseTo(job.profitFactor, 6);
    expect(metrics.sharpe).toBeCloseTo(job.sharpe, 6);
    expect(metrics.sortino).toBeCloseTo(job.sortino, 6);
    expect(rowsOf(run).filter((trade) => trade.reason === 1)).toHaveLength(job.stops);
  });

  it("keeps the same figures in the sums of the simulator", () => {
    const rules = columnRulesOf(request.rules, history);
    if (chosen.form !== "column" || rules === null) throw new Error("not the column simulator");
    const totals = runColumns(
      chosen,
      history,
      rules,
      spanOf(history, request),
      makeScratch(candles.length),
    );
    const ratios = ratiosOfTotals(totals, candles.length, candlesAYear(timeframeMs("15m")));
    expect(totals).toMatchObject({ trades: job.trades, stops: job.stops });
    expect(totals.final).toBeCloseTo(job.final, 8);
    expect(totals.maxDrawdown).toBeCloseTo(job.maxDrawdown, 9);
    expect(totals.wins / totals.trades).toBeCloseTo(job.winRate, 6);
    expect(totals.grossProfit / totals.grossLoss).toBeCloseTo(job.profitFactor, 6);
    expect(ratios.sharpe).toBeCloseTo(job.sharpe, 6);
    expect(ratios.sortino).toBeCloseTo(job.sortino, 6);
  });

  it("is the same job in the exact engine, but for the fee's rounding", () => {
    const exact = runStrategy(chosen, request, history, { exact: true });
    expect(exact.exact).not.toBeNull();
    expectSame(rowsOf(exact), rowsOf(run), 1e-7);
  });
});
