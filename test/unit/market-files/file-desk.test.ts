import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileJobView, FileSeries } from "../../../src-preload/contract/files.ts";
import { FileDesk } from "../../../src-main/market-files/file-desk.ts";
import type { Place } from "./support.ts";
import { place } from "./support.ts";

const minute = 60_000;
const start = Date.UTC(2024, 0, 1);
const now = Date.UTC(2026, 0, 1);
const series: FileSeries = { kind: "candles", symbol: "BTC/USDT", timeframe: "1m" };
const rows = (count: number): string =>
  `time,open,high,low,close,volume\n${Array.from({ length: count }, (_, i) => `${start + i * minute},1,3,1,2,${i}`).join("\n")}\n`;

let p: Place;
let desk: FileDesk;
let stored: [FileSeries, boolean][];
beforeEach(() => {
  p = place();
  stored = [];
  desk = new FileDesk({
    candles: p.db.candles,
    metrics: p.db.metrics,
    now: () => now,
    stored: (...told) => void stored.push(told),
  });
});
afterEach(async () => {
  await desk.close();
  p.close();
});

async function until(state: FileJobView["state"]): Promise<FileJobView> {
  for (;;) {
    const job = desk.job();
    if (job?.state === state) return job;
    if (job?.state === "failed") throw new Error(job.reason);
    await setImmediate();
  }
}
const count = (): number => p.db.candles.range("BTC/USDT", "1m")?.count ?? 0;

describe("the desk of files", () => {
  it("shows what a file brings, stores it when told to, and writes it out the same", async () => {
    const lines = rows(6000).split("\n");
    lines[3] = lines[3]?.replace(",3,", ",0.5,") ?? "";
    desk.read(series, p.put("in.csv", lines.join("\n")));
    expect(desk.job()).toMatchObject({ kind: "import", file: "in.csv", state: "reading" });
    const { preview } = await until("ready");
    expect(preview).toMatchObject({ lines: 6000, fresh: 5999, changed: 0, missing: 1 });
    expect(preview).toMatchObject({ first: start, last: start + 5999 * minute, refusedCount: 1 });
    expect(preview?.refused[0]?.line).toBe(4);
    expect([count(), stored]).toEqual([0, []]);

    desk.store();
    expect((await until("done")).reason).toBe("Stored: 5999 added, 0 replaced.");
    expect(count()).toBe(5999);
    expect(stored.map(([, ended]) => ended)).toEqual([false, false, true]);

    const out = join(p.folder, "out.csv");
    desk.write(series, out);
    await until("done");
    desk.read(series, out);
    expect((await until("ready")).preview).toMatchObject({ fresh: 0, changed: 0, same: 5999 });
  });

  it("leaves no trace of what is cancelled or discarded, and takes one file at a time", async () => {
    desk.read(series, p.put("in.csv", rows(50_000)));
    expect(() => desk.check(series)).toThrow(/in.csv is still on its way/);
    desk.cancel();
    expect((await until("cancelled")).reason).toBe("Cancelled; nothing was changed.");
    expect(() => desk.store()).toThrow(/no file that was read/);
    desk.read(series, p.put("in.csv", rows(10)));
    await until("ready");
    desk.cancel();
    expect([desk.job(), count()]).toEqual([null, 0]);

    desk.read(series, p.put("in.csv", rows(20_000)));
    await until("ready");
    desk.store();
    await until("done");
    const out = join(p.folder, "out.csv");
    desk.write(series, out);
    desk.cancel();
    await until("cancelled");
    expect([existsSync(out), existsSync(`${out}.part`)]).toEqual([false, false]);
  });

  it("stores to the end when the stores are about to close", async () => {
    desk.read(series, p.put("in.csv", rows(10_000)));
    await until("ready");
    desk.store();
    await desk.close();
    expect([desk.job()?.state, count()]).toEqual(["done", 10_000]);
  });

  it("says what is wrong with a file or a series", async () => {
    desk.read(series, p.put("in.csv", "a,b\n1,2\n"));
    await expect(until("ready")).rejects.toThrow(/has no header that names time, open/);
    const wide: FileSeries = { kind: "metric", name: "nupl", symbol: "BTC/USDT" };
    expect(() => desk.read(wide, "x")).toThrow(/belongs to the whole market/);
    expect(() => desk.read({ kind: "metric", name: "funding_rate", symbol: null }, "x")).toThrow(
      /belongs to a symbol/,
    );
  });

  it("takes a metric in and out", async () => {
    const metric: FileSeries = { kind: "metric", name: "fear_greed", symbol: null };
    desk.read(metric, p.put("fg.csv", "date,value\n2024-01-01,40\n2024-01-02,140\n"));
    expect((await until("ready")).preview).toMatchObject({ fresh: 1, refusedCount: 1 });
    desk.store();
    await until("done");
    expect(stored).toEqual([[metric, true]]);
    const out = join(p.folder, "fg-out.csv");
    desk.write(metric, out);
    await until("done");
    expect(readFileSync(out, "utf8").split("\n")[0]).toBe("known_from_ms,value");
  });

  it(
    "leaves room for ticks: a big file is worked on in small pieces",
    { timeout: 30_000 },
    async () => {
      desk.read(series, p.put("in.csv", rows(200_000)));
      const spans: number[] = [];
      const watch = async (state: FileJobView["state"]): Promise<void> => {
        while (desk.job()?.state !== state) {
          const before = process.cpuUsage();
          await setImmediate();
          const { user, system } = process.cpuUsage(before);
          spans.push((user + system) / 1000);
        }
      };
      await watch("ready");
      desk.store();
      await watch("done");
      expect(count()).toBe(200_000);
      expect(spans.length).toBeGreaterThan(200);
      const sorted = spans.toSorted((a, b) => a - b);
      // Usually 2 ms; CPU time of other threads (the collector, zlib) counts too: an honest bound has room.
      expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(15);
    },
  );
});
