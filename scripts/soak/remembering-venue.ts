import type { Clock } from "../../src-main/engine/clock.ts";
import type { Venue, VenueAnswer } from "../../src-main/engine/orders/types.ts";
import type { StoredOrder } from "../../src-main/engine/store-port.ts";
import type { Chance } from "./chance.ts";
import type { Fuse } from "./fuse.ts";
import type { Fault } from "./options.ts";

/** Share of orders and look-ups whose answer does not arrive, and of those that are slow. */
const LOST_SHARE = 0.05;
const SLOW_SHARE = 0.05;
const SLOW_MS = [50, 120_000] as const;

/** What the venue took, by client order id, through all crashes of its client. */
export interface VenueRecord {
  readonly orders: Map<string, { readonly order: StoredOrder; readonly answer: VenueAnswer }>;
  /** Orders that were sent again after they had been taken. */
  resubmitted: number;
  lost: number;
}

interface VenueParts {
  /** Fills orders. */
  readonly inner: Venue;
  readonly record: VenueRecord;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly faults: ReadonlySet<Fault>;
  readonly fuse: Fuse;
}

/**
 * The paper venue with a memory of its own, as a real exchange has one: an order that was lost on its way is not there
 * when it is looked up, one whose answer was lost is. Its record is the second witness of every trade.
 */
export function rememberingVenue(parts: VenueParts): Venue {
  const { inner, record, clock, chance, faults, fuse } = parts;
  const lost = (what: string): VenueAnswer => {
    record.lost += 1;
    return { outcome: "unresolved", reason: `${what} was lost, as the soak wanted.` };
  };
  const slow = async (): Promise<void> => {
    if (faults.has("latency") && chance.hit(SLOW_SHARE))
      await clock.sleep(chance.spread(...SLOW_MS));
  };
  const isLost = (): boolean => faults.has("errors") && chance.hit(LOST_SHARE);

  const take = async (order: StoredOrder): Promise<VenueAnswer> => {
    if (record.orders.has(order.clientOrderId)) record.resubmitted += 1;
    const answer = await inner.submit(order);
    if (answer.outcome !== "unresolved") record.orders.set(order.clientOrderId, { order, answer });
    return answer;
  };

  return {
    id: inner.id,
    submit: async (order) => {
      await slow();
      if (isLost()) return lost("The order");
      const answer = await fuse.pass("venue.submit", () => take(order));
      await slow();
      return isLost() ? lost("The answer") : answer;
    },
    lookup: async (order) => {
      await slow();
      const known = fuse.pass("venue.lookup", () => record.orders.get(order.clientOrderId));
      if (isLost()) return lost("The look-up");
      return known?.answer ?? { outcome: "rejected", reason: "The venue has never seen it." };
    },
  };
}
