import { createHash, randomInt } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { settingsSchema } from "../src-preload/contract/app.ts";
import { metricSettingsSchema } from "../src-preload/contract/metrics.ts";
import type {
  AppResponses,
  AppStatus,
  MarketSource,
  Settings,
} from "../src-preload/contract/app.ts";
import { RISK_DEFAULTS } from "../src-preload/contract/risk-limits.ts";
import type { HousekeepingStatus } from "../src-preload/contract/housekeeping.ts";
import { SystemClock } from "./engine/clock-system.ts";
import { TimeLapseClock } from "./engine/clock-time-lapse.ts";
import { machineClocks } from "./engine/clock-watch.ts";
import type { Clock } from "./engine/clock.ts";
import { Engine } from "./engine/engine.ts";
import { EventBus } from "./engine/event-bus.ts";
import type { EngineEvents } from "./engine/events.ts";
import type { Exchange } from "./engine/exchange/port.ts";
import { SyntheticExchange } from "./engine/exchange/synthetic-exchange.ts";
import { EngineFault, messageOf } from "./engine/fault.ts";
import type { DrainReport } from "./engine/scheduler/types.ts";
import { createCcxtExchange, listExchangeIds } from "./exchanges/ccxt-exchange.ts";
import { ReplayClock } from "./exchanges/replay-clock.ts";
import { composeMetrics } from "./metrics/compose.ts";
import type { Metrics } from "./metrics/compose.ts";
import type { MetricDesk } from "./metrics/metric-desk.ts";
import { MetricHub } from "./metrics/metric-hub.ts";
import { housekeepingOf, housekeepingStatus } from "./housekeeping/chores.ts";
import type { Housekeeping } from "./housekeeping/housekeeping.ts";
import { FileDesk } from "./market-files/file-desk.ts";
import type { LogSink } from "./logging/entry.ts";
import { startNodeProcess } from "./user-strategies/node-process.ts";
import { UserStrategies } from "./user-strategies/library.ts";
import { STRATEGY_LIMITS } from "./user-strategies/protocol.ts";
import type { StartProcess } from "./user-strategies/host.ts";
import { openLedgerDb } from "./store/ledger-db.ts";
import type { LedgerDb } from "./store/ledger-db.ts";
import { openMarketDb } from "./store/market-db.ts";
import type { MarketDb } from "./store/market-db.ts";

export interface WorkspaceOptions {
  /** Absolute path of the data folder; made when it does not exist. */
  readonly dataDir: string;
  /** The demonstration: synthetic market, time-lapse, reference fleet. */
  readonly demo: boolean;
  /** Overrides the speed of time-lapse; refused on the system clock. */
  readonly speed?: number;
  /** Folder of the user's own strategies; default `strategies` in the data folder. */
  readonly strategiesDir?: string;
  /** How their process is started; default a child process of plain Node. */
  readonly startStrategies?: StartProcess;
  /** For what goes wrong before anybody can listen to events. */
  readonly log: LogSink;
}

/** Keys in the ledger's values. */
const SETTINGS = "settings";
const ENGINE_TIME = "engine_time";
const MARKET_DB_SOURCE = "market_db_source";

/** A real exchange's clock may be behind ours by about this much, ms: its candle counts as closed only then. */
const SETTLE_MS = 2000;

/** Speed of the demonstration: a 15-minute candle a second. */
const DEMO_SPEED = 900;

const defaults = (demo: boolean): Settings => ({
  theme: "dark",
  timeZone: "utc",
  density: "normal",
  pnlColours: "default",
  notifySignals: true,
  closeToTray: true,
  keepAwake: true,
  scheduling: "single",
  marketSource: demo
    ? { kind: "synthetic", seed: randomInt(1, 2 ** 31 - 1) }
    : { kind: "exchange", exchangeId: "binance", baseUrl: null },
  clock: demo ? { mode: "time-lapse", speed: DEMO_SPEED } : { mode: "system" },
  paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
  metrics: metricSettingsSchema.parse(undefined),
  drainLimitSeconds: 30,
  risk: RISK_DEFAULTS,
  killShortcut: "CommandOrControl+Alt+Shift+K",
  retentionDays: 180,
});

/** Names the data that a market source writes, so that two sources never share one market.db. */
function sourceKey(source: MarketSource): string {
  if (source.kind === "synthetic") return `synthetic-${source.seed}`;
  if (source.baseUrl === null) return source.exchangeId;
  return `${source.exchangeId}-${createHash("sha256").update(new URL(source.baseUrl).origin).digest("hex").slice(0, 8)}`;
}

