import type { BotHealth } from "../../../src-preload/contract/bots.ts";
import type { TickReport, TickResult } from "../../../src-preload/contract/ticks.ts";
import { spoken } from "../scheduler/misfire.ts";
import type { StoredBot } from "../store-port.ts";
import { parseParams, strategyOf } from "../strategies/registry.ts";
import type { Strategy } from "../strategies/types.ts";
import { utc } from "../utc.ts";

/** A bot in memory: its stored row, its strategy with parsed parameters, and what its last tick said. */
export interface BotRuntime {
  readonly stored: StoredBot;
  readonly strategy: Strategy;
  readonly params: Readonly<Record<string, unknown>>;
  lastTick: TickReport | null;
  /** Fire times that ran since the bot was created. */
  ran: number;
  /** Open time of the candle that was decided on last with these settings, ms UTC; null when none was. */
  decided: number | null;
}

const DECIDED: ReadonlySet<TickResult> = new Set([
  "entry",
  "exit",
  "hold",
  "no_signal",
  "denied",
] satisfies TickResult[]);

/** The candle that a tick decided on; null for one that came to no decision. */
export const decidedCandle = (report: TickReport | null): number | null =>
  report?.outcome === "ran" && DECIDED.has(report.result) ? report.candleTime : null;

/** What is known of a bot beside its row. */
export type BotSeen = Pick<BotRuntime, "lastTick" | "ran" | "decided">;

/** A stored bot, ready to tick, or the sentence why this version cannot run it. */
export function loadBot(stored: StoredBot, seen: BotSeen): BotRuntime | string {
  const { name, strategy: id, params } = stored.config;
  const strategy = strategyOf(id);
  if (strategy === undefined)
    return `${name} cannot run: strategy "${id}" is unknown to this version; its row is kept unchanged.`;
  const parsed = parseParams(strategy, params);
  return parsed.ok
    ? { stored, strategy, params: parsed.value, ...seen }
    : `${name} cannot run: ${parsed.message}; its row is kept unchanged.`;
}

/** The bot's dot and the sentence that explains it. `owed` is the fire time that its heartbeat misses, or null. */
export function healthOf(
  { status, config }: Pick<StoredBot, "status" | "config">,
  last: TickReport | null,
  owed: number | null,
  now: number,
): { readonly health: BotHealth; readonly reason: string } {
  if (status === "stopped") {
    const { endAt } = config;
    const ended = endAt !== undefined && endAt <= now;
    return {
      health: "stopped",
      reason: ended
        ? `Stopped: its end date ${utc(endAt)} has passed.`
        : "Stopped: it does not tick.",
    };
  }
  if (status === "paused")
    return { health: "paused", reason: "Paused: it does not tick; its schedule is kept." };
  if (owed !== null) {
    return {
      health: "overdue",
      reason: `Overdue: a tick was due ${spoken(now - owed)} ago and has not run.`,
    };
  }
  if (last === null) return { health: "waiting", reason: "Waiting for its first tick." };
  if (last.result === "error")
    return { health: "error", reason: `Last tick failed: ${last.reason}` };
  if (last.outcome === "missed" || last.outcome === "cancelled") {
    return { health: "overdue", reason: `Last fire time was ${last.outcome}: ${last.reason}` };
  }
  if (last.result === "stale") return { health: "error", reason: last.reason };
  if (last.result === "warming_up") return { health: "warming_up", reason: last.reason };
  return { health: "on_time", reason: last.reason };
}
