import type { Side } from "../../src-preload/contract/bots.ts";
import { lowerBound } from "../engine/market/columns.ts";
import type { CandleColumns } from "../engine/market/types.ts";
import { stopPriceIn } from "../engine/portfolio/stop.ts";

/** Orders that rest at the venue while a position is open; prices in quote currency. */
export interface Resting {
  readonly side: Side;
  /** NaN for none. */
  readonly stop: number;
  readonly limit: number;
}

/** Which of them a candle reached first and the price it fills at, before slippage; null for neither. */
export interface Touch {
  readonly kind: "stop" | "target";
  readonly price: number;
}

/** A limit fills at its price, or at a better open. */
function limitPriceIn(side: Side, limit: number, open: number, low: number, high: number) {
  if (side === "long") return high >= limit ? Math.max(limit, open) : null;
  return low <= limit ? Math.min(limit, open) : null;
}

function touchIn(resting: Resting, candles: CandleColumns, index: number): Touch | "both" | null {
  const open = candles.open[index] as number;
  const low = candles.low[index] as number;
  const high = candles.high[index] as number;
  const { side } = resting;
  const stop = stopPriceIn(side, resting.stop, open, low, high);
  const limit = limitPriceIn(side, resting.limit, open, low, high);
  if (stop === null) return limit === null ? null : { kind: "target", price: limit };
  if (limit === null) return { kind: "stop", price: stop };
  // Both: the open comes before everything else in a candle.
  if (side === "long" ? open >= resting.limit : open <= resting.limit)
    return { kind: "target", price: limit };
  if (side === "long" ? open <= resting.stop : open >= resting.stop)
    return { kind: "stop", price: stop };
  return "both";
}

/**
 * What came first in candle `index`. Where one candle holds both, `fine` candles of that span settle it; without them, and
 * within one fine candle, the stop is taken to have come first. `length` is the coarse candle's, ms.
 */
export function firstTouch(
  resting: Resting,
  candles: CandleColumns,
  index: number,
  fine: CandleColumns | null,
  length: number,
): Touch | null {
  const found = touchIn(resting, candles, index);
  if (found !== "both") return found;
  const stop: Touch = {
    kind: "stop",
    price: resting.stop,
  };
  if (fine === null) return stop;
  const start = candles.time[index] as number;
  const to = lowerBound(fine.time, fine.length, start + length);
  for (let at = lowerBound(fine.time, fine.length, start); at < to; at++) {
    const inside = touchIn(resting, fine, at);
    if (inside !== null) return inside === "both" ? stop : inside;
  }
  return stop;
}
