import type {
  BotConfig,
  BotStatus,
  BotView,
  BulkOutcome,
  StrategyView,
} from "../../../src-preload/contract/bots.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import type { Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { EngineFault, messageOf } from "../fault.ts";
import type { Raise } from "../health/event-log.ts";
import type { Heartbeat } from "../health/heartbeat.ts";
import type { MarketList } from "../market/market-list.ts";
import type { Portfolio } from "../portfolio/portfolio.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { FireRecord, JobSpec } from "../scheduler/types.ts";
import type { LedgerStore, StoredBot, TickStore } from "../store-port.ts";
import { STRATEGIES, describeStrategy, parseParams, strategyOf } from "../strategies/registry.ts";
import { botHeartbeat } from "./bot-heartbeat.ts";
import { referenceFleet } from "./presets.ts";
import { healthOf } from "./runtime.ts";
import type { BotRuntime } from "./runtime.ts";
import { STAGGER_MS, firstFireTimes } from "./stagger.ts";
import { TickDraft, reportOf } from "./tick-draft.ts";
import type { TickPipeline } from "./tick-pipeline.ts";

/** A start later than this after its fire time is a misfire, ms. */
const GRACE_MS = 60_000;

export interface BotManagerParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly ledger: LedgerStore;
  readonly ticks: TickStore;
  readonly portfolio: Portfolio;
  readonly markets: MarketList;
  readonly pipeline: TickPipeline;
  readonly raise: Raise;
  /** Called once by the manager; its records come back through `onRecord`. */
  readonly makeScheduler: (onRecord: (record: FireRecord) => void) => Scheduler;
}

const jobId = (botId: string): string => `bot-${botId}`;
const botIdOf = (job: string): string => job.slice("bot-".length);

/** Counts of fire times since the engine started. */
export interface TickTotals {
  ran: number;
  onTime: number;
  accounted: number;
}

/** All bots: their rows in the ledger, their jobs in the scheduler, and what their ticks said. */
export class BotManager {
  readonly scheduler: Scheduler;
  readonly totals: TickTotals = { ran: 0, onTime: 0, accounted: 0 };
  readonly #parts: BotManagerParts;
  readonly #bots = new Map<string, BotRuntime>();
  /** Names of stored bots that this version cannot run; their rows are kept unchanged and the log says why. */
  readonly broken: string[] = [];
  readonly #drafts = new Map<string, TickDraft>();
  readonly #heartbeat: Heartbeat;

