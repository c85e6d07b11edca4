import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { BotView } from "../../src-preload/contract/bots.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import { referenceFleet } from "../../src-main/engine/bots/presets.ts";
import { VirtualClock } from "../../src-main/engine/clock-virtual.ts";
import type { EngineParts } from "../../src-main/engine/engine.ts";
import { SyntheticExchange } from "../../src-main/engine/exchange/synthetic-exchange.ts";
import { auditBooks } from "./books.ts";
import type { BooksAudit } from "./books.ts";
import { Chance } from "./chance.ts";
import { FireAccounts } from "./fire-accounts.ts";
import type { FireAudit } from "./fire-accounts.ts";
import { Crash } from "./fuse.ts";
import { Life } from "./life.ts";
import type { World } from "./life.ts";
import type { Fault, SoakOptions } from "./options.ts";
import { DAY, HOUR, MINUTE, makePlan } from "./plan.ts";
import type { Planned } from "./plan.ts";
import type { VenueRecord } from "./remembering-venue.ts";

const START = Date.UTC(2024, 0, 1);
/** While a crash is due, time moves in steps of this many ms, so that the next process can start soon after. */
const WATCHFUL_MS = 10_000;
/** Within so many ms the app's watch over the clocks notices a sleep. */
const LOOK_MS = 2_000;
const ORDER_CALL = /^(orders\.(insertIntent|insertFill|answer)|venue\.submit)$/;

/** What happened, beside the audits. */
interface Counts {
  crashes: number;
  stops: number;
  sleeps: number;
  steps: number;
  outages: number;
  userActions: number;
}

export interface SoakResult {
  readonly seconds: number;
  readonly fires: FireAudit;
  readonly outcomes: FireAccounts["outcomes"];
  readonly books: BooksAudit;
  readonly counts: Readonly<Counts>;
  /** Requests that the exchange failed, and orders and answers that were lost. */
  readonly errors: number;
  /** Errors that nobody caught, as text. */
  readonly defects: readonly string[];
}

interface Tampering {
  readonly tamper?: World["tamper"];
}

/**
 * Runs the engine through simulated days on database files of its own, with the wanted faults, and audits what is left.
 * `tamper` bends the parts of each engine, so that a test can see the audit fail.
 */
