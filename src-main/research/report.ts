import type {
  BacktestCurves,
  BacktestReport,
  BacktestRequest,
  BacktestTrade,
  PeriodReturn,
  TradeGroup,
} from "../../src-preload/contract/research.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import { chooseStrategy } from "./catalogue.ts";
import type { History } from "./history.ts";
import { metricsOf, underwaterOf } from "./metrics.ts";
import { runStrategy } from "./run.ts";
import type { RunResult } from "./run.ts";
import { EXIT_REASONS } from "./trades.ts";

/** Most points of a curve that a report carries; more than a screen has columns. */
const CURVE_POINTS = 2000;

/**
 * Indexes of the points a curve is drawn from: of each of so many equal parts its lowest and its highest, so that no dip and
 * no peak is lost; first and last included, ascending.
 */
function curveIndexes(values: Float64Array, points: number): readonly number[] {
  const { length } = values;
  if (length <= points) return Array.from({ length }, (_, index) => index);
  const parts = Math.floor(points / 2) - 1;
  const found = new Set([0]);
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * length) / parts);
    const to = Math.floor(((part + 1) * length) / parts);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i++) {
      if ((values[i] as number) < (values[low] as number)) low = i;
      if ((values[i] as number) > (values[high] as number)) high = i;
    }
    found.add(Math.min(low, high)).add(Math.max(low, high));
  }
  return [...found.add(length - 1)];
}

/** Returns by calendar period in UTC; `digits` of the ISO date: 7 a month, 4 a year. */
function periodReturns(
  times: Float64Array,
  equity: Float64Array,
  close: Float64Array,
  start: number,
  open: number,
  digits: 7 | 4,
): readonly PeriodReturn[] {
  const out: PeriodReturn[] = [];
  let base = start;
  let basePrice = open;
  let year = Number.NaN;
  let month = Number.NaN;
  let until = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (time >= until) {
      const date = new Date(time);
      year = date.getUTCFullYear();
      month = date.getUTCMonth();
      until = digits === 4 ? Date.UTC(year + 1, 0) : Date.UTC(year, month + 1);
    }
    const next = times[i + 1];
    if (next !== undefined && next < until) continue;
    const worth = equity[i] as number;
    const price = close[i] as number;
    out.push({
      period: new Date(time).toISOString().slice(0, digits),
      return: worth / base - 1,
      benchmark: price / basePrice - 1,
    });
    base = worth;
    basePrice = price;
  }
  return out;
}

/** Sums by a key of each trade, in the order in which keys first come. */
function groupsOf(
  trades: readonly BacktestTrade[],
  keyOf: (trade: BacktestTrade) => string,
): readonly TradeGroup[] {
  const groups = new Map<string, { trades: number; wins: number; pnl: number; fees: number }>();
  for (const trade of trades) {
    const key = keyOf(trade);
    let group = groups.get(key);
    if (group === undefined) {
      group = { trades: 0, wins: 0, pnl: 0, fees: 0 };
      groups.set(key, group);
    }
    group.trades += 1;
    if (trade.pnl > 0) group.wins += 1;
    group.pnl += trade.pnl;
    group.fees += trade.fees;
  }
  return [...groups].map(([key, group]) => ({ key, ...group }));
}

function tradeRows(run: RunResult, times: Float64Array): readonly BacktestTrade[] {
  const { trades, reasons } = run;
  return Array.from({ length: trades.count }, (_, at): BacktestTrade => {
    const exit = EXIT_REASONS[trades.reason[at] ?? 0] ?? "signal";
    return {
      side: trades.side[at] === 1 ? "long" : "short",
      entryCandle: times[trades.entry[at] ?? 0] ?? 0,
      exitCandle: times[trades.exit[at] ?? 0] ?? 0,
      entryPrice: trades.entryPrice[at] ?? 0,
      exitPrice: trades.exitPrice[at] ?? 0,
      quantity: trades.quantity[at] ?? 0,
      pnl: trades.pnl[at] ?? 0,
      fees: trades.fees[at] ?? 0,
      slippage: trades.slippage[at] ?? 0,
      funding: trades.funding[at] ?? 0,
      exit,
      entryReason: reasons?.[at]?.entry ?? "Signal column.",
      exitReason: reasons?.[at]?.exit ?? exit,
    };
  });
}

