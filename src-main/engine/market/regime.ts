import type { Regime } from "../../../src-preload/contract/ticks.ts";
import { adx } from "../indicators/adx.ts";
import { atr } from "../indicators/atr.ts";
import { bollinger } from "../indicators/bollinger.ts";
import type { BandColumns } from "../indicators/bollinger.ts";
import { percentileRankAt } from "../indicators/percentile.ts";
import { meanAt } from "../indicators/sma.ts";
import type { CandleColumns } from "./types.ts";

/** Candles the label is made of: 100 for the percentiles, the rest settles the smoothed indicators. */
export const REGIME_CANDLES = 300;

const PERIOD = 14;
const RANK_PERIOD = 100;
const BAND_PERIOD = 20;
const BAND_DEVIATIONS = 2;
const TREND_PERIOD = 50;
/** ADX above which there is a trend, and under which there is none (Wilder's usual reading). */
const TREND_ADX = 25;
const NO_TREND_ADX = 20;
/** ATR, as a share of the price, in the top tenth of its last 100. */
const HIGH_ATR_RANK = 0.9;
/** Band width in the bottom tenth of its last 100. */
const SQUEEZE_RANK = 0.1;

/** Band width as a share of the middle at each of the last candles, oldest first; one more than the rank needs. */
function bandWidths({ upper, middle, lower }: BandColumns): Float64Array {
  const out = new Float64Array(RANK_PERIOD + 1);
  const first = middle.length - out.length;
  for (let i = 0; i < out.length; i++) {
    const at = first + i;
    out[i] = ((upper[at] as number) - (lower[at] as number)) / (middle[at] as number);
  }
  return out;
}

/** ATR as a share of the close at each of the last candles, oldest first. */
function rangeShares(columns: Pick<CandleColumns, "high" | "low" | "close">): Float64Array {
  const ranges = atr(columns, PERIOD);
  const out = new Float64Array(RANK_PERIOD);
  const first = ranges.length - RANK_PERIOD;
  for (let i = 0; i < RANK_PERIOD; i++) {
    out[i] = (ranges[first + i] as number) / (columns.close[first + i] as number);
  }
  return out;
}

/**
 * The market's regime on the last closed candle, from the last `REGIME_CANDLES`; null when there are fewer. The first that
 * fits:
 *
 * - `breakout`: the close is outside the bands (20, 2) and the candle before was in a squeeze;
 * - `trending_up`, `trending_down`: ADX 14 > 25, by the side of the 50 mean the close is on;
 * - `high_volatility`: ATR 14 as a share of the close ranks above 0.9 in its last 100;
 * - `squeeze`: band width as a share of the middle ranks at most 0.1 in its last 100;
 * - `ranging`: ADX < 20;
 * - `transition`: what is left, ADX from 20 to 25.
 */
export function regimeOf(columns: CandleColumns): Regime | null {
  const from = columns.length - REGIME_CANDLES;
  if (from < 0) return null;
  const cut = {
    high: columns.high.subarray(from, columns.length),
    low: columns.low.subarray(from, columns.length),
    close: columns.close.subarray(from, columns.length),
  };
  const last = REGIME_CANDLES - 1;
  const close = cut.close[last] as number;
  const bands = bollinger(cut.close, BAND_PERIOD, BAND_DEVIATIONS);
  const widths = bandWidths(bands);
  const outside = close > (bands.upper[last] as number) || close < (bands.lower[last] as number);
  const squeezedBefore = percentileRankAt(widths, RANK_PERIOD - 1, RANK_PERIOD) <= SQUEEZE_RANK;
  if (squeezedBefore && outside) return "breakout";
  const trend = adx(cut, PERIOD)[last] as number;
  if (trend > TREND_ADX) {
    return close >= meanAt(cut.close, last, TREND_PERIOD) ? "trending_up" : "trending_down";
  }
  if (percentileRankAt(rangeShares(cut), RANK_PERIOD - 1, RANK_PERIOD) > HIGH_ATR_RANK) {
    return "high_volatility";
  }
  if (percentileRankAt(widths, RANK_PERIOD, RANK_PERIOD) <= SQUEEZE_RANK) return "squeeze";
  return trend < NO_TREND_ADX ? "ranging" : "transition";
}
