import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { FaultInjector, parseFaults } from "../../../scripts/replay-exchange/faults.ts";
import { WeightLimiter } from "../../../scripts/replay-exchange/limits.ts";
import { parseOptions } from "../../../scripts/replay-exchange/options.ts";
import {
  buildSeries,
  candleAt,
  lastPrice,
  openCandle,
  type FileSeries,
} from "../../../scripts/replay-exchange/series.ts";
import type { Candle } from "../../../src-main/engine/market/types.ts";

const MINUTE = 60_000;
const START = Date.parse("2024-03-01T00:00:00Z");

const bar = (
  time: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume = 1,
): Candle => ({
  time,
  open,
  high,
  low,
  close,
  volume,
});

function fileOf(intervalMs: number, candles: readonly Candle[]): FileSeries {
  const column = (key: keyof Candle): Float64Array =>
    Float64Array.from(candles, (each) => each[key]);
  return {
    intervalMs,
    columns: {
      length: candles.length,
      time: column("time"),
      open: column("open"),
      high: column("high"),
      low: column("low"),
      close: column("close"),
      volume: column("volume"),
    },
  };
}

const rows = (files: readonly FileSeries[], intervalMs: number): readonly Candle[] => {
  const series = buildSeries(files, intervalMs);
  return Array.from({ length: series.length }, (_, index) => candleAt(series, index));
};

const quarter = (index: number, open: number, high: number, low: number, close: number): Candle =>
  bar(START + index * 15 * MINUTE, open, high, low, close, 0.1);

describe("candles of a longer length", () => {
  const hour = [
    quarter(0, 10, 12, 9, 11),
    quarter(1, 11, 15, 10, 14),
    quarter(2, 14, 14, 8, 9),
    quarter(3, 9, 10, 9, 10),
  ];

  it("are first open, extremes, last close and the sum without binary dust", () => {
    expect(rows([fileOf(15 * MINUTE, hour)], 60 * MINUTE)).toEqual([
      bar(START, 10, 15, 8, 10, 0.4),
    ]);
  });

  it("keep real gaps and leave out what the file enters or leaves half way", () => {
    const candles = [
      quarter(2, 1, 1, 1, 1),
      quarter(3, 1, 1, 1, 1),
      ...[4, 5, 7].map((index) => quarter(index, 2, 3, 1, 2)),
      ...[12, 13, 14, 15].map((index) => quarter(index, 5, 5, 5, 5)),
      quarter(16, 6, 6, 6, 6),
    ];
    const times = rows([fileOf(15 * MINUTE, candles)], 60 * MINUTE).map(({ time }) => time);
    expect(times).toEqual([START + 60 * MINUTE, START + 180 * MINUTE]);
  });

  it("are the recorded ones where a file has them, and made from finer ones elsewhere", () => {
    const recorded = fileOf(60 * MINUTE, [bar(START, 10, 15, 8, 10, 77)]);
    const finer = fileOf(15 * MINUTE, [
      ...hour,
      ...[4, 5, 6, 7].map((index) => quarter(index, 20, 21, 19, 20)),
    ]);
    expect(rows([recorded, finer], 60 * MINUTE)).toEqual([
      bar(START, 10, 15, 8, 10, 77),
      bar(START + 60 * MINUTE, 20, 21, 19, 20, 0.4),
    ]);
  });
});

describe("the open candle", () => {
  it("never tells anything later than now", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 16, maxLength: 16 }),
        fc.integer({ min: 0, max: 240 * MINUTE - 1 }),
        fc.integer({ min: 1, max: 1000 }),
        (prices, offset, other) => {
          const now = START + offset;
          const candles = prices.map((price, index) =>
            quarter(index, price, price + 5, price - 5, price + 1),
          );
          const step = 15 * MINUTE;
          // The candle that now falls into may be known by its open alone, and later ones not at all.
          const changed = candles.map((candle) => {
            if (candle.time + step <= now) return candle;
            const open = candle.time <= now ? candle.open : other;
            return { ...candle, open, high: other * 2, low: 0, close: other, volume: other };
          });
          const at = (list: readonly Candle[]) => [
            openCandle([fileOf(step, list)], 240 * MINUTE, START, now),
            lastPrice([fileOf(step, list)], now),
          ];
          expect(at(changed)).toEqual(at(candles));
        },
      ),
    );
  });

  it("holds the whole finer candles so far and the open of the next", () => {
    const file = fileOf(15 * MINUTE, [quarter(0, 10, 12, 9, 11), quarter(1, 13, 99, 1, 50)]);
    expect(openCandle([file], 60 * MINUTE, START, START + 20 * MINUTE)).toEqual(
      bar(START, 10, 13, 9, 13, 0.1),
    );
  });
});

