import { checkPeriod, column } from "./window.ts";

/** Columns that ranges are made of, quote currency, all of one length. */
export interface RangeColumns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** One candle's part of them. */
export interface RangeCandle {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/**
 * Average true range by Wilder (1978), quote currency: the true range is the candle's own, stretched to the close before
 * it (from the second candle on); seeded with the mean of the first `period` true ranges, then smoothed by 1 / period.
 * O(1) a candle.
 */
export class AtrStream {
  readonly #period: number;
  readonly #keep: number;
  readonly #one: RangeColumns = { high: column(1), low: column(1), close: column(1) };
  readonly #out = new Float64Array(1);
  #seen = 0;
  #close = 0;
  #sum = 0;

  constructor(period: number) {
    checkPeriod("ATR", period);
    this.#period = period;
    this.#keep = (period - 1) / period;
  }

  /** Takes the next candle; NaN for the first `period`. */
  push(candle: RangeCandle): number {
    const { high, low, close } = this.#one;
    high[0] = candle.high;
    low[0] = candle.low;
    close[0] = candle.close;
    this.fill(this.#one, 0, 1, this.#out);
    return this.#out[0] as number;
  }

  /** Takes the candles [from, to) as the next ones and writes to the same indices of `out`. */
  fill(columns: RangeColumns, from: number, to: number, out: Float64Array): void {
    const { high, low, close } = columns;
    const period = this.#period;
    const keep = this.#keep;
    let i = from;
    let before = this.#close;
    // The sum of `period` ranges at first, then what the smoothing keeps: period × average.
    let sum = this.#sum;
    if (i < to && this.#seen === 0) {
      before = close[i] as number;
      out[i++] = Number.NaN;
      this.#seen = 1;
    }
    for (; i < to && this.#seen <= period; i++) {
      sum += trueRange(high[i] as number, low[i] as number, before);
      before = close[i] as number;
      this.#seen += 1;
      out[i] = this.#seen <= period ? Number.NaN : sum / period;
    }
    for (; i < to; i++) {
      sum = sum * keep + trueRange(high[i] as number, low[i] as number, before);
      before = close[i] as number;
      out[i] = sum / period;
    }
    this.#close = before;
    this.#sum = sum;
  }
}

const trueRange = (high: number, low: number, before: number): number =>
  (high > before ? high : before) - (low < before ? low : before);

/** Average true range (see `AtrStream`); first value at index period. */
export function atr(columns: RangeColumns, period: number): Float64Array {
  const out = column(columns.close.length);
  new AtrStream(period).fill(columns, 0, out.length, out);
  return out;
}
