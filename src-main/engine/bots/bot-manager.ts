import type {
  BotConfig,
  BotStatus,
  BotView,
  BulkOutcome,
  StrategyView,
} from "../../../src-preload/contract/bots.ts";
import { EngineFault } from "../fault.ts";
import type { Heartbeat } from "../health/heartbeat.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { FireRecord } from "../scheduler/types.ts";
import type { StoredBot } from "../store-port.ts";
import { STRATEGIES, describeStrategy } from "../strategies/registry.ts";
import { utc } from "../utc.ts";
import { checkConfig, checkSchedule } from "./bot-check.ts";
import { botHeartbeat } from "./bot-heartbeat.ts";
import {
  botIdOf,
  botJob,
  isLast,
  jobId,
  movedAnchor,
  nextFireTimes,
  sameJob,
  sameTrigger,
  startAnchors,
} from "./bot-job.ts";
import type { Timing } from "./bot-job.ts";
import type { BotManagerParts } from "./parts.ts";
import { referenceFleet } from "./presets.ts";
import { closePositions } from "./close-positions.ts";
import { BotRoster } from "./bot-roster.ts";
import { botView } from "./bot-view.ts";
import { decidedCandle } from "./runtime.ts";
import type { BotRuntime } from "./runtime.ts";
import { STAGGER_MS } from "./stagger.ts";
import { TickBook } from "./tick-book.ts";
import type { TickTotals } from "./tick-book.ts";

/** How long a bot whose ticks may be as late as they like is not red yet, ms. */
const UNLIMITED_GRACE_BEAT_MS = 60_000;

/** Fire times that a preview shows. */
const PREVIEW = 5;

/** All bots: their rows in the ledger, their jobs in the scheduler, and what their ticks said. */
export class BotManager {
  readonly scheduler: Scheduler;
  readonly #parts: BotManagerParts;
  readonly #roster: BotRoster;
  readonly #book: TickBook;
  readonly #heartbeat: Heartbeat;

