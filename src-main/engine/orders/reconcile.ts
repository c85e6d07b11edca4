import type { OrderStatus } from "../../../src-preload/contract/portfolio.ts";
import type { Clock } from "../clock.ts";
import type { LedgerStore, StoredOrder } from "../store-port.ts";
import { commitAnswer } from "./journal.ts";
import { askVenue } from "./ask.ts";
import type { Venue } from "./types.ts";

/** One order that was open at the start, and what it came to. */
export interface ReconciledOrder {
  readonly clientOrderId: string;
  readonly botId: string;
  readonly status: OrderStatus;
  /** One sentence for the log. */
  readonly note: string;
}

/**
 * Asks the venue once for every order whose outcome the ledger does not know, and books the answer: confirmed
 * with its fills; rejected when the venue never saw it, which closes an entry's position and leaves an exit's CLOSING
 * for its next attempt; or still unresolved, which keeps the bot from sending anything until OrderExecutor.resolve
 * has looked it up. Run at start, before the portfolio is read and before the first tick. It never sleeps, so that
 * a start does not depend on a running clock. Rejects only when the ledger cannot be written.
 */
export async function reconcileOrders(deps: {
  readonly ledger: LedgerStore;
  readonly venue: Venue;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}): Promise<{
  readonly settled: readonly ReconciledOrder[];
  readonly unresolved: readonly StoredOrder[];
}> {
  const { ledger, venue, clock, signal } = deps;
  const settled: ReconciledOrder[] = [];
  const unresolved: StoredOrder[] = [];
  for (const open of ledger.orders.open()) {
    const answer = await askVenue(() => venue.lookup(open, signal));
    const { order, fills } = commitAnswer(ledger, open.clientOrderId, answer, clock.now());
    if (order.status === "unresolved") {
      unresolved.push(order);
      continue;
    }
    const what = `The ${order.purpose} order of ${order.symbol} that was open at the last stop`;
    settled.push({
      clientOrderId: order.clientOrderId,
      botId: order.botId,
      status: order.status,
      note:
        order.status === "confirmed"
          ? `${what} was filled (${fills.length} fills booked).`
          : `${what} is settled as rejected: ${order.reason}`,
    });
  }
  return { settled, unresolved };
}
