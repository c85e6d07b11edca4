/**
 * One piece of work that several callers wait for. A caller that gives up stops waiting and no more; the work is
 * told to stop only when nobody waits any longer.
 */
export class SharedWork<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  /** Starts `work` at once. */
  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#controller.signal);
    // Whoever waits sees the failure; with nobody left it must not count as unhandled.
    this.#result.catch(() => {});
  }

  /** False once everybody has given up: the work is ending and brings nothing. */
  get joinable(): boolean {
    return !this.#controller.signal.aborted;
  }

  /** The work's outcome; rejects with the signal's reason as soon as this caller's signal is aborted. */
  wait(signal?: AbortSignal): Promise<T> {
    this.#waiting += 1;
    if (signal === undefined) return this.#result;
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#controller.abort(signal.reason);
        reject(signal.reason);
      };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener("abort", leave, { once: true });
      this.#result
        .finally(() => {
          signal.removeEventListener("abort", leave);
        })
        .then(resolve, reject);
    });
  }
}
