export type QuitCause = "quit" | "signal";

export interface ShutdownOptions {
  /** Ends the work; resolves when the process may go. Called once. */
  drain(): Promise<void>;
  exit(code: number): void;
  /** Told when a drain failed. */
  failed(error: unknown): void;
}

/** A process that was told twice to end, or that could not drain. */
const FORCED = 1;

/** One way out: the first request drains, a second signal forces. */
export class Shutdown {
  readonly #options: ShutdownOptions;
  #draining = false;

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** `code` is the exit code of a drain that went well. */
  request(cause: QuitCause, code = 0): void {
    if (this.#draining) {
      if (cause === "signal") this.#options.exit(FORCED);
      return;
    }
    this.#draining = true;
    this.#options.drain().then(
      () => this.#options.exit(code),
      (error: unknown) => {
        this.#options.failed(error);
        this.#options.exit(FORCED);
      },
    );
  }
}
