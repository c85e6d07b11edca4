import type { Regime } from "../../../src-preload/contract/ticks.ts";
import { REGIME_CANDLES, regimeOf } from "./regime.ts";
import type { CandleColumns } from "./types.ts";

/**
 * The last regime of each buffer of candles, and the end of the candles it is of. Bots of one symbol and timeframe are
 * given views on one buffer that is only ever appended to, so the label is made once a candle and not once a bot.
 */
const known = new WeakMap<
  ArrayBufferLike,
  { readonly end: number; readonly regime: Regime | null }
>();

/** `regimeOf`, made once for all views that end with the same candle. */
export function sharedRegimeOf(columns: CandleColumns): Regime | null {
  if (columns.length < REGIME_CANDLES) return null;
  const { buffer, byteOffset } = columns.close;
  const end = byteOffset + columns.length * Float64Array.BYTES_PER_ELEMENT;
  const last = known.get(buffer);
  if (last?.end === end) return last.regime;
  const regime = regimeOf(columns);
  known.set(buffer, { end, regime });
  return regime;
}
