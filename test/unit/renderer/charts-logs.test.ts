import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogRecord } from "../../../src-preload/contract/logs.ts";
import type { PositionView } from "../../../src-preload/contract/portfolio.ts";
import { exposureBySymbol } from "../../../src-renderer/charts/exposure.ts";
import { sinceCapitalChanged } from "../../../src-renderer/charts/equity.ts";
import { dodge, niceAxis, timeTicks } from "../../../src-renderer/charts/scale.ts";
import {
  matchesLog,
  numberLogs,
  prependLogs,
} from "../../../src-renderer/features/logs/log-filter.ts";
import type { LogFilter } from "../../../src-renderer/features/logs/log-filter.ts";

describe("axes", () => {
  it("have round ticks around the values", () => {
    expect(niceAxis([3, 14], true)).toEqual({
      min: 0,
      max: 15,
      ticks: [0, 5, 10, 15],
      decimals: 0,
    });
    expect(niceAxis([-250, 130], true)).toMatchObject({ min: -300, max: 200, decimals: 0 });
    expect(niceAxis([], true)).toMatchObject({ min: 0, max: 1 });
  });

  it("hold every value, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e7, max: 1e7 }), { minLength: 1 }),
        fc.boolean(),
        (values, fromZero) => {
          const tiny = 1e-6;
          const { min, max, ticks } = niceAxis(
            values.map((v) => Math.round(v / tiny) * tiny),
            fromZero,
          );
          expect(max).toBeGreaterThan(min);
          expect(Math.min(...values)).toBeGreaterThanOrEqual(min - tiny);
          expect(Math.max(...values)).toBeLessThanOrEqual(max + tiny);
          expect(ticks.length).toBeLessThanOrEqual(9);
        },
      ),
    );
  });

  it("tell time in steps that a person would choose", () => {
    const hour = 3_600_000;
    const from = Date.UTC(2024, 2, 3, 0, 20);
    const ticks = timeTicks(from, from + 24 * hour);
    expect(ticks.length).toBeLessThanOrEqual(6);
    for (const tick of ticks) expect(tick % (6 * hour)).toBe(0);
    expect(timeTicks(from, from)).toEqual([from]);
  });

  it("move labels apart, in order and inside the plot", () => {
    expect(dodge([50, 52, 51], 15, 200)).toEqual([50, 80, 65]);
    expect(dodge([198, 199], 15, 200)).toEqual([185, 200]);
    expect(dodge([10, 100], 15, 200)).toEqual([10, 100]);
  });
});

describe("exposure", () => {
  const position = (symbol: string, side: "long" | "short", exposure: number) =>
    ({ symbol, side, exposure }) as PositionView;

  it("sums by symbol and side, the largest first, and leaves out what is closed", () => {
    expect(
      exposureBySymbol([
        position("SOL/USDT", "long", 1000),
        position("BTC/USDT", "short", -1500),
        position("SOL/USDT", "short", 700),
        position("ADA/USDT", "long", 0),
      ]),
    ).toEqual([
      { symbol: "SOL/USDT", long: 1000, short: 700, total: 1700 },
      { symbol: "BTC/USDT", long: 0, short: 1500, total: 1500 },
    ]);
  });
});

describe("the fleet's equity", () => {
  const point = (time: number, capital: number, realised = 0, unrealised = 0) => ({
    time,
    equity: capital + realised + unrealised,
    realised,
    unrealised,
    exposure: 0,
  });
  const times = (points: readonly { readonly time: number }[]): number[] =>
    points.map(({ time }) => time);

  it("is drawn since bots last came or went; profit and loss cut nothing off", () => {
    const points = [
      point(1, 0),
      point(2, 1000),
      point(3, 45_000),
      point(4, 45_000, -30, 12),
      point(5, 45_000, 8.1, -0.2),
    ];
    expect(times(sinceCapitalChanged(points))).toEqual([3, 4, 5]);
    expect(times(sinceCapitalChanged([...points, point(6, 44_000)]))).toEqual([6]);
    expect(times(sinceCapitalChanged(points.slice(3)))).toEqual([4, 5]);
    expect(sinceCapitalChanged([])).toEqual([]);
  });
});

describe("the log", () => {
  const any: LogFilter = { levels: [], event: "", botId: "", text: "" };
  const record = (change: Partial<LogRecord> = {}): LogRecord => ({
    time: 0,
    engine_time: 0,
    level: "info",
    event: "tick",
    reason: "No entry.",
    bot_id: "b-1",
    ...change,
  });

  it("is filtered as the main process filters it", () => {
    expect(matchesLog(record(), any)).toBe(true);
    expect(matchesLog(record(), { ...any, levels: ["error", "warn"] })).toBe(false);
    expect(matchesLog(record({ level: "warn" }), { ...any, levels: ["error", "warn"] })).toBe(true);
    expect(matchesLog(record(), { ...any, event: "order" })).toBe(false);
    expect(matchesLog(record(), { ...any, botId: "b-2" })).toBe(false);
    expect(matchesLog(record({ error: "ECONNRESET" }), { ...any, text: "econn" })).toBe(true);
    expect(matchesLog(record(), { ...any, text: "econn" })).toBe(false);
  });

  it("takes new records on top, numbered on, and drops those that the filter does not want", () => {
    const shown = numberLogs([record({ reason: "second" }), record({ reason: "first" })]);
    const next = prependLogs(
      shown,
      [record({ reason: "third" }), record({ level: "debug" }), record({ reason: "fourth" })],
      { ...any, levels: ["info"] },
    );
    expect(next.map(({ record: { reason } }) => reason)).toEqual([
      "fourth",
      "third",
      "second",
      "first",
    ]);
    expect(next.map(({ serial }) => serial)).toEqual([4, 3, 2, 1]);
    expect(prependLogs(shown, [record({ level: "debug" })], { ...any, levels: ["info"] })).toBe(
      shown,
    );
  });

  it("forgets the oldest beyond its limit", () => {
    const full = prependLogs(
      [],
      Array.from({ length: 6000 }, () => record()),
      any,
    );
    expect(full).toHaveLength(5000);
    expect(full[0]?.serial).toBe(6000);
  });
});
