import { TimerQueue, sleepOn, uncaught } from "./clock-timers.ts";
import type { Cancel, Clock, Release } from "./clock.ts";

/**
 * Longest single wait, ms. Long waits are cut so that a machine that slept, or whose wall clock was set, is
 * noticed soon (the monotonic clock under setTimeout stands still in a suspended Linux), and no wait ever
 * comes near 2^31 ms, beyond which setTimeout fires at once.
 */
const longestWaitMs = 20_000;

/** The wall clock. One heap and one setTimeout for all timers. */
export class SystemClock implements Clock {
  readonly mode = "system";
  readonly speed = 1;
  readonly #timers = new TimerQueue();
  readonly #onError: (error: unknown) => void;
  #handle: NodeJS.Timeout | null = null;
  /** Monotonic time at which the armed timeout is meant to end, whatever becomes of the wall; Infinity while none is armed. */
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

  at(time: number, callback: () => void, kind: "fire" | "work"): Cancel {
    const timer = this.#timers.add(time, callback, kind);
    if (timer.heapIndex === 0) this.#arm();
    return () => {
      // A wake-up for a cancelled timer does no harm; only the last one lets the process end.
      if (this.#timers.remove(timer) && this.#timers.size === 0) this.#disarm();
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
    return this.#timers.hold(() => {});
  }

  realLateness(fireTime: number): number {
    return this.now() - fireTime;
  }

  /** Drops all timers for good. Sleeps that wait never resolve. */
  dispose(): void {
    this.#disposed = true;
    this.#disarm();
    this.#timers.clear();
  }

  #disarm(): void {
    if (this.#handle !== null) clearTimeout(this.#handle);
    this.#handle = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const next = this.#timers.peek();
    if (next === undefined || this.#firing || this.#disposed) return;
    const wait = Math.min(Math.max(0, next.time - Date.now()), longestWaitMs);
    const end = performance.now() + wait;
    if (this.#handle !== null && this.#armedFor <= end) return;
    this.#disarm();
    this.#armedFor = end;
    this.#handle = setTimeout(this.#wake, wait);
  }

  readonly #wake = (): void => {
    this.#handle = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#firing = true;
    // Timers that callbacks register now wait for the next wake-up: `at` never fires in the same turn,
    // and a callback that re-registers in the past cannot keep the event loop.
    const until = this.#timers.registered;
    for (;;) {
      const timer = this.#timers.peek();
      if (timer === undefined || timer.time > Date.now() || timer.order >= until) break;
      this.#timers.remove(timer);
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
