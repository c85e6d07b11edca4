import type { Cancel, Clock } from "../clock.ts";
import { spoken } from "./misfire.ts";
import type { ClockChange } from "./types.ts";

/** Ms of work that the engine's checks may take; then fire times are served without them. */
const longestCheckMs = 60_000;

export interface GateParts {
  readonly clock: Clock;
  /** What must be done before anything runs after a change of the clock; null for nothing. */
  readonly check: ((change: ClockChange) => Promise<void>) | null;
  readonly onOpen: () => void;
  readonly onError: (error: unknown) => void;
}

/** Keeps all fire times waiting while the engine looks whether the world is as it was before the clock changed. */
export class Gate {
  readonly #parts: GateParts;
  #shut = false;
  /** A change that came while it was shut: the check is made again. */
  #again: ClockChange | null = null;
  #round = 0;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  get shut(): boolean {
    return this.#shut;
  }

  /** Shuts and makes the check; `onOpen` follows when it is over, failed or has taken 60 s. */
  shutFor(change: ClockChange): void {
    if (this.#parts.check === null) return;
    if (this.#shut) this.#again = change;
    else {
      this.#shut = true;
      void this.#pass(this.#parts.check, change, ++this.#round);
    }
  }

  /** Opens at once; a check under way goes on, but nothing follows from it. */
  abandon(): void {
    this.#shut = false;
    this.#again = null;
    this.#round += 1;
  }

  async #pass(
    check: NonNullable<GateParts["check"]>,
    first: ClockChange,
    round: number,
  ): Promise<void> {
    const release = this.#parts.clock.hold();
    let change: ClockChange | null = first;
    while (change !== null && round === this.#round) {
      this.#again = null;
      await this.#tried(check, change);
      change = this.#again;
    }
    if (round === this.#round) {
      this.#shut = false;
      this.#parts.onOpen();
    }
    release();
  }

  async #tried(check: NonNullable<GateParts["check"]>, change: ClockChange): Promise<void> {
    const { clock, onError } = this.#parts;
    let cancel: Cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const tooLong = (): void =>
        reject(
          new Error(
            `The checks after a change of the clock took more than ${spoken(longestCheckMs)}; late fire times are served without them.`,
          ),
        );
      cancel = clock.at(clock.now() + longestCheckMs, tooLong, "limit");
    });
    try {
      await Promise.race([check(change), late]);
    } catch (error) {
      onError(error);
    } finally {
      cancel();
    }
  }
}
