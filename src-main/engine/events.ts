import type { SignalNotice } from "../../src-preload/contract/app.ts";
import type { RiskEventView } from "../../src-preload/contract/risk.ts";
import type { TickReport } from "../../src-preload/contract/ticks.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";

/** Everything the engine tells the rest of the house, by name. */
export interface EngineEvents {
  /** A fire time was accounted for. The one record of a tick. */
  tick: TickReport;
  /** Something in a bot's view changed. */
  bot: { readonly botId: string; readonly removed: boolean };
  /** An order was committed, answered or filled, or a position changed. */
  portfolio: { readonly botId: string };
  /** Newer candles of a series are held, or stored ones changed. */
  market: { readonly symbol: string; readonly timeframe: Timeframe };
  /** A backfill, a gap or a finding is new or changed. */
  data: null;
  /** A strategy's decision to enter or exit was carried out. */
  signal: SignalNotice;
  /** A breaker tripped or ended, the kill switch was thrown or released, the dead man's switch moved on. */
  risk: RiskEventView;
  /** Anything else worth a log record. */
  log: {
    readonly level: "error" | "warn" | "info" | "debug";
    readonly event: string;
    readonly reason: string;
    readonly botId?: string;
    readonly error?: string;
  };
}
