import type { BotHealth, BotStatus } from "../../../src-preload/contract/bots.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { spoken } from "../scheduler/misfire.ts";
import type { StoredBot } from "../store-port.ts";
import type { BotStrategy } from "../strategies/library.ts";

/** A bot in memory: its stored row, its strategy with parsed parameters, and what its last tick said. */
export interface BotRuntime {
  readonly stored: StoredBot;
  readonly strategy: BotStrategy;
  readonly params: Readonly<Record<string, unknown>>;
  lastTick: TickReport | null;
  /** Fire times that ran since the bot was created. */
  ran: number;
}

/** The bot's dot and the sentence that explains it. `owed` is the fire time that its heartbeat misses, or null. */
export function healthOf(
  status: BotStatus,
  last: TickReport | null,
  owed: number | null,
  now: number,
  problem: string | null,
): { readonly health: BotHealth; readonly reason: string } {
  if (status === "stopped") return { health: "stopped", reason: "Stopped: it does not tick." };
  if (status === "paused")
    return { health: "paused", reason: "Paused: it does not tick; its schedule is kept." };
  if (problem !== null) return { health: "error", reason: problem };
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
