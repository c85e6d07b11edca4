import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  readCandleFile,
  storeCandleFile,
  writeCandleFile,
} from "../../../src-main/market-files/candle-files.ts";
import type { Place } from "./support.ts";
import { place } from "./support.ts";

const hour = 3_600_000;
const start = Date.UTC(2024, 0, 1);
const now = Date.UTC(2025, 0, 1);
const series = { symbol: "BTC/USDT", timeframe: "1h" } as const;
const header = "time,open,high,low,close,volume";

let p: Place;
beforeEach(() => {
  p = place();
});
afterEach(() => {
  p.close();
});

const read = (content: string | Uint8Array, name = "a.csv") =>
  readCandleFile(p.put(name, content), series, p.db.candles, now);
const line = (i: number, time: string | number = start + i * hour): string =>
  `${time},${100 + i},${110 + i},${90 + i},${105 + i},${i + 0.5}`;
const stored = (): number => p.db.candles.range(series.symbol, series.timeframe)?.count ?? 0;

describe("a file of candles", () => {
  it("is understood whatever its separator, header, times, order, line ends and compression", async () => {
    const ms = (i: number): number => start + i * hour;
    const iso = (i: number): string => new Date(ms(i)).toISOString();
    const times: Record<string, (i: number) => string | number> = {
      ms,
      s: (i) => ms(i) / 1000,
      us: (i) => ms(i) * 1000,
      iso,
      day: (i) => iso(i).slice(0, 16).replace("T", " "),
      offset: (i) => `${new Date(ms(i) + 2 * hour).toISOString().slice(0, 19)}+02:00`,
    };
    for (const [style, time] of Object.entries(times))
      for (const separator of [",", ";", "\t", "|"])
        for (const top of [header, "Date;OPEN;High;Low;Close;Volume".replaceAll(";", ","), null])
          for (const newestFirst of [false, true]) {
            const body = [0, 1, 2, 4].map((i) => line(i, time(i)).replaceAll(",", separator));
            const lines = newestFirst ? body.toReversed() : body;
            if (top !== null) lines.unshift(top.replaceAll(",", separator));
            const text = `\uFEFF${lines.join("\r\n")}\r\n`;
            const file = await read(newestFirst ? gzipSync(text) : text);
            expect([style, separator, top, file.refused]).toEqual([style, separator, top, []]);
            expect(file.format).toMatchObject({ separator, header: top !== null, newestFirst });
            expect([...file.candles.time]).toEqual([0, 1, 2, 4].map(ms));
            expect([...file.candles.close]).toEqual([105, 106, 107, 109]);
            expect(file).toMatchObject({ lines: 4, fresh: 4, changed: 0, same: 0, missing: 1 });
          }
  });

  it("may have a title, other columns in any order, quotes, and a comma as the decimal point", async () => {
    const titled = await read(
      `https://example.org\nunix,date,symbol,open,high,low,close,"Volume"\n${start},x,BTC,1,3,1,"2",7\n`,
    );
    expect([...titled.candles.volume]).toEqual([7]);
    const german = await read(
      `Zeit\n${header.replaceAll(",", ";")}\n${start};1,5;3,5;1,25;2;7,5\n`,
    );
    expect([...german.candles.low]).toEqual([1.25]);
    const dump = await read(`${line(0)},1704070799999,1,2,3,4,0\n${line(1)},1,1,2,3,4,0\n`);
    expect(dump.candles.length).toBe(2);
  });

  it("names every refused line with its number and its reason; the others are stored together", async () => {
    const at = (i: number): number => start + i * hour;
    const file = await read(
      [
        header, // 1
        line(0), // 2
        `${at(1)},100,99,90,95,1`, // 3: high below its open
        `${at(2)},0,10,0,5,1`, // 4
        `${at(3)},-1,10,-2,5,1`, // 5
        `${at(4) + 1},1,3,1,2,1`, // 6
        line(5), // 7
        line(5), // 8
        line(0), // 9
        "", // 10
        `${at(6)},NaN,3,1,2,1`, // 11
        `${at(6)},1,3,1,,1`, // 12
        `${at(6)},1,3`, // 13
        `yesterday,1,3,1,2,1`, // 14
        `${at(6)},1,3,1,2,-1`, // 15
        `${at(6)},1,3,2.5,2,1`, // 16
        line(0, now), // 17
        `${at(7)},1,Infinity,1,2,1`, // 18
        line(8), // 19
      ].join("\n"),
    );
    expect(file.refused.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      "3: its high 99 is below its open 100",
      "4: its open 0 is not above 0",
      "5: its open -1 is not above 0",
      "6: its time is 1 ms off the grid",
      "8: it is a duplicate",
      "9: it is out of order",
      '11: its open "NaN" is not a number',
      "12: it has no close",
      "13: it has no low",
      '14: its time "yesterday" is not a time in ms, as in the lines before',
      "15: its volume -1 is negative",
      "16: its low 2.5 is above its open 1",
      "17: it is still open",
      '18: its high "Infinity" is not a number',
    ]);
    expect([file.lines, file.candles.length]).toEqual([17, 3]);
    expect(stored()).toBe(0);
    expect(storeCandleFile(file, p.db.candles)).toEqual({ added: 3, changed: 0 });
    expect(stored()).toBe(3);
  });

  it("is compared with what is stored; what differs is replaced", async () => {
    storeCandleFile(await read([header, line(0), line(1), line(2)].join("\n")), p.db.candles);
    const other = await read([header, line(1), line(2).replace("102", "103"), line(3)].join("\n"));
    expect(other).toMatchObject({ fresh: 1, changed: 1, same: 1 });
    expect(storeCandleFile(other, p.db.candles)).toEqual({ added: 1, changed: 1 });
    expect([...p.db.candles.read("BTC/USDT", "1h", start, now).open]).toEqual([100, 101, 103, 103]);
  });

  it("is refused as a whole with one sentence where it is none", async () => {
    await expect(read("a,b\n1,2\n")).rejects.toThrow(/has no header that names time, open, high/);
    await expect(read("")).rejects.toThrow(/has no header that names/);
    await expect(read(`${header}\n`)).rejects.toThrow(/has no lines of data/);
    await expect(read(`${header}\nx,1,2,3,4,5\n`)).rejects.toThrow(/has no line with a time/);
    await expect(read(gzipSync(`${header}\n${line(0)}\n`).subarray(0, 30))).rejects.toThrow(
      /a\.csv cannot be read \(.*\); give a CSV file, plain or gzip, that is whole/,
    );
    const missing = readCandleFile(join(p.folder, "no.csv"), series, p.db.candles, now);
    await expect(missing).rejects.toThrow(/no\.csv cannot be read/);
    expect(stored()).toBe(0);
  });

  it("written and read again is the same to the last bit, for any candles, with any lines broken", async () => {
    const price = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    const candle = fc.tuple(
      price,
      price,
      price,
      price,
      fc.double({ min: 0, max: 1e12, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), candle, fc.boolean()), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.boolean(),
        async (steps, zipped) => {
          p.db.candles.clear(series.symbol, series.timeframe);
          let at = 0;
          const broken: number[] = [];
          const lines = steps.map(([step, [a, b, c, d, volume], bad], i) => {
            at += step;
            if (bad) broken.push(i + 2);
            const [low, open, close, high] = [a, b, c, d].toSorted((x, y) => x - y);
            return `${start + at * hour},${open},${bad ? "?" : high},${low},${close},${volume}`;
          });
          fc.pre(broken.length < lines.length);
          const file = await read([header, ...lines].join("\n"));
          expect(file.refused.map(({ line }) => line)).toEqual(broken);
          storeCandleFile(file, p.db.candles);
          const name = join(p.folder, zipped ? "out.csv.gz" : "out.csv");
          const count = await writeCandleFile(name, series, p.db.candles, 0, now);
          expect(count).toBe(lines.length - broken.length);
          const again = await readCandleFile(name, series, p.db.candles, now);
          expect(again.candles).toEqual(file.candles);
          expect(again).toMatchObject({ refused: [], fresh: 0, changed: 0, same: count });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leaves nothing half-written where it cannot be written", async () => {
    const name = join(p.folder, "nowhere", "out.csv");
    await expect(writeCandleFile(name, series, p.db.candles, 0, now)).rejects.toThrow(
      /out\.csv cannot be written/,
    );
    expect(readdirSync(p.folder).filter((each) => each.includes("out"))).toEqual([]);
  });

  const real = resolve("../shared/data/candles/BTCUSDT-1h.csv.gz");
  it.skipIf(!existsSync(real))("of eight real years goes in and out unchanged", async () => {
    const file = await readCandleFile(real, series, p.db.candles, Date.UTC(2027, 0, 1));
    expect(file).toMatchObject({ lines: 73_265, refused: [], missing: 122 });
    storeCandleFile(file, p.db.candles);
    const out = join(p.folder, "out.csv.gz");
    await writeCandleFile(out, series, p.db.candles, 0, Number.MAX_SAFE_INTEGER);
    const numbers = (name: string): number[] =>
      gunzipSync(readFileSync(name)).toString().trim().split(/[\n,]/).slice(6).map(Number);
    expect(numbers(out)).toEqual(numbers(real));
  });
});
