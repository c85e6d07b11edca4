/**
 * `peer-grademark.ts FOLDER CANDLES`: the standard job on the grademark installed in FOLDER; prints one line of JSON. It
 * knows no fees and no slippage, and ends with a position open, so its trades are near ours, not the same. The indicators come ready-made from ours and their time does not count: what is timed is its simulation.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bollinger } from "../../src-main/engine/indicators/bollinger.ts";
import { macd } from "../../src-main/engine/indicators/macd.ts";
import { rsi } from "../../src-main/engine/indicators/rsi.ts";

interface Bar {
  time: Date;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  /** Wanted position when flat: 1, -1 or 0. */
  enter: number;
  exitLong: boolean;
  exitShort: boolean;
}
interface Position {
  direction: string;
}
interface Rules {
  lookbackPeriod: number;
  entryRule: (enter: (options: { direction: string }) => void, of: { bar: Bar }) => void;
  exitRule: (exit: () => void, of: { bar: Bar; position: Position }) => void;
  stopLoss: (of: { entryPrice: number }) => number;
}

const [folder = "", file = ""] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
// What is used of two packages that are no dependencies of ours, so that their own types are not here.
const { backtest } = require("grademark") as {
  backtest: (rules: Rules, bars: object) => readonly unknown[];
};
const { DataFrame } = require("data-forge") as { DataFrame: new (rows: Bar[]) => object };

const bytes = readFileSync(file);
const all = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
const length = all.length / 6;
const column = (at: number): Float64Array => all.subarray(at * length, (at + 1) * length);
const [time, open, high, low, close, volume] = [0, 1, 2, 3, 4, 5].map(column) as [
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
];
const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN;

function bars(signal: (i: number) => Pick<Bar, "enter" | "exitLong" | "exitShort">): Bar[] {
  return Array.from({ length }, (_, i) => ({
    time: new Date(at(time, i)),
    open: at(open, i),
    high: at(high, i),
    low: at(low, i),
    close: at(close, i),
    volume: at(volume, i),
    ...signal(i),
  }));
}

const bands = bollinger(close, 20, 2);
const strength = rsi(close, 14);
const { histogram } = macd(close, 12, 26, 9);
const jobs = {
  a: bars((i) => ({
    enter: at(close, i) < at(bands.lower, i) ? 1 : at(close, i) > at(bands.upper, i) ? -1 : 0,
    exitLong: at(close, i) >= at(bands.middle, i),
    exitShort: at(close, i) <= at(bands.middle, i),
  })),
  b: bars((i) => ({
    enter: at(strength, i) > 50 && at(strength, i - 1) <= 50 && at(histogram, i) > 0 ? 1 : 0,
    exitLong: at(histogram, i) < 0,
    exitShort: false,
  })),
};
const rules: Rules = {
  lookbackPeriod: 1,
  entryRule: (enter, { bar }) => {
    if (bar.enter !== 0) enter({ direction: bar.enter > 0 ? "long" : "short" });
  },
  exitRule: (exit, { bar, position }) => {
    if (position.direction === "long" ? bar.exitLong : bar.exitShort) exit();
  },
  stopLoss: ({ entryPrice }) => entryPrice * 0.02,
};

const figures: Record<string, number> = {};
for (const [name, rows] of Object.entries(jobs)) {
  const frame = new DataFrame(rows);
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const from = performance.now();
    const trades = backtest(rules, frame);
    times.push(performance.now() - from);
    figures[`${name}_trades`] = trades.length;
  }
  figures[`${name}_ms`] = Math.round(times.toSorted((x, y) => x - y)[3] ?? Number.NaN);
}
console.log(JSON.stringify(figures));