describe("the weight limit", () => {
  it("answers 429 above the limit until the minute ends, and 418 to those who go on", () => {
    const limiter = new WeightLimiter(100);
    expect(limiter.charge(100, START + 10_000)).toMatchObject({ verdict: "ok", used: 100 });
    expect(limiter.charge(1, START + 20_000)).toMatchObject({
      verdict: "limited",
      retryAfterSeconds: 40,
    });
    for (let index = 0; index < 4; index += 1) limiter.charge(1, START + 20_000);
    expect(limiter.charge(1, START + 30_000)).toMatchObject({
      verdict: "banned",
      retryAfterSeconds: 120,
    });
    expect(limiter.charge(1, START + 149_000)).toMatchObject({
      verdict: "banned",
      retryAfterSeconds: 1,
    });
    expect(limiter.charge(1, START + 150_000)).toMatchObject({ verdict: "ok", used: 1 });
    expect(limiter.stats()).toEqual({ limit: 100, maxWeightInMinute: 106, violations: 7, bans: 1 });
  });
});

describe("faults", () => {
  const rule = {
    match: { path: "/api/v3/*", method: "GET" as const, symbol: "BTCUSDT" },
    kind: "429" as const,
  };

  it("strike what they match, as often as told", () => {
    const faults = new FaultInjector(1, parseFaults([{ ...rule, times: 2 }]));
    expect(faults.draw("POST", "/api/v3/klines", "BTCUSDT")).toBeNull();
    expect(faults.draw("GET", "/fapi/v1/time", "BTCUSDT")).toBeNull();
    expect(faults.draw("GET", "/api/v3/klines", "ETHUSDT")).toBeNull();
    const drawn = [1, 2, 3].map(() => faults.draw("GET", "/api/v3/klines", "BTCUSDT")?.kind);
    expect(drawn).toEqual(["429", "429", undefined]);
  });

  it("are the same for the same seed and about as many as their probability says", () => {
    const draws = (seed: number): readonly boolean[] => {
      const faults = new FaultInjector(seed, parseFaults([{ kind: "drop", probability: 0.3 }]));
      return Array.from({ length: 1000 }, () => faults.draw("GET", "/x", null) !== null);
    };
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
    const struck = draws(7).filter(Boolean).length;
    expect(struck).toBeGreaterThan(240);
    expect(struck).toBeLessThan(360);
  });

  it("are refused with one sentence when they are wrong", () => {
    expect(() => parseFaults([{ kind: "explode" }])).toThrow(
      /^Faults: rule 0\.kind is wrong .*give a list/,
    );
    expect(() => parseFaults({})).toThrow(/the list is wrong/);
  });
});

describe("the command line", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  it("reads all flags", () => {
    const folder = mkdtempSync(join(tmpdir(), "tickdeck-"));
    folders.push(folder);
    const file = join(folder, "faults.json");
    writeFileSync(file, '[{"kind":"drop","times":3}]');
    const args =
      `--data d --from 2024-03-01T06:00 --speed 60 --port 0 --seed 5 --weight-limit 1200 --manual-clock --synthetic --balance USDT=5 --balance BTC=0.5 --faults ${file}`.split(
        " ",
      );
    expect(parseOptions(args)).toEqual({
      data: "d",
      synthetic: true,
      from: START + 6 * 3_600_000,
      speed: 60,
      manualClock: true,
      port: 0,
      seed: 5,
      faults: [{ match: {}, kind: "drop", times: 3 }],
      weightLimit: 1200,
      balances: { USDT: "5", BTC: "0.5" },
      spreadBps: 2,
    });
    expect(parseOptions(["--help"])).toBeNull();
    expect(parseOptions(["--faults", '[{"kind":"429"}]'])?.faults).toHaveLength(1);
  });

  it.each([
    [["--speed", "fast"], '--speed must be a number from 0.001 to 1000000, not "fast".'],
    [["--port", "1.5"], '--port must be a whole number, not "1.5".'],
    [["--from", "yesterday"], /--from must be a time such as 2024-03-01/],
    [["--balance", "lots"], '--balance must look like USDT=100000, not "lots".'],
    [["--faults", "/nowhere.json"], /--faults names a file that cannot be read/],
    [["--faults", "[{"], /--faults is not JSON/],
    [["--fast"], /Unknown option '--fast'; --help lists the flags/],
  ])("refuses %j with one sentence", (args, sentence) => {
    expect(() => parseOptions(args)).toThrow(sentence);
  });
});
