import { TimerQueue, settled, sleepOn, turn, uncaught } from "./clock-timers.ts";
import type { Cancel, Clock, Release } from "./clock.ts";

/** A turn of the event loop is given to the rest of the process at least after this many timers. */
const timersATurn = 1000;

/**
 * Time that moves only when told to, for tests, soak and benches: a simulated year in seconds. Before each
 * timer all promises settle; while work is held and none of it waits for a `work` timer, time stands still and
 * real I/O may take as long as it does. Held work that waits for a timer gets one turn of the event loop, and
 * then time goes on.
 */
export class VirtualClock implements Clock {
  readonly mode = "virtual";
  /** It has no pace; 1 keeps arithmetic with it finite. */
  readonly speed = 1;
  readonly #timers = new TimerQueue();
  readonly #onError: (error: unknown) => void;
  #now: number;
  #advancing = false;
  #wakeGate: (() => void) | null = null;

  /** Starts at `start`, ms UTC. `onError` receives what a timer's callback throws; without it such an error is uncaught. */
  constructor(start: number, options: { readonly onError?: (error: unknown) => void } = {}) {
    this.#now = start;
    this.#onError = options.onError ?? uncaught;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return performance.now();
  }

  at(time: number, callback: () => void, kind: "fire" | "work"): Cancel {
    const timer = this.#timers.add(time, callback, kind);
    if (kind === "work") this.#openGate();
    return () => {
      this.#timers.remove(timer);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  hold(): Release {
    return this.#timers.hold(() => {
      if (this.#timers.held === 0) this.#openGate();
    });
  }

  realLateness(): number {
    return 0;
  }

  advance(ms: number): Promise<void> {
    return this.advanceTo(this.#now + ms);
  }

  /**
   * Fires all timers up to and including `time`, each with now() at its own time (or later, if a callback
   * jumped), and resolves when time stands at `time`, promises are settled and no held work could go on without
   * a timer. Rejects when another advance is under way or `time` is past.
   */
  async advanceTo(time: number): Promise<void> {
    if (this.#advancing)
      throw new Error("The virtual clock is advancing already; await that first.");
    if (!(time >= this.#now)) {
      throw new RangeError(
        `The virtual clock stands at ${this.#now} and cannot go back to ${time}.`,
      );
    }
    this.#advancing = true;
    try {
      let fired = 0;
      for (;;) {
        await settled();
        if (this.#timers.held > 0) {
          await turn();
          await settled();
          if (this.#timers.gated) {
            await new Promise<void>((resolve) => (this.#wakeGate = resolve));
            continue;
          }
        } else if (++fired % timersATurn === 0) {
          await turn();
        }
        const timer = this.#timers.peek();
        if (timer === undefined || timer.time > time) break;
        this.#timers.remove(timer);
        this.#now = Math.max(this.#now, timer.time);
        try {
          timer.callback();
        } catch (error) {
          this.#onError(error);
        }
      }
      this.#now = Math.max(this.#now, time);
    } finally {
      this.#advancing = false;
    }
  }

  /**
   * Moves time without firing anything, at once: a stalled event loop or a machine asleep. What fell due fires
   * late, with the next advance. May be called by work that is running.
   */
  jump(ms: number): void {
    if (!(ms >= 0))
      throw new RangeError(`The virtual clock cannot jump by ${ms} ms; time never goes back.`);
    this.#now += ms;
  }

  #openGate(): void {
    const wake = this.#wakeGate;
    this.#wakeGate = null;
    wake?.();
  }
}
