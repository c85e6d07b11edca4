import type { BacktestMetrics } from "../../src-preload/contract/research.ts";
import type { Totals } from "./simulate.ts";
import type { Trades } from "./trades.ts";

const YEAR_MS = 365 * 86_400_000;

/** Candles of `length` ms in a year of 365 days: 35,040 of a quarter of an hour. */
export const candlesAYear = (length: number): number => YEAR_MS / length;

/** What the returns of an account say of it; fractions, annualised. */
export interface Ratios {
  readonly annualReturn: number;
  readonly volatility: number;
  readonly sharpe: number | null;
  readonly sortino: number | null;
}

/**
 * Ratios from sums over `count` returns of one candle each, with no riskless rate. Sharpe (The Sharpe Ratio, 1994): mean
 * ÷ population deviation; Sortino & Price (1994): mean ÷ root of the mean squared loss, target 0. Both × √ candles a
 * year. Null where the divisor is 0.
 */
export function ratiosOf(
  sums: { readonly sum: number; readonly squares: number; readonly lossSquares: number },
  count: number,
  perYear: number,
): Ratios {
  if (count < 1) return { annualReturn: 0, volatility: 0, sharpe: null, sortino: null };
  const mean = sums.sum / count;
  const deviation = Math.sqrt(Math.max(0, sums.squares / count - mean * mean));
  const downside = Math.sqrt(sums.lossSquares / count);
  const scale = Math.sqrt(perYear);
  return {
    annualReturn: mean * perYear,
    volatility: deviation * scale,
    sharpe: deviation > 0 ? (mean / deviation) * scale : null,
    sortino: downside > 0 ? (mean / downside) * scale : null,
  };
}

/** The ratios of a run of the column simulator over `candles` candles. */
export const ratiosOfTotals = (totals: Totals, candles: number, perYear: number): Ratios =>
  ratiosOf(
    {
      sum: totals.sumReturns,
      squares: totals.sumSquares,
      lossSquares: totals.sumLossSquares,
    },
    candles - 1,
    perYear,
  );

interface Drawdowns {
  readonly depth: number;
  /** Candles from the peak of the deepest fall to the first mark back at it, or to the end. */
  readonly candles: number;
  /** The longest time under a peak, candles. */
  readonly longest: number;
}

/** Falls of the marks from their highest so far, the starting cash included; a fraction of that peak. */
function drawdownsOf(equity: Float64Array, start: number): Drawdowns {
  let peak = start;
  let peakAt = -1;
  let deepest = 0;
  let deepestPeak = -1;
  let length = 0;
  let longest = 0;
  for (let i = 0; i < equity.length; i++) {
    const mark = equity[i] as number;
    if (mark >= peak) {
      // A mark that stands still at its peak is not under water.
      const under = i - peakAt;
      if (under > 1) longest = Math.max(longest, under);
      if (deepestPeak === peakAt && deepest > 0 && length === 0) length = under;
      peak = mark;
      peakAt = i;
    } else if (1 - mark / peak > deepest) {
      deepest = 1 - mark / peak;
      deepestPeak = peakAt;
      length = 0;
    }
  }
  const open = equity.length - 1 - peakAt;
  if (deepest > 0 && length === 0) length = open;
  return { depth: deepest, candles: length, longest: Math.max(longest, open) };
}

/** How far each mark is under the highest so far, 0 down to −1. */
export function underwaterOf(equity: Float64Array, start: number): Float64Array {
  const out = new Float64Array(equity.length);
  let peak = start;
  for (let i = 0; i < equity.length; i++) {
    const mark = equity[i] as number;
    if (mark > peak) peak = mark;
    out[i] = mark / peak - 1;
  }
  return out;
}

/**
 * Sums over the returns from mark to mark. Closing at the end what is still open is a return of its own after
 * the last mark: its cost belongs to no candle.
 */
