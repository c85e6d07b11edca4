import type { BotPosition } from "../../../src-preload/contract/bots.ts";
import { money, toNumber, ZERO } from "../money.ts";
import type { Decimal } from "../money.ts";
import type { StoredPosition } from "../store-port.ts";

/** A bot's books as the window shows them. An unchanging snapshot; money in quote currency. */
export interface BotAccount {
  readonly position: BotPosition;
  readonly equity: number;
  /** After fees, those of the open position included. */
  readonly realisedPnl: number;
  readonly feesPaid: number;
  /** Closed positions that had been filled. */
  readonly trades: number;
  /** Since 00:00 UTC of the engine's day. */
  readonly pnlToday: number;
  /** Equity minus capital. */
  readonly pnlTotal: number;
}

/** What a bot is worth, exactly: equity = capital + realised + unrealised. */
export interface Worth {
  readonly equity: Decimal;
  readonly realised: Decimal;
  readonly unrealised: Decimal;
  /** Held quantity at the last price, unsigned. */
  readonly exposure: Decimal;
  readonly fees: Decimal;
}

/** Sums over closed positions. */
export interface ClosedTotals {
  readonly realised: Decimal;
  readonly fees: Decimal;
  readonly trades: number;
}

/**
 * A bot's worth at a last price (quote currency). Without a price an open position counts at its entry price: nothing
 * is known yet of its gain.
 */
export function worthOf(
  capital: Decimal,
  closed: ClosedTotals,
  position: StoredPosition | null,
  lastPrice: number | null,
): Worth {
  if (position === null) {
    const { realised, fees } = closed;
    return { equity: capital.plus(realised), realised, fees, unrealised: ZERO, exposure: ZERO };
  }
  const realised = closed.realised.plus(position.realisedPnl);
  const fees = closed.fees.plus(position.fees);
  let unrealised = ZERO;
  let exposure = ZERO;
  if (position.entryPrice !== null) {
    const price = money(lastPrice ?? position.entryPrice);
    exposure = price.times(position.quantity);
    const gain = price.minus(position.entryPrice).times(position.quantity);
    unrealised = position.side === "long" ? gain : gain.negated();
  }
  return { equity: capital.plus(realised).plus(unrealised), realised, fees, unrealised, exposure };
}

/** The bot's position for its row; FLAT without one. */
export function botPosition(
  position: StoredPosition | null,
  lastPrice: number | null,
  unrealised: Decimal,
): BotPosition {
  if (position === null) {
    return {
      state: "FLAT",
      side: null,
      quantity: 0,
      entryPrice: null,
      entryTime: null,
      stopPrice: null,
      lastPrice,
      unrealisedPnl: 0,
    };
  }
  return {
    state: position.state,
    side: position.side,
    quantity: toNumber(position.quantity),
    entryPrice: position.entryPrice === null ? null : toNumber(position.entryPrice),
    entryTime: position.openedAt,
    stopPrice: toNumber(position.stopPrice),
    lastPrice,
    unrealisedPnl: toNumber(unrealised),
  };
}
