import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timeframeMs } from "../src-preload/contract/time.ts";
import { VirtualClock } from "../src-main/engine/clock-virtual.ts";
import { referenceFleet } from "../src-main/engine/bots/presets.ts";
import { Engine } from "../src-main/engine/engine.ts";
import { EventBus } from "../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../src-main/engine/events.ts";
import { SyntheticExchange } from "../src-main/engine/exchange/synthetic-exchange.ts";
import { strategyOf } from "../src-main/engine/strategies/registry.ts";
import { openLedgerDb } from "../src-main/store/ledger-db.ts";
import { openMarketDb } from "../src-main/store/market-db.ts";
import type { Figures } from "./figures.ts";

const START = Date.UTC(2025, 0, 1);
const DAY = 86_400_000;
const SETTINGS = {
  paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
  drainLimitSeconds: 30,
} as const;

/** The p-th percentile of sorted values by nearest rank. */
const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))] ??
  Number.NaN;
const round = (value: number): number => Math.round(value * 1000) / 1000;

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

interface Run {
  readonly engineMs: readonly number[];
  readonly requests: number;
  readonly minimum: number;
  readonly heapGrowthMb: number;
}

/** `count` bots of the reference fleet, repeated as needed, over `days` of the synthetic market on the virtual clock. */
async function fleetRun(count: number, days: number): Promise<Run> {
  const dir = mkdtempSync(join(tmpdir(), "tickdeck-bench-"));
  const ledger = openLedgerDb(join(dir, "ledger.db"));
  const market = openMarketDb(join(dir, "market.db"));
  const clock = new VirtualClock(START);
  const exchange = new SyntheticExchange({ clock, seed: 1 });
  const events = new EventBus<EngineEvents>((error) => {
    throw error;
  });
  const engineMs: number[] = [];
  let requests = 0;
  const counted = new Proxy(exchange, {
    get(target, key) {
      if (key === "fetchCandles") requests += 1;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  events.on("tick", (report) => {
    if (report.outcome !== "ran" || report.result === "error")
      throw new Error(`${report.id}: ${report.reason}`);
    engineMs.push(report.engineMs);
  });
  try {
    const engine = new Engine({
      clock,
      events,
      exchange: counted,
      ledger,
      market,
      settings: () => SETTINGS,
    });
    await engine.start();
    const fleet = referenceFleet();
    const ids = Array.from({ length: count }, (_, i) => {
      const config = fleet[i % fleet.length];
      if (config === undefined) throw new Error("The reference fleet is empty.");
      return engine.bots.create({ ...config, name: `${config.name} ${i}` }).id;
    });
    engine.bots.start(ids);
    // The first day fills caches and compiles; the heap is compared from there on.
    await clock.advance(DAY);
    const warm = heapMb();
    const kept = engineMs.length;
    await clock.advance((days - 1) * DAY - 1);
    const heapGrowthMb = heapMb() - warm - ((engineMs.length - kept) * 8) / 2 ** 20;
    await engine.stop();
    return {
      engineMs: engineMs.toSorted((a, b) => a - b),
      requests,
      minimum: minimumRequests(exchange.maxCandles, days),
      heapGrowthMb,
    };
  } finally {
    ledger.close();
    market.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Least candle requests for the reference fleet, counted without looking at the engine: for each symbol and
 * timeframe that a bot or its strategy reads, the pages of its first history, then one for each candle that closes.
 */
function minimumRequests(pageSize: number, days: number): number {
  const longest = new Map<string, { readonly warmup: number; readonly ms: number }>();
  for (const config of referenceFleet()) {
    const strategy = strategyOf(config.strategy);
    if (strategy === undefined) throw new Error(`Unknown strategy ${config.strategy}.`);
    const params = strategy.params.parse(config.params);
    for (const symbol of [config.symbol, ...strategy.needs(params, config.symbol).references]) {
      const key = `${symbol} ${config.timeframe}`;
      const warmup = Math.max(longest.get(key)?.warmup ?? 0, strategy.warmup(params));
      longest.set(key, { warmup, ms: timeframeMs(config.timeframe) });
    }
  }
  let sum = 0;
  for (const { warmup, ms } of longest.values())
    sum += Math.ceil(warmup / pageSize) + (days * DAY) / ms - 1;
  return sum;
}

export async function measure(): Promise<Figures> {
  const week = await fleetRun(45, 7);
  const thousand = await fleetRun(1000, 2);
  return {
    engine_p50_ms_45: round(percentile(week.engineMs, 50)),
    engine_p99_ms_45: round(percentile(week.engineMs, 99)),
    engine_p50_ms_1000: round(percentile(thousand.engineMs, 50)),
    engine_p99_ms_1000: round(percentile(thousand.engineMs, 99)),
    candle_requests: week.requests,
    candle_requests_min: week.minimum,
    heap_growth_mb_week: round(week.heapGrowthMb),
    ticks_45: week.engineMs.length,
    ticks_1000: thousand.engineMs.length,
  };
}