/** Brings the market.db of `source` into place; another source's is set aside under its own name. */
function bringMarketDb(dataDir: string, source: MarketSource, values: LedgerDb["values"]): string {
  const file = join(dataDir, "market.db");
  const key = sourceKey(source);
  const held = values.get(MARKET_DB_SOURCE);
  const asideOf = (name: string): string => join(dataDir, `market-${name}.db`);
  if (held === key) return file;
  if (typeof held === "string") {
    if (existsSync(file)) renameSync(file, asideOf(held));
    // From here on a market.db in place is the new source's, whatever interrupts us.
    values.set(MARKET_DB_SOURCE, null);
  }
  if (!existsSync(file) && existsSync(asideOf(key))) renameSync(asideOf(key), file);
  values.set(MARKET_DB_SOURCE, key);
  return file;
}

/** Everything that exists once for a market source and a clock, and is replaced when either changes. */
interface Running {
  readonly engine: Engine;
  readonly exchange: Exchange;
  readonly clock: SystemClock | TimeLapseClock;
  readonly market: MarketDb;
  readonly metrics: Metrics;
  readonly files: FileDesk;
  /** Of time-lapse, taken up once the engine has started: until then no fire time may rush past. */
  readonly speed: number;
}

/** One data folder, opened: settings, stores, exchange, clock, engine. Where ports meet their adapters. */
export class Workspace {
  readonly events: EventBus<EngineEvents>;
  readonly demo: boolean;
  readonly dataDir: string;
  /** The built-in strategies and the user's own. */
  readonly strategies: UserStrategies;
  readonly #ledger: LedgerDb;
  #settings: Settings;
  #running: Running;
  readonly #housekeeping: Housekeeping;

  /** Use `openWorkspace`. */
  constructor(
    options: WorkspaceOptions,
    ledger: LedgerDb,
    settings: Settings,
    events: EventBus<EngineEvents>,
    strategies: UserStrategies,
    running: Running,
  ) {
    this.demo = options.demo;
    this.dataDir = options.dataDir;
    this.events = events;
    this.strategies = strategies;
    strategies.onChange(() => events.emit("strategies", strategies.list()));
    this.#ledger = ledger;
    this.#settings = settings;
    this.#running = running;
    this.#housekeeping = housekeepingOf({
      dataDir: this.dataDir,
      ledger,
      market: () => this.#running.market,
      engineTime: () => this.engineTime(),
      retentionDays: () => this.#settings.retentionDays,
      onResult: (level, reason) => {
        events.emit("log", { level, event: "housekeeping", reason });
      },
    });
    // After a sleep, whoever noticed it, what housekeeping missed is made up for.
    events.on("log", ({ event }) => {
      if (event === "sleep") this.#housekeeping.catchUp();
    });
  }

  get engine(): Engine {
    return this.#running.engine;
  }

  get metrics(): MetricDesk {
    return this.#running.metrics.desk;
  }

  get files(): FileDesk {
    return this.#running.files;
  }

  /** Recovers and resumes; the demonstration creates and starts its fleet the first time. */
  async start(): Promise<void> {
    this.strategies.start();
    await begin(this.#running);
    if (this.demo && this.engine.bots.list().length === 0) this.engine.bots.createPreset(true);
    this.#housekeeping.start();
  }

  /** Drains, then closes the stores. */
  async stop(): Promise<DrainReport> {
    const tidied = this.#housekeeping.stop();
    const report = await this.#close(tidied);
    this.strategies.close();
    this.#ledger.close();
    return report;
  }

  housekeeping(): HousekeepingStatus {
    return housekeepingStatus(this, this.#housekeeping);
  }

  /** Writes a backup of the ledger now. Throws EngineFault when it cannot be written or one is being written. */
  async backup(): Promise<HousekeepingStatus> {
    await this.#housekeeping.run("backup");
    return this.housekeeping();
  }

  status(): Omit<AppStatus, "eventLoopP99Ms" | "version"> {
    const { clock, engine } = this.#running;
    return {
      ...engine.status(),
      clock: {
        mode: clock.mode,
        engineTime: clock.now(),
        wallTime: Date.now(),
        speed: clock.speed,
      },
      demo: this.demo,
      dataDir: this.dataDir,
    };
  }

  /** Engine time, ms UTC; cheap. */
  engineTime(): number {
    return this.#running.clock.now();
  }

  settings(): Settings {
    return this.#settings;
  }

  /** Checks and keeps the settings; a new market source or clock mode needs every bot stopped and flat. */
  async saveSettings(next: Settings): Promise<Settings> {
    const before = this.#settings;
    const moved =
      JSON.stringify(before.marketSource) !== JSON.stringify(next.marketSource) ||
      before.clock.mode !== next.clock.mode;
    if (moved) await this.#move(next);
    else if (next.clock.mode === "time-lapse") this.setSpeed(next.clock.speed);
    this.#settings = next;
    this.#ledger.values.set(SETTINGS, next);
    this.metrics.settingsChanged(before.metrics, next.metrics);
    return next;
  }

  /** Throws EngineFault on the system clock. */
  setSpeed(speed: number): void {
    const { clock } = this.#running;
    if (!(clock instanceof TimeLapseClock)) {
      throw new EngineFault(
        "conflict",
        "Speed can change in time-lapse only; choose time-lapse in Settings first.",
        "clock.speed",
      );
    }
    clock.setSpeed(speed);
    if (this.#settings.clock.mode === "time-lapse") {
      this.#settings = { ...this.#settings, clock: { mode: "time-lapse", speed } };
      this.#ledger.values.set(SETTINGS, this.#settings);
    }
  }

  exchangeIds(): readonly string[] {
    return listExchangeIds();
  }

  /** Asks for markets and time; changes nothing. */
  async testExchange(source: MarketSource): Promise<AppResponses["app:test-exchange"]> {
    const clock = new SystemClock();
    try {
      const exchange = await makeExchange(source, clock, () => {});
      try {
        const markets = await exchange.markets();
        const clockOffsetMs = await exchange.clockOffset().catch(() => null);
        return { message: `${exchange.label} answered.`, markets: markets.size, clockOffsetMs };
      } finally {
        await exchange.close();
      }
    } catch (error) {
      throw new EngineFault("unavailable", messageOf(error), "marketSource.baseUrl");
    } finally {
      clock.dispose();
    }
  }

  /** Replaces exchange, clock and engine; on failure what was there runs on and nothing is changed. */
  async #move(next: Settings): Promise<void> {
    if (!this.engine.bots.idle()) {
      throw new EngineFault(
        "conflict",
        "Market source and clock can change once every bot is stopped and holds no position; stop the bots and close their positions first.",
        "marketSource",
      );
    }
    await checkSource(next);
    const before = this.#settings;
    await this.#close();
    try {
      this.#running = await compose(
        next,
        this.dataDir,
        this.#ledger,
        this.events,
        () => this.#settings,
        this.strategies,
      );
      await begin(this.#running);
    } catch (error) {
      this.#running = await compose(
        before,
        this.dataDir,
        this.#ledger,
        this.events,
        () => this.#settings,
        this.strategies,
      );
      await begin(this.#running);
      throw error instanceof EngineFault
        ? error
        : new EngineFault("unavailable", messageOf(error), "marketSource");
    }
  }

  /** Closes once `before` is over, too. */
  async #close(before?: Promise<void>): Promise<DrainReport> {
    const { engine, exchange, clock, market, metrics, files } = this.#running;
    metrics.schedule?.stop();
    const report = await engine.stop();
    await files.close();
    await before;
    if (clock.mode === "time-lapse") this.#ledger.values.set(ENGINE_TIME, clock.now());
    clock.dispose();
    await exchange.close();
    market.close();
    return report;
  }
}

