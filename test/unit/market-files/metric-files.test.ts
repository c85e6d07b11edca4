import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  readMetricFile,
  storeMetricFile,
  writeMetricFile,
} from "../../../src-main/market-files/metric-files.ts";
import type { Place } from "./support.ts";
import { place } from "./support.ts";

const day = 86_400_000;
const start = Date.UTC(2024, 0, 1);
const now = Date.UTC(2024, 1, 1);
const nupl = { name: "nupl", symbol: null } as const;
const funding = { name: "funding_rate", symbol: "BTC/USDT" } as const;

let p: Place;
beforeEach(() => {
  p = place();
});
afterEach(() => {
  p.close();
});

describe("a file of a metric", () => {
  it("dates what its values describe: a daily one is known the next day, funding a minute after", async () => {
    const daily = p.put("nupl.csv", "Date;NUPL\n2024-01-01;0,5\n2024-01-02;-0,25\n");
    const file = await readMetricFile(daily, nupl, p.db.metrics, now);
    expect(file.points).toEqual([
      { time: start + day, value: 0.5 },
      { time: start + 2 * day, value: -0.25 },
    ]);
    const rates = p.put("funding.csv", `timestamp_ms,value\n${start},0.0001\n`);
    const { points } = await readMetricFile(rates, funding, p.db.metrics, now);
    expect(points).toEqual([{ time: start + 60_000, value: 0.0001 }]);
  });

  it("names every refused line with its number and its reason", async () => {
    const file = p.put(
      "oi.csv",
      `time,value\n${start},5\n${start},6\n${start - day},5\n${start + day},-1\n${start + day},x\n${now},5\n${start + day},7\n`,
    );
    const read = await readMetricFile(
      file,
      { name: "open_interest", symbol: "BTC/USDT" },
      p.db.metrics,
      now,
    );
    expect(read.refused.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      "3: it is a duplicate",
      "4: it is out of order",
      "5: its value -1 is below 0",
      '6: its value "x" is not a number',
      "7: it is known only from 2024-02-01T00:05:00.000Z on",
    ]);
    expect(read.points).toHaveLength(2);
  });

  it("goes among what is stored, replaces what differs, and comes out as it can go in again", async () => {
    const first = p.put("a.csv", `time,value\n${start + 8 * day},0.3\n${start + 9 * day},0.4\n`);
    storeMetricFile(await readMetricFile(first, nupl, p.db.metrics, now), p.db.metrics);
    const older = p.put(
      "b.csv",
      `time,value\n${start},0.1\n${start + 8 * day},0.35\n${start + 9 * day},0.4\n`,
    );
    const read = await readMetricFile(older, nupl, p.db.metrics, now);
    expect(read).toMatchObject({ fresh: 1, changed: 1, same: 1, known: false });
    expect(p.db.metrics.read("nupl", null, 0, now).length).toBe(2);
    expect(storeMetricFile(read, p.db.metrics)).toEqual({ added: 1, changed: 1 });
    const out = join(p.folder, "out.csv");
    expect(await writeMetricFile(out, nupl, p.db.metrics, 0, now)).toBe(3);
    expect(readFileSync(out, "utf8")).toBe(
      `known_from_ms,value\n${start + day},0.1\n${start + 9 * day},0.35\n${start + 10 * day},0.4\n`,
    );
    const again = await readMetricFile(out, nupl, p.db.metrics, now);
    expect(again).toMatchObject({ known: true, fresh: 0, changed: 0, same: 3, refused: [] });
  });

  it("is not stored in part where a point makes no sense", () => {
    const points = [
      { time: start, value: 1 },
      { time: start, value: 2 },
    ];
    expect(() => p.db.metrics.merge("nupl", null, points)).toThrow(/ascending/);
    expect(p.db.metrics.last("nupl", null)).toBeNull();
  });
});