  constructor(parts: BotManagerParts) {
    this.#parts = parts;
    this.scheduler = parts.makeScheduler((record) => {
      this.#record(record);
    });
    this.#heartbeat = botHeartbeat({
      ...parts,
      job: (id) => this.scheduler.get(jobId(id)),
      nameOf: (id) => this.describe(id)?.name,
    });
  }

  /** Reads all bots from the store and registers the jobs of those marked running or paused. */
  recover(): void {
    const last = this.#parts.ticks.lastOfEach();
    for (const stored of this.#parts.ledger.bots.list()) {
      const seen = last.get(stored.id);
      const runtime = this.#runtime(stored, seen?.report ?? null, seen?.ran ?? 0);
      if (runtime === null) {
        this.broken.push(stored.config.name);
        continue;
      }
      this.#bots.set(stored.id, runtime);
      this.#parts.portfolio.register({ id: stored.id, capital: stored.config.capital });
      if (stored.status !== "stopped")
        this.#addJob(runtime, this.#parts.ticks.lastFireTime(stored.id));
    }
  }

  list(): readonly BotView[] {
    return [...this.#bots.values()].map((bot) => this.#view(bot));
  }

  /** Throws EngineFault "not_found". */
  get(id: string): BotView {
    return this.#view(this.#bot(id));
  }

  /** Name and strategy of a bot, for rows of the ledger; undefined once it is deleted. */
  describe(id: string): { readonly name: string; readonly strategy: string } | undefined {
    return this.#bots.get(id)?.stored.config;
  }

  strategies(): readonly StrategyView[] {
    return [...STRATEGIES.values()].map((strategy) => describeStrategy(strategy));
  }

  async symbols(): Promise<readonly string[]> {
    await this.#parts.markets.tryLoad();
    return this.#parts.markets.symbols();
  }

  create(config: BotConfig): BotView {
    const checked = this.#check(config, null);
    const { ledger, clock } = this.#parts;
    const stored = ledger.transaction(() => {
      const ordinal = ledger.bots.nextOrdinal();
      const row: StoredBot = {
        id: String(ordinal),
        config: checked,
        status: "stopped",
        anchor: null,
        runningSince: null,
        createdAt: clock.now(),
        ordinal,
      };
      ledger.bots.insert(row);
      return row;
    });
    const runtime = this.#runtime(stored, null, 0);
    if (runtime === null)
      throw new EngineFault("internal", "The bot was stored but its strategy is unknown.");
    this.#bots.set(stored.id, runtime);
    this.#parts.portfolio.register({ id: stored.id, capital: stored.config.capital });
    this.#changed(stored.id);
    return this.#view(runtime);
  }

  /** Takes effect with the next tick. What an open position rests on (symbol, strategy, timeframe) waits for its close. */
  update(id: string, config: BotConfig): BotView {
    const bot = this.#bot(id);
    const checked = this.#check(config, id);
    const before = bot.stored.config;
    for (const field of ["symbol", "strategy", "timeframe"] as const) {
      if (before[field] !== checked[field] && this.#holds(id)) {
        throw new EngineFault(
          "conflict",
          `${before.name} holds a position; its ${field} can change once the position is closed.`,
          field,
        );
      }
    }
    this.#save(bot, { ...bot.stored, config: checked });
    if (before.capital !== checked.capital)
      this.#parts.portfolio.register({ id, capital: checked.capital });
    if (before.timeframe !== checked.timeframe && bot.stored.status !== "stopped") {
      this.#addJob(this.#bot(id), this.#parts.clock.now());
    }
    return this.get(id);
  }

  delete(ids: readonly string[]): BulkOutcome {
    return this.#each(ids, (bot) => {
      if (this.#holds(bot.stored.id)) return "It holds a position; close that first.";
      if ((this.scheduler.get(jobId(bot.stored.id))?.running ?? 0) > 0)
        return "A tick is running; try again in a moment.";
      this.scheduler.remove(jobId(bot.stored.id));
      this.#heartbeat.forget(bot.stored.id);
      this.#parts.ledger.bots.remove(bot.stored.id);
      this.#bots.delete(bot.stored.id);
      this.#parts.portfolio.remove(bot.stored.id);
      this.#parts.events.emit("bot", { botId: bot.stored.id, removed: true });
      return null;
    });
  }

  /** Starts stopped bots a stagger apart, the first at once; bots that run or pause are left as they are. */
  start(ids: readonly string[]): BulkOutcome {
    return this.#held(() => this.#startNow(ids));
  }

  #startNow(ids: readonly string[]): BulkOutcome {
    const now = this.#parts.clock.now();
    const stopped = ids.filter((id) => this.#bots.get(id)?.stored.status === "stopped");
    const taken = [...this.#bots.values()].flatMap((bot) => bot.stored.anchor ?? []);
    const anchors = new Map(
      firstFireTimes(now, stopped.length, taken).map((time, i) => [stopped[i], time]),
    );
    return this.#parts.ledger.transaction(() =>
      this.#each(ids, (bot) => {
        const anchor = anchors.get(bot.stored.id);
        if (anchor === undefined) return `It is ${bot.stored.status} already.`;
        this.#save(bot, { ...bot.stored, status: "running", anchor, runningSince: now });
        this.#addJob(this.#bot(bot.stored.id), null);
        return null;
      }),
    );
  }

  /** Ends the job; a running tick finishes. Positions stay open and their stops are not watched. */
  stop(ids: readonly string[]): BulkOutcome {
    return this.#parts.ledger.transaction(() =>
      this.#each(ids, (bot) => {
        if (bot.stored.status === "stopped") return "It is stopped already.";
        this.scheduler.remove(jobId(bot.stored.id));
        this.#save(bot, { ...bot.stored, status: "stopped", anchor: null, runningSince: null });
        return null;
      }),
    );
  }

  /** Keeps the job and its phase but fires nothing until resumed. */
  pause(ids: readonly string[]): BulkOutcome {
    return this.#switch(ids, "running", "paused", (id) => {
      this.scheduler.pause(id);
    });
  }

  resume(ids: readonly string[]): BulkOutcome {
    return this.#switch(ids, "paused", "running", (id) => {
      this.scheduler.resume(id);
    });
  }

  /** Closes open positions at the last closed candle's price, one after the other; the bots go on as they are. */
  async closePositions(ids: readonly string[]): Promise<BulkOutcome> {
    const refused: { id: string; reason: string }[] = [];
    const release = this.#parts.clock.hold();
    try {
      for (const id of ids) {
        const bot = this.#bots.get(id);
        let reason: string | null = "There is no such bot.";
        if (bot !== undefined) {
          reason = this.#holds(id)
            ? await this.#parts.pipeline.closeByHand(bot)
            : "It holds no position.";
          this.#changed(id);
        }
        if (reason !== null) refused.push({ id, reason });
      }
    } finally {
      release();
    }
    return { done: ids.length - refused.length, refused };
  }

  /** Creates the bots of the reference fleet whose names do not exist yet, and starts the new ones if asked. */
  createPreset(start: boolean): { readonly created: number; readonly existing: number } {
    const names = new Set([...this.#bots.values()].map((bot) => bot.stored.config.name));
    const wanted = referenceFleet();
    const fresh = this.#parts.ledger.transaction(() => {
      const bots = wanted
        .filter((config) => !names.has(config.name))
        .map((config) => this.create(config));
      if (start && bots.length > 0) this.start(bots.map((bot) => bot.id));
      return bots;
    });
    return { created: fresh.length, existing: wanted.length - fresh.length };
  }

  /** Fire times of a bot up to and including `until`, ms UTC, at most `limit`; none while it does not run. */
  coming(id: string, until: number, limit: number): readonly number[] {
    return this.scheduler.coming(jobId(id), until, limit);
  }

  /** The clock was moved or the machine slept: what is overdue now gets the time to run, one bot a stagger after the other. */
  clockChanged(): void {
    const running = [...this.#bots.values()].filter((bot) => bot.stored.status === "running");
    this.#heartbeat.renew(running.length * STAGGER_MS);
    for (const { stored } of running) this.#changed(stored.id);
  }

  /** No heartbeat is listened for any more. */
  quiet(): void {
    this.#heartbeat.stop();
  }

  /** True when every bot is stopped and holds nothing. */
  idle(): boolean {
    return [...this.#bots.values()].every(
      (bot) => bot.stored.status === "stopped" && !this.#holds(bot.stored.id),
    );
  }

  /** In time-lapse, the ms this work takes must not become minutes in which first fire times pass. */
  #held<T>(work: () => T): T {
    const release = this.#parts.clock.hold();
    try {
      return work();
    } finally {
      release();
    }
  }

  #bot(id: string): BotRuntime {
    const bot = this.#bots.get(id);
    if (bot === undefined)
      throw new EngineFault("not_found", `There is no bot ${id}; it may have been deleted.`);
    return bot;
  }

  #holds(id: string): boolean {
    return this.#parts.portfolio.position(id) !== null;
  }

  /** The configuration with its parameters completed and checked; throws EngineFault naming the field. */
  #check(config: BotConfig, id: string | null): BotConfig {
    const strategy = strategyOf(config.strategy);
    if (strategy === undefined) {
      throw new EngineFault(
        "invalid",
        `Strategy "${config.strategy}" is unknown; choose one of ${[...STRATEGIES.keys()].join(", ")}.`,
        "strategy",
      );
    }
    for (const bot of this.#bots.values()) {
      if (bot.stored.id !== id && bot.stored.config.name === config.name) {
        throw new EngineFault(
          "conflict",
          `Another bot is called "${config.name}"; choose a different name.`,
          "name",
        );
      }
    }
    const parsed = parseParams(strategy, config.params);
    if (!parsed.ok) throw new EngineFault("invalid", parsed.message, `params.${parsed.field}`);
    return { ...config, params: parsed.value };
  }

  #runtime(stored: StoredBot, lastTick: TickReport | null, ran: number): BotRuntime | null {
    const strategy = strategyOf(stored.config.strategy);
    const parsed = strategy === undefined ? null : parseParams(strategy, stored.config.params);
    if (strategy === undefined || parsed === null || !parsed.ok) {
      this.#parts.events.emit("log", {
        level: "error",
        event: "engine",
        botId: stored.id,
        reason: `${stored.config.name} cannot run: ${parsed?.ok === false ? parsed.message : `strategy "${stored.config.strategy}" is unknown to this version`}; its row is kept unchanged.`,
      });
      return null;
    }
    return { stored, strategy, params: parsed.value, lastTick, ran };
  }

  #save(bot: BotRuntime, stored: StoredBot): void {
    this.#parts.ledger.bots.update(stored);
    const next = this.#runtime(stored, bot.lastTick, bot.ran);
    if (next !== null) this.#bots.set(stored.id, next);
    this.#listen(stored);
    this.#changed(stored.id);
  }

  #switch(
    ids: readonly string[],
    from: BotStatus,
    to: BotStatus,
    act: (job: string) => void,
  ): BulkOutcome {
    return this.#parts.ledger.transaction(() =>
      this.#each(ids, (bot) => {
        if (bot.stored.status !== from) return `It is ${bot.stored.status}, not ${from}.`;
        act(jobId(bot.stored.id));
        this.#save(bot, { ...bot.stored, status: to });
        return null;
      }),
    );
  }

  #each(ids: readonly string[], act: (bot: BotRuntime) => string | null): BulkOutcome {
    const refused: { id: string; reason: string }[] = [];
    let done = 0;
    for (const id of ids) {
      const bot = this.#bots.get(id);
      const reason = bot === undefined ? "There is no such bot." : act(bot);
      if (reason === null) done += 1;
      else refused.push({ id, reason });
    }
    return { done, refused };
  }

  /** `accountedUntil`: fire times up to it have a report already (a restart); null for a fresh start. */
  #addJob(bot: BotRuntime, accountedUntil: number | null): void {
    const { stored } = bot;
    const anchor = stored.anchor ?? this.#parts.clock.now();
    const spec: JobSpec = {
      id: jobId(stored.id),
      trigger: { kind: "interval", everyMs: timeframeMs(stored.config.timeframe), anchor },
      graceMs: GRACE_MS,
      coalesce: true,
      maxInstances: 1,
      accountedUntil,
      run: async (fire) => {
        const draft = new TickDraft(this.#parts.clock);
        this.#drafts.set(`${fire.jobId}@${fire.fireTime}`, draft);
        await this.#parts.pipeline.run(this.#bot(stored.id), fire, draft);
      },
    };
    this.scheduler.add(spec, { replace: true });
    if (stored.status === "paused") this.scheduler.pause(spec.id);
    this.#listen(stored);
  }

  /** Begins to listen for the bot's heartbeat by its job as it is now, or ends that. */
  #listen({ id, status }: StoredBot): void {
    if (status === "running") this.#heartbeat.expect(id, GRACE_MS);
    else this.#heartbeat.forget(id);
  }

  /** Turns a record of the scheduler into the one report of that fire time: stored, counted and told. */
  #record(record: FireRecord): void {
    const key = `${record.jobId}@${record.fireTime}`;
    const draft = this.#drafts.get(key) ?? null;
    this.#drafts.delete(key);
    this.#heartbeat.accounted(botIdOf(record.jobId), record.lastFireTime);
    const bot = this.#bots.get(botIdOf(record.jobId));
    if (bot === undefined) return;
    if (draft !== null && record.error !== undefined && record.error !== null) {
      draft.error ??= messageOf(record.error);
      draft.end("error", draft.error);
    }
    const report = reportOf(bot, record, draft);
    bot.lastTick = report;
    this.totals.accounted += record.fireCount;
    if (report.outcome === "ran") {
      bot.ran += 1;
      this.totals.ran += 1;
      if (report.latenessMs < 1000 && report.result !== "error") this.totals.onTime += 1;
    }
    try {
      this.#parts.ticks.insert(report);
    } catch (error) {
      this.#parts.events.emit("log", {
        level: "error",
        event: "store",
        botId: report.botId,
        reason: `The tick of ${report.botName} ran but could not be written to market.db: ${messageOf(error)}`,
      });
    }
    this.#parts.events.emit("tick", report);
    this.#changed(report.botId);
  }

  #changed(botId: string): void {
    this.#parts.events.emit("bot", { botId, removed: false });
  }

  #view(bot: BotRuntime): BotView {
    const { stored } = bot;
    const job = this.scheduler.get(jobId(stored.id));
    const next = stored.status === "running" ? (job?.nextFireTime ?? null) : null;
    const { health, reason } = healthOf(
      stored.status,
      bot.lastTick,
      this.#heartbeat.owes(stored.id),
      this.#parts.clock.now(),
    );
    return {
      id: stored.id,
      config: stored.config,
      status: stored.status,
      health,
      healthReason: reason,
      nextFireTime: next,
      runningSince: stored.runningSince,
      lastTick: bot.lastTick,
      ticks: bot.ran,
      createdAt: stored.createdAt,
      ...this.#parts.portfolio.account(stored.id),
    };
  }
}