  constructor(parts: BotManagerParts) {
    this.#parts = parts;
    this.#roster = new BotRoster(parts);
    this.#book = new TickBook(parts.clock, parts.events, parts.ticks);
    this.scheduler = parts.makeScheduler((record) => {
      this.#record(record);
    });
    this.#heartbeat = botHeartbeat({
      ...parts,
      job: (id) => this.scheduler.get(jobId(id)),
      nameOf: (id) => this.describe(id)?.name,
    });
  }

  /** Names of stored bots that this version cannot run. */
  get broken(): readonly string[] {
    return this.#roster.broken;
  }

  get totals(): Readonly<TickTotals> {
    return this.#book.totals;
  }

  /**
   * Reads all bots from the store and registers the jobs of those marked running or paused. Returns the newest instant
   * up to which a running bot's fire times are accounted for, ms UTC; −Infinity for none.
   */
  recover(): number {
    let newest = Number.NEGATIVE_INFINITY;
    const last = this.#parts.ticks.lastOfEach();
    for (const stored of this.#parts.ledger.bots.list()) {
      const seen = last.get(stored.id);
      const lastTick = seen?.report ?? null;
      const runtime = this.#roster.admit(stored, {
        lastTick,
        ran: seen?.ran ?? 0,
        decided: decidedCandle(lastTick),
      });
      if (runtime === null) continue;
      if (stored.status === "stopped") continue;
      const accounted = this.#accountedUntil(stored);
      if (stored.status === "running") newest = Math.max(newest, accounted);
      this.#addJob(runtime, accounted);
    }
    return newest;
  }

  /** Up to the last report; and not before the bot was resumed, or a restart soon after would owe the whole pause. */
  #accountedUntil({ id, runningSince }: StoredBot): number {
    const none = Number.MIN_SAFE_INTEGER;
    return Math.max(this.#parts.ticks.lastFireTime(id) ?? none, (runningSince ?? none) - 1);
  }

  list(): readonly BotView[] {
    return this.#roster.all().map((bot) => this.#view(bot));
  }

  /** Throws EngineFault "not_found". */
  get(id: string): BotView {
    return this.#view(this.#roster.get(id));
  }

  /** Name and strategy of a bot, for rows of the ledger; undefined once it is deleted. */
  describe(id: string): { readonly name: string; readonly strategy: string } | undefined {
    return this.#roster.find(id)?.stored.config;
  }

  strategies(): readonly StrategyView[] {
    return [...STRATEGIES.values()].map((strategy) => describeStrategy(strategy));
  }

  async symbols(): Promise<readonly string[]> {
    await this.#parts.markets.tryLoad();
    return this.#parts.markets.symbols();
  }

  /** The next five fire times of a schedule. Throws EngineFault "invalid" that names the field at fault. */
  previewSchedule(timing: Timing): readonly number[] {
    checkSchedule(timing);
    return nextFireTimes(timing, this.#parts.clock.now(), PREVIEW);
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
    const runtime = this.#roster.admit(stored, { lastTick: null, ran: 0, decided: null });
    if (runtime === null)
      throw new EngineFault("internal", "The bot was stored but its strategy is unknown.");
    this.#changed(stored.id);
    return this.#view(runtime);
  }

  /** Takes effect with the next tick, a schedule at once; what is paused stays so. What an open position rests on (symbol, strategy, timeframe) waits for its close. */
  update(id: string, config: BotConfig): BotView {
    const bot = this.#roster.get(id);
    const checked = this.#check(config, id);
    const before = bot.stored.config;
    for (const field of ["symbol", "strategy", "timeframe"] as const) {
      if (before[field] !== checked[field] && this.#roster.holds(id)) {
        throw new EngineFault(
          "conflict",
          `${before.name} holds a position; its ${field} can change once the position is closed.`,
          field,
        );
      }
    }
    const { stored } = bot;
    const moved = stored.status !== "stopped" && !sameTrigger(before, checked);
    const anchor = moved
      ? movedAnchor(stored, checked, this.#parts.clock.now(), this.#roster.othersAnchors(id))
      : stored.anchor;
    this.#save(bot, { ...stored, config: checked, anchor });
    if (stored.status !== "stopped" && !sameJob(before, checked))
      this.#addJob(this.#roster.get(id), null);
    return this.get(id);
  }

  delete(ids: readonly string[]): BulkOutcome {
    return this.#roster.each(ids, (bot) => {
      if (this.#roster.holds(bot.stored.id)) return "It holds a position; close that first.";
      if ((this.scheduler.get(jobId(bot.stored.id))?.running ?? 0) > 0)
        return "A tick is running; try again in a moment.";
      this.scheduler.remove(jobId(bot.stored.id));
      this.#heartbeat.forget(bot.stored.id);
      this.#roster.remove(bot.stored.id);
      this.#parts.events.emit("bot", { botId: bot.stored.id, removed: true });
      return null;
    });
  }

  /** Starts stopped bots, those on an interval a stagger apart and the first of them at once; bots that run or pause are left as they are. */
  start(ids: readonly string[]): BulkOutcome {
    // In time-lapse, the ms this work takes must not become minutes in which first fire times pass.
    const release = this.#parts.clock.hold();
    try {
      return this.#startNow(ids);
    } finally {
      release();
    }
  }

  #startNow(ids: readonly string[]): BulkOutcome {
    const now = this.#parts.clock.now();
    const stopped = [...new Set(ids)].flatMap((id) => {
      const stored = this.#roster.find(id)?.stored;
      return stored?.status === "stopped" ? [stored] : [];
    });
    const anchors = startAnchors(now, stopped, this.#roster.othersAnchors(null));
    return this.#parts.ledger.transaction(() =>
      this.#roster.each(ids, (bot) => {
        const anchor = anchors.get(bot.stored.id);
        if (anchor === undefined || bot.stored.status !== "stopped")
          return `It is ${bot.stored.status} already.`;
        const { endAt } = bot.stored.config;
        if (endAt !== undefined && endAt < anchor)
          return `Its end date ${utc(endAt)} comes before its first tick; set a later one, or none.`;
        this.#save(bot, { ...bot.stored, status: "running", anchor, runningSince: now });
        this.#addJob(this.#roster.get(bot.stored.id), null);
        return null;
      }),
    );
  }

  /** Ends the job; a running tick finishes. Positions stay open and their stops are not watched. */
  stop(ids: readonly string[]): BulkOutcome {
    return this.#parts.ledger.transaction(() =>
      this.#roster.each(ids, (bot) => {
        if (bot.stored.status === "stopped") return "It is stopped already.";
        this.scheduler.remove(jobId(bot.stored.id));
        this.#save(bot, { ...bot.stored, status: "stopped", anchor: null, runningSince: null });
        return null;
      }),
    );
  }

  /** Keeps the job and its phase but fires nothing until resumed. */
  pause(ids: readonly string[]): BulkOutcome {
    return this.#switch(ids, "running", "paused", (id) => this.scheduler.pause(id));
  }

  resume(ids: readonly string[]): BulkOutcome {
    const outcome = this.#switch(ids, "paused", "running", (id) => this.scheduler.resume(id));
    for (const id of ids) this.#endIfOver(id);
    return outcome;
  }

  /** Closes open positions at the last closed candle's price, one after the other; the bots go on as they are. */
  closePositions(ids: readonly string[]): Promise<BulkOutcome> {
    const { clock, pipeline } = this.#parts;
    return closePositions(ids, this.#roster, clock, async (bot) => {
      const reason = await pipeline.closeByHand(bot);
      this.#changed(bot.stored.id);
      return reason;
    });
  }

  /** Creates the bots of the reference fleet whose names do not exist yet, and starts the new ones if asked. */
  createPreset(start: boolean): { readonly created: number; readonly existing: number } {
    const names = new Set(this.#roster.othersNames(null));
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
    const running = this.#roster.all().filter((bot) => bot.stored.status === "running");
    this.#heartbeat.renew(running.length * STAGGER_MS);
    for (const { stored } of running) this.#changed(stored.id);
  }

  /** No heartbeat is listened for any more. */
  quiet(): void {
    this.#heartbeat.stop();
  }

  /** True when every bot is stopped and holds nothing. */
  idle(): boolean {
    return this.#roster
      .all()
      .every((bot) => bot.stored.status === "stopped" && !this.#roster.holds(bot.stored.id));
  }

  /** Throws EngineFault naming the field; `id` is the bot that is to have the configuration, null for a new one. */
  #check(config: BotConfig, id: string | null): BotConfig {
    const before = id === null ? null : this.#roster.get(id).stored.config;
    return checkConfig(config, before, this.#roster.othersNames(id), this.#parts.clock.now());
  }

  #save(bot: BotRuntime, stored: StoredBot): void {
    this.#roster.save(bot, stored);
    this.#listen(stored);
    this.#changed(stored.id);
  }

  #switch(
    ids: readonly string[],
    from: BotStatus,
    to: BotStatus,
    act: (job: string) => boolean,
  ): BulkOutcome {
    return this.#parts.ledger.transaction(() =>
      this.#roster.each(ids, (bot) => {
        if (bot.stored.status !== from) return `It is ${bot.stored.status}, not ${from}.`;
        act(jobId(bot.stored.id));
        const { runningSince } = bot.stored;
        const since = to === "running" ? this.#parts.clock.now() : runningSince;
        this.#save(bot, { ...bot.stored, status: to, runningSince: since });
        return null;
      }),
    );
  }

  /** `accountedUntil`: fire times up to it have a report already (a restart); null for a fresh start. */
  #addJob({ stored }: BotRuntime, accountedUntil: number | null): void {
    const { clock, scheduling, pipeline } = this.#parts;
    const job = botJob(stored, {
      now: clock.now(),
      accountedUntil,
      scheduling: scheduling(),
      run: (fire) => pipeline.run(this.#roster.get(stored.id), fire, this.#book.begin(fire)),
    });
    this.scheduler.add(job, { replace: true });
    if (stored.status === "paused") this.scheduler.pause(job.id);
    this.#listen(stored);
    this.#endIfOver(stored.id);
  }

  /** Begins to listen for the bot's heartbeat by its job as it is now, or ends that. */
  #listen({ id, status, config }: StoredBot): void {
    if (status === "running") this.#heartbeat.expect(id, config.graceMs ?? UNLIMITED_GRACE_BEAT_MS);
    else this.#heartbeat.forget(id);
  }

  #record(record: FireRecord): void {
    const id = botIdOf(record.jobId);
    this.#heartbeat.accounted(id, record.lastFireTime);
    const bot = this.#roster.find(id);
    if (this.#book.record(bot, record) === null) return;
    if (bot?.stored.status === "running" && isLast(bot.stored.config, record.lastFireTime))
      this.#end(bot);
    this.#changed(id);
  }

  /** Ends a bot whose job was taken out because no fire time is left. */
  #endIfOver(id: string): void {
    const bot = this.#roster.find(id);
    if (bot?.stored.status !== "running" || this.scheduler.get(jobId(id)) !== undefined) return;
    this.#end(bot);
  }

  /** The bot's end date has come: it stops, as if the trader had stopped it. */
  #end({ stored }: BotRuntime): void {
    const { id, config } = stored;
    this.stop([id]);
    const left = this.#roster.holds(id)
      ? " It holds a position, whose stop nobody watches now; close it, or set a later end date and start the bot."
      : "";
    this.#parts.events.emit("log", {
      level: left === "" ? "info" : "warn",
      event: "engine",
      botId: id,
      reason: `${config.name} has stopped: no fire time is left up to its end date.${left}`,
    });
  }

  #changed(botId: string): void {
    this.#parts.events.emit("bot", { botId, removed: false });
  }

  #view(bot: BotRuntime): BotView {
    const { id } = bot.stored;
    return botView(
      bot,
      this.scheduler.get(jobId(id))?.nextFireTime ?? null,
      this.#heartbeat.owes(id),
      this.#parts.clock.now(),
      this.#parts.portfolio.account(id),
    );
  }
}
