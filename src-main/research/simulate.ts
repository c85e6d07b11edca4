import type { CandleColumns } from "../engine/market/types.ts";
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from "./signals.ts";
import { REASON_END, REASON_SIGNAL, REASON_STOP, growTrades } from "./trades.ts";
import type { Trades } from "./trades.ts";

/** The rules that the column simulator knows: the account of the standard job with its figures open. */
export interface ColumnRules {
  /** Quote currency at the start. */
  readonly cash: number;
  /** Value of each position at its entry fill, quote currency. */
  readonly notional: number;
  /** Fee a side as a fraction of the traded value. */
  readonly fee: number;
  /** Every fill is worse than its price by this fraction. */
  readonly slippage: number;
  /** Stop-loss as a fraction from the entry fill; 0 for none. */
  readonly stopLoss: number;
}

/** Sums that the simulator keeps as it goes, so that a sweep needs no second pass; see `ratiosOf`. */
export interface Totals {
  trades: number;
  stops: number;
  wins: number;
  /** Σ pnl of winners, and of the others as a positive figure. */
  grossProfit: number;
  grossLoss: number;
  final: number;
  /** The last mark before what was open at the end was closed. */
  lastMark: number;
  /** Deepest fall of the equity's closes from their peak, a fraction. */
  maxDrawdown: number;
  /** Σ r, Σ r², Σ r² of losses over the candles' returns on equity. */
  sumReturns: number;
  sumSquares: number;
  sumLossSquares: number;
}

/**
 * The one simulator of signal columns. A flag on the close of candle i fills at the open of i + 1; a stop is live from
 * the entry candle on and fills at the worse of the stop and that candle's open. Order in a candle: the pending order at
 * the open, the stop, then the candle's own flag, then the mark at the close. What is open at the end closes at
 * the last close. Marks `equity[i]` for every candle and writes `trades`; both are overwritten.
 *
 * Two tight loops, one for each state, instead of one with a branch a candle: flat, only the flags are read.
 */
