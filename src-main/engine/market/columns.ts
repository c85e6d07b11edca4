import type { Candle, CandleColumns } from "./types.ts";

/** Columns of `length` candles with memory of their own, to be filled by whoever made them. */
export function emptyColumns(length: number): CandleColumns {
  return {
    length,
    time: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
  };
}

/** Writes one candle into columns that nobody else holds yet. */
export function putCandle(columns: CandleColumns, index: number, candle: Candle): void {
  columns.time[index] = candle.time;
  columns.open[index] = candle.open;
  columns.high[index] = candle.high;
  columns.low[index] = candle.low;
  columns.close[index] = candle.close;
  columns.volume[index] = candle.volume;
}

/** One candle of the columns; NaN in every figure where there is none. */
export const candleOf = (columns: CandleColumns, index: number): Candle => ({
  time: columns.time[index] ?? Number.NaN,
  open: columns.open[index] ?? Number.NaN,
  high: columns.high[index] ?? Number.NaN,
  low: columns.low[index] ?? Number.NaN,
  close: columns.close[index] ?? Number.NaN,
  volume: columns.volume[index] ?? Number.NaN,
});

/** Copies all of `from` into `into`, beginning at `index`. */
export function putColumns(into: CandleColumns, index: number, from: CandleColumns): void {
  into.time.set(from.time, index);
  into.open.set(from.open, index);
  into.high.set(from.high, index);
  into.low.set(from.low, index);
  into.close.set(from.close, index);
  into.volume.set(from.volume, index);
}

export function columnsOf(candles: readonly Candle[]): CandleColumns {
  const columns = emptyColumns(candles.length);
  candles.forEach((candle, index) => putCandle(columns, index, candle));
  return columns;
}

/** Candles [from, to) by index: views on the same memory, no copy. */
export function sliceColumns(columns: CandleColumns, from: number, to: number): CandleColumns {
  return {
    length: to - from,
    time: columns.time.subarray(from, to),
    open: columns.open.subarray(from, to),
    high: columns.high.subarray(from, to),
    low: columns.low.subarray(from, to),
    close: columns.close.subarray(from, to),
    volume: columns.volume.subarray(from, to),
  };
}

/** Candles [from, to) by index in memory of their own: nothing else is in the one buffer behind them. */
export function copyColumns(columns: CandleColumns, from: number, to: number): CandleColumns {
  const length = to - from;
  // One piece of memory rather than six: the collector counts pieces.
  const memory = new Float64Array(6 * length);
  let used = 0;
  const copy = (column: Float64Array): Float64Array => {
    const into = memory.subarray(used, used + length);
    into.set(from === 0 && to === column.length ? column : column.subarray(from, to));
    used += length;
    return into;
  };
  return {
    length,
    time: copy(columns.time),
    open: copy(columns.open),
    high: copy(columns.high),
    low: copy(columns.low),
    close: copy(columns.close),
    volume: copy(columns.volume),
  };
}

/** Index of the first of `length` ascending times that is ≥ `time`; `length` when there is none. */
export function lowerBound(times: Float64Array, length: number, time: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Number.POSITIVE_INFINITY) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
