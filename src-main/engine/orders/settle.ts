import type { OrderStatus } from "../../../src-preload/contract/portfolio.ts";
import { money, sum } from "../money.ts";
import type { StoredFill, StoredOrder } from "../store-port.ts";
import type { VenueAnswer } from "./types.ts";

/** What the ledger is to say of an order after an answer. */
export interface Settlement {
  readonly status: Exclude<OrderStatus, "intent" | "denied">;
  readonly reason: string;
  /** All fills of the answer, each once. */
  readonly fills: readonly StoredFill[];
}

const quoteOf = (symbol: string): string => symbol.slice(symbol.indexOf("/") + 1);

/** What makes a fill unreadable as one of this order, or null. */
function fault(order: StoredOrder, fill: Omit<StoredFill, "botId" | "positionId">): string | null {
  if (fill.clientOrderId !== order.clientOrderId)
    return `fill ${fill.fillId} belongs to another order`;
  if (fill.symbol !== order.symbol || fill.side !== order.side) {
    return `fill ${fill.fillId} is a ${fill.side} of ${fill.symbol}`;
  }
  if (fill.feeCurrency !== quoteOf(order.symbol)) {
    return `the fee of fill ${fill.fillId} is in ${fill.feeCurrency}, the books are in ${quoteOf(order.symbol)}`;
  }
  try {
    money(fill.fee);
    if (money(fill.quantity).lte(0) || money(fill.price).lte(0)) {
      return `fill ${fill.fillId} has a quantity or a price that is not above 0`;
    }
  } catch {
    return `fill ${fill.fillId} has a figure that is not a number`;
  }
  return null;
}

/**
 * Pure: what to write of an answer. An answer that cannot be right for this order (another side, more than was
 * ordered, a figure that is no number) is unreadable and so unresolved, never guessed. `known` are the order's fills
 * already in the ledger. A confirmed order is at its end: what it did not fill by now it will not fill.
 */
export function settle(
  order: StoredOrder,
  known: readonly StoredFill[],
  answer: VenueAnswer,
): Settlement {
  if (answer.outcome !== "confirmed") {
    return { status: answer.outcome, reason: answer.reason, fills: [] };
  }
  const fills = new Map<string, StoredFill>();
  for (const fill of answer.fills) {
    const wrong = fault(order, fill);
    if (wrong !== null)
      return { status: "unresolved", reason: `Unreadable answer: ${wrong}.`, fills: [] };
    fills.set(fill.fillId, { ...fill, botId: order.botId, positionId: order.positionId });
  }
  const all = new Map([...fills, ...known.map((fill) => [fill.fillId, fill] as const)]);
  const total = sum([...all.values()].map((fill) => fill.quantity));
  if (total.gt(order.quantity)) {
    const reason = `Unreadable answer: ${total.toFixed()} filled of ${order.quantity} ordered.`;
    return { status: "unresolved", reason, fills: [] };
  }
  return { status: "confirmed", reason: order.reason, fills: [...fills.values()] };
}
