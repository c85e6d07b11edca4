import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adx } from "../../../../src-main/engine/indicators/adx.ts";
import { atr } from "../../../../src-main/engine/indicators/atr.ts";
import type { RangeColumns } from "../../../../src-main/engine/indicators/atr.ts";
import { ema } from "../../../../src-main/engine/indicators/ema.ts";
import { macd } from "../../../../src-main/engine/indicators/macd.ts";
import { rsi } from "../../../../src-main/engine/indicators/rsi.ts";
import {
  adxSettled,
  emaSettled,
  macdSettled,
  wilderSettled,
} from "../../../../src-main/engine/indicators/settle.ts";
import { STRATEGIES, describeStrategy } from "../../../../src-main/engine/strategies/registry.ts";
import { apart, walk } from "../indicators/series.ts";
import { realCandles, realDataPresent } from "./real.ts";

const newest = (column: Float64Array): number => column.at(-1) ?? Number.NaN;

/** The last `count` of the candles up to `end`. */
const cut = (columns: RangeColumns, end: number, count: number): RangeColumns => ({
  high: columns.high.subarray(Math.max(0, end - count), end),
  low: columns.low.subarray(Math.max(0, end - count), end),
  close: columns.close.subarray(Math.max(0, end - count), end),
});

interface Periods {
  readonly period: number;
  readonly slow: number;
  readonly signal: number;
}

/** Relative distances of every recursive indicator on its declared warm-up from the one on all history. */
function distances(columns: RangeColumns, end: number, periods: Periods): Record<string, number> {
  const { period, slow, signal } = periods;
  const all = cut(columns, end, end);
  const last = (count: number): RangeColumns => cut(columns, end, count);
  const fast = Math.max(1, slow >> 1);
  const histogram = (of: RangeColumns): number =>
    newest(macd(of.close, fast, slow, signal).histogram);
  const range = newest(atr(all, period));
  return {
    ema: apart(newest(ema(all.close, slow)), newest(ema(last(emaSettled(slow)).close, slow))),
    rsi: apart(
      newest(rsi(all.close, period)),
      newest(rsi(last(wilderSettled(period)).close, period)),
    ),
    atr: apart(range, newest(atr(last(wilderSettled(period)), period))),
    adx: apart(newest(adx(all, period)), newest(adx(last(adxSettled(period)), period))),
    // It crosses 0, so it is measured against the candle's usual range, with which it is compared.
    macd: Math.abs(histogram(all) - histogram(last(macdSettled(slow, signal)))) / range,
  };
}

function expectSettled(columns: RangeColumns, end: number, periods: Periods): void {
  for (const [name, distance] of Object.entries(distances(columns, end, periods))) {
    expect(distance, `${name} at ${end} of ${JSON.stringify(periods)}`).toBeLessThan(1e-9);
  }
}

const periods = fc.record({
  period: fc.integer({ min: 2, max: 60 }),
  slow: fc.integer({ min: 3, max: 60 }),
  signal: fc.integer({ min: 2, max: 30 }),
});

describe("a settled indicator is the one with all history, to 1e-9", () => {
  it("on random candles", () => {
    fc.assert(
      fc.property(periods, fc.integer({ min: 1, max: 1e6 }), (each, seed) => {
        expectSettled(walk(4000, seed), 4000, each);
      }),
      { numRuns: 40 },
    );
  });

  it("on candles whose forgotten history was fifty times wilder", () => {
    fc.assert(
      fc.property(periods, fc.integer({ min: 1, max: 1e6 }), (each, seed) => {
        const calm = walk(4000, seed);
        const wild = Math.max(4, 4000 - macdSettled(each.slow, each.signal) - 1);
        for (const column of [calm.high, calm.low, calm.close]) {
          for (let i = 0; i < wild; i++) column[i] = 100 + 50 * ((column[i] ?? 0) - 100);
        }
        const { ema: mean, macd: histogram } = distances(calm, 4000, each);
        expect(mean).toBeLessThan(1e-9);
        expect(histogram).toBeLessThan(1e-9);
      }),
      // How far a walk gets has no bound, and so has what is forgotten of it: the walks are fixed.
      { numRuns: 40, seed: 20_240_301 },
    );
  });

  it("and no longer than needed: with a third of the candles it is not", () => {
    const columns = walk(4000, 9);
    const short = (count: number): RangeColumns => cut(columns, 4000, Math.round(count / 3));
    expect(
      apart(newest(ema(columns.close, 50)), newest(ema(short(emaSettled(50)).close, 50))),
    ).toBeGreaterThan(1e-9);
    expect(
      apart(newest(rsi(columns.close, 14)), newest(rsi(short(wilderSettled(14)).close, 14))),
    ).toBeGreaterThan(1e-9);
    expect(apart(newest(adx(columns, 14)), newest(adx(short(adxSettled(14)), 14)))).toBeGreaterThan(
      1e-9,
    );
  });

  it.skipIf(!realDataPresent)(
    `on recorded candles${realDataPresent ? "" : " (SKIPPED: ../shared/data is absent)"}`,
    () => {
      for (const name of ["BTCUSDT-15m", "XRPUSDT-1h", "DOGEUSDT-15m"]) {
        const columns = realCandles(name, 0, Number.MAX_SAFE_INTEGER);
        for (let end = 5000; end < columns.length; end += 4801) {
          expectSettled(columns, end, { period: 14, slow: 26, signal: 9 });
          expectSettled(columns, end, { period: 14, slow: 50, signal: 9 });
        }
      }
    },
  );
});

/** Candles that a parameter's indicator needs, by the parameter's key. */
const NEEDED: Readonly<Record<string, (period: number, all: Record<string, unknown>) => number>> = {
  atrPeriod: wilderSettled,
  rsiPeriod: wilderSettled,
  adxPeriod: adxSettled,
  emaPeriod: emaSettled,
  emaFast: emaSettled,
  emaSlow: emaSettled,
  macdFast: emaSettled,
  macdSlow: emaSettled,
  macdSignal: (signal, all) => macdSettled(Number(all["macdSlow"]), signal),
  bandPeriod: (period) => period,
  trendPeriod: (period) => period,
  zPeriod: (period) => period,
  correlationPeriod: (period) => period + 1,
};

describe.each([...STRATEGIES.values()])("$id", (strategy) => {
  const fields = describeStrategy(strategy).fields.filter(({ unit }) => unit === "candles");

  it("declares a warm-up that settles each of its indicators, for any parameters", () => {
    const some = fc.record(
      Object.fromEntries(
        fields.map(({ key, min = 0, max = 0 }) => [key, fc.integer({ min, max })]),
      ),
    );
    let tried = 0;
    fc.assert(
      fc.property(some, (given) => {
        const parsed = strategy.params.safeParse(given);
        if (!parsed.success) return;
        tried += 1;
        const params: Record<string, unknown> = parsed.data;
        const warmup = strategy.warmup(params);
        for (const { key } of fields) {
          if (key === "longestHold") continue;
          const needed = NEEDED[key];
          if (needed === undefined) throw new Error(`what does ${key} need?`);
          expect(warmup).toBeGreaterThanOrEqual(needed(Number(params[key]), params));
        }
      }),
    );
    expect(tried).toBeGreaterThan(20);
  });
});
