import type { Side } from "../../../src-preload/contract/bots.ts";
import { decimalText, money, quotient, ZERO } from "../money.ts";
import type { Decimal } from "../money.ts";
import type { StoredFill, StoredPosition } from "../store-port.ts";

type State = StoredPosition["state"];

/**
 * The only steps there are. OPENING → CLOSED is an entry that was never filled; a rejected exit is no step: the
 * position stays CLOSING until a later exit fills. FLAT is a bot without a row here.
 */
const STEPS: Readonly<Record<State, readonly State[]>> = {
  OPENING: ["OPEN", "CLOSED"],
  OPEN: ["CLOSING"],
  CLOSING: ["CLOSED"],
  CLOSED: [],
};

/** The state reached, or throws for a step that the table does not have. Staying is no step. */
function step(position: StoredPosition, to: State): State {
  if (position.state !== to && !STEPS[position.state].includes(to)) {
    throw new Error(`Position ${position.id} cannot go from ${position.state} to ${to}.`);
  }
  return to;
}

/** The order side that opens a position of a side. */
export const entrySide = (side: Side): "buy" | "sell" => (side === "long" ? "buy" : "sell");
export const exitSide = (side: Side): "buy" | "sell" => (side === "long" ? "sell" : "buy");

/** A position as its entry is committed: nothing held yet. */
export const openingPosition = (of: {
  readonly id: string;
  readonly botId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly stopPrice: string;
  readonly openedAt: number;
  readonly entryCandle: number;
  readonly entryReason: string;
}): StoredPosition => ({
  ...of,
  state: "OPENING",
  quantity: "0",
  entryPrice: null,
  exitPrice: null,
  fees: "0",
  realisedPnl: "0",
  closedAt: null,
  checkedCandle: of.entryCandle,
  exitReason: null,
});

/** A position as an exit is committed. Throws unless it is OPEN, or CLOSING after an exit that did not fill. */
export const closingPosition = (position: StoredPosition, reason: string): StoredPosition => ({
  ...position,
  state: step(position, "CLOSING"),
  exitReason: reason,
});

interface Leg {
  readonly quantity: Decimal;
  /** Σ price × quantity, quote currency. */
  readonly value: Decimal;
}

function leg(fills: readonly StoredFill[], side: "buy" | "sell"): Leg {
  let quantity = ZERO;
  let value = ZERO;
  for (const fill of fills) {
    if (fill.side !== side) continue;
    quantity = quantity.plus(fill.quantity);
    value = value.plus(money(fill.price).times(fill.quantity));
  }
  return { quantity, value };
}

const average = (of: Leg): string | null =>
  of.quantity.isZero() ? null : decimalText(quotient(of.value, of.quantity));

/**
 * Books all fills of a position: a fold over the set of them, so that neither order nor duplicates matter.
 * `ended` says that the order just answered will fill no more, at `now`; `reason` is kept when nothing was ever filled.
 *
 * Realised PnL, quote currency: while something is held, the closed part at average cost − fees so far (for an
 * untouched position minus the entry's fee); once closed exactly Σ sells − Σ buys − fees, for both sides.
 * Throws when more was closed than opened, or for a step back.
 */
export function bookFills(
  position: StoredPosition,
  fills: readonly StoredFill[],
  ended: { readonly now: number; readonly reason: string },
): StoredPosition {
  const unique = [...new Map(fills.map((fill) => [fill.fillId, fill])).values()];
  const entry = leg(unique, entrySide(position.side));
  const exit = leg(unique, exitSide(position.side));
  const held = entry.quantity.minus(exit.quantity);
  if (held.isNegative()) {
    throw new Error(
      `Position ${position.id} would close more than it holds (${decimalText(held)}).`,
    );
  }
  const fees = unique.reduce((total, fill) => total.plus(fill.fee), ZERO);
  const figures = {
    quantity: decimalText(held),
    entryPrice: average(entry),
    exitPrice: average(exit),
    fees: decimalText(fees),
  };
  if (entry.quantity.isZero()) {
    return {
      ...position,
      ...figures,
      state: step(position, "CLOSED"),
      realisedPnl: decimalText(fees.negated()),
      closedAt: ended.now,
      exitReason: ended.reason,
    };
  }
  const direction = position.side === "long" ? 1 : -1;
  if (held.isZero()) {
    return {
      ...position,
      ...figures,
      state: step(position, "CLOSED"),
      realisedPnl: decimalText(exit.value.minus(entry.value).times(direction).minus(fees)),
      closedAt: ended.now,
    };
  }
  const cost = quotient(entry.value.times(exit.quantity), entry.quantity);
  return {
    ...position,
    ...figures,
    state: position.state === "OPENING" ? step(position, "OPEN") : position.state,
    realisedPnl: decimalText(exit.value.minus(cost).times(direction).minus(fees)),
  };
}
