import type { CandleColumns } from "../../../src-main/engine/market/types.ts";

/** A trade of the standard job: indexes, side, reason 0 signal / 1 stop / 2 end, prices, signed quantity, PnL. */
export interface OracleTrade {
  readonly entry: number;
  readonly exit: number;
  readonly side: number;
  readonly reason: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly quantity: number;
  readonly pnl: number;
}
export interface OracleRun {
  readonly trades: readonly OracleTrade[];
  readonly equity: Float64Array;
}

const FEE = 0.001;
const SLIP = 0.0005;
const STOP = 0.02;
const NOTIONAL = 1000;

/** What a rule wants on a close: 0 nothing, ±1 to be long or short, 2 to leave. */
type Rule = (index: number, position: number) => number;

/** The standard job's account, written as its description reads: one plain loop, a call a candle. */
export function playStandard(candles: CandleColumns, rule: Rule): OracleRun {
  const { open, high, low, close, length } = candles;
  const at = (column: Float64Array, index: number): number => column[index] ?? Number.NaN;
  const trades: OracleTrade[] = [];
  const equity = new Float64Array(length);
  let cash = 100_000;
  let position = 0;
  let pending = 0;
  let entry = 0;
  let entryPrice = 0;
  let quantity = 0;
  let stop = 0;
  const leave = (index: number, price: number, reason: number): void => {
    const exitPrice = price * (1 - SLIP * position);
    const fee = Math.abs(quantity * exitPrice) * FEE;
    cash += quantity * exitPrice - fee;
    const pnl = quantity * (exitPrice - entryPrice) - fee - NOTIONAL * FEE;
    trades.push({ entry, exit: index, side: position, reason, entryPrice, exitPrice, quantity, pnl });
    position = 0;
    quantity = 0;
  };
  for (let i = 0; i < length; i++) {
    if (pending !== 0) {
      if (position === 0) {
        position = pending;
        entry = i;
        entryPrice = at(open, i) * (1 + SLIP * position);
        quantity = (position * NOTIONAL) / entryPrice;
        cash -= quantity * entryPrice + NOTIONAL * FEE;
        stop = entryPrice * (1 - STOP * position);
      } else leave(i, at(open, i), 0);
      pending = 0;
    }
    if (position > 0 && at(low, i) <= stop) leave(i, Math.min(at(open, i), stop), 1);
    else if (position < 0 && at(high, i) >= stop) leave(i, Math.max(at(open, i), stop), 1);
    pending = rule(i, position);
    equity[i] = cash + quantity * at(close, i);
  }
  if (position !== 0) {
    leave(length - 1, at(close, length - 1), 2);
    equity[length - 1] = cash;
  }
  return { trades, equity };
}

/** Rule A from its definition: both moments of every window summed anew. */
export function ruleA({ close }: CandleColumns, period = 20, deviations = 2): Rule {
  return (i, position) => {
    if (i < period - 1) return 0;
    const window = close.subarray(i - period + 1, i + 1);
    const mean = window.reduce((sum, value) => sum + value, 0) / period;
    const variance = window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / period;
    const distance = (close[i] ?? Number.NaN) - mean;
    if (position > 0) return distance >= 0 ? 2 : 0;
    if (position < 0) return distance <= 0 ? 2 : 0;
    if (Math.abs(distance) <= deviations * Math.sqrt(variance)) return 0;
    return distance < 0 ? 1 : -1;
  };
}

/** An EMA seeded with the mean of the first `period` values from `start` on; NaN before. */
function emaOf(values: Float64Array, period: number, start: number): Float64Array {
  const out = new Float64Array(values.length).fill(Number.NaN);
  const seed = start + period - 1;
  let mean = values.subarray(start, seed + 1).reduce((sum, value) => sum + value, 0) / period;
  for (let i = seed; i < values.length; i++) {
    if (i > seed) mean += ((values[i] ?? 0) - mean) * (2 / (period + 1));
    out[i] = mean;
  }
  return out;
}

/** Rule B from its definition: RSI 14, MACD 12 / 26 / 9. */
export function ruleB({ close, length }: CandleColumns): Rule {
  const fast = emaOf(close, 12, 0);
  const slow = emaOf(close, 26, 0);
  const line = fast.map((value, i) => value - (slow[i] ?? Number.NaN));
  const signal = emaOf(line, 9, 25);
  const rsi = new Float64Array(length).fill(Number.NaN);
  let gain = 0;
  let loss = 0;
  for (let i = 1; i < length; i++) {
    const change = (close[i] ?? 0) - (close[i - 1] ?? 0);
    if (i <= 14) {
      gain += Math.max(change, 0) / 14;
      loss += Math.max(-change, 0) / 14;
    } else {
      gain = (gain * 13 + Math.max(change, 0)) / 14;
      loss = (loss * 13 + Math.max(-change, 0)) / 14;
    }
    if (i >= 14) rsi[i] = 100 - 100 / (1 + gain / loss);
  }
  return (i, position) => {
    const histogram = (line[i] ?? Number.NaN) - (signal[i] ?? Number.NaN);
    if (position > 0) return histogram < 0 ? 2 : 0;
    const crosses = (rsi[i] ?? 0) > 50 && (rsi[i - 1] ?? Number.NaN) <= 50;
    return crosses && histogram > 0 ? 1 : 0;
  };
}
