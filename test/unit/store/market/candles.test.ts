import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Candle, CandleColumns } from "../../../../src-main/engine/market/types.ts";
import { MARKET_MIGRATIONS, openMarketDb } from "../../../../src-main/store/market-db.ts";
import { openDatabase } from "../../../../src-main/store/sqlite.ts";

const STEP = 900_000;
const candle = (i: number): Candle => ({
  time: i * STEP,
  open: 100 + (i % 17),
  high: 130 + (i % 7) / 8,
  low: 90 - (i % 5) / 3,
  close: 101 + (i % 13),
  volume: i / 7,
});
const run = (from: number, to: number): Candle[] =>
  Array.from({ length: to - from }, (_, i) => candle(from + i));
const times = (columns: CandleColumns): number[] => [...columns.time];
const objects = (c: CandleColumns): Candle[] =>
  Array.from({ length: c.length }, (_, i) => ({
    time: c.time[i] ?? 0,
    open: c.open[i] ?? 0,
    high: c.high[i] ?? 0,
    low: c.low[i] ?? 0,
    close: c.close[i] ?? 0,
    volume: c.volume[i] ?? 0,
  }));

describe("candle store", () => {
  it("gives back any range of what was appended and prepended in any pieces, bit for bit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 14 }),
        fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 2 }),
        fc.integer({ min: -10, max: 16_000 }),
        fc.integer({ min: 0, max: 9000 }),
        (appended, prepended, from, span) => {
          const db = openMarketDb(":memory:");
          let first = 10_500;
          let next = first;
          for (const count of appended) {
            db.candles.append("A/USDT", "15m", run(next, next + count));
            next += count;
          }
          for (const count of prepended) {
            db.candles.prepend("A/USDT", "15m", run(first - count, first));
            first -= count;
          }
          expect(db.candles.range("A/USDT", "15m")).toEqual({
            first: first * STEP,
            last: (next - 1) * STEP,
            count: next - first,
          });
          const expected = run(
            Math.max(first, from),
            Math.max(first, from, Math.min(next, from + span)),
          );
          const read = db.candles.read("A/USDT", "15m", from * STEP, (from + span) * STEP);
          expect(objects(read)).toEqual(expected);
          db.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("keeps gaps, and symbols and timeframes apart", () => {
    const db = openMarketDb(":memory:");
    db.candles.append("A/USDT", "15m", [candle(1), candle(2), candle(9)]);
    db.candles.append("A/USDT", "1h", [candle(4)]);
    db.candles.append("B/USDT", "15m", [candle(3)]);
    expect(times(db.candles.read("A/USDT", "15m", 0, 1e15))).toEqual([STEP, 2 * STEP, 9 * STEP]);
    expect(times(db.candles.read("B/USDT", "15m", 0, 1e15))).toEqual([3 * STEP]);
    expect(db.candles.range("C/USDT", "15m")).toBeNull();
    expect(db.candles.read("C/USDT", "15m", 0, 1e15).length).toBe(0);
    db.close();
  });

  it("refuses what is not newer, not older or not ascending, with a sentence, and writes nothing", () => {
    const db = openMarketDb(":memory:");
    db.candles.append("A/USDT", "15m", run(10, 400));
    expect(() => db.candles.append("A/USDT", "15m", run(399, 402))).toThrow(
      /append newer ones only/,
    );
    expect(() => db.candles.append("A/USDT", "15m", [candle(401), candle(401)])).toThrow(
      /ascending/,
    );
    expect(() => db.candles.append("A/USDT", "15m", [candle(500), candle(450)])).toThrow(
      /ascending/,
    );
    expect(() => db.candles.prepend("A/USDT", "15m", run(8, 11))).toThrow(
      /prepend older ones only/,
    );
    expect(objects(db.candles.read("A/USDT", "15m", 0, 1e15))).toEqual(run(10, 400));
    db.close();
  });

  it("hands out memory of its own that later writes do not touch", () => {
    const db = openMarketDb(":memory:");
    db.candles.append("A/USDT", "15m", run(0, 300));
    const read = db.candles.read("A/USDT", "15m", 0, 1e15);
    read.close.fill(0);
    expect(db.candles.read("A/USDT", "15m", 0, 1e15).close[5]).toBe(candle(5).close);
    db.close();
  });

  it("survives a restart, tells damaged bytes by their checksum, and starts anew when cleared", () => {
    const folder = mkdtempSync(join(tmpdir(), "tickdeck-candles-"));
    const file = join(folder, "market.db");
    const first = openMarketDb(file);
    for (let i = 0; i < 5000; i += 100) first.candles.append("A/USDT", "15m", run(i, i + 100));
    first.candles.append("A/USDT", "15m", run(5000, 5003));
    first.close();
    const again = openMarketDb(file);
    expect(objects(again.candles.read("A/USDT", "15m", 0, 1e15))).toEqual(run(0, 5003));
    again.close();
    const raw = openDatabase({
      file,
      migrations: MARKET_MIGRATIONS,
      synchronous: "NORMAL",
    });
    const counts = raw.prepare("SELECT count FROM candle_chunk ORDER BY first_time").pluck().all();
    expect(counts[0]).toBe(4096);
    expect(counts).toHaveLength(2);
    raw.exec(
      "UPDATE candle_chunk SET data = CAST(substr(data, 1, 999) || x'01' || substr(data, 1001) AS BLOB) WHERE first_time = 0",
    );
    raw.close();
    const damaged = openMarketDb(file);
    expect(() => damaged.candles.read("A/USDT", "15m", 0, 1e15)).toThrow(
      "Stored candles of A/USDT 15m from 1970-01-01T00:00:00.000Z are damaged; clear the series and fetch it again.",
    );
    damaged.candles.clear("A/USDT", "15m");
    expect(damaged.candles.range("A/USDT", "15m")).toBeNull();
    damaged.candles.append("A/USDT", "15m", run(2, 5));
    expect(objects(damaged.candles.read("A/USDT", "15m", 0, 1e15))).toEqual(run(2, 5));
    damaged.close();
    rmSync(folder, { recursive: true });
  });
});
