import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { TimeLapseClock } from "../src-main/engine/clock-time-lapse.ts";
import { Engine } from "../src-main/engine/engine.ts";
import { EventBus } from "../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../src-main/engine/events.ts";
import { referenceFleet } from "../src-main/engine/bots/presets.ts";
import { SyntheticExchange } from "../src-main/engine/exchange/synthetic-exchange.ts";
import { forkResearchProcess } from "../src-main/research/fork-process.ts";
import { plainMarket } from "../src-main/research/history.ts";
import { ResearchPool } from "../src-main/research/pool.ts";
import { gridOf } from "../src-main/research/sweep.ts";
import { openLedgerDb } from "../src-main/store/ledger-db.ts";
import { openMarketDb } from "../src-main/store/market-db.ts";
import { backtestRequestSchema } from "../src-preload/contract/research.ts";
import { standardCandles } from "./backtest/standard-candles.ts";
import type { BenchOptions, Figures } from "./run.ts";

const BOTS = 45;
/** One-minute bots at this speed tick once a second each. */
const SPEED = 60;
const ENTRY = resolve(import.meta.dirname, "../src-main/research-process.ts");

const p99 = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN) * 1000) / 1000;
};

/**
 * 45 bots that tick once a second each on the real engine and real files, first alone, then while a sweep keeps two research
 * processes busy; the real lateness of their ticks.
 */
export async function measure({ seconds = 30 }: BenchOptions): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), "tickdeck-bench-"));
  const ledger = openLedgerDb(join(dir, "ledger.db"));
  const market = openMarketDb(join(dir, "market.db"));
  const clock = new TimeLapseClock({ start: Date.UTC(2025, 0, 1), speed: 1 });
  const events = new EventBus<EngineEvents>((error) => {
    throw error;
  });
  let late: number[] = [];
  events.on("tick", (report) => {
    if (report.realLatenessMs !== null) late.push(report.realLatenessMs);
  });
  const engine = new Engine({
    clock,
    events,
    exchange: new SyntheticExchange({ clock, seed: 1 }),
    ledger,
    market,
    settings: () => ({
      paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
      drainLimitSeconds: 30,
    }),
  });
  const pool = new ResearchPool({
    size: 2,
    spawn: () => forkResearchProcess(ENTRY, 512),
    onNotice: (sentence) => {
      process.stderr.write(`${sentence}\n`);
    },
  });
  const stop = new AbortController();
  try {
    await engine.start();
    const [config] = referenceFleet();
    if (config === undefined) throw new Error("The reference fleet is empty.");
    const ids = Array.from(
      { length: BOTS },
      (_, i) => engine.bots.create({ ...config, timeframe: "1m", name: `bot ${i}` }).id,
    );
    engine.bots.start(ids);
    // Bots start a stagger apart; all have ticked and all code is warm once time-lapse has run a while.
    clock.setSpeed(SPEED);
    await setTimeout(8000);
    late = [];
    await setTimeout(seconds * 1000);
    const idle = late;
    const history = {
      symbol: "BTC/USDT",
      timeframe: "15m",
      market: plainMarket("BTC/USDT"),
      candles: standardCandles(),
      references: new Map(),
      metrics: new Map(),
      fine: null,
      funding: null,
      source: "the standard job",
    } as const;
    const request = backtestRequestSchema.parse({
      strategy: "standard_bands",
      symbol: "BTC/USDT",
      timeframe: "15m",
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
      rules: {
        sizing: { kind: "notional", amount: 100 },
        allowShort: true,
        slippage: { kind: "bps", bps: 5 },
        timing: "next_open",
        stopLoss: 0.02,
      },
    });
    const grid = gridOf({
      period: Array.from({ length: 20 }, (_, i) => 10 + 2 * i),
      deviations: Array.from({ length: 50 }, (_, i) => 1 + i / 20),
    });
    let sweeps = 0;
    const load = (async () => {
      while (!stop.signal.aborted) {
        await pool.sweep(request, grid, history, { signal: stop.signal });
        sweeps += 1;
      }
    })().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    await setTimeout(2000);
    late = [];
    await setTimeout(seconds * 1000);
    const busy = late;
    stop.abort();
    await load;
    return {
      lateness_p99_idle_ms: p99(idle),
      lateness_p99_busy_ms: p99(busy),
      rise_ms: Math.round((p99(busy) - p99(idle)) * 1000) / 1000,
      ticks_idle: idle.length,
      ticks_busy: busy.length,
      back_tests: sweeps * grid.length,
    };
  } finally {
    stop.abort();
    pool.close();
    await engine.stop();
    clock.dispose();
    ledger.close();
    market.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
