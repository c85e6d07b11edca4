import type { StoredFill, StoredOrder } from "../store-port.ts";

/** What an execution venue answers. Anything uncertain is `unresolved` and must be looked up by its id. */
export type VenueAnswer =
  | {
      readonly outcome: "confirmed";
      readonly fills: readonly Omit<StoredFill, "botId" | "positionId">[];
    }
  | { readonly outcome: "rejected"; readonly reason: string }
  | { readonly outcome: "unresolved"; readonly reason: string };

/** Where orders go: paper now; the same port serves live trading. */
export interface Venue {
  readonly id: string;
  /** Places a market order. Never throws: an error is an answer. The same client order id is the same order. */
  submit(order: StoredOrder, signal?: AbortSignal): Promise<VenueAnswer>;
  /** What became of an order that was committed but not answered. `rejected` when the venue has never seen it. */
  lookup(order: StoredOrder, signal?: AbortSignal): Promise<VenueAnswer>;
  /**
   * Takes an order back and answers what became of it: its fills so far, or `rejected` when nothing was filled. Left out
   * where orders are answered at once and none rests; it is looked up then.
   */
  cancel?(order: StoredOrder, signal?: AbortSignal): Promise<VenueAnswer>;
}
