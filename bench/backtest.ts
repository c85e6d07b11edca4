import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { build } from "vite";
import { backtestRequestSchema } from "../src-preload/contract/research.ts";
import type { CandleColumns } from "../src-main/engine/market/types.ts";
import { chooseStrategy } from "../src-main/research/catalogue.ts";
import { forkResearchProcess } from "../src-main/research/fork-process.ts";
import { plainMarket } from "../src-main/research/history.ts";
import type { History } from "../src-main/research/history.ts";
import { ResearchPool } from "../src-main/research/pool.ts";
import type { ResearchProcess } from "../src-main/research/pool.ts";
import { columnRulesOf, makeScratch, runColumns, spanOf } from "../src-main/research/run.ts";
import { gridOf, sweepPoints } from "../src-main/research/sweep.ts";
import { peerFigures } from "./backtest/peers.ts";
import { standardCandles } from "./backtest/standard-candles.ts";
import type { BenchOptions, Figures } from "./figures.ts";

const run = promisify(execFile);
const C_SOURCE = resolve(import.meta.dirname, "../../shared/bench/limit.c");
const ENTRY = resolve(import.meta.dirname, "../src-main/research-process.ts");
const RUNS = 301;
const WARM = 100;
const ROUNDS = 3;
const PROCESSES = 2;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 1000) / 1000;

const request = (strategy: string) =>
  backtestRequestSchema.parse({
    strategy,
    symbol: "BTC/USDT",
    timeframe: "15m",
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    rules: {
      capital: 100_000,
      sizing: { kind: "notional", amount: 1000 },
      allowShort: true,
      feeBps: 10,
      slippage: { kind: "bps", bps: 5 },
      timing: "next_open",
      stopLoss: 0.02,
    },
  });

const historyOf = (candles: CandleColumns): History => ({
  symbol: "BTC/USDT",
  timeframe: "15m",
  market: plainMarket("BTC/USDT"),
  candles,
  references: new Map(),
  metrics: new Map(),
  fine: null,
  funding: null,
  source: "the standard job",
});

interface Limit {
  /** Median ms of the fastest of its variants. */
  readonly a: number;
  readonly b: number;
  readonly trades: readonly [readonly number[][], readonly number[][]];
}

/** The C program beside us, compiled and run now; null where it or gcc is not there. */
async function limit(dir: string, file: string): Promise<Limit | null> {
  if (!existsSync(C_SOURCE)) return null;
  const program = join(dir, "limit");
  try {
    await run("gcc", ["-O3", "-march=native", "-o", program, C_SOURCE, "-lm"]);
  } catch {
    process.stderr.write("gcc cannot compile limit.c here, so there is nothing to compare with.\n");
    return null;
  }
  const csv = ["a.csv", "b.csv"].map((name) => join(dir, name)) as [string, string];
  const { stdout } = await run(program, [file, ...csv]);
  const best = (job: string): number => {
    const found = [...stdout.matchAll(new RegExp(`^${job}[ 23].*median ([0-9.]+) ms`, "gmu"))];
    return Math.min(
      ...found.filter((line) => !line[0].includes("arrays")).map((line) => Number(line[1])),
    );
  };
  const rows = (name: string): number[][] =>
    readFileSync(name, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(",").map(Number));
  return { a: best("A"), b: best("B"), trades: [rows(csv[0]), rows(csv[1])] };
}

/** Warm median of signals and simulation through the engine's column path; its trades must be the C program's. */
function single(strategy: string, history: History, wanted: readonly number[][] | undefined) {
  const asked = request(strategy);
  const chosen = chooseStrategy(strategy, {});
  const rules = columnRulesOf(asked.rules, history);
  if (chosen.form !== "column" || rules === null) throw new Error(`${strategy} has no columns.`);
  const span = spanOf(history, asked);
  const scratch = makeScratch(history.candles.length);
  const times: number[] = [];
  for (let i = 0; i < RUNS + WARM; i++) {
    const from = performance.now();
    runColumns(chosen, history, rules, span, scratch);
    times.push(performance.now() - from);
  }
  const { trades } = scratch;
  if (wanted !== undefined) {
    const same =
      wanted.length === trades.count &&
      wanted.every(
        ([entry, exit, side, reason], at) =>
          entry === trades.entry[at] &&
          exit === trades.exit[at] &&
          side === trades.side[at] &&
          reason === trades.reason[at],
      );
    if (!same) throw new Error(`${strategy} does not make the trades of the C program.`);
  }
  return { first: times[0] ?? Number.NaN, warm: median(times.slice(WARM)) };
}

/** Most memory that a process had, MB; null where the system does not say. */
function peakOf(pid: number | undefined): number | null {
  try {
    const line = /VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line === null ? null : Number(line[1]) / 1024;
  } catch {
    return null;
  }
}

