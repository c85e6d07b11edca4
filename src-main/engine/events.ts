import type { SignalNotice } from "../../src-preload/contract/app.ts";
import type { UserStrategiesView } from "../../src-preload/contract/strategies.ts";
import type { TickReport } from "../../src-preload/contract/ticks.ts";

/** Everything the engine tells the rest of the house, by name. */
export interface EngineEvents {
  /** A fire time was accounted for. The one record of a tick. */
  tick: TickReport;
  /** Something in a bot's view changed. */
  bot: { readonly botId: string; readonly removed: boolean };
  /** An order was committed, answered or filled, or a position changed. */
  portfolio: { readonly botId: string };
  /** A strategy's decision to enter or exit was carried out. */
  signal: SignalNotice;
  /** What is in the folder of the user's own strategies changed. */
  strategies: UserStrategiesView;
  /** Anything else worth a log record. */
  log: {
    readonly level: "error" | "warn" | "info" | "debug";
    readonly event: string;
    readonly reason: string;
    readonly botId?: string;
    readonly error?: string;
  };
}
