import type { AppStatus, EnginePhase, Settings } from "../../src-preload/contract/app.ts";
import { BotManager } from "./bots/bot-manager.ts";
import { TickPipeline } from "./bots/tick-pipeline.ts";
import { ClockWatch } from "./clock-watch.ts";
import type { ClockChange, WatchPorts } from "./clock-watch.ts";
import type { Cancel, Clock } from "./clock.ts";
import type { EventBus } from "./event-bus.ts";
import type { EngineEvents } from "./events.ts";
import { PaperVenue } from "./exchange/paper-venue.ts";
import { DerivedTimeframes } from "./exchange/derived-timeframes.ts";
import type { Exchange, MetricSource } from "./exchange/port.ts";
import { messageOf } from "./fault.ts";
import { makeRaise } from "./health/event-log.ts";
import { HealthMonitor } from "./health/monitor.ts";
import type { BackfillStore } from "./market/backfill-job.ts";
import { DataDesk } from "./market/data-desk.ts";
import type { FindingStore } from "./market/findings.ts";
import { MarketList } from "./market/market-list.ts";
import { MetricService } from "./market/metric-service.ts";
import type { CandleStore, MetricStore } from "./market/types.ts";
import { OrderExecutor } from "./orders/executor.ts";
import { reconcileOrders } from "./orders/reconcile.ts";
import type { Venue } from "./orders/types.ts";
import { Portfolio } from "./portfolio/portfolio.ts";
import { Queries } from "./queries.ts";
import { ScheduleQueries } from "./queries-schedule.ts";
import { RISK_DEFAULTS } from "../../src-preload/contract/risk-limits.ts";
import { watchExchange } from "./exchange/watched-exchange.ts";
import { RiskControl } from "./risk/control.ts";
import { spoken } from "./scheduler/misfire.ts";
import { Scheduler } from "./scheduler/scheduler.ts";
import type { DrainReport } from "./scheduler/types.ts";
import { builtInLibrary } from "./strategies/library.ts";
import type { StrategyLibrary } from "./strategies/library.ts";
import type { EngineEventStore, LedgerStore, TickStatsStore, TickStore } from "./store-port.ts";
import { Wake } from "./wake.ts";

/** What the engine is composed of; everything that does I/O comes in through a port. */
export interface EngineParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly exchange: Exchange;
  /** The machine's clocks, to be watched for steps, sleeps and stalls; left out where `clockChanged` tells of them. */
  readonly watch?: WatchPorts;
  readonly ledger: LedgerStore;
  readonly market: {
    readonly candles: CandleStore;
    readonly findings: FindingStore;
    readonly backfills: BackfillStore;
    readonly metrics: MetricStore;
    readonly ticks: TickStore;
    readonly tickStats: TickStatsStore;
    readonly engineEvents: EngineEventStore;
  };
  /** Without `scheduling` each bot has a job of its own; without limits of risk their defaults hold. */
  readonly settings: () => Pick<Settings, "paper" | "drainLimitSeconds"> &
    Partial<Pick<Settings, "risk" | "scheduling">>;
  /** Wall time of the trader who checks in, ms UTC; left out where there is none: no dead man's switch. */
  readonly wall?: () => number;
  /** Engine ms to wait after a candle's close, for an exchange whose clock may be behind ours. Default 0. */
  readonly settleMs?: number;
  /** Default: the exchange. */
  readonly metrics?: MetricSource;
  /** Default: the built-in ones. */
  readonly strategies?: StrategyLibrary;
  /** Puts another venue in the place of the paper venue it is given. Default: the paper venue itself. */
  readonly venue?: (paper: Venue) => Venue;
}

/** What the engine knows of AppStatus; the rest belongs to its host. */
export type EngineStatus = Omit<
  AppStatus,
  "clock" | "demo" | "dataDir" | "eventLoopP99Ms" | "version"
>;

