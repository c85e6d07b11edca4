import type { BotHealth, PositionState } from "../../src-preload/contract/bots.ts";
import type { OrderStatus } from "../../src-preload/contract/portfolio.ts";
import type {
  FireOutcome,
  Regime,
  TickReport,
  TickResult,
} from "../../src-preload/contract/ticks.ts";

export const HEALTH_WORD: Readonly<Record<BotHealth, string>> = {
  on_time: "On time",
  warming_up: "Warming up",
  overdue: "Overdue",
  error: "Error",
  paused: "Paused",
  stopped: "Stopped",
  waiting: "Waiting",
};

export const RESULT_WORD: Readonly<Record<TickResult, string>> = {
  entry: "entry",
  exit: "exit",
  hold: "hold",
  no_signal: "no signal",
  denied: "denied",
  warming_up: "warming up",
  stale: "stale",
  error: "error",
  none: "none",
};

export const OUTCOME_WORD: Readonly<Record<FireOutcome, string>> = {
  ran: "ran",
  missed: "missed",
  coalesced: "coalesced",
  skipped: "skipped",
  cancelled: "cancelled",
};

export const REGIME_WORD: Readonly<Record<Regime, string>> = {
  trending_up: "trending up",
  trending_down: "trending down",
  ranging: "ranging",
  squeeze: "squeeze",
  breakout: "breakout",
  high_volatility: "high volatility",
  transition: "transition",
};

export const ORDER_WORD: Readonly<Record<OrderStatus, string>> = {
  intent: "intent, unanswered",
  confirmed: "confirmed",
  rejected: "rejected",
  denied: "denied by us",
  unresolved: "unresolved",
};

export const POSITION_WORD: Readonly<Record<PositionState, string>> = {
  FLAT: "flat",
  OPENING: "opening",
  OPEN: "open",
  CLOSING: "closing",
  CLOSED: "closed",
};

/** What a tick came to, in one word: its result where it ran, else its outcome. */
export const tickWord = (tick: TickReport): string =>
  tick.outcome === "ran" ? RESULT_WORD[tick.result] : OUTCOME_WORD[tick.outcome];

export type Tone = "gain" | "loss" | "warn" | "info" | "dim" | "plain";

/** Colour of a tick's word: trades stand out, faults are loss-coloured, what is usual stays plain. */
export function tickTone(tick: TickReport): Tone {
  if (tick.outcome === "missed" || tick.result === "error") return "loss";
  if (tick.outcome !== "ran") return "warn";
  if (tick.result === "entry" || tick.result === "exit") return "info";
  if (tick.result === "denied" || tick.result === "stale") return "warn";
  return tick.result === "hold" ? "plain" : "dim";
}
