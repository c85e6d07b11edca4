import type { BreakerKind, RiskEventView } from "../../../src-preload/contract/risk.ts";
import type { RiskRepository, StoredBreaker } from "../store-port.ts";

/** What a breaker is about: `${kind}:${scope}`. */
const breakerId = (kind: BreakerKind, scope: string): string => `${kind}:${scope}`;

/**
 * Breakers that are tripped, in memory and in the ledger, so that a restart changes nothing. One that has a time
 * ends by itself; each begin and end is an event of the history.
 */
export class Breakers {
  readonly #store: RiskRepository;
  readonly #onEvent: (event: RiskEventView) => void;
  readonly #tripped: Map<string, StoredBreaker>;

  constructor(store: RiskRepository, onEvent: (event: RiskEventView) => void) {
    this.#store = store;
    this.#onEvent = onEvent;
    this.#tripped = new Map(store.breakers().map((breaker) => [breaker.id, breaker]));
  }

  /** Those that hold at `now`, oldest first; ends those whose time has come. */
  list(now: number): readonly StoredBreaker[] {
    for (const breaker of this.#tripped.values()) {
      if (breaker.until !== null && breaker.until <= now) {
        this.#end(breaker, "ended", breaker.until, "");
      }
    }
    return [...this.#tripped.values()];
  }

  has(kind: BreakerKind, scope: string): boolean {
    return this.#tripped.has(breakerId(kind, scope));
  }

  /** Trips it unless it is tripped; one with a later end takes the place of one that ends sooner. */
  trip(breaker: Omit<StoredBreaker, "id">, note = ""): StoredBreaker {
    const id = breakerId(breaker.kind, breaker.scope);
    const known = this.#tripped.get(id);
    if (
      known !== undefined &&
      (known.until === null || (breaker.until ?? Infinity) <= known.until)
    ) {
      return known;
    }
    const stored = { ...breaker, id };
    const { kind, scope, reason, trippedAt: time } = stored;
    const event: RiskEventView = { time, kind, scope, action: "tripped", reason, note };
    this.#store.trip(stored, event);
    this.#tripped.set(id, stored);
    this.#onEvent(event);
    return stored;
  }

  /** False when there is no such breaker. */
  reset(id: string, now: number, note: string): StoredBreaker | null {
    const breaker = this.#tripped.get(id);
    if (breaker === undefined) return null;
    this.#end(breaker, "reset", now, note);
    return breaker;
  }

  /** A bot or a symbol that is gone needs no breaker. */
  forget(scope: string, now: number): void {
    for (const breaker of this.#tripped.values()) {
      if (breaker.scope === scope) this.#end(breaker, "ended", now, "");
    }
  }

  #end(breaker: StoredBreaker, action: "ended" | "reset", time: number, note: string): void {
    const { id, kind, scope, reason } = breaker;
    const event: RiskEventView = { time, kind, scope, action, reason, note };
    this.#store.clear(id, event);
    this.#tripped.delete(id);
    this.#onEvent(event);
  }
}
