import { describe, expect, it } from "vitest";
import { correlation, simpleReturns } from "../../../../src-main/engine/indicators/correlation.ts";
import { MarketOverview } from "../../../../src-main/engine/market/overview.ts";
import type { Candle } from "../../../../src-main/engine/market/types.ts";
import { openMarketDb } from "../../../../src-main/store/market-db.ts";
import { timeframeMs, type Timeframe } from "../../../../src-preload/contract/time.ts";

const QUARTER = timeframeMs("15m");

/** A walk that is the same for the same seed. */
function walk(count: number, seed: number, step: number, from = 0): Candle[] {
  let state = seed;
  let price = 100;
  return Array.from({ length: count }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const open = price;
    price *= 1 + (state / 2 ** 32 - 0.5) / 50;
    const high = Math.max(open, price) * 1.001;
    const low = Math.min(open, price) * 0.999;
    return { time: (from + i) * step, open, high, low, close: price, volume: 1 };
  });
}

function desk(inUse: readonly { symbol: string; timeframe: Timeframe }[]) {
  const db = openMarketDb(":memory:");
  return { db, overview: new MarketOverview({ store: db.candles, inUse: () => inUse }) };
}

describe("the market overview", () => {
  it("correlates the returns of the candles that both have, and only those", () => {
    const { db, overview } = desk([
      { symbol: "A/USDT", timeframe: "15m" },
      { symbol: "B/USDT", timeframe: "15m" },
      { symbol: "C/USDT", timeframe: "15m" },
    ]);
    const a = walk(200, 1, QUARTER);
    const b = walk(200, 2, QUARTER);
    db.candles.append("A/USDT", "15m", a);
    db.candles.append("B/USDT", "15m", b);
    db.candles.append("C/USDT", "15m", walk(15, 3, QUARTER, 185));
    const view = overview.correlations(null);
    expect(view).toMatchObject({
      timeframe: "15m",
      symbols: ["A/USDT", "B/USDT", "C/USDT"],
      candleTime: 199 * QUARTER,
    });
    const returns = (candles: readonly Candle[]): Float64Array =>
      simpleReturns(Float64Array.from(candles.map(({ close }) => close))).slice(-100);
    const expected = correlation(returns(a), returns(b), 100).at(-1) ?? Number.NaN;
    expect(view.matrix[0]?.[1]).toBeCloseTo(expected, 12);
    expect(view.matrix[1]?.[0]).toBe(view.matrix[0]?.[1]);
    expect(view.matrix.map((row, i) => row[i])).toEqual([1, 1, 1]);
    // Fourteen returns in common are too few.
    expect(view.matrix[0]?.[2]).toBeNull();
  });

  it("is new once a candle has closed, and not before", () => {
    const { db, overview } = desk([
      { symbol: "A/USDT", timeframe: "15m" },
      { symbol: "B/USDT", timeframe: "15m" },
    ]);
    const a = walk(401, 1, QUARTER);
    const b = walk(401, 2, QUARTER);
    db.candles.append("A/USDT", "15m", a.slice(0, 400));
    db.candles.append("B/USDT", "15m", b.slice(0, 400));
    const first = overview.correlations("15m").matrix[0]?.[1];
    const [regime] = overview.regimes();
    expect(regime).toMatchObject({ symbol: "A/USDT", candleTime: 399 * QUARTER, bots: 1 });
    expect(regime?.regime).not.toBeNull();
    db.candles.append("A/USDT", "15m", a.slice(400));
    db.candles.append("B/USDT", "15m", b.slice(400));
    expect(overview.correlations("15m").matrix[0]?.[1]).toBe(first);
    overview.changed("A/USDT", "15m");
    overview.changed("B/USDT", "15m");
    expect(overview.correlations("15m").matrix[0]?.[1]).not.toBe(first);
    expect(overview.regimes()[0]?.candleTime).toBe(400 * QUARTER);
  });

  it("takes a symbol from a shorter timeframe where the asked one is not stored, from whole candles only", () => {
    const { db, overview } = desk([
      { symbol: "A/USDT", timeframe: "15m" },
      { symbol: "B/USDT", timeframe: "1h" },
    ]);
    const quarters = walk(402, 1, QUARTER);
    const hours = quarters
      .filter(({ time }) => time % (4 * QUARTER) === 3 * QUARTER)
      .map((candle) => ({ ...candle, time: candle.time - 3 * QUARTER }));
    db.candles.append("A/USDT", "15m", quarters);
    db.candles.append("B/USDT", "1h", hours);
    const view = overview.correlations("1h");
    expect(view.candleTime).toBe(99 * 4 * QUARTER);
    expect(view.matrix[0]?.[1]).toBeCloseTo(1, 12);
    // A candle of the shorter one counts as news.
    db.candles.append("A/USDT", "15m", walk(2, 9, QUARTER, 402));
    overview.changed("A/USDT", "15m");
    expect(overview.correlations("1h").candleTime).toBe(100 * 4 * QUARTER);
  });

  it("says nothing of what it does not know", () => {
    const { overview } = desk([{ symbol: "A/USDT", timeframe: "15m" }]);
    expect(overview.regimes()).toEqual([
      { symbol: "A/USDT", timeframe: "15m", regime: null, candleTime: null, close: null, bots: 1 },
    ]);
    expect(desk([]).overview.correlations(null)).toMatchObject({ symbols: [], matrix: [] });
  });
});
