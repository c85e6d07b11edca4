import { describe, expect, it } from "vitest";
import type { CandleColumns } from "../../../../src-main/engine/market/types.ts";
import { stopHit } from "../../../../src-main/engine/portfolio/stop.ts";

/** Rows of [time, open, high, low, close]. */
const columns = (
  rows: readonly (readonly [number, number, number, number, number])[],
): CandleColumns => {
  const column = (index: 0 | 1 | 2 | 3 | 4) => Float64Array.from(rows, (row) => row[index]);
  return {
    length: rows.length,
    time: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: new Float64Array(rows.length),
  };
};
const candles = columns([
  [0, 100, 101, 90, 100],
  [10, 100, 104, 96, 99],
  [20, 99, 106, 95, 97],
  [30, 92, 98, 91, 94],
]);

describe("stopHit", () => {
  it("finds the first candle after the checked one, whose extreme touches the stop", () => {
    expect(stopHit({ side: "long", stopPrice: 95, candles, after: 0 })).toEqual({
      candleTime: 20,
      price: 95,
    });
    expect(stopHit({ side: "short", stopPrice: 104, candles, after: 0 })).toEqual({
      candleTime: 10,
      price: 104,
    });
    expect(stopHit({ side: "short", stopPrice: 105, candles, after: 0 })).toEqual({
      candleTime: 20,
      price: 105,
    });
  });
  it("fills a gap at the candle's open, the worse price", () => {
    expect(stopHit({ side: "long", stopPrice: 94, candles, after: 20 })).toEqual({
      candleTime: 30,
      price: 92,
    });
    expect(stopHit({ side: "short", stopPrice: 90, candles, after: 0 })).toEqual({
      candleTime: 10,
      price: 100,
    });
  });
  it("does not look at the candle of the entry or before, nor past the end", () => {
    expect(stopHit({ side: "long", stopPrice: 90, candles, after: 0 })).toBeNull();
    expect(stopHit({ side: "long", stopPrice: 90, candles, after: -1 })).toEqual({
      candleTime: 0,
      price: 90,
    });
    expect(stopHit({ side: "long", stopPrice: 99, candles, after: 30 })).toBeNull();
    expect(stopHit({ side: "long", stopPrice: 99, candles: columns([]), after: 0 })).toBeNull();
  });
});
