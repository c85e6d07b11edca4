import { describe, expect, it } from "vitest";
import { runBacktest } from "../../../src-main/research/report.ts";
import { gridSets } from "../../../src-main/research/search.ts";
import { threePeriods, walkForward } from "../../../src-main/research/studies.ts";
import type { Runner } from "../../../src-main/research/studies.ts";
import { sweepPoints } from "../../../src-main/research/sweep.ts";
import { emptyColumns } from "../../../src-main/engine/market/columns.ts";
import { STANDARD_RULES, historyOf, requestOf } from "./requests.ts";

const LENGTH = 900_000;
const FROM = Date.UTC(2024, 0, 1);

/** A market that swings around 100 with a drift, so that reversion pays; the same each time. */
function candles(count: number, drift: (i: number) => number) {
  const columns = emptyColumns(count);
  let level = 100;
  for (let i = 0; i < count; i++) {
    const open = level;
    level = 100 + 6 * Math.sin(i / 9) + 2 * Math.sin(i * 1.7) + drift(i);
    columns.time[i] = FROM + i * LENGTH;
    columns.open[i] = open;
    columns.close[i] = level;
    columns.high[i] = Math.max(open, level) + 0.1;
    columns.low[i] = Math.min(open, level) - 0.1;
    columns.volume[i] = 1;
  }
  return columns;
}

/** The studies' work in this process, with a note of every span that was asked for. */
function local(): Runner & { readonly asked: { kind: string; from: number; to: number }[] } {
  const asked: { kind: string; from: number; to: number }[] = [];
  return {
    asked,
    backtest(request, history) {
      asked.push({ kind: "backtest", from: request.from, to: request.to });
      return Promise.resolve(runBacktest(request, history));
    },
    sweep(request, sets, history) {
      asked.push({ kind: "sweep", from: request.from, to: request.to });
      return Promise.resolve(sweepPoints(request, sets, history));
    },
  };
}

const COUNT = 4000;
const request = requestOf({
  strategy: "standard_bands",
  rules: STANDARD_RULES,
  from: FROM,
  to: FROM + COUNT * LENGTH,
});
const sets = gridSets([
  { key: "period", values: [10, 20, 30] },
  { key: "deviations", values: [1, 1.5] },
]);
const windows = {
  kind: "rolling",
  inSampleMs: 1000 * LENGTH,
  outOfSampleMs: 500 * LENGTH,
} as const;

describe("Walk-forward", () => {
  it("chooses on the past alone, trades what follows, and chains what is left", async () => {
    const runner = local();
    const history = historyOf(candles(COUNT, () => 0));
    const report = await walkForward(runner, request, history, {
      sets,
      objective: "sharpe",
      minTrades: 3,
      windows,
    });
    expect(report.steps).toHaveLength(6);
    for (const [i, { from, to, kind }] of runner.asked.entries()) {
      const step = report.steps[i >> 1];
      expect({ from, to }).toEqual(kind === "sweep" ? step?.inSample : step?.outOfSample);
    }
    const chained = report.steps.reduce((worth, step) => worth * (1 + step.outOfSampleReturn), 1);
    expect(report.totalReturn).toBeCloseTo(chained - 1, 12);
    expect(report.curve.equity.at(-1)).toBeCloseTo(STANDARD_RULES.capital * chained, 4);
    expect(report.curve.time).toEqual(report.curve.time.toSorted((a, b) => a - b));
  });

  it("a candle after the in-sample span changes no choice of parameters", async () => {
    const plain = historyOf(candles(COUNT, () => 0));
    const turned = historyOf(candles(COUNT, (i) => (i >= 1000 ? (i - 1000) / 50 : 0)));
    const study = { sets, objective: "totalReturn", minTrades: 3, windows } as const;
    const [a, b] = await Promise.all([
      walkForward(local(), request, plain, study),
      walkForward(local(), request, turned, study),
    ]);
    expect(a.steps[0]?.params).toEqual(b.steps[0]?.params);
    expect(a.steps[0]?.inSampleReturn).toBe(b.steps[0]?.inSampleReturn);
    expect(a.steps[0]?.outOfSampleReturn).not.toBe(b.steps[0]?.outOfSampleReturn);
  });

  it("trades nothing after a span in which no parameters made enough trades", async () => {
    const history = historyOf(candles(COUNT, () => 0));
    const report = await walkForward(local(), request, history, {
      sets,
      objective: "sharpe",
      minTrades: 9999,
      windows,
    });
    expect(report).toMatchObject({ steps: [], idle: 6, totalReturn: 0, efficiency: null });
  });
});

describe("Three sub-periods", () => {
  it("is robust only when each part gains", async () => {
    const rules = {
      ...STANDARD_RULES,
      feeBps: 0,
      slippage: { kind: "bps", bps: 0 },
      stopLoss: null,
    };
    // A mean over one whole swing: what leaves the band comes back.
    const swing = {
      ...request,
      ...requestOf({ rules, params: { period: 56, deviations: 1 } }),
      from: request.from,
      to: request.to,
    };
    const calm = await threePeriods(local(), swing, historyOf(candles(COUNT, () => 0)));
    expect(calm.periods.map(({ trades }) => trades > 0)).toEqual([true, true, true]);
    expect(calm.robust).toBe(calm.periods.every(({ totalReturn }) => totalReturn > 0));
    expect(calm.robust).toBe(true);
    const broken = await threePeriods(
      local(),
      swing,
      historyOf(candles(COUNT, (i) => (i > 2700 ? (i - 2700) * 0.4 : 0))),
    );
    expect(broken.robust).toBe(false);
    expect(broken.verdict).toMatch(/^Not robust: profitable in 2 of three parts/);
  });
});
