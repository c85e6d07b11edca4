import type { Side } from "../../../src-preload/contract/bots.ts";
import type { CandleColumns } from "../market/types.ts";

/** Index of the first candle that opens after `time`. */
function firstAfter(candles: CandleColumns, time: number): number {
  let low = 0;
  let high = candles.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((candles.time[middle] ?? Infinity) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The first closed candle after `after` (the position's checkedCandle) in which the stop was reached: its low at or
 * under a long's stop, its high at or over a short's. `price`, quote currency, is the worse of the stop and that
 * candle's open, before slippage: a gap through the stop fills at the open. Null when the stop held.
 */
export function stopHit(of: {
  readonly side: Side;
  readonly stopPrice: number;
  readonly candles: CandleColumns;
  /** Open time of the last candle that was checked, ms UTC. */
  readonly after: number;
}): { readonly candleTime: number; readonly price: number } | null {
  const { candles, side, stopPrice } = of;
  const extremes = side === "long" ? candles.low : candles.high;
  for (let index = firstAfter(candles, of.after); index < candles.length; index += 1) {
    const extreme = extremes[index];
    const open = candles.open[index];
    const candleTime = candles.time[index];
    if (extreme === undefined || open === undefined || candleTime === undefined) continue;
    if (side === "long" ? extreme <= stopPrice : extreme >= stopPrice) {
      return {
        candleTime,
        price: side === "long" ? Math.min(stopPrice, open) : Math.max(stopPrice, open),
      };
    }
  }
  return null;
}
