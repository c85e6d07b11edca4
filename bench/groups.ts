import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Settings } from "../src-preload/contract/app.ts";
import { VirtualClock } from "../src-main/engine/clock-virtual.ts";
import { referenceFleet } from "../src-main/engine/bots/presets.ts";
import { Engine } from "../src-main/engine/engine.ts";
import { EventBus } from "../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../src-main/engine/events.ts";
import type { Exchange } from "../src-main/engine/exchange/port.ts";
import { RateBudget } from "../src-main/engine/exchange/rate-budget.ts";
import { SyntheticExchange } from "../src-main/engine/exchange/synthetic-exchange.ts";
import { openLedgerDb } from "../src-main/store/ledger-db.ts";
import { openMarketDb } from "../src-main/store/market-db.ts";
import type { Figures } from "./figures.ts";

const START = Date.UTC(2025, 0, 1);
const HOUR = 3_600_000;
const HOURS = 12;
/** An answer of an exchange on the other side of the world, ms. */
const ANSWER_MS = 150;
/** Binance's: a request for candles weighs 2 of 6000 a minute. */
const WEIGHT = 2;
const WEIGHT_PER_MINUTE = 6000;
/** Where an answer never comes, it is waited for so long. */
const HUNG_MS = 10 * 60_000;
const HUNG_SYMBOL = "ADA/USDT";
const OFFSET_MS = 5000;

/** The p-th percentile of sorted values by nearest rank. */
const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))] ??
  Number.NaN;
const round = (value: number): number => Math.round(value * 100) / 100;

/**
 * `count` bots of the reference fleet, all due 5 s after the close of their candles, for half a day on the virtual
 * clock; candles take 150 ms to come and pass the rate budget. Times are engine ms, but that of the engine's own work, which
 * is real. With `hung` the candles of one symbol never come, and the figures are those of the other bots.
 */
async function run(
  count: number,
  scheduling: Settings["scheduling"],
  hung: boolean,
): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), "tickdeck-bench-"));
  const ledger = openLedgerDb(join(dir, "ledger.db"));
  const market = openMarketDb(join(dir, "market.db"));
  const clock = new VirtualClock(START + HOUR - 60_000);
  const synthetic = new SyntheticExchange({ clock, seed: 1 });
  const budget = new RateBudget({
    clock,
    name: "Bench",
    weightPerMinute: WEIGHT_PER_MINUTE,
  });
  const asked = { requests: 0, underWay: 0, most: 0 };
  const exchange = new Proxy<Exchange>(synthetic, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (key !== "fetchCandles") return value.bind(target);
      return async (...args: Parameters<Exchange["fetchCandles"]>) => {
        asked.requests += 1;
        await budget.acquire(WEIGHT, args[4]);
        asked.underWay += 1;
        asked.most = Math.max(asked.most, asked.underWay);
        try {
          const never = hung && counting && args[0] === HUNG_SYMBOL;
          await clock.sleep(never ? HUNG_MS : ANSWER_MS, args[4]);
          return await target.fetchCandles(...args);
        } finally {
          asked.underWay -= 1;
        }
      };
    },
  });
  const events = new EventBus<EngineEvents>((error) => {
    throw error;
  });
  const ticks: { late: number; took: number; done: number; own: number }[] = [];
  let refused = 0;
  let counting = false;
  events.on("tick", (report) => {
    if (!counting || (hung && report.symbol === HUNG_SYMBOL)) return;
    if (report.outcome !== "ran" || report.startedAt === null) {
      refused += report.fireCount;
      return;
    }
    const now = clock.now();
    ticks.push({
      late: report.latenessMs,
      took: now - report.startedAt,
      done: now - report.fireTime,
      own: report.engineMs,
    });
  });
  try {
    const engine = new Engine({
      clock,
      events,
      exchange,
      ledger,
      market,
      settings: () => ({
        paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
        drainLimitSeconds: 30,
        scheduling,
      }),
    });
    await engine.start();
    const fleet = referenceFleet();
    const ids = Array.from({ length: count }, (_, i) => {
      const config = fleet[i % fleet.length];
      if (config === undefined) throw new Error("The reference fleet is empty.");
      return engine.bots.create({
        ...config,
        name: `${config.name} ${i}`,
        schedule: { kind: "candle_close", offsetMs: OFFSET_MS },
      }).id;
    });
    engine.bots.start(ids);
    // The first closes fetch the whole history; what comes after is a day like any other.
    await clock.advanceTo(START + 4 * HOUR + 10 * 60_000);
    counting = true;
    asked.requests = 0;
    asked.most = 0;
    await clock.advance(HOURS * HOUR);
    await engine.stop();
  } finally {
    ledger.close();
    market.close();
    rmSync(dir, { recursive: true, force: true });
  }
  const sorted = (pick: (tick: (typeof ticks)[number]) => number): readonly number[] =>
    ticks.map(pick).toSorted((a, b) => a - b);
  const late = sorted((tick) => tick.late);
  const took = sorted((tick) => tick.took);
  const done = sorted((tick) => tick.done);
  const own = sorted((tick) => tick.own);
  return {
    ticks: ticks.length,
    not_run: refused,
    candle_requests: asked.requests,
    requests_at_once: asked.most,
    late_p50_ms: round(percentile(late, 50)),
    late_p99_ms: round(percentile(late, 99)),
    tick_p50_ms: round(percentile(took, 50)),
    tick_p99_ms: round(percentile(took, 99)),
    done_p99_ms: round(percentile(done, 99)),
    engine_p99_ms: round(percentile(own, 99)),
    done_max_ms: round(done.at(-1) ?? Number.NaN),
  };
}

export async function measure(): Promise<Figures> {
  const figures: Record<string, Figures> = {};
  for (const scheduling of ["single", "by_timeframe"] as const) {
    figures[`${scheduling}_45`] = await run(45, scheduling, false);
    figures[`${scheduling}_1000`] = await run(1000, scheduling, false);
    figures[`${scheduling}_45_hung`] = await run(45, scheduling, true);
  }
  return figures;
}
