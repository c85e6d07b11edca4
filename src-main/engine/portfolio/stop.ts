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
 * The price at which a stop fills in a candle, quote currency, before slippage: the worse of the stop and the open, since
 * a gap through the stop fills at the open. Null when the candle did not reach it: `low` for a long, `high` for a short.
 */
export function stopPriceIn(
  side: Side,
  stopPrice: number,
  open: number,
  low: number,
  high: number,
): number | null {
  if (side === "long") return low <= stopPrice ? Math.min(stopPrice, open) : null;
  return high >= stopPrice ? Math.max(stopPrice, open) : null;
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
  for (let index = firstAfter(candles, of.after); index < candles.length; index += 1) {
    const open = candles.open[index];
    const low = candles.low[index];
    const high = candles.high[index];
    const candleTime = candles.time[index];
    if (open === undefined || low === undefined || high === undefined || candleTime === undefined) {
      continue;
    }
    const price = stopPriceIn(side, stopPrice, open, low, high);
    if (price !== null) return { candleTime, price };
  }
  return null;
}
