import type { BotView } from "../../src-preload/contract/bots.ts";
import { plural } from "../format/numbers.ts";

export type BotVerb = "start" | "pause" | "resume" | "stop" | "close" | "delete";

interface VerbWords {
  readonly verb: string;
  /** On the button for one bot, where the verb alone does not say it. */
  readonly button?: string;
  readonly past: string;
  /** What will happen; null where the action needs no question. */
  readonly warning: string | null;
  readonly undo: string;
}

export const VERBS: Readonly<Record<BotVerb, VerbWords>> = {
  start: { verb: "Start", past: "Started", warning: null, undo: "" },
  resume: { verb: "Resume", past: "Resumed", warning: null, undo: "" },
  pause: {
    verb: "Pause",
    past: "Paused",
    warning:
      "Ticks stop until resumed; the schedule keeps its phase. Open positions stay open and their stop-loss is not watched meanwhile.",
    undo: "Resume undoes it.",
  },
  stop: {
    verb: "Stop",
    past: "Stopped",
    warning:
      "Ticks stop; the schedule starts anew on the next start. Open positions stay open and their stop-loss is not watched meanwhile.",
    undo: "Start undoes it, with a new phase.",
  },
  close: {
    verb: "Close position of",
    button: "Close position",
    past: "Closed the position of",
    warning:
      "The open position is sold (a short one bought back) at the last closed candle's price, less slippage and fee. The bot goes on as it is and may enter again.",
    undo: "This cannot be undone.",
  },
  delete: {
    verb: "Delete",
    past: "Deleted",
    warning:
      "Bot and settings are removed; orders and fills stay in the ledger. Refused while a position is open.",
    undo: "This cannot be undone.",
  },
};

/** Whether the action changes anything for a bot of this status. */
export function isApplicable(verb: BotVerb, bot: BotView): boolean {
  switch (verb) {
    case "start":
      return bot.status === "stopped";
    case "pause":
      return bot.status === "running";
    case "resume":
      return bot.status === "paused";
    case "stop":
      return bot.status !== "stopped";
    case "close":
      return bot.position.state === "OPEN" || bot.position.state === "CLOSING";
    case "delete":
      return true;
  }
}

/** "SOL reversion", or "3 bots". */
export const nameOfBots = (bots: readonly BotView[]): string =>
  bots.length === 1 && bots[0] ? bots[0].config.name : plural(bots.length, "bot");
