import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { SyntheticExchange } from "../../../../src-main/engine/exchange/synthetic-exchange.ts";
import { judgeCandles } from "../../../../src-main/engine/market/integrity.ts";
import type { Candle, MetricName } from "../../../../src-main/engine/market/types.ts";
import { TIMEFRAMES, timeframeMs, type Timeframe } from "../../../../src-preload/contract/time.ts";

const DAY = 86_400_000;
const START = Date.UTC(2025, 5, 3, 10, 7, 31);
const SYMBOLS = "BTC ETH BNB SOL XRP ADA AVAX DOGE LINK LTC DOT NEAR ATOM ARB OP INJ"
  .split(" ")
  .map((base) => `${base}/USDT`);

const marketAt = (now: number, seed = 7) =>
  new SyntheticExchange({ clock: new VirtualClock(now), seed });
const symbols = fc.constantFrom(...SYMBOLS);
const timeframes = fc.constantFrom<Timeframe>(...TIMEFRAMES);
/** From 1971 to 2060. */
const instants = fc.integer({ min: 365 * DAY, max: 90 * 365 * DAY });

function sum(candles: readonly Candle[]): Omit<Candle, "time"> {
  return {
    open: candles[0]?.open ?? 0,
    high: Math.max(...candles.map((c) => c.high)),
    low: Math.min(...candles.map((c) => c.low)),
    close: candles.at(-1)?.close ?? 0,
    volume: candles.reduce((total, c) => total + c.volume, 0),
  };
}