/** The process's script as the desktop runs it: one bundle of plain JavaScript. */
async function bundled(dir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: "silent",
    ssr: { noExternal: true },
    build: {
      ssr: ENTRY,
      target: "node20",
      outDir: dir,
      rollupOptions: { output: { entryFileNames: "research-process.mjs" } },
    },
  });
  return join(dir, "research-process.mjs");
}

async function pooled(candles: CandleColumns, entry: string) {
  const processes: ResearchProcess[] = [];
  const started = performance.now();
  const fresh = new ResearchPool({
    size: 1,
    spawn: () => forkResearchProcess(entry, 512),
    onNotice: (sentence) => {
      process.stderr.write(`${sentence}\n`);
    },
  });
  await fresh.backtest(request("standard_bands"), historyOf(candles));
  const cold = performance.now() - started;
  fresh.close();
  const pool = new ResearchPool({
    size: PROCESSES,
    spawn: () => {
      const made = forkResearchProcess(entry, 512);
      processes.push(made);
      return made;
    },
    onNotice: (sentence) => {
      process.stderr.write(`${sentence}\n`);
    },
  });
  try {
    const asked = request("standard_bands");
    const history = historyOf(candles);
    const grid = gridOf({
      period: Array.from({ length: 20 }, (_, i) => 10 + 2 * i),
      deviations: Array.from({ length: 10 }, (_, i) => 1 + i / 4),
    });
    while (pool.ready < PROCESSES) await setTimeout(10);
    const first = performance.now();
    let points = await pool.sweep(asked, grid, history);
    const firstSweep = performance.now() - first;
    const sweeps: number[] = [];
    for (let i = 0; i < 9; i++) {
      const from = performance.now();
      points = await pool.sweep(asked, grid, history);
      sweeps.push(performance.now() - from);
    }
    if (JSON.stringify(points) !== JSON.stringify(sweepPoints(asked, grid, history))) {
      throw new Error("The sweep differs from single runs.");
    }
    const peaks = processes.map((made) => peakOf(made.pid));
    const known = peaks.filter((peak) => peak !== null);
    const reports: number[] = [];
    // A new history each time: the candles are sent with every click.
    for (let i = 0; i < 5; i++) {
      const from = performance.now();
      await pool.backtest(asked, historyOf(candles));
      reports.push(performance.now() - from);
    }
    return {
      cold,
      report: median(reports),
      firstSweep,
      sweep: median(sweeps),
      peak: known.length === 0 ? null : Math.max(...known),
      peakTogether: known.length === 0 ? null : known.reduce((sum, peak) => sum + peak, 0),
    };
  } finally {
    pool.close();
  }
}

/** The standard job beside the C program, a sweep of 200 on two processes, and a report from request to answer. */
export async function measure({ peers = false }: BenchOptions): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), "tickdeck-bench-"));
  try {
    const candles = standardCandles();
    const history = historyOf(candles);
    const file = join(dir, "candles.f64");
    const { time, open, high, low, close, volume } = candles;
    writeFileSync(
      file,
      Buffer.concat([time, open, high, low, close, volume].map((c) => Buffer.from(c.buffer))),
    );
    let [cA, cB]: [number | null, number | null] = [null, null];
    let [a, b] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    let first = Number.NaN;
    // In turns, and the quietest round of each: a machine that is busy meanwhile is busy for both.
    for (let round = 0; round < ROUNDS; round++) {
      const c = await limit(dir, file);
      if (c !== null) [cA, cB] = [Math.min(cA ?? c.a, c.a), Math.min(cB ?? c.b, c.b)];
      const ours = single("standard_bands", history, c?.trades[0]);
      if (round === 0) ({ first } = ours);
      a = Math.min(a, ours.warm);
      b = Math.min(b, single("standard_momentum", history, c?.trades[1]).warm);
    }
    const pool = await pooled(candles, await bundled(join(dir, "bundle")));
    return {
      a_ms: round(a),
      b_ms: round(b),
      c_a_ms: cA === null ? null : round(cA),
      c_b_ms: cB === null ? null : round(cB),
      ratio_a: cA === null ? null : round(a / cA),
      ratio_b: cB === null ? null : round(b / cB),
      a_first_ms: round(first),
      sweep_ms: round(pool.sweep),
      sweep_first_ms: round(pool.firstSweep),
      report_ms: round(pool.report),
      report_cold_ms: round(pool.cold),
      peak_mb: pool.peak === null ? null : round(pool.peak),
      peak_together_mb: pool.peakTogether === null ? null : round(pool.peakTogether),
      ...(peers ? { peers: await peerFigures(dir, file) } : {}),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