function returnSums(equity: Float64Array, lastMark: number) {
  let sum = 0;
  let squares = 0;
  let lossSquares = 0;
  const last = equity.length - 1;
  let before = equity[0] as number;
  for (let i = 1; i <= equity.length; i++) {
    const now = i < last ? (equity[i] as number) : i === last ? lastMark : (equity[last] as number);
    if (now === before) continue;
    const change = now / before - 1;
    sum += change;
    squares += change * change;
    if (change < 0) lossSquares += change * change;
    before = now;
  }
  return { sum, squares, lossSquares };
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/**
 * All figures of a run. `equity` are the marks at the closes; `start` the cash before them; `length` of a candle, ms;
 * `open` and `close` the first and the last price, for buy and hold without costs.
 */
export function metricsOf(run: {
  readonly equity: Float64Array;
  readonly lastMark: number;
  readonly trades: Trades;
  readonly start: number;
  readonly length: number;
  readonly open: number;
  readonly close: number;
}): BacktestMetrics {
  const { equity, trades, start, length } = run;
  const candles = equity.length;
  const final = equity[candles - 1] ?? start;
  const years = (candles * length) / YEAR_MS;
  const ratios = ratiosOf(returnSums(equity, run.lastMark), candles - 1, candlesAYear(length));
  const drawdowns = drawdownsOf(equity, start);
  const totalReturn = final / start - 1;
  const cagr = final > 0 && years > 0 ? (final / start) ** (1 / years) - 1 : null;

  let wins = 0;
  let profit = 0;
  let loss = 0;
  let pnl = 0;
  let pnlSquares = 0;
  let returns = 0;
  let held = 0;
  let traded = 0;
  let fees = 0;
  let slippage = 0;
  let funding = 0;
  const { count } = trades;
  for (let at = 0; at < count; at++) {
    const gain = trades.pnl[at] as number;
    const quantity = trades.quantity[at] as number;
    const cost = quantity * (trades.entryPrice[at] as number);
    if (gain > 0) {
      wins++;
      profit += gain;
    } else loss -= gain;
    pnl += gain;
    pnlSquares += gain * gain;
    returns += gain / cost;
    held += (trades.exit[at] as number) - (trades.entry[at] as number);
    traded += cost + quantity * (trades.exitPrice[at] as number);
    fees += trades.fees[at] as number;
    slippage += trades.slippage[at] as number;
    funding += trades.funding[at] as number;
  }
  const mean = share(pnl, count);
  const spread =
    count > 1 && mean !== null
      ? Math.sqrt(Math.max(0, (pnlSquares - count * mean * mean) / (count - 1)))
      : 0;
  let meanEquity = 0;
  for (let i = 0; i < candles; i++) meanEquity += equity[i] as number;
  meanEquity /= candles;
  const buyAndHold = run.close / run.open - 1;
  const averageHeld = share(held, count);
  return {
    startEquity: start,
    finalEquity: final,
    totalReturn,
    ...ratios,
    cagr,
    calmar: cagr !== null && drawdowns.depth > 0 ? cagr / drawdowns.depth : null,
    maxDrawdown: drawdowns.depth,
    maxDrawdownMs: drawdowns.candles * length,
    longestDrawdownMs: drawdowns.longest * length,
    trades: count,
    wins,
    winRate: share(wins, count),
    profitFactor: share(profit, loss),
    expectancy: mean,
    averageWin: share(profit, wins),
    averageLoss: share(-loss, count - wins),
    averageTradeReturn: share(returns, count),
    averageTradeMs: averageHeld === null ? null : averageHeld * length,
    sqn: spread > 0 && mean !== null ? (Math.sqrt(count) * mean) / spread : null,
    exposure: candles === 0 ? 0 : held / candles,
    turnover: traded / meanEquity / years,
    fees,
    slippage,
    funding,
    buyAndHold,
    excess: totalReturn - buyAndHold,
  };
}
