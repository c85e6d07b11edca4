import { TimerQueue, sleepOn, uncaught } from "./clock-timers.ts";
import type { Cancel, Clock, Release, TimerKind } from "./clock.ts";

/**
 * Longest single wait, ms. Long waits are cut so that a machine that slept, or whose wall clock was set, is
 * noticed soon (the monotonic clock under setTimeout stands still in a suspended Linux), and no wait ever
 * comes near 2^31 ms, beyond which setTimeout fires at once.
 */
const longestWaitMs = 20_000;

/**
 * The wall clock. One setTimeout for all timers. Fire times are kept by the wall; what running work waits for is kept
 * by monotonic time, so that a wall that is set neither cuts a pause short nor makes it last an hour.
 */
export class SystemClock implements Clock {
  readonly mode = "system";
  readonly speed = 1;
  /** `fire` timers, ms UTC. */
  readonly #wall = new TimerQueue();
  /** `work` and `limit` timers, ms of monotonic time. */
  readonly #steady = new TimerQueue();
  readonly #onError: (error: unknown) => void;
  #handle: NodeJS.Timeout | null = null;
  /** Monotonic time at which the armed timeout is meant to end; Infinity while none is armed. */
  #armedFor = Number.POSITIVE_INFINITY;
  #firing = false;
  #disposed = false;

  /** `onError` receives what a timer's callback throws; without it such an error is uncaught. */
  constructor(options: { readonly onError?: (error: unknown) => void } = {}) {
    this.#onError = options.onError ?? uncaught;
  }

  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  steady(): number {
    return performance.now();
  }

  at(time: number, callback: () => void, kind: TimerKind): Cancel {
    const queue = kind === "fire" ? this.#wall : this.#steady;
    const due = kind === "fire" ? time : time - Date.now() + performance.now();
    const timer = queue.add(due, callback, kind);
    if (timer.heapIndex === 0) this.#arm();
    return () => {
      // A wake-up for a cancelled timer does no harm; only the last one lets the process end.
      if (queue.remove(timer) && this.#wall.size + this.#steady.size === 0) this.#disarm();
    };
  }

  adjusted(): void {
    this.#disarm();
    this.#arm();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** Nothing to hold back: the wall goes on. */
  hold(): Release {
    return this.#wall.hold(() => {});
  }

  realLateness(fireTime: number): number {
    return this.now() - fireTime;
  }

  /** Drops all timers for good. Sleeps that wait never resolve. */
  dispose(): void {
    this.#disposed = true;
    this.#disarm();
    this.#wall.clear();
    this.#steady.clear();
  }

  #disarm(): void {
    if (this.#handle !== null) clearTimeout(this.#handle);
    this.#handle = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  /** Ms until the first timer of each queue; Infinity where none waits. */
  #waits(): { readonly wall: number; readonly steady: number } {
    const none = Number.POSITIVE_INFINITY;
    return {
      wall: (this.#wall.peek()?.time ?? none) - Date.now(),
      steady: (this.#steady.peek()?.time ?? none) - performance.now(),
    };
  }

  #arm(): void {
    if (this.#firing || this.#disposed) return;
    const { wall, steady } = this.#waits();
    const next = Math.min(wall, steady);
    if (next === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    const wait = Math.min(Math.max(0, next), longestWaitMs);
    if (this.#handle !== null && this.#armedFor <= now + wait) return;
    this.#disarm();
    this.#armedFor = now + wait;
    this.#handle = setTimeout(this.#wake, Math.ceil(wait));
  }

  readonly #wake = (): void => {
    this.#handle = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#firing = true;
    // Timers that callbacks register now wait for the next wake-up: `at` never fires in the same turn,
    // and a callback that re-registers in the past cannot keep the event loop.
    const until = { wall: this.#wall.registered, steady: this.#steady.registered };
    for (;;) {
      const { wall, steady } = this.#waits();
      const name = wall <= steady ? "wall" : "steady";
      const queue = name === "wall" ? this.#wall : this.#steady;
      const timer = queue.peek();
      if (timer === undefined || Math.min(wall, steady) > 0 || timer.order >= until[name]) break;
      queue.remove(timer);
      try {
        timer.callback();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#firing = false;
    this.#arm();
  };
}
