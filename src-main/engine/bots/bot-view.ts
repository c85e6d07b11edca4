import type { BotView } from "../../../src-preload/contract/bots.ts";
import { healthOf } from "./runtime.ts";
import type { BotRuntime } from "./runtime.ts";

/**
 * The row of the fleet table. `next` is the job's next fire time and `owed` the one that its heartbeat misses, ms UTC, or
 * null; `account` is what the portfolio says of the bot.
 */
export function botView(
  bot: BotRuntime,
  next: number | null,
  owed: number | null,
  now: number,
  account: Pick<
    BotView,
    "position" | "equity" | "realisedPnl" | "pnlToday" | "pnlTotal" | "feesPaid" | "trades"
  >,
): BotView {
  const { id, config, status, runningSince, createdAt } = bot.stored;
  const { health, reason } = healthOf(bot.stored, bot.lastTick, owed, now);
  return {
    id,
    config,
    status,
    health,
    healthReason: reason,
    nextFireTime: status === "running" ? next : null,
    runningSince,
    lastTick: bot.lastTick,
    ticks: bot.ran,
    createdAt,
    ...account,
  };
}
