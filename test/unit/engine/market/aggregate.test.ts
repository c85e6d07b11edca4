import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import {
  DerivedTimeframes,
  sourceOf,
} from "../../../../src-main/engine/exchange/derived-timeframes.ts";
import { aggregate } from "../../../../src-main/engine/market/aggregate.ts";
import type { Candle } from "../../../../src-main/engine/market/types.ts";
import { TIMEFRAMES, timeframeMs, type Timeframe } from "../../../../src-preload/contract/time.ts";
import { ScriptedExchange } from "./scripted-exchange.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("aggregate", () => {
  it("has the first open, last close, extremes and the exact decimal volume of the parts that exist", () => {
    const part = fc.record({
      there: fc.boolean(),
      open: fc.integer({ min: 100, max: 200 }),
      up: fc.integer({ min: 0, max: 20 }),
      down: fc.integer({ min: 0, max: 20 }),
      volume: fc.bigInt({ min: 0n, max: 10n ** 13n }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 60 }), (slots) => {
        const candles = slots.map(({ open, up, down, volume }, i) => ({
          time: i * 15 * MINUTE,
          open,
          high: open + up,
          low: open - down,
          close: open + up,
          volume: Number(volume) / 1e8,
        }));
        const parts = candles.filter((_, i) => slots[i]?.there === true);
        const whole = aggregate(parts, 15 * MINUTE, HOUR);
        const hours = [...new Set(parts.map(({ time }) => Math.floor(time / HOUR) * HOUR))];
        const last = parts.at(-1);
        // The last hour counts only with its last quarter.
        if (last !== undefined && last.time % HOUR !== 45 * MINUTE) hours.pop();
        expect(whole.map(({ time }) => time)).toEqual(hours);
        for (const candle of whole) {
          const own = parts.filter(({ time }) => Math.floor(time / HOUR) * HOUR === candle.time);
          const units = own.reduce((sum, { time }) => {
            return sum + (slots[time / (15 * MINUTE)]?.volume ?? 0n);
          }, 0n);
          expect(candle).toEqual({
            time: candle.time,
            open: own[0]?.open,
            high: Math.max(...own.map(({ high }) => high)),
            low: Math.min(...own.map(({ low }) => low)),
            close: own.at(-1)?.close,
            volume: Number(units) / 1e8,
          });
        }
      }),
    );
    const tenth = { open: 1, high: 1, low: 1, close: 1 };
    const [sum] = aggregate(
      [
        { ...tenth, time: 0, volume: 0.1 },
        { ...tenth, time: MINUTE, volume: 0.2 },
      ],
      MINUTE,
      2 * MINUTE,
    );
    expect(sum?.volume).toBe(0.3);
  });

  it("makes a candle that integrity refuses of a part that is wrong", () => {
    const good: Candle = { time: 0, open: 2, high: 3, low: 1, close: 2, volume: 1 };
    const [candle] = aggregate([good, { ...good, time: MINUTE, high: 0.5 }], MINUTE, 2 * MINUTE);
    expect(candle?.time).toBe(0);
    expect(candle?.close).toBeNaN();
  });
});

describe("an exchange that lacks timeframes", () => {
  class Poor extends ScriptedExchange {
    override readonly timeframes: ReadonlySet<Timeframe> = new Set(["1m", "5m", "1h", "4h"]);
  }
  const now = Date.UTC(2024, 2, 2) + 7 * MINUTE;

  it("gets all 11, each from its longest divisor", () => {
    const clock = new VirtualClock(now);
    const exchange = new DerivedTimeframes(new Poor(clock));
    expect([...exchange.timeframes]).toEqual([...TIMEFRAMES]);
    expect(TIMEFRAMES.map((each) => sourceOf(each, exchange.own))).toEqual([
      "1m",
      "1m",
      "5m",
      "5m",
      "5m",
      "1h",
      "1h",
      "4h",
      "4h",
      "4h",
      "4h",
    ]);
    expect(sourceOf("3m", new Set<Timeframe>(["5m"]))).toBeNull();
    expect(sourceOf("1m", new Set<Timeframe>(["5m"]))).toBeNull();
  });

  it("gives the same candles in any pages, whole ones only, and none before its last part is there", async () => {
    const clock = new VirtualClock(now);
    const inner = new Poor(clock, 7);
    const exchange = new DerivedTimeframes(inner);
    const length = timeframeMs("15m");
    const since = now - (now % length) - 20 * length;
    const candles = await exchange.fetchCandles("A/USDT", "15m", since, 50);
    expect(candles).toHaveLength(20);
    const single: Candle[] = [];
    for (let i = 0; i < 20; i += 1)
      single.push(...(await exchange.fetchCandles("A/USDT", "15m", since + i * length, 1)));
    expect(single).toEqual(candles);
    // The last part of the newest is on its way: there is no such candle yet.
    const newest = since + 20 * length;
    inner.lacks.add(newest + 10 * MINUTE);
    clock.jump(newest + length - MINUTE - now);
    expect(await exchange.fetchCandles("A/USDT", "15m", since, 50)).toHaveLength(20);
    clock.jump(MINUTE);
    // A later part is there: it was an outage.
    expect(await exchange.fetchCandles("A/USDT", "15m", since, 50)).toHaveLength(21);
  });
});