/** Engine ms until an exchange that could not be reached is asked again. */
const REACH_AGAIN_MS = 30_000;

/** An exchange's clock that is further from ours than this is warned of, ms: candles close by its clock. */
const OFFSET_WARNING_MS = 1_000;

/** A fire time that is found later than this is taken for one after a sleep: it waits for the gate and its turn, ms. */
const OVERDUE_AFTER_MS = 5_000;

/** The heart: composes the rooms. start() is recovery, stop() is drain. Platform-free: runs in plain Node. */
export class Engine {
  readonly bots: BotManager;
  readonly queries: Queries;
  readonly schedule: ScheduleQueries;
  readonly metrics: MetricService;
  readonly data: DataDesk;
  readonly risk: RiskControl;
  readonly #parts: EngineParts;
  readonly #markets: MarketList;
  readonly #portfolio: Portfolio;
  readonly #venue: Venue;
  #phase: EnginePhase = "starting";
  #unresolved: string | null = null;
  #unreached: string | null = null;
  #reachable: boolean | null = null;
  #offset: number | null = null;
  #cancelReach: Cancel = () => {};
  readonly #health: HealthMonitor;
  readonly #wake: Wake;
  readonly #watch: ClockWatch | null;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    const { clock, events, ledger, market } = parts;
    const exchange = watchExchange(parts.exchange, () => this.risk.desk.failed());
    const note = (reason: string): void => {
      events.emit("log", { level: "warn", event: "market", reason });
    };
    this.#markets = new MarketList(exchange, ledger.values, note);
    this.metrics = new MetricService({
      clock,
      source: parts.metrics ?? exchange,
      store: market.metrics,
      onNote: note,
    });
    this.data = new DataDesk({
      clock,
      events,
      exchange: new DerivedTimeframes(exchange),
      candles: market.candles,
      findings: market.findings,
      backfills: market.backfills,
      settleMs: parts.settleMs ?? 0,
      busy: () => this.bots.scheduler.list().some((job) => job.running > 0),
      inUse: () => this.bots.list().map(({ config }) => config),
      symbols: () => this.#markets.symbols(),
    });
    const paper = new PaperVenue({
      settings: () => parts.settings().paper,
      market: this.#markets.get,
    });
    this.#venue = parts.venue?.(paper) ?? paper;
    this.#portfolio = new Portfolio({
      ledger,
      clock,
      describe: (id) => this.bots.describe(id),
      onTrouble: (reason) => {
        events.emit("log", { level: "error", event: "store", reason });
      },
    });
    const executor = new OrderExecutor({
      ledger,
      venue: this.#venue,
      clock,
      events,
      portfolio: {
        apply: (position, price, time) => {
          this.#portfolio.apply(position, price, time);
          this.risk.desk.applied(position);
        },
      },
      onIntent: (order) => this.risk.desk.intended(order),
    });
    const raise = makeRaise(events, market.engineEvents);
    const pipeline = new TickPipeline({
      clock,
      events,
      candles: this.data.service,
      metrics: this.metrics,
      markets: this.#markets,
      executor,
      portfolio: this.#portfolio,
      risk: () => this.risk.desk,
      settings: parts.settings,
    });
    this.bots = new BotManager({
      clock,
      events,
      ledger,
      ticks: market.ticks,
      portfolio: this.#portfolio,
      markets: this.#markets,
      pipeline,
      strategies: parts.strategies ?? builtInLibrary(),
      raise,
      scheduling: () => parts.settings().scheduling ?? "single",
      makeScheduler: (onRecord) =>
        new Scheduler({
          clock,
          onRecord,
          // On the machine's own clock a fire time may be found late before the watch has looked.
          overdueAfterMs:
            parts.watch !== undefined && clock.mode === "system" ? OVERDUE_AFTER_MS : null,
          beforeOverdue: () => this.#wake.check(),
          onError: (error) => {
            events.emit("log", { level: "error", event: "scheduler", reason: messageOf(error) });
          },
        }),
    });
    this.risk = new RiskControl({
      clock,
      events,
      ledger,
      portfolio: this.#portfolio,
      candles: market.candles,
      limits: () => parts.settings().risk ?? RISK_DEFAULTS,
      ...(parts.wall === undefined ? {} : { wall: parts.wall }),
      clockOffsetMs: () => this.#offset,
      nameOf: (id) => this.bots.describe(id)?.name,
      bots: this.bots,
      cancel: (botId) => executor.cancel(botId),
    });
    this.queries = new Queries({
      clock,
      ticks: market.ticks,
      candles: market.candles,
      portfolio: this.#portfolio,
    });
    this.#health = new HealthMonitor({
      clock,
      events,
      stats: market.tickStats,
      store: market.engineEvents,
      raise,
      nameOf: (id) => this.bots.describe(id)?.name,
    });
    this.schedule = new ScheduleQueries({
      clock,
      stats: market.tickStats,
      events: market.engineEvents,
      bots: () => this.bots.list().map(({ id, config }) => ({ id, name: config.name })),
      coming: (id, until, limit) => this.bots.coming(id, until, limit),
      creep: (id) => this.#health.creep(id),
    });
    this.#wake = new Wake({
      clock,
      events,
      raise,
      scheduler: this.bots.scheduler,
      ledger,
      executor,
      checkOffset: (signal) => this.#askOffset(signal),
      onJudged: () => this.bots.clockChanged(),
    });
    this.#watch =
      parts.watch === undefined
        ? null
        : new ClockWatch(parts.watch, (change) => this.clockChanged(change));
  }

  /** Settles open orders, rebuilds the books, registers the jobs of all bots marked running, and ticks. */
  async start(): Promise<void> {
    const { clock, events, ledger } = this.#parts;
    const reached = this.#reach();
    const open = ledger.orders.open();
    if (open.length > 0) {
      // An order's fill is rounded to its market's steps, so those must be known before it is settled.
      await reached;
      const { settled, unresolved } = await reconcileOrders({ ledger, venue: this.#venue, clock });
      for (const order of settled) {
        events.emit("log", {
          level: "warn",
          event: "reconcile",
          botId: order.botId,
          reason: `Order ${order.clientOrderId} was open when Tickdeck stopped; it is ${order.status} now: ${order.note}`,
        });
      }
      if (unresolved.length > 0) {
        this.#unresolved = `${unresolved.length} orders have no answer yet; their bots send nothing until it is known.`;
      }
    }
    const accounted = this.bots.recover();
    this.risk.start();
    this.bots.scheduler.start();
    this.#catchUpWall(accounted - clock.now());
    // What fell due while Tickdeck did not run is judged from here on.
    this.bots.clockChanged();
    this.data.start();
    this.#health.start();
    this.#watch?.start();
    this.#phase = "running";
    const { length } = this.bots.list().filter((bot) => bot.status === "running");
    events.emit("log", { level: "info", event: "engine", reason: `Started; ${length} bots run.` });
  }

  /** Refuses new ticks, waits for running ones up to the limit in settings, then aborts them and says which. */
  async stop(): Promise<DrainReport> {
    this.#phase = "draining";
    this.#cancelReach();
    this.#watch?.stop();
    this.#health.stop();
    const history = this.data.stop();
    this.bots.quiet();
    const report = await this.bots.scheduler.stop({
      limitMs: this.#parts.settings().drainLimitSeconds * 1000,
    });
    await history;
    this.metrics.close();
    this.#portfolio.flush();
    this.risk.stop();
    this.#phase = "stopped";
    this.#parts.events.emit("log", {
      level: report.aborted.length === 0 ? "info" : "warn",
      event: "engine",
      reason:
        report.aborted.length === 0
          ? `Stopped; ${report.finished} running ticks finished.`
          : `Stopped; ${report.finished} running ticks finished, ${report.aborted.join(", ")} aborted at the limit.`,
    });
    return report;
  }

  /** The system goes to sleep. */
  suspended(): void {
    this.#watch?.suspended();
  }

  /** The system woke. */
  resumed(): void {
    this.#watch?.resumed();
  }

  /** The machine's clock was set, the machine slept or the process stood still. Nothing happens unless the engine runs. */
  clockChanged(change: ClockChange): void {
    if (this.#phase !== "running") return;
    if (change.kind === "stall") this.risk.desk.stalled(change.deltaMs);
    this.#wake.changed(change);
  }

  status(): EngineStatus {
    const { exchange } = this.#parts;
    const bots = this.bots.list();
    const { requests, minimum } = this.data.service.stats();
    const { totals } = this.bots;
    return {
      phase: this.#phase,
      problem: this.#unresolved ?? this.#unreached ?? this.#broken(),
      exchange: {
        id: exchange.id,
        label: exchange.label,
        reachable: this.#reachable,
        requests,
        requestsMinimum: minimum,
        budgetUsed: exchange.usage().budgetUsed,
        clockOffsetMs: this.#offset,
      },
      runningTicks: this.bots.scheduler.list().reduce((sum, job) => sum + job.running, 0),
      bots: {
        total: bots.length,
        running: bots.filter((bot) => bot.status === "running").length,
        paused: bots.filter((bot) => bot.status === "paused").length,
        error: bots.filter((bot) => bot.health === "error" || bot.health === "overdue").length,
      },
      ...this.#portfolio.fleet(),
      risk: this.risk.status(),
      ticksTotal: totals.ran,
      onTimeShare: totals.accounted === 0 ? null : totals.onTime / totals.accounted,
    };
  }

  /** The wall was set back while Tickdeck did not run: without a new phase bots were silent until it is there again. */
  #catchUpWall(aheadMs: number): void {
    if (!(aheadMs > 0)) return;
    const { reason } = this.bots.scheduler.clockChanged({ kind: "step", deltaMs: -aheadMs });
    this.#parts.events.emit("log", {
      level: "warn",
      event: "clock",
      reason: `This machine's clock is ${spoken(aheadMs)} behind the newest fire time that is accounted for: it was set back while Tickdeck did not run. ${reason}`,
    });
  }

  #broken(): string | null {
    const names = this.bots.broken;
    return names.length === 0
      ? null
      : `${names.length} stored bots cannot run in this version (${names.join(", ")}); the log says why. They are kept as they are.`;
  }

  /** Asks the exchange for its markets and its clock; what it cannot tell stays unknown. */
  async #reach(): Promise<void> {
    this.#reachable = await this.#markets.tryLoad();
    if (!this.#reachable) {
      this.#unreached = `${this.#parts.exchange.label} cannot be reached; check the network and the base URL in Settings. Bots go on trying with each tick.`;
      if (this.#phase === "starting" || this.#phase === "running") {
        this.#cancelReach = this.#parts.clock.at(
          this.#parts.clock.now() + REACH_AGAIN_MS,
          () => void this.#reach(),
          "fire",
        );
      }
      return;
    }
    this.#unreached = null;
    await this.#askOffset();
  }

  /** Asks the exchange how far its clock is from ours; warns when that is far, and when it cannot be known. */
  async #askOffset(signal?: AbortSignal): Promise<void> {
    const { exchange, events } = this.#parts;
    try {
      const offset = await exchange.clockOffset(signal);
      this.#offset = offset;
      if (Math.abs(offset) <= OFFSET_WARNING_MS) return;
      events.emit("log", {
        level: "warn",
        event: "exchange",
        reason: `The clock of ${exchange.label} is ${spoken(Math.abs(offset))} ${offset > 0 ? "ahead of" : "behind"} this machine's; set this machine's clock by a time server.`,
      });
    } catch (error) {
      events.emit("log", { level: "warn", event: "exchange", reason: messageOf(error) });
    }
  }
}