export async function soak(
  options: SoakOptions,
  { tamper = (parts: EngineParts) => parts }: Tampering = {},
): Promise<SoakResult> {
  const dir = mkdtempSync(join(options.dir, "tickdeck-soak-"));
  try {
    return await new Soak(options, dir, tamper).run();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #clock = new VirtualClock(START, {
    onError: (error) => this.#defect(error),
    patienceMs: 0,
  });
  readonly #chance: Chance;
  readonly #accounts = new FireAccounts();
  readonly #everyMs = new Map<string, number>();
  readonly #venue: VenueRecord = { orders: new Map(), resubmitted: 0, lost: 0 };
  readonly #weather = { outage: false, errors: 0 };
  readonly #world: World;
  readonly #defects: string[] = [];
  readonly #counts: Counts = {
    crashes: 0,
    stops: 0,
    sleeps: 0,
    steps: 0,
    outages: 0,
    userActions: 0,
  };
  #life: Life;
  /** Simulated ms since the start, whatever the wall says. */
  #elapsed = 0;
  /** By when an armed crash must have come; Infinity while none is armed. */
  #crashBy = Number.POSITIVE_INFINITY;
  #actedAt = START;
  /** Bots that have had another phase since the wall was set back, and one of their fire times in it. */
  readonly #moved = new Map<string, number>();
  /** Latest wall time from which the wall was set back. */
  #wallWasAt = Number.NEGATIVE_INFINITY;

  constructor(options: SoakOptions, dir: string, tamper: World["tamper"]) {
    this.#options = options;
    this.#chance = new Chance(options.seed);
    this.#world = {
      clock: this.#clock,
      dir,
      exchange: new SyntheticExchange({ clock: this.#clock, seed: options.seed }),
      venue: this.#venue,
      weather: this.#weather,
      chance: this.#chance,
      tamper,
      onReport: (report) => {
        this.#accounts.report(report, this.#everyMs.get(report.botId) ?? 0, this.#clock.now());
      },
      onDefect: (error) => this.#defect(error),
    };
    this.#life = new Life(this.#world, options.faults);
  }

  async run(): Promise<SoakResult> {
    const began = performance.now();
    const { days, faults } = this.#options;
    const onRejection = (error: unknown): void => {
      if (!(error instanceof Crash)) this.#defect(error);
    };
    process.on("unhandledRejection", onRejection);
    try {
      await this.#through(this.#life.engine.start());
      this.#createFleet();
      const plan = makePlan(this.#chance, faults, days);
      while (this.#elapsed < days * DAY) {
        const next = plan.next();
        await this.#advance(Math.min(next.at, days * DAY) - this.#elapsed);
        if (this.#life.fuse.blown) await this.#reborn();
        else if (this.#elapsed < days * DAY) {
          plan.done(next);
          await this.#act(next);
        }
      }
      return await this.#finish(began);
    } finally {
      process.off("unhandledRejection", onRejection);
      this.#life.fuse.blow();
      this.#life.close();
    }
  }

  #createFleet(): void {
    const { bots } = this.#life.engine;
    const fleet = referenceFleet();
    const ids = Array.from({ length: this.#options.bots }, (_, i) => {
      const config = fleet[i % fleet.length];
      if (config === undefined) throw new Error("The reference fleet is empty.");
      return bots.create({ ...config, name: `${config.name} ${i + 1}` }).id;
    });
    bots.start(ids);
    this.#synchronise();
  }

  async #act({ fault, ms }: Planned): Promise<void> {
    switch (fault) {
      case "sleeps":
        this.#counts.sleeps += 1;
        await this.#sleep(ms);
        break;
      case "steps":
        this.#counts.steps += 1;
        await this.#step(this.#chance.hit(0.5) ? ms : -ms);
        break;
      case "outages":
        this.#counts.outages += 1;
        this.#weather.outage = true;
        await this.#advance(ms);
        this.#weather.outage = false;
        break;
      case "crashes":
        this.#armCrash();
        break;
      case "stops":
        this.#counts.stops += 1;
        await this.#quit();
        this.#jump(ms);
        await this.#start();
        break;
      case "users":
        this.#userActs();
        break;
      case "errors":
      case "latency":
        break;
    }
  }

  /** Lets time pass; returns early when the process dies. */
  async #advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    while (this.#elapsed < until && !this.#life.fuse.blown) {
      const left = until - this.#elapsed;
      const hop = this.#crashBy === Number.POSITIVE_INFINITY ? left : Math.min(left, WATCHFUL_MS);
      await this.#clock.advance(hop);
      this.#elapsed += hop;
      if (this.#elapsed >= this.#crashBy) this.#life.fuse.blow();
    }
  }

  /** Time in which nothing of ours runs. */
  #jump(ms: number): void {
    this.#clock.jump(ms);
    this.#elapsed += ms;
  }

  /** The machine sleeps, or for less than a minute the process stands still. The engine hears of it at once or in its next look. */
  async #sleep(ms: number): Promise<void> {
    this.#jump(ms);
    if (this.#chance.hit(0.5)) await this.#advance(this.#chance.whole(1, LOOK_MS));
    this.#tell(ms < MINUTE ? "stall" : "sleep", ms);
    await this.#advance(this.#chance.spread(100, 10 * MINUTE));
  }

  /** The wall is set, forward or back. After a step back the engine may have given bots another phase. */
  async #step(ms: number): Promise<void> {
    const before = this.#clock.now();
    this.#clock.step(ms);
    this.#accounts.stepped(ms, this.#clock.now());
    this.#tell("step", ms);
    if (ms < 0) this.#wallWasAt = Math.max(this.#wallWasAt, before);
    if (ms < 0 && !this.#life.fuse.blown) {
      for (const bot of this.#life.engine.bots.list()) this.#follow(bot, before);
    }
    await this.#advance(this.#chance.spread(100, 10 * MINUTE));
  }

  /** Takes over the phase that a bot has after the wall was set back from `before`. */
  #follow({ id, nextFireTime }: BotView, before: number): void {
    const stored = this.#life.ledger.bots.list().find((bot) => bot.id === id);
    const everyMs = this.#everyMs.get(id);
    const anchor = this.#moved.get(id) ?? stored?.anchor ?? null;
    if (nextFireTime === null || everyMs === undefined || anchor === null) return;
    if (nextFireTime - this.#clock.now() > everyMs)
      this.#defect(`Bot ${id} is silent until ${nextFireTime} after a step back.`);
    if ((nextFireTime - anchor) % everyMs === 0) return;
    this.#accounts.move(id, { anchor: nextFireTime, everyMs }, before, nextFireTime);
    this.#moved.set(id, nextFireTime);
  }

  #tell(kind: "sleep" | "step" | "stall", deltaMs: number): void {
    if (this.#life.fuse.blown) return;
    try {
      this.#life.engine.clockChanged({ kind, deltaMs, at: this.#clock.now(), source: "clock" });
    } catch (error) {
      if (!this.#life.fuse.blown) throw error;
    }
  }

  /** Waits for work of the engine, letting time pass where it needs that. Throws Crash when the process dies. */
  async #through<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    const end = (): void => {
      state.over = true;
    };
    work.then(end, end);
    for (;;) {
      for (let i = 0; i < 4 && !state.over; i += 1) await turn();
      if (state.over) return await work;
      if (this.#life.fuse.blown) throw new Crash();
      await this.#advance(1000);
    }
  }

  /** The next crash comes at some call, at some call about an order, at some call of the next start, or right now. */
  #armCrash(): void {
    const { fuse } = this.#life;
    const kind = this.#chance.whole(1, 10);
    if (kind <= 4) {
      fuse.arm(this.#chance.whole(1, 200));
      this.#crashBy = this.#elapsed + HOUR;
    } else if (kind <= 8) {
      fuse.arm(this.#chance.whole(1, 4), (name) => ORDER_CALL.test(name));
      this.#crashBy = this.#elapsed + 12 * HOUR;
    } else {
      fuse.blow();
    }
  }

  /** After a crash: the machine stands for a while, then the app is started again, which may crash as well. */
  async #reborn(): Promise<void> {
    this.#counts.crashes += 1;
    this.#weather.outage = false;
    // What the dead process had under way comes to nothing before its files are let go.
    await turn();
    this.#life.close();
    const kind = this.#chance.whole(1, 10);
    const longest = kind <= 6 ? 50_000 : kind <= 9 ? 30 * MINUTE : 10 * HOUR;
    this.#jump(this.#chance.spread(100, longest));
    await this.#start(this.#chance.hit(0.1));
  }

  async #start(crashAgain = false): Promise<void> {
    this.#crashBy = Number.POSITIVE_INFINITY;
    this.#life = new Life(this.#world, this.#options.faults);
    this.#forgetMoves();
    this.#synchronise();
    if (crashAgain) {
      this.#life.fuse.arm(this.#chance.whole(1, 300));
      this.#crashBy = this.#elapsed + HOUR;
    }
    const before = this.#clock.now();
    try {
      await this.#through(this.#life.engine.start());
      // A wall that was set back meanwhile gives them another phase once more.
      if (!this.#life.fuse.blown)
        for (const bot of this.#life.engine.bots.list()) this.#follow(bot, before);
    } catch (error) {
      if (!this.#life.fuse.blown) throw error;
    }
  }

  /** A clean end: drain and close. A crash may come between. */
  async #quit(): Promise<void> {
    try {
      const report = await this.#through(this.#life.engine.stop());
      if (report.aborted.length > 0) this.#crashBy = Number.POSITIVE_INFINITY;
      this.#life.fuse.blow();
    } catch (error) {
      if (!this.#life.fuse.blown) throw error;
      this.#counts.crashes += 1;
    }
    await turn();
    this.#life.close();
  }

  /** Somebody at the window pauses, stops or starts a bot. */
  #userActs(): void {
    const { bots } = this.#life.engine;
    const idle = bots.list().filter((bot) => bot.status !== "running");
    const bot = this.#chance.pick(idle.length > 0 && this.#chance.hit(0.6) ? idle : bots.list());
    this.#counts.userActions += 1;
    this.#actedAt = this.#clock.now();
    try {
      if (bot.status === "paused") bots.resume([bot.id]);
      else if (bot.status === "stopped") bots.start([bot.id]);
      else if (this.#chance.hit(0.5)) bots.pause([bot.id]);
      else bots.stop([bot.id]);
      this.#synchronise();
    } catch (error) {
      if (!this.#life.fuse.blown) throw error;
    }
  }

  /** A restart knows the stored phase only: it goes on there from the last report. */
  #forgetMoves(): void {
    for (const { id, anchor, status } of this.#life.ledger.bots.list()) {
      const everyMs = this.#everyMs.get(id);
      // What is not running owes nothing, in no phase.
      if (!this.#moved.has(id) || everyMs === undefined) continue;
      if (anchor === null || status !== "running") continue;
      this.#accounts.goBack(id, { anchor, everyMs });
    }
    this.#moved.clear();
  }

  /** Brings the accounts to what is committed: which bots are due on which grid, since the last action of a user. */
  #synchronise(): void {
    for (const { id, status, anchor, config } of this.#life.ledger.bots.list()) {
      if (status === "running" && anchor !== null) {
        const everyMs = timeframeMs(config.timeframe);
        this.#everyMs.set(id, everyMs);
        const moved = this.#moved.get(id) ?? anchor;
        this.#accounts.begin(id, { anchor: moved, everyMs }, this.#actedAt);
      } else {
        this.#accounts.end(id, this.#actedAt);
        // A start begins a phase of its own.
        if (status === "stopped") this.#moved.delete(id);
      }
    }
  }

  async #finish(began: number): Promise<SoakResult> {
    const { faults } = this.#options;
    if (this.#life.fuse.blown) await this.#reborn();
    await this.#quit();
    // A last life in good weather settles what is open; then everything must add up.
    this.#life = new Life(this.#world, new Set<Fault>());
    this.#forgetMoves();
    this.#weather.outage = false;
    await this.#through(this.#life.engine.start());
    const stoppedAt = this.#clock.now();
    await this.#through(this.#life.engine.stop());
    const stored = this.#life.ledger.bots.list();
    for (const { id } of stored) this.#accounts.end(id, stoppedAt);
    const open = this.#life.ledger.orders.open().length;
    if (open > 0 && faults.size > 0)
      this.#defect(new Error(`${open} orders are open after a start in good weather.`));
    // A backup is checked page by page.
    await this.#life.ledger
      .backup(join(this.#world.dir, "audit.db"))
      .catch((error: unknown) => this.#defect(error));
    const fires = this.#accounts.audit();
    const books = auditBooks(
      this.#life.ledger,
      this.#venue,
      stored.map(({ id }) => id),
      this.#wallWasAt,
    );
    return {
      seconds: (performance.now() - began) / 1000,
      fires,
      outcomes: this.#accounts.outcomes,
      books,
      counts: this.#counts,
      errors: this.#weather.errors + this.#venue.lost,
      defects: this.#defects,
    };
  }

  #defect(error: unknown): void {
    this.#defects.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
