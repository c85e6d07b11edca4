import type { Side } from "../../../src-preload/contract/bots.ts";
import type { BreakerView, DeadManState, KillView } from "../../../src-preload/contract/risk.ts";
import type { RiskLimits } from "../../../src-preload/contract/risk-limits.ts";
import type { Condition } from "../../../src-preload/contract/ticks.ts";
import type { Market } from "../market/types.ts";
import type { Decimal } from "../money.ts";

/** An entry that a strategy wants and all that the layers judge it by. Prices and money in quote currency. */
export interface EntryProposal {
  readonly symbol: string;
  readonly side: Side;
  /** Close of the candle decided on. */
  readonly price: number;
  readonly stopPrice: number;
  /** Share of the usual size, 0..1. */
  readonly sizeFactor: number;
  readonly capital: number;
  /** Share of the bot's equity in one position, 0..1. */
  readonly positionShare: number;
  /** Of all the bot's trades, after fees. */
  readonly realisedPnl: number;
  readonly market: Market;
  /** Fee a side, and the worst slippage, bps of the value. */
  readonly feeBps: number;
  readonly slippageMaxBps: number;
  /** What is around the entry; left out where one bot is judged alone, so that only stop, size and cash speak. */
  readonly around?: Surroundings;
}

/** A position that is open or an entry that is under way. */
export interface OpenExposure {
  readonly botId: string;
  readonly symbol: string;
  readonly side: Side;
  /** Quote currency, unsigned. */
  readonly value: number;
}

/** Closed trades of one bot, newest window: what half-Kelly is made of. */
export interface TradeStats {
  readonly trades: number;
  readonly wins: number;
  /** Mean of the trades above 0 and mean size of the others, quote currency after fees. */
  readonly averageWin: number;
  readonly averageLoss: number;
}

/** What an entry stands in at one instant. Percentages 0..100, times ms UTC on the engine's clock. */
export interface Surroundings {
  readonly time: number;
  readonly limits: RiskLimits;
  readonly kill: KillView;
  readonly trades: TradeStats;
  /** Of all bots but this one. */
  readonly open: readonly OpenExposure[];
  /** Correlation of the returns of two symbols, −1..1; null where too few candles are known. */
  readonly correlation: (a: string, b: string) => number | null;
  /** Of the portfolio, quote currency. */
  readonly equity: number;
  readonly ordersInMinute: number;
  /** Loss since 00:00 UTC, and drawdown from the peak. */
  readonly bot: { readonly dayLossPct: number; readonly drawdownPct: number };
  readonly portfolio: { readonly dayLossPct: number; readonly drawdownPct: number };
  /** Those that bear on this bot or this symbol. */
  readonly breakers: readonly BreakerView[];
  /** Close of the candle decided on, and the length of one. */
  readonly candleClosedAt: number;
  readonly candleMs: number;
  /** Exchange's clock minus ours; null before it is known. */
  readonly clockOffsetMs: number | null;
  /** Failed requests in the limit's window. */
  readonly exchangeFailures: number;
  /** The last time that the process stood still, or null. */
  readonly stall: { readonly at: number; readonly ms: number } | null;
  /** Null where the switch is off. */
  readonly deadMan: DeadManState | null;
  /** End of the bot's cooldown, or null. */
  readonly cooldownUntil: number | null;
  readonly stops: { readonly fleet: number; readonly symbol: number };
}

/** What a layer says. `size` allows a quantity (base currency, above 0) and hands it to the layers after it. */
export type LayerVerdict =
  | { readonly verdict: "allow"; readonly condition: Condition }
  | { readonly verdict: "size"; readonly quantity: Decimal; readonly condition: Condition }
  | { readonly verdict: "deny"; readonly reason: string; readonly condition: Condition };

/** One layer of risk. Pure. `quantity` is what the layers before it left, null before the size is known. */
export interface RiskLayer {
  readonly id: string;
  /** Null where it has nothing to judge by. */
  judge(entry: EntryProposal, quantity: Decimal | null): LayerVerdict | null;
}
