/** Delivers typed events to whoever listens. `Events` maps each name to the type of its event. */
export class EventBus<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<{ readonly call: (event: never) => unknown }>>();
  readonly #onError: (error: unknown, name: keyof Events) => void;

  /** `onError` receives what a listener throws or rejects with; it must not throw. */
  constructor(onError: (error: unknown, name: keyof Events) => void) {
    this.#onError = onError;
  }

  /** Calls `listener`, which may be asynchronous but is not waited for, for each event of that name from now on, in the order of subscription; returns the unsubscribe. */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => unknown): () => void {
    const entry = { call: listener };
    const entries = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, entries.add(entry));
    return () => {
      entries.delete(entry);
    };
  }

  /** Returns after all listeners were called. Those who subscribe meanwhile hear the next event. Never throws. */
  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    const entries = this.#listeners.get(name);
    if (entries === undefined) return;
    for (const entry of [...entries]) {
      if (!entries.has(entry)) continue;
      try {
        // The set of a name holds listeners of that name's event only; a map cannot say so.
        const answer = (entry.call as (event: Events[K]) => unknown)(event);
        if (answer instanceof Promise) answer.catch((error: unknown) => this.#onError(error, name));
      } catch (error) {
        this.#onError(error, name);
      }
    }
  }
}
