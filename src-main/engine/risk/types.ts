import type { Side } from "../../../src-preload/contract/bots.ts";
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
}

/** What a layer says. `size` allows a quantity (base currency, above 0) and hands it to the layers after it. */
export type LayerVerdict =
  | { readonly verdict: "allow"; readonly condition: Condition }
  | { readonly verdict: "size"; readonly quantity: Decimal; readonly condition: Condition }
  | { readonly verdict: "deny"; readonly reason: string; readonly condition: Condition };

/** One layer of risk. Pure. `quantity` is what the layers before it left, null before the size is known. */
export interface RiskLayer {
  readonly id: string;
  judge(entry: EntryProposal, quantity: Decimal | null): LayerVerdict;
}
