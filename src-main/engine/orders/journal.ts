import { bookFills } from "../portfolio/positions.ts";
import type { LedgerStore, StoredFill, StoredOrder, StoredPosition } from "../store-port.ts";
import { settle } from "./settle.ts";
import type { VenueAnswer } from "./types.ts";

/** An order as the ledger has it after a commit. */
export interface Recorded {
  readonly order: StoredOrder;
  readonly position: StoredPosition;
  /** All fills of the order, oldest first. */
  readonly fills: readonly StoredFill[];
}

/** One transaction: the position as OPENING or CLOSING, and the order's intent. Committed before the venue is called. */
export function commitIntent(
  ledger: LedgerStore,
  order: StoredOrder,
  position: StoredPosition,
): void {
  ledger.transaction(() => {
    if (position.state === "OPENING") ledger.positions.insert(position);
    else ledger.positions.update(position);
    ledger.orders.insertIntent(order);
  });
}

/** An order that was answered before, as it stands. Throws when the ledger lacks its position. */
export function recorded(ledger: LedgerStore, order: StoredOrder): Recorded {
  const position = ledger.positions.get(order.positionId);
  if (position === null)
    throw new Error(`Order ${order.clientOrderId} has no position in the ledger.`);
  return { order, position, fills: ledger.orders.fills({ clientOrderId: order.clientOrderId }) };
}

/** One transaction: the answer, its fills and the position they make. `now` is engine time, ms. */
export function commitAnswer(
  ledger: LedgerStore,
  clientOrderId: string,
  answer: VenueAnswer,
  now: number,
): Recorded {
  return ledger.transaction(() => {
    const order = ledger.orders.get(clientOrderId);
    if (order === null) throw new Error(`Order ${clientOrderId} is not in the ledger.`);
    const before = recorded(ledger, order);
    const result = settle(order, before.fills, answer);
    for (const fill of result.fills) {
      const isNew = ledger.orders.insertFill(fill);
      if (!isNew && !before.fills.some((known) => known.fillId === fill.fillId)) {
        throw new Error(`Fill ${fill.fillId} was booked for another order; nothing was written.`);
      }
    }
    ledger.orders.answer(clientOrderId, result.status, result.reason, now);
    let { position } = before;
    if (result.status !== "unresolved") {
      position = bookFills(position, ledger.orders.fills({ positionId: position.id }), {
        now,
        reason:
          result.status === "rejected"
            ? `Entry rejected: ${result.reason}`
            : "Entry ended without a fill.",
      });
      ledger.positions.update(position);
    }
    const answered = { ...order, status: result.status, reason: result.reason, answeredAt: now };
    return {
      order: answered,
      position,
      fills: ledger.orders.fills({ clientOrderId }),
    };
  });
}
