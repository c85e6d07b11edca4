import type { RiskEventView } from "../../../src-preload/contract/risk.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";

/** What breakers and events are called. */
export const KIND_WORDS: Readonly<Record<RiskEventView["kind"], string>> = {
  bot_daily_loss: "Daily loss of a bot",
  daily_loss: "Daily loss of the portfolio",
  bot_drawdown: "Drawdown of a bot",
  portfolio_drawdown: "Drawdown of the portfolio",
  stop_guard: "Stop-loss guard",
  pair_lock: "Pair lock",
  kill: "Kill switch",
  dead_man: "Dead man's switch",
  allocation: "Capital",
};

export const ACTION_WORDS: Readonly<Record<RiskEventView["action"], string>> = {
  tripped: "tripped",
  reset: "reset",
  ended: "ended",
  thrown: "thrown",
  released: "released",
  check_in: "checked in",
  state: "moved on",
  applied: "shared out",
};

/** The layer that refused a tick's entry: its last condition that did not hold. */
export const refusingLayer = (tick: TickReport): string =>
  tick.conditions.findLast((condition) => !condition.held)?.label ?? "Order";
