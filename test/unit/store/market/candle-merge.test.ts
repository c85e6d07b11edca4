import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { candleOf, columnsOf } from "../../../../src-main/engine/market/columns.ts";
import type { Candle, CandleColumns } from "../../../../src-main/engine/market/types.ts";
import { MARKET_MIGRATIONS, openMarketDb } from "../../../../src-main/store/market-db.ts";
import { openDatabase } from "../../../../src-main/store/sqlite.ts";

const STEP = 60_000;
const SYMBOL = "A/USDT";
const candle = (i: number, version = 0): Candle => ({
  time: i * STEP,
  open: 100 + i / 3,
  high: 130 + i / 7,
  low: 90 - (i % 50) / 3,
  close: 101 + i / 9,
  volume: i / 7 + version,
});
const objects = (c: CandleColumns): Candle[] =>
  Array.from({ length: c.length }, (_, i) => candleOf(c, i));
const everything = (db: ReturnType<typeof openMarketDb>): Candle[] =>
  objects(db.candles.read(SYMBOL, "1m", 0, 1e15));

/** Missing slots between the first and the last, as spans [from, to). */
function missing(slots: readonly number[]): { from: number; to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (let i = 1; i < slots.length; i += 1) {
    const [a, b] = [slots[i - 1] ?? 0, slots[i] ?? 0];
    if (b - a > 1) out.push({ from: (a + 1) * STEP, to: b * STEP });
  }
  return out;
}

describe("merging candles", () => {
  it("comes to the same whatever comes when: candles, changes and gaps as a sorted list has them", () => {
    const batch = fc.record({
      from: fc.integer({ min: 100, max: 6000 }),
      holes: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
      count: fc.integer({ min: 1, max: 2500 }),
      version: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 8 }), (batches) => {
        const db = openMarketDb(":memory:");
        const model = new Map<number, Candle>();
        for (const { from, holes, count, version } of batches) {
          const slots = Array.from({ length: count }, (_, i) => from + i).filter(
            (slot) => holes[slot % holes.length] !== true,
          );
          const candles = slots.map((slot) => candle(slot, version));
          const changed = candles.filter((c) => {
            const held = model.get(c.time);
            return held !== undefined && held.volume !== c.volume;
          });
          const added = candles.filter((c) => !model.has(c.time)).length;
          const result = db.candles.merge(SYMBOL, "1m", columnsOf(candles));
          expect(result.added).toBe(added);
          expect(result.changed).toEqual(
            changed.map((after) => ({ before: model.get(after.time), after })),
          );
          for (const c of candles) model.set(c.time, c);
        }
        const sorted = [...model.values()].toSorted((a, b) => a.time - b.time);
        expect(everything(db)).toEqual(sorted);
        const [coverage] = db.candles.coverage();
        if (sorted.length > 0) {
          expect(coverage).toMatchObject({
            first: sorted[0]?.time,
            last: sorted.at(-1)?.time,
            count: sorted.length,
          });
        }
        const gaps = db.candles.gaps(SYMBOL, "1m").map(({ from, to }) => ({ from, to }));
        expect(gaps).toEqual(missing(sorted.map(({ time }) => time / STEP)));
        db.close();
      }),
      { numRuns: 60 },
    );
  });

  it("is undone as a whole when a part of it is refused", () => {
    const db = openMarketDb(":memory:");
    db.candles.append(SYMBOL, "1m", [candle(10), candle(11)]);
    const before = everything(db);
    const bad = columnsOf([candle(9), candle(11, 1), candle(12), candle(12)]);
    expect(() => db.candles.merge(SYMBOL, "1m", bad)).toThrow(/ascending/);
    expect(everything(db)).toEqual(before);
    db.close();
  });

  it("keeps a gap that the exchange does not have, also what is left of it when some of it comes", () => {
    const db = openMarketDb(":memory:");
    db.candles.append(SYMBOL, "1m", [candle(1), candle(10)]);
    const gap = { from: 2 * STEP, to: 10 * STEP };
    expect(db.candles.gaps(SYMBOL, "1m")).toEqual([{ ...gap, real: false, checkedAt: null }]);
    db.candles.settleGap(SYMBOL, "1m", { ...gap, real: true, checkedAt: 77 });
    expect(db.candles.gaps(SYMBOL, "1m")).toEqual([{ ...gap, real: true, checkedAt: 77 }]);
    db.candles.merge(SYMBOL, "1m", columnsOf([candle(5)]));
    expect(db.candles.gaps(SYMBOL, "1m")).toEqual([
      { from: 2 * STEP, to: 5 * STEP, real: true, checkedAt: 77 },
      { from: 6 * STEP, to: 10 * STEP, real: true, checkedAt: 77 },
    ]);
    db.candles.clear(SYMBOL, "1m");
    expect(db.candles.coverage()).toEqual([]);
    db.close();
  });

  it("keeps times that are off the grid bit for bit", () => {
    const db = openMarketDb(":memory:");
    const odd = Array.from({ length: 600 }, (_, i) => ({ ...candle(i), time: i * 60_001 }));
    db.candles.append(SYMBOL, "1m", odd);
    expect(everything(db)).toEqual(odd);
    db.close();
  });
});

describe("market.db of schema 2", () => {
  it("keeps its candles as they are, learns its gaps and goes on", () => {
    const folder = mkdtempSync(join(tmpdir(), "tickdeck-candles-2-"));
    const file = join(folder, "market.db");
    const old = openDatabase({
      file,
      migrations: MARKET_MIGRATIONS.slice(0, 2),
      synchronous: "NORMAL",
    });
    // As schema 2 packed a chunk: six columns, one of them the time.
    const held = [5, 6, 7, 20, 21].map((i) => candle(i));
    const columns = columnsOf(held);
    const data = Buffer.concat(
      [columns.time, columns.open, columns.high, columns.low, columns.close, columns.volume].map(
        (column) => Buffer.from(column.buffer),
      ),
    );
    old.exec(
      `INSERT INTO candle_series VALUES (1, '${SYMBOL}', '1m', ${5 * STEP}, ${23 * STEP}, 6, 1)`,
    );
    old
      .prepare(
        "INSERT INTO candle_chunk (series_id, first_time, last_time, count, checksum, data) VALUES (1, ?, ?, 5, ?, ?)",
      )
      .run(5 * STEP, 21 * STEP, crc32(data), data);
    const loose = candle(23);
    old
      .prepare("INSERT INTO candle_tail VALUES (1, ?, ?, ?, ?, ?, ?)")
      .run(loose.time, loose.open, loose.high, loose.low, loose.close, loose.volume);
    old.close();
    for (let round = 0; round < 2; round += 1) {
      const db = openMarketDb(file);
      expect(everything(db)).toEqual([...held, loose]);
      expect(db.candles.gaps(SYMBOL, "1m").map(({ from, to }) => [from / STEP, to / STEP])).toEqual(
        [
          [8, 20],
          [22, 23],
        ],
      );
      db.close();
    }
    const db = openMarketDb(file);
    db.candles.merge(SYMBOL, "1m", columnsOf([candle(8), candle(21, 3), candle(24)]));
    expect(everything(db)).toEqual([
      ...held.slice(0, 3),
      candle(8),
      candle(20),
      candle(21, 3),
      loose,
      candle(24),
    ]);
    db.close();
    rmSync(folder, { recursive: true });
  });
});
