import type { BulkOutcome } from "../../../src-preload/contract/bots.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { EngineFault } from "../fault.ts";
import type { Portfolio } from "../portfolio/portfolio.ts";
import type { LedgerStore, StoredBot } from "../store-port.ts";
import { loadBot } from "./runtime.ts";
import type { BotRuntime, BotSeen } from "./runtime.ts";

export interface RosterParts {
  readonly events: EventBus<EngineEvents>;
  readonly ledger: Pick<LedgerStore, "bots">;
  readonly portfolio: Pick<Portfolio, "register" | "remove" | "position">;
}

/** All bots in memory, in step with their rows in the ledger. */
export class BotRoster {
  /** Names of stored bots that this version cannot run; their rows are kept unchanged and the log says why. */
  readonly broken: string[] = [];
  readonly #parts: RosterParts;
  readonly #bots = new Map<string, BotRuntime>();

  constructor(parts: RosterParts) {
    this.#parts = parts;
  }

  all(): readonly BotRuntime[] {
    return [...this.#bots.values()];
  }

  find(id: string): BotRuntime | undefined {
    return this.#bots.get(id);
  }

  /** Throws EngineFault "not_found". */
  get(id: string): BotRuntime {
    const bot = this.#bots.get(id);
    if (bot === undefined)
      throw new EngineFault("not_found", `There is no bot ${id}; it may have been deleted.`);
    return bot;
  }

  holds(id: string): boolean {
    return this.#parts.portfolio.position(id) !== null;
  }

  /** Names of all bots but this one. */
  othersNames(id: string | null): readonly string[] {
    return this.all()
      .filter(({ stored }) => stored.id !== id)
      .map(({ stored }) => stored.config.name);
  }

  /** Anchors of all bots but this one that are not stopped, ms UTC. */
  othersAnchors(id: string | null): readonly number[] {
    return this.all().flatMap(({ stored }) => (stored.id === id ? [] : (stored.anchor ?? [])));
  }

  /** Takes in a bot that is in the ledger; null, and a line in the log, when this version cannot run it. */
  admit(stored: StoredBot, seen: BotSeen): BotRuntime | null {
    const bot = this.#load(stored, seen);
    if (bot === null) {
      this.broken.push(stored.config.name);
      return null;
    }
    this.#bots.set(stored.id, bot);
    this.#parts.portfolio.register({ id: stored.id, capital: stored.config.capital });
    return bot;
  }

  /** Writes what became of a bot and goes on with it. */
  save(bot: BotRuntime, stored: StoredBot): void {
    const { ledger, portfolio } = this.#parts;
    ledger.bots.update(stored);
    const { lastTick, ran } = bot;
    // With other settings the same candle may be decided on anew.
    const decided = stored.config === bot.stored.config ? bot.decided : null;
    const next = this.#load(stored, { lastTick, ran, decided });
    if (next !== null) this.#bots.set(stored.id, next);
    const { capital } = stored.config;
    if (bot.stored.config.capital !== capital) portfolio.register({ id: stored.id, capital });
  }

  remove(id: string): void {
    this.#parts.ledger.bots.remove(id);
    this.#bots.delete(id);
    this.#parts.portfolio.remove(id);
  }

  /** Does the same to many bots; `act` answers null when it was done, else the sentence why not. */
  each(ids: readonly string[], act: (bot: BotRuntime) => string | null): BulkOutcome {
    const refused: { id: string; reason: string }[] = [];
    for (const id of ids) {
      const bot = this.#bots.get(id);
      const reason = bot === undefined ? "There is no such bot." : act(bot);
      if (reason !== null) refused.push({ id, reason });
    }
    return { done: ids.length - refused.length, refused };
  }

  #load(stored: StoredBot, seen: BotSeen): BotRuntime | null {
    const loaded = loadBot(stored, seen);
    if (typeof loaded !== "string") return loaded;
    this.#parts.events.emit("log", {
      level: "error",
      event: "engine",
      botId: stored.id,
      reason: loaded,
    });
    return null;
  }
}