function curvesOf(run: RunResult, times: Float64Array, close: Float64Array, capital: number, open: number): BacktestCurves {
  const at = curveIndexes(run.equity, CURVE_POINTS);
  const underwater = underwaterOf(run.equity, capital);
  const of = (values: Float64Array): readonly number[] => at.map((index) => values[index] ?? 0);
  return {
    time: of(times),
    equity: of(run.equity),
    underwater: of(underwater),
    benchmark: at.map((index) => (capital * (close[index] ?? 0)) / open),
  };
}

/** What a reader should be told besides the figures. */
function notesOf(run: RunResult, history: History, request: BacktestRequest, warmup: number): readonly string[] {
  const notes: string[] = [];
  const length = timeframeMs(history.timeframe);
  const { time } = history.candles;
  const span = ((time[run.end - 1] ?? 0) - (time[run.first] ?? 0)) / length + 1;
  const missing = Math.round(span) - (run.end - run.first);
  if (missing > 0) notes.push(`${missing} candles of the span are missing; they are left out, not filled.`);
  if (run.first < warmup - 1) {
    notes.push(
      `Only ${run.first} candles lie before the start and the strategy needs ${warmup} until it may trade: nothing was traded in the first ${Math.max(0, Math.min(run.end, warmup - 1) - run.first)}.`,
    );
  }
  for (const [layer, count] of run.refused) {
    notes.push(`${count} ${count === 1 ? "entry was" : "entries were"} refused by ${layer === "venue" ? "the venue's limits" : `the risk layer "${layer}"`}.`);
  }
  if (request.rules.funding && history.funding === null) {
    notes.push("Funding was asked for, but no rates are known: none was charged.");
  }
  if (request.rules.fineTimeframe !== null && history.fine === null) {
    notes.push(
      `Candles of ${request.rules.fineTimeframe} are not at hand: where one candle reached both stop and limit, the stop was taken to come first.`,
    );
  }
  return notes;
}

/** Runs a request over history and makes its report. Throws EngineFault for a request that cannot be run. */
export function runBacktest(
  request: BacktestRequest,
  history: History,
  onProgress?: (share: number) => void,
): BacktestReport {
  const startedAt = performance.now();
  const chosen = chooseStrategy(request.strategy, request.params);
  const run = runStrategy(chosen, request, history, onProgress === undefined ? {} : { onProgress });
  const ms = performance.now() - startedAt;
  const { candles } = history;
  const { first, end } = run;
  const times = candles.time.subarray(first, end);
  const close = candles.close.subarray(first, end);
  const open = candles.open[first] ?? Number.NaN;
  const { capital } = request.rules;
  const trades = tradeRows(run, times);
  const warmup = chosen.strategy.warmup(chosen.params);
  const returns = (digits: 7 | 4): readonly PeriodReturn[] =>
    periodReturns(times, run.equity, close, capital, open, digits);
  return {
    request: { ...request, params: chosen.params },
    source: history.source,
    candles: end - first,
    firstCandle: times[0] ?? 0,
    lastCandle: times.at(-1) ?? 0,
    metrics: metricsOf({
      equity: run.equity,
      lastMark: run.lastMark,
      trades: run.trades,
      start: capital,
      length: timeframeMs(history.timeframe),
      open,
      close: close.at(-1) ?? open,
    }),
    trades,
    curves: curvesOf(run, times, close, capital, open),
    monthly: returns(7),
    yearly: returns(4),
    bySymbol: groupsOf(trades, () => history.symbol),
    byExit: groupsOf(trades, (trade) => trade.exit),
    bySide: groupsOf(trades, (trade) => trade.side),
    notes: notesOf(run, history, request, warmup),
    ms,
  };
}