async function begin({ engine, clock, speed, metrics }: Running): Promise<void> {
  await engine.start();
  metrics.schedule?.start();
  if (clock instanceof TimeLapseClock) clock.setSpeed(speed);
}

async function makeExchange(
  source: MarketSource,
  clock: Clock,
  onNote: (reason: string) => void,
): Promise<Exchange> {
  if (source.kind === "synthetic") return new SyntheticExchange({ clock, seed: source.seed });
  return createCcxtExchange({ id: source.exchangeId, baseUrl: source.baseUrl, clock, onNote });
}

/** Refuses what cannot work, with the field at fault. Answers the replay exchange's clock in time-lapse on one. */
async function checkSource(
  settings: Pick<Settings, "marketSource" | "clock">,
): Promise<ReplayClock | null> {
  const { marketSource: source, clock } = settings;
  if (source.kind === "exchange" && !listExchangeIds().includes(source.exchangeId)) {
    throw new EngineFault(
      "invalid",
      `There is no exchange "${source.exchangeId}"; choose one of the list.`,
      "marketSource.exchangeId",
    );
  }
  if (clock.mode === "system" || source.kind === "synthetic") return null;
  const replay = source.baseUrl === null ? null : new ReplayClock(source.baseUrl);
  if (replay === null || (await replay.read()) === null) {
    throw new EngineFault(
      "invalid",
      "Time-lapse needs the synthetic market or the base URL of a running replay exchange; a real exchange has only real time.",
      "clock.mode",
    );
  }
  return replay;
}

/** Where time-lapse goes on: the newest instant this data folder has seen, else the replay's time or this hour. */
function lapseStart(ledger: LedgerDb, market: MarketDb, replayTime: number | null): number {
  const stored = z.number().safeParse(ledger.values.get(ENGINE_TIME));
  const newest = market.ticks.list({ limit: 1 })[0];
  const seen = newest === undefined ? 0 : (newest.startedAt ?? newest.lastFireTime);
  if (replayTime !== null) return newest === undefined ? replayTime : seen;
  const hour = 3_600_000;
  return Math.max(stored.success ? stored.data : 0, seen) || Math.floor(Date.now() / hour) * hour;
}