export function simulateColumns(
  candles: CandleColumns,
  flags: Uint8Array,
  rules: ColumnRules,
  equity: Float64Array,
  trades: Trades,
): Totals {
  const { open, high, low, close, length } = candles;
  const { fee, slippage, stopLoss, notional } = rules;
  const entryFee = notional * fee;
  let cash = rules.cash;
  let marked = cash;
  let peak = cash;
  let trough = cash;
  let maxDrawdown = 0;
  let sum = 0;
  let squares = 0;
  let losses = 0;
  let profit = 0;
  let loss = 0;
  let wins = 0;
  let stops = 0;
  let lastMark = Number.NaN;
  let i = 0;
  trades.count = 0;
  while (i < length) {
    for (; i < length; i++) {
      equity[i] = cash;
      if (((flags[i] as number) & (ENTER_LONG | ENTER_SHORT)) !== 0) break;
    }
    // A signal on the last candle has no open to fill at.
    if (i + 1 >= length) break;
    const isLong = ((flags[i] as number) & ENTER_LONG) !== 0;
    const side = isLong ? 1 : -1;
    const entry = ++i;
    const expected = open[entry] as number;
    const entryPrice = expected * (1 + slippage * side);
    const quantity = (side * notional) / entryPrice;
    cash -= quantity * entryPrice + entryFee;
    let exitAt = 0;
    let reason = REASON_END;
    let leaving = false;
    if (isLong) {
      const stop = stopLoss > 0 ? entryPrice * (1 - stopLoss) : 0;
      for (; i < length; i++) {
        if (leaving) {
          exitAt = open[i] as number;
          reason = REASON_SIGNAL;
          break;
        }
        if ((low[i] as number) <= stop) {
          exitAt = Math.min(open[i] as number, stop);
          reason = REASON_STOP;
          break;
        }
        leaving = ((flags[i] as number) & EXIT_LONG) !== 0;
        const mark = cash + quantity * (close[i] as number);
        const change = mark / marked - 1;
        sum += change;
        squares += change * change;
        losses += (change - Math.abs(change)) * change;
        marked = mark;
        equity[i] = mark;
        if (mark < trough) trough = mark;
        else if (mark > peak) {
          // The depth of a fall is taken once, when a new peak ends it.
          maxDrawdown = Math.max(maxDrawdown, 1 - trough / peak);
          peak = mark;
          trough = mark;
        }
      }
    } else {
      const stop = stopLoss > 0 ? entryPrice * (1 + stopLoss) : Infinity;
      for (; i < length; i++) {
        if (leaving) {
          exitAt = open[i] as number;
          reason = REASON_SIGNAL;
          break;
        }
        if ((high[i] as number) >= stop) {
          exitAt = Math.max(open[i] as number, stop);
          reason = REASON_STOP;
          break;
        }
        leaving = ((flags[i] as number) & EXIT_SHORT) !== 0;
        const mark = cash + quantity * (close[i] as number);
        const change = mark / marked - 1;
        sum += change;
        squares += change * change;
        losses += (change - Math.abs(change)) * change;
        marked = mark;
        equity[i] = mark;
        if (mark < trough) trough = mark;
        else if (mark > peak) {
          maxDrawdown = Math.max(maxDrawdown, 1 - trough / peak);
          peak = mark;
          trough = mark;
        }
      }
    }
    const atEnd = i >= length;
    if (atEnd) exitAt = close[length - 1] as number;
    const exit = atEnd ? length - 1 : i;
    const exitPrice = exitAt * (1 - slippage * side);
    const value = quantity * exitPrice;
    const exitFee = Math.abs(value) * fee;
    cash += value - exitFee;
    const pnl = quantity * (exitPrice - entryPrice) - exitFee - entryFee;
    if (pnl > 0) {
      wins++;
      profit += pnl;
    } else loss -= pnl;
    if (reason === REASON_STOP) stops++;
    const at = trades.count++;
    if (at >= trades.entry.length) growTrades(trades);
    trades.entry[at] = entry;
    trades.exit[at] = exit;
    trades.side[at] = side;
    trades.reason[at] = reason;
    trades.entryPrice[at] = entryPrice;
    trades.exitPrice[at] = exitPrice;
    trades.quantity[at] = Math.abs(quantity);
    trades.pnl[at] = pnl;
    if (atEnd) lastMark = marked;
    const change = cash / marked - 1;
    sum += change;
    squares += change * change;
    losses += (change - Math.abs(change)) * change;
    marked = cash;
    if (cash < trough) trough = cash;
    else if (cash > peak) {
      maxDrawdown = Math.max(maxDrawdown, 1 - trough / peak);
      peak = cash;
      trough = cash;
    }
    if (atEnd) equity[length - 1] = cash;
  }
  maxDrawdown = Math.max(maxDrawdown, 1 - trough / peak);
  return {
    trades: trades.count,
    stops,
    wins,
    grossProfit: profit,
    grossLoss: loss,
    final: cash,
    lastMark: Number.isNaN(lastMark) ? cash : lastMark,
    maxDrawdown,
    sumReturns: sum,
    sumSquares: squares,
    sumLossSquares: losses / 2,
  };
}

/** Fills in what each trade cost, which the loop leaves out: fees of both sides and slippage, quote currency. */
export function fillCosts(trades: Trades, { fee, notional, slippage }: ColumnRules): void {
  for (let at = 0; at < trades.count; at++) {
    const side = trades.side[at] as number;
    const quantity = trades.quantity[at] as number;
    const entry = trades.entryPrice[at] as number;
    const exit = trades.exitPrice[at] as number;
    trades.fees[at] = (notional + quantity * exit) * fee;
    trades.slippage[at] =
      quantity *
      (Math.abs(entry - entry / (1 + slippage * side)) +
        Math.abs(exit / (1 - slippage * side) - exit));
    trades.funding[at] = 0;
  }
}
