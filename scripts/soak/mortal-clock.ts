import type { Cancel, Clock, Release } from "../../src-main/engine/clock.ts";

/**
 * One life's view of the clock that all lives share. At its death its timers and holds are dropped, so that the next life
 * finds the clock as a new process would.
 */
export class MortalClock implements Clock {
  readonly mode: Clock["mode"];
  readonly speed = 1;
  readonly #clock: Clock;
  readonly #ends = new Set<() => void>();
  #dead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.mode = clock.mode;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  steady(): number {
    return this.#clock.steady();
  }

  at(...[time, callback, kind]: Parameters<Clock["at"]>): Cancel {
    if (this.#dead) return () => {};
    const cancel = this.#clock.at(
      time,
      () => {
        this.#ends.delete(cancel);
        callback();
      },
      kind,
    );
    this.#ends.add(cancel);
    return () => {
      this.#ends.delete(cancel);
      cancel();
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.at(
        this.now() + Math.max(0, ms),
        () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        "work",
      );
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  hold(): Release {
    if (this.#dead) return () => {};
    const release = this.#clock.hold();
    this.#ends.add(release);
    return () => {
      this.#ends.delete(release);
      release();
    };
  }

  realLateness(fireTime: number): number {
    return this.#clock.realLateness(fireTime);
  }

  die(): void {
    this.#dead = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }
}
