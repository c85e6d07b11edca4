import type { BacktestRequest, SweepPoint } from "../../src-preload/contract/research.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import { chooseStrategy } from "./catalogue.ts";
import type { History } from "./history.ts";
import { candlesAYear, metricsOf, ratiosOfTotals } from "./metrics.ts";
import { columnRulesOf, makeScratch, runColumns, runStrategy, spanOf } from "./run.ts";
import type { Scratch } from "./run.ts";

/** Every combination of the listed values, the last key changing fastest. */
export function gridOf(
  axes: Readonly<Record<string, readonly unknown[]>>,
): readonly Readonly<Record<string, unknown>>[] {
  let points: Record<string, unknown>[] = [{}];
  for (const [key, values] of Object.entries(axes)) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [key]: value })));
  }
  return points;
}

/**
 * Runs one request with each of the parameter sets, in order. A point is a function of its own parameters alone: the same
 * bits whatever ran before it and in whichever process. Throws EngineFault for parameters that are not allowed.
 */
export function sweepPoints(
  request: BacktestRequest,
  sets: readonly Readonly<Record<string, unknown>>[],
  history: History,
): readonly SweepPoint[] {
  const span = spanOf(history, request);
  const length = timeframeMs(history.timeframe);
  const rules = columnRulesOf(request.rules, history);
  let scratch: Scratch | null = null;
  return sets.map((set): SweepPoint => {
    const chosen = chooseStrategy(request.strategy, { ...request.params, ...set });
    const { params } = chosen;
    if (chosen.form === "column" && rules !== null) {
      scratch ??= makeScratch(history.candles.length);
      const totals = runColumns(chosen, history, rules, span, scratch);
      const { sharpe, sortino } = ratiosOfTotals(
        totals,
        span.end - span.first,
        candlesAYear(length),
      );
      return {
        params,
        finalEquity: totals.final,
        totalReturn: totals.final / rules.cash - 1,
        sharpe,
        sortino,
        maxDrawdown: totals.maxDrawdown,
        trades: totals.trades,
        winRate: totals.trades === 0 ? null : totals.wins / totals.trades,
        profitFactor: totals.grossLoss === 0 ? null : totals.grossProfit / totals.grossLoss,
      };
    }
    const run = runStrategy(chosen, request, history);
    const { finalEquity, totalReturn, sharpe, sortino, maxDrawdown, trades, winRate, profitFactor } =
      metricsOf({
        equity: run.equity,
        lastMark: run.lastMark,
        trades: run.trades,
        start: request.rules.capital,
        length,
        open: history.candles.open[run.first] ?? Number.NaN,
        close: history.candles.close[run.end - 1] ?? Number.NaN,
      });
    return {
      params,
      finalEquity,
      totalReturn,
      sharpe,
      sortino,
      maxDrawdown,
      trades,
      winRate,
      profitFactor,
    };
  });
}
