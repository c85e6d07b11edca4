import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Settings } from "../../../src-preload/contract/app.ts";
import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { referenceFleet } from "../../../src-main/engine/bots/presets.ts";
import { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import { Engine } from "../../../src-main/engine/engine.ts";
import type { EngineParts } from "../../../src-main/engine/engine.ts";
import { EventBus } from "../../../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../../../src-main/engine/events.ts";
import type { Exchange } from "../../../src-main/engine/exchange/port.ts";
import { SyntheticExchange } from "../../../src-main/engine/exchange/synthetic-exchange.ts";
import { openLedgerDb } from "../../../src-main/store/ledger-db.ts";
import type { LedgerDb } from "../../../src-main/store/ledger-db.ts";
import { openMarketDb } from "../../../src-main/store/market-db.ts";
import type { MarketDb } from "../../../src-main/store/market-db.ts";

export const START = Date.UTC(2024, 2, 1);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

type EngineSettings = ReturnType<EngineParts["settings"]>;

/** One life of an engine on real database files in a folder of its own. */
export interface Life {
  readonly engine: Engine;
  readonly clock: VirtualClock;
  readonly ledger: LedgerDb;
  readonly market: MarketDb;
  readonly events: EventBus<EngineEvents>;
  readonly reports: TickReport[];
  readonly logs: EngineEvents["log"][];
  readonly signals: EngineEvents["signal"][];
  /** Ends without draining, as a crash does: nothing that is not on disk is left. */
  crash(): void;
}

export interface LifeOptions {
  readonly dir: string;
  readonly at?: number;
  readonly settings?: EngineSettings;
  readonly scheduling?: Settings["scheduling"];
  /** Something of this life hangs for ever: its limit comes at once, in real time. */
  readonly hangs?: boolean;
  readonly wrap?: (exchange: Exchange) => Exchange;
  /** Wall of a trader who checks in; without it there is none. */
  readonly wall?: () => number;
  readonly venue?: NonNullable<EngineParts["venue"]>;
}

export const makeDir = (): string => mkdtempSync(join(tmpdir(), "tickdeck-test-"));
export const dropDir = (dir: string): void => {
  rmSync(dir, { recursive: true, force: true });
};

/** Opens the folder and composes an engine on the virtual clock and the synthetic market; does not start it. */
export function openLife(options: LifeOptions): Life {
  const clock = new VirtualClock(
    options.at ?? START,
    options.hangs === true ? { patienceMs: 0 } : {},
  );
  const ledger = openLedgerDb(join(options.dir, "ledger.db"));
  const market = openMarketDb(join(options.dir, "market.db"));
  const events = new EventBus<EngineEvents>((error) => {
    throw error;
  });
  const reports: TickReport[] = [];
  const logs: EngineEvents["log"][] = [];
  const signals: EngineEvents["signal"][] = [];
  let open = true;
  events.on("tick", (report) => {
    if (open) reports.push(report);
  });
  events.on("log", (record) => logs.push(record));
  events.on("signal", (signal) => signals.push(signal));
  const synthetic = new SyntheticExchange({ clock, seed: 7 });
  const settings = options.settings ?? {
    paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
    drainLimitSeconds: 30,
  };
  const engine = new Engine({
    clock,
    events,
    exchange: options.wrap?.(synthetic) ?? synthetic,
    ledger,
    market,
    ...(options.wall === undefined ? {} : { wall: options.wall }),
    settings: () => ({
      ...settings,
      ...(options.scheduling === undefined ? {} : { scheduling: options.scheduling }),
    }),
    ...(options.venue === undefined ? {} : { venue: options.venue }),
  });
  return {
    engine,
    clock,
    ledger,
    market,
    events,
    reports,
    logs,
    signals,
    crash: () => {
      open = false;
      ledger.close();
      market.close();
    },
  };
}

/** The first bot of the reference fleet under another name, with the given differences. */
export function configOf(change: Partial<BotConfig> = {}): BotConfig {
  const [config] = referenceFleet();
  if (config === undefined) throw new Error("The reference fleet is empty.");
  return { ...config, name: "Test bot", ...change };
}

/** The exchange, with candles that come as `candles` says. */
export const withCandles =
  (candles: (target: Exchange, ...args: Parameters<Exchange["fetchCandles"]>) => unknown) =>
  (exchange: Exchange): Exchange =>
    new Proxy(exchange, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== "function") return value;
        if (key !== "fetchCandles") return value.bind(target);
        return (...args: Parameters<Exchange["fetchCandles"]>) => candles(target, ...args);
      },
    });
