import { describe, expect, it } from "vitest";
import { standardCandles } from "../../../bench/backtest/standard-candles.ts";
import { sliceColumns } from "../../../src-main/engine/market/columns.ts";
import { plainMarket } from "../../../src-main/research/history.ts";
import { runBacktest } from "../../../src-main/research/report.ts";
import { historyOf, requestOf, STANDARD_RULES } from "./requests.ts";

// 36,000 quarters of an hour from 2020-01-01: until 2021-01-09.
const candles = standardCandles(36_000);
const history = historyOf(candles);
const report = runBacktest(requestOf({ rules: STANDARD_RULES }), history);

const compound = (values: readonly number[]): number =>
  values.reduce((worth, value) => worth * (1 + value), 1) - 1;

describe("a report", () => {
  it("has months and years whose returns compound to the whole", () => {
    expect(report.monthly.map(({ period }) => period)).toStrictEqual([
      ...Array.from({ length: 12 }, (_, month) => `2020-${String(month + 1).padStart(2, "0")}`),
      "2021-01",
    ]);
    expect(report.yearly.map(({ period }) => period)).toStrictEqual(["2020", "2021"]);
    for (const periods of [report.monthly, report.yearly]) {
      expect(compound(periods.map((row) => row.return))).toBeCloseTo(
        report.metrics.totalReturn,
        12,
      );
      expect(compound(periods.map((row) => row.benchmark))).toBeCloseTo(
        report.metrics.buyAndHold,
        12,
      );
    }
    const year = compound(report.monthly.slice(0, 12).map((row) => row.return));
    expect(report.yearly[0]?.return).toBeCloseTo(year, 12);
  });

  it("has groups that add up to all trades", () => {
    const { trades, metrics } = report;
    expect(trades).toHaveLength(metrics.trades);
    for (const groups of [report.bySymbol, report.byExit, report.bySide]) {
      const total = (of: (group: (typeof groups)[number]) => number): number =>
        groups.reduce((sum, group) => sum + of(group), 0);
      expect(total((group) => group.trades)).toBe(metrics.trades);
      expect(total((group) => group.wins)).toBe(metrics.wins);
      expect(total((group) => group.pnl)).toBeCloseTo(metrics.finalEquity - metrics.startEquity, 6);
      expect(total((group) => group.fees)).toBeCloseTo(metrics.fees, 6);
    }
    expect(report.bySymbol.map((group) => group.key)).toStrictEqual(["BTC/USDT"]);
    expect(new Set(report.byExit.map((group) => group.key))).toStrictEqual(
      new Set(trades.map((trade) => trade.exit)),
    );
    expect(report.byExit.find((group) => group.key === "stop")?.trades).toBe(
      trades.filter((trade) => trade.exit === "stop").length,
    );
  });

  it("has curves of bounded length that keep the highest mark and the deepest fall", () => {
    const { time, equity, underwater, benchmark } = report.curves;
    expect(time.length).toBeLessThanOrEqual(2000);
    expect(time.length).toBeGreaterThan(1000);
    for (const column of [equity, underwater, benchmark]) expect(column).toHaveLength(time.length);
    expect(time).toStrictEqual([...new Set(time)].toSorted((a, b) => a - b));
    expect([time[0], time.at(-1)]).toStrictEqual([report.firstCandle, report.lastCandle]);
    expect(equity.at(-1)).toBe(report.metrics.finalEquity);
    expect(Math.min(...underwater)).toBeCloseTo(-report.metrics.maxDrawdown, 9);
    expect(benchmark.at(-1)).toBeCloseTo(100_000 * (1 + report.metrics.buyAndHold), 6);
  });

  it("tells the rows of trades by the times of their candles", () => {
    const [first] = report.trades;
    expect(first).toBeDefined();
    const at = candles.time.indexOf(first?.entryCandle ?? -1);
    expect(at).toBeGreaterThan(0);
    const side = first?.side === "long" ? 1 : -1;
    expect(first?.entryPrice).toBeCloseTo((candles.open[at] ?? 0) * (1 + 0.0005 * side), 9);
    expect(first?.exitCandle).toBeGreaterThan(first?.entryCandle ?? Infinity);
  });

  it("is the same twice", () => {
    const { ms: _, ...again } = runBacktest(requestOf({ rules: STANDARD_RULES }), history);
    const { ms: __, ...before } = report;
    expect(again).toStrictEqual(before);
  });

  it("notes gaps, a short warm-up, refusals and data that was asked for and is not there", () => {
    const holed = {
      ...sliceColumns(candles, 0, 3000),
      time: candles.time.slice(0, 3000).map((time, i) => (i < 1000 ? time : time + 10 * 900_000)),
    };
    const { notes } = runBacktest(
      requestOf({
        strategy: "mean_reversion_bb",
        rules: { funding: true, fineTimeframe: "1m", takeProfit: 0.01 },
      }),
      historyOf(holed, { market: { ...plainMarket("BTC/USDT"), minNotional: "100000" } }),
    );
    expect(notes.join("\n")).toMatch(/^10 candles of the span are missing/mu);
    expect(notes.join("\n")).toMatch(
      /Only 0 candles lie before the start and the strategy needs \d+/u,
    );
    expect(notes.join("\n")).toMatch(/\d+ entries were refused by the risk layer "size"/u);
    expect(notes.join("\n")).toMatch(/no rates are known/u);
    expect(notes.join("\n")).toMatch(/Candles of 1m are not at hand/u);
    expect(report.notes).toStrictEqual([
      "Only 0 candles lie before the start and the strategy needs 20 until it may trade: nothing was traded in the first 19.",
    ]);
  });
});