describe("synthetic market", () => {
  it("makes every coarse candle the exact sum of finer ones, the open one as well", async () => {
    await fc.assert(
      fc.asyncProperty(
        symbols,
        timeframes,
        timeframes,
        instants,
        async (symbol, one, other, now) => {
          const [fine, coarse] = [one, other].toSorted((a, b) => timeframeMs(a) - timeframeMs(b));
          if (
            fine === undefined ||
            coarse === undefined ||
            timeframeMs(coarse) % timeframeMs(fine) !== 0
          )
            return;
          const length = timeframeMs(coarse);
          const market = marketAt(now);
          const from = Math.floor(now / length) * length - 2 * length;
          for (const { time, ...candle } of await market.fetchCandles(symbol, coarse, from, 3)) {
            const parts: Candle[] = [];
            for (let at = time; at < time + length; at += 1000 * timeframeMs(fine)) {
              const limit = Math.min(1000, (time + length - at) / timeframeMs(fine));
              parts.push(...(await market.fetchCandles(symbol, fine, at, limit)));
            }
            expect(sum(parts)).toEqual(candle);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("never changes a closed candle, whatever was asked before and however late it is asked", async () => {
    const questions = fc.array(fc.tuple(symbols, timeframes, fc.integer({ min: 0, max: 300 })), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        symbols,
        timeframes,
        instants,
        questions,
        async (symbol, timeframe, now, before) => {
          const length = timeframeMs(timeframe);
          const closed = Math.floor(now / length) * length;
          const from = closed - 20 * length;
          const [early, late] = [marketAt(now), marketAt(now + 40 * DAY)];
          for (const [s, t, back] of before)
            await late.fetchCandles(s, t, now - back * timeframeMs(t), 50);
          expect(await late.fetchCandles(symbol, timeframe, from, 20)).toEqual(
            await early.fetchCandles(symbol, timeframe, from, 20),
          );
        },
      ),
      { numRuns: 80 },
    );
  });

  it("gives sound candles in whole ticks and lots, each opening where the one before closed", async () => {
    const decimals = (step: string | null): number => 10 ** (step?.split(".")[1]?.length ?? 0);
    await fc.assert(
      fc.asyncProperty(symbols, timeframes, instants, async (symbol, timeframe, now) => {
        const length = timeframeMs(timeframe);
        const market = marketAt(now);
        const steps = (await market.markets()).get(symbol);
        const last = Math.floor(now / length) * length - length;
        const candles = await market.fetchCandles(symbol, timeframe, last - 199 * length, 200);
        expect(judgeCandles(candles, { length, now }).refused).toEqual([]);
        expect(candles).toHaveLength(200);
        expect(candles.at(-1)?.time).toBe(last);
        for (const [i, c] of candles.entries()) {
          if (i > 0) expect(c.open).toBe(candles[i - 1]?.close);
          for (const price of [c.open, c.high, c.low, c.close]) {
            const ticks = price * decimals(steps?.tickSize ?? null);
            expect(Math.abs(ticks - Math.round(ticks))).toBeLessThan(1e-6);
          }
          const lots = c.volume * decimals(steps?.lotStep ?? null);
          expect(Math.abs(lots - Math.round(lots))).toBeLessThan(1e-3);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("shows of the open candle only the seconds that have passed", async () => {
    const quarter = Math.floor(START / 900_000) * 900_000;
    const whole = (await marketAt(START + DAY).fetchCandles("BTC/USDT", "15m", quarter, 1))[0];
    let seen: Candle | undefined;
    for (let passed = 0; passed <= 900_000; passed += 30_000) {
      const [open] = await marketAt(quarter + passed).fetchCandles("BTC/USDT", "15m", quarter, 1);
      expect(open?.open).toBe(whole?.open);
      expect(open?.high).toBeGreaterThanOrEqual(seen?.high ?? 0);
      expect(open?.low).toBeLessThanOrEqual(seen?.low ?? Number.POSITIVE_INFINITY);
      expect(open?.volume).toBeGreaterThanOrEqual(seen?.volume ?? 0);
      if (passed === 0) expect(open?.volume).toBe(0);
      if (passed === 450_000) expect(open?.volume).toBeLessThan(whole?.volume ?? 0);
      seen = open;
    }
    expect(seen).toEqual(whole);
    expect(await marketAt(quarter - 1).fetchCandles("BTC/USDT", "15m", quarter, 1)).toEqual([]);
  });

  it("is another market with another seed", async () => {
    const of = (seed: number) =>
      marketAt(START, seed).fetchCandles("BTC/USDT", "1d", START - 30 * DAY, 30);
    expect(await of(1)).toEqual(await of(1));
    expect(await of(1)).not.toEqual(await of(2));
    expect(await of(1)).not.toEqual(await of(1 + 2 ** 32));
  });

  it("moves as one market: coins follow it, wild days come together, prices stay in reach of their level", async () => {
    const market = marketAt(START);
    const returns = async (symbol: string): Promise<number[]> => {
      const candles = await market.fetchCandles(symbol, "1d", START - 900 * DAY, 900);
      return candles.slice(1).map((c, i) => Math.log(c.close / (candles[i]?.close ?? 1)));
    };
    const correlation = (a: readonly number[], b: readonly number[]): number => {
      const mean = (v: readonly number[]) => v.reduce((x, y) => x + y, 0) / v.length;
      const [ma, mb] = [mean(a), mean(b)];
      const cov = (u: readonly number[], mu: number, v: readonly number[], mv: number) =>
        u.reduce((total, x, i) => total + (x - mu) * ((v[i] ?? 0) - mv), 0);
      return cov(a, ma, b, mb) / Math.sqrt(cov(a, ma, a, ma) * cov(b, mb, b, mb));
    };
    const btc = await returns("BTC/USDT");
    for (const symbol of ["ETH/USDT", "SOL/USDT", "INJ/USDT"]) {
      const coin = await returns(symbol);
      expect(correlation(btc, coin)).toBeGreaterThan(0.4);
      expect(Math.max(...coin.map(Math.abs))).toBeLessThan(0.6);
    }
    const size = btc.map(Math.abs);
    expect(correlation(size.slice(1), size.slice(0, -1))).toBeGreaterThan(0.1);
    for (const symbol of SYMBOLS) {
      const ever = await marketAt(80 * 365 * DAY).fetchCandles(symbol, "1d", 79 * 365 * DAY, 360);
      const now = await market.fetchCandles(symbol, "1d", START - DAY, 1);
      const ratio = (ever.at(-1)?.close ?? 0) / (now[0]?.close ?? 1);
      expect(ratio).toBeGreaterThan(1 / 40);
      expect(ratio).toBeLessThan(40);
    }
  });

  it("publishes metrics that cross the thresholds of the strategies and never change afterwards", async () => {
    const [early, late] = [marketAt(START), marketAt(START + 50 * DAY)];
    const symbolOf = (name: MetricName) =>
      name === "nupl" || name === "stablecoin_supply" ? null : "BTC/USDT";
    const values = async (name: MetricName): Promise<number[]> => {
      const points = await early.fetchMetric(name, symbolOf(name), START - 700 * DAY);
      const again = await late.fetchMetric(name, symbolOf(name), START - 700 * DAY);
      expect(again.slice(0, points.length)).toEqual(points);
      expect(points.at(-1)?.time).toBeLessThanOrEqual(START);
      expect(points.length).toBeGreaterThan(600);
      return points.map(({ value }) => value);
    };
    const nupl = await values("nupl");
    expect(
      nupl.some((v) => v < 0.3) &&
        nupl.some((v) => v > 0.6) &&
        nupl.some((v) => v > 0.3 && v < 0.5),
    ).toBe(true);
    expect(Math.max(...nupl)).toBeLessThan(1);
    const supply = await values("stablecoin_supply");
    const growth = supply.slice(30).map((v, i) => v / (supply[i] ?? 1) - 1);
    expect(growth.some((v) => v > 0.02) && growth.some((v) => v < 0)).toBe(true);
    const funding = await values("funding_rate");
    expect(funding.some((v) => v < 0) && funding.some((v) => v > 0.0002)).toBe(true);
    expect(Math.min(...(await values("long_short_ratio")))).toBeGreaterThan(0.5);
    expect(Math.min(...(await values("open_interest")))).toBeGreaterThan(0);
  });

  it("refuses what it does not have with one sentence, and counts requests", async () => {
    const market = marketAt(START);
    await expect(market.fetchCandles("FOO/USDT", "15m", 0, 1)).rejects.toMatchObject({
      kind: "unsupported",
      message: expect.stringContaining("has no FOO/USDT; choose one of BTC/USDT") as unknown,
    });
    await expect(market.fetchMetric("funding_rate", null, 0)).rejects.toMatchObject({
      kind: "unsupported",
    });
    await expect(
      market.fetchCandles("BTC/USDT", "15m", 0, 1, AbortSignal.abort()),
    ).rejects.toThrow();
    expect(market.usage()).toEqual({ requests: 2, budgetUsed: null });
    expect(await market.clockOffset()).toBe(0);
    expect((await market.markets()).size).toBe(16);
  });
});
