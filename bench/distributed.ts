import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import packageJson from "../package.json" with { type: "json" };
import { backtestRequestSchema } from "../src-preload/contract/research.ts";
import { RemotePool } from "../src-main/machines/remote-pool.ts";
import { forkResearchProcess } from "../src-main/research/fork-process.ts";
import { plainMarket } from "../src-main/research/history.ts";
import type { History } from "../src-main/research/history.ts";
import { ResearchPool } from "../src-main/research/pool.ts";
import { gridOf } from "../src-main/research/sweep.ts";
import { RedisServer } from "../test/integration/machines/redis-server.ts";
import { standardCandles } from "./backtest/standard-candles.ts";
import type { Figures } from "./figures.ts";

const ENTRY = resolve(import.meta.dirname, "../src-main/research-process.ts");
const WORKER = resolve(import.meta.dirname, "../scripts/worker/main.ts");
const WORKERS = 2;
const ROUNDS = 3;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 1000) / 1000;

const request = backtestRequestSchema.parse({
  strategy: "standard_bands",
  symbol: "BTC/USDT",
  timeframe: "15m",
  from: 0,
  to: Number.MAX_SAFE_INTEGER,
  rules: {
    capital: 100_000,
    sizing: { kind: "notional", amount: 1000 },
    allowShort: true,
    slippage: { kind: "bps", bps: 5 },
    timing: "next_open",
    stopLoss: 0.02,
  },
});
const historyOf = (candles: number): History => ({
  symbol: "BTC/USDT",
  timeframe: "15m",
  market: plainMarket("BTC/USDT"),
  candles: standardCandles(candles),
  references: new Map(),
  metrics: new Map(),
  fine: null,
  funding: null,
  source: "the standard job",
});
const grid = (periods: number, deviations: number) =>
  gridOf({
    period: Array.from({ length: periods }, (_, i) => 5 + i),
    deviations: Array.from({ length: deviations }, (_, i) => 1 + i / 50),
  });

/**
 * The sweep of 10,000 combinations of the standard job on two workers of this machine, through a Redis on loopback, beside
 * the same on the local pool of two processes; then parts that compute nothing worth naming, for what a part costs.
 */
export async function measure(): Promise<Figures> {
  const redis = await RedisServer.start();
  const cache = mkdtempSync(join(tmpdir(), "tickdeck-worker-"));
  const workers = Array.from({ length: WORKERS }, () =>
    spawn(process.execPath, [WORKER, "--processes", "1", "--cache", cache], {
      env: { ...process.env, TICKDECK_REDIS_URL: redis.url },
      stdio: "ignore",
    }),
  );
  const desk = new RemotePool({
    url: redis.url,
    version: packageJson.version,
    onNotice: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  const pool = new ResearchPool({
    size: WORKERS,
    spawn: () => forkResearchProcess(ENTRY, 512),
    onNotice: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  try {
    while (pool.ready < WORKERS || (await desk.workers()).length < WORKERS) await setTimeout(50);
    const history = historyOf(175_000);
    const sets = grid(100, 100);
    // Once to warm up: data is on its way, code is compiled.
    await pool.sweep(request, sets.slice(0, 500), history);
    await desk.sweep(request, sets.slice(0, 500), history);
    const [here, there]: [number[], number[]] = [[], []];
    let [lost, doubled, jobs] = [0, 0, 0];
    for (let turn = 0; turn < ROUNDS; turn++) {
      let from = performance.now();
      const local = await pool.sweep(request, sets, history);
      here.push(performance.now() - from);
      let received = 0;
      from = performance.now();
      const remote = await desk.sweep(request, sets, history, {
        onPart: (_first, points) => {
          received += points.length;
          jobs += 1;
        },
      });
      there.push(performance.now() - from);
      lost += sets.length - remote.filter((point) => point !== undefined).length;
      doubled += Math.max(0, received - sets.length);
      if (JSON.stringify(local) !== JSON.stringify(remote)) {
        throw new Error("The workers' sweep differs from the local one.");
      }
    }
    const small = historyOf(200);
    await desk.sweep(request, grid(8, 32), small);
    const idle: number[] = [];
    for (let turn = 0; turn < ROUNDS; turn++) {
      let parts = 0;
      const from = performance.now();
      await desk.sweep(request, grid(16, 16), historyOf(200 + turn), {
        onPart: () => {
          parts += 1;
        },
      });
      idle.push((performance.now() - from) / parts);
      jobs += parts;
    }
    return {
      overhead_ms: round(median(idle)),
      efficiency_2: round(median(here) / median(there)),
      jobs,
      lost,
      doubled,
      local_ms: round(median(here)),
      workers_ms: round(median(there)),
    };
  } finally {
    await desk.close();
    pool.close();
    for (const worker of workers) {
      worker.kill("SIGTERM");
      if (worker.exitCode === null) await once(worker, "exit");
    }
    await redis.stop();
    rmSync(cache, { recursive: true, force: true });
  }
}
