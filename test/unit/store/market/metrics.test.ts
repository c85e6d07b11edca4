import { describe, expect, it } from "vitest";
import { openMarketDb } from "../../../../src-main/store/market-db.ts";

const points = (...times: number[]): { time: number; value: number }[] =>
  times.map((time) => ({ time, value: time / 8 }));

describe("metric store", () => {
  it("gives back [from, to) of each series by name and symbol, oldest first", () => {
    const db = openMarketDb(":memory:");
    db.metrics.append("funding_rate", "BTC/USDT", points(10, 20, 30));
    db.metrics.append("funding_rate", "ETH/USDT", points(15));
    db.metrics.append("nupl", null, points(12, 13));
    db.metrics.append("nupl", null, points(14));
    const read = db.metrics.read("funding_rate", "BTC/USDT", 10, 30);
    expect([...read.time]).toEqual([10, 20]);
    expect([...read.value]).toEqual([1.25, 2.5]);
    expect([...db.metrics.read("nupl", null, 0, 100).time]).toEqual([12, 13, 14]);
    expect(db.metrics.last("nupl", null)).toBe(14);
    expect(db.metrics.last("funding_rate", "ETH/USDT")).toBe(15);
    expect(db.metrics.last("open_interest", "ETH/USDT")).toBeNull();
    expect(db.metrics.read("open_interest", "ETH/USDT", 0, 100).length).toBe(0);
    db.close();
  });

  it.each([
    ["an older point", points(20)],
    ["a repeated point", points(40, 40)],
    ["a value that is no number", [{ time: 50, value: Number.NaN }]],
    ["a time that is no number", [{ time: Number.NaN, value: 1 }]],
  ])("refuses %s and writes nothing of the batch", (_, bad) => {
    const db = openMarketDb(":memory:");
    db.metrics.append("nupl", null, points(30));
    expect(() => db.metrics.append("nupl", null, [...points(35), ...bad])).toThrow(/not stored/);
    expect([...db.metrics.read("nupl", null, 0, 100).time]).toEqual([30]);
    db.close();
  });
});
