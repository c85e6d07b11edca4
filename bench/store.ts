import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyColumns } from "../src-main/engine/market/columns.ts";
import type { CandleColumns } from "../src-main/engine/market/types.ts";
import { openMarketDb } from "../src-main/store/market-db.ts";
import { TIMEFRAMES, timeframeMs, type Timeframe } from "../src-preload/contract/time.ts";
import type { Figures } from "./figures.ts";

const CANDLES = 20_000_000;
const SERIES = 40;
const READ = 175_000;
const WRITTEN = 1_000_000;
const ROUNDS = 15;
const START = Date.UTC(2015, 0, 1);

/** Candles whose figures do not repeat, so that nothing is small by luck; one in 5,000 is missing. */
function make(count: number, timeframe: Timeframe, seed: number): CandleColumns {
  const columns = emptyColumns(count);
  const step = timeframeMs(timeframe);
  let price = 100 + seed;
  let time = Math.ceil(START / step) * step;
  let state = seed + 1;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const move = 1 + (state / 2 ** 32 - 0.5) / 100;
    columns.time[i] = time;
    columns.open[i] = price;
    price *= move;
    columns.close[i] = price;
    columns.high[i] = price * 1.01;
    columns.low[i] = price * 0.98;
    columns.volume[i] = state / 977;
    time += state % 5000 === 0 ? 2 * step : step;
  }
  return columns;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function timed(rounds: number, work: (round: number) => void): number {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = performance.now();
    work(round);
    taken.push(performance.now() - from);
  }
  return median(taken);
}

/** The candle store with 20 million candles in 40 series, a tenth of a ms to be gained or lost a figure. */
export async function measure(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "tickdeck-bench-store-"));
  const file = join(folder, "market.db");
  try {
    let db = openMarketDb(file);
    const each = CANDLES / SERIES;
    const from = performance.now();
    for (let i = 0; i < SERIES; i += 1) {
      const timeframe = TIMEFRAMES[i % 4] ?? "1m";
      db.candles.merge(`S${i}/USDT`, timeframe, make(each, timeframe, i));
    }
    const fill = performance.now() - from;
    db.close();
    const bytes = statSync(file).size;

    db = openMarketDb(file);
    // Another place in the file and another series each time, as a trader's research reads.
    const read = timed(ROUNDS, (round) => {
      const step = timeframeMs(TIMEFRAMES[(round * 7) % 4] ?? "1m");
      const begin = Math.ceil(START / step) * step + round * 9000 * step;
      const columns = db.candles.read(
        `S${(round * 7) % SERIES}/USDT`,
        TIMEFRAMES[(round * 7) % 4] ?? "1m",
        begin,
        begin + READ * step,
      );
      if (columns.length < READ * 0.99) throw new Error(`Read ${columns.length} candles only.`);
    });
    const coverage = timed(ROUNDS, () => {
      if (db.candles.coverage().length !== SERIES) throw new Error("Series are missing.");
    });
    const million = make(WRITTEN, "1m", 4711);
    const write = timed(5, (round) => {
      db.candles.merge(`W${round}/USDT`, "1m", million);
    });
    const newest = million.time[WRITTEN - 1] ?? 0;
    const append = timed(200, (round) => {
      db.candles.append("W0/USDT", "1m", [
        { time: newest + (round + 1) * 60_000, open: 1, high: 2, low: 1, close: 2, volume: round },
      ]);
    });
    db.close();
    return {
      candles: CANDLES,
      fill_s: Math.round(fill / 100) / 10,
      write_1m_ms: write,
      read_175k_ms: read,
      coverage_ms: coverage,
      append_one_ms: append,
      bytes_per_candle: bytes / CANDLES,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