async function compose(
  settings: Settings,
  dataDir: string,
  ledger: LedgerDb,
  events: EventBus<EngineEvents>,
  current: () => Settings,
  strategies: UserStrategies,
): Promise<Running> {
  const note = (event: string) => (reason: string) => {
    events.emit("log", { level: "warn", event, reason });
  };
  const replay = await checkSource(settings);
  const market = openMarketDb(bringMarketDb(dataDir, settings.marketSource, ledger.values));
  let clock: Running["clock"] | undefined;
  try {
    clock =
      settings.clock.mode === "system"
        ? new SystemClock()
        : new TimeLapseClock({
            start: lapseStart(ledger, market, replay === null ? null : await replay.read()),
            speed: 1,
            ...(replay === null ? {} : { beforeFire: (time: number) => replay.set(time) }),
            onError: (error) => {
              note("clock")(messageOf(error));
            },
          });
    const exchange = await makeExchange(settings.marketSource, clock, note("exchange"));
    const real = settings.marketSource.kind === "exchange" && clock.mode === "system";
    const settleMs = real ? SETTLE_MS : 0;
    const hub =
      settings.marketSource.kind === "synthetic"
        ? null
        : new MetricHub({
            clock,
            exchange,
            folder: join(dataDir, "metrics"),
            settings: () => current().metrics,
          });
    const engine = new Engine({
      clock,
      events,
      exchange,
      ledger,
      market,
      settings: current,
      strategies,
      ...(hub === null ? {} : { metrics: hub }),
      settleMs,
      wall: Date.now,
      watch: machineClocks(() => uptime() * 1000),
    });
    return {
      engine,
      files: filesOf(market, clock, engine),
      metrics: composeMetrics(clock, engine.metrics, hub, note("metrics")),
      exchange,
      clock,
      market,
      speed: settings.clock.mode === "system" ? 1 : settings.clock.speed,
    };
  } catch (error) {
    clock?.dispose();
    market.close();
    throw error;
  }
}

const filesOf = (market: MarketDb, clock: Clock, engine: Engine): FileDesk =>
  new FileDesk({
    candles: market.candles,
    metrics: market.metrics,
    now: () => clock.now(),
    stored: (series, ended) => {
      if (series.kind === "candles") engine.data.imported(series.symbol, series.timeframe, ended);
      else engine.metrics.imported(series.name, series.symbol);
    },
  });

function readSettings(ledger: LedgerDb, { demo, log }: WorkspaceOptions): Settings {
  const stored = ledger.values.get(SETTINGS);
  if (stored !== undefined) {
    const parsed = settingsSchema.safeParse(stored);
    if (parsed.success) return parsed.data;
    log.write({
      level: "error",
      event: "settings",
      reason: `Settings could not be read and start from their defaults: ${z.prettifyError(parsed.error)}`,
    });
  }
  const fresh = defaults(demo);
  ledger.values.set(SETTINGS, fresh);
  return fresh;
}

/** Opens a data folder. Throws EngineFault or DatabaseError with one sentence, and changes nothing then. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { dataDir } = options;
  mkdirSync(dataDir, { recursive: true });
  const events = new EventBus<EngineEvents>((error, name) => {
    options.log.write({
      level: "error",
      event: "engine",
      reason: `A listener of "${name}" failed: ${messageOf(error)}`,
    });
  });
  const ledger = openLedgerDb(join(dataDir, "ledger.db"));
  const strategies = new UserStrategies({
    folder: options.strategiesDir ?? join(dataDir, "strategies"),
    start: options.startStrategies ?? startNodeProcess(STRATEGY_LIMITS),
    onNote: (level, reason) => events.emit("log", { level, event: "strategies", reason }),
  });
  try {
    let settings = readSettings(ledger, options);
    if (options.speed !== undefined) {
      if (settings.clock.mode !== "time-lapse") {
        throw new EngineFault(
          "invalid",
          "--speed works in time-lapse only; choose time-lapse in Settings or start with --demo.",
        );
      }
      settings = { ...settings, clock: { mode: "time-lapse", speed: options.speed } };
    }
    let workspace: Workspace | undefined;
    const running = await compose(
      settings,
      dataDir,
      ledger,
      events,
      () => workspace?.settings() ?? settings,
      strategies,
    );
    workspace = new Workspace(options, ledger, settings, events, strategies, running);
    return workspace;
  } catch (error) {
    ledger.close();
    throw error;
  }
}
