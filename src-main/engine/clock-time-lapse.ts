import { TimerQueue, settled, sleepOn, turn, uncaught } from "./clock-timers.ts";
import type { Timer } from "./clock-timers.ts";
import type { Cancel, Clock, Release, TimerKind } from "./clock.ts";

/** Longest wait for the next step, real ms; see SystemClock. */
const longestWaitMs = 20_000;
/**
 * Real ms beyond the planned end of a wait that still become engine time. A host that stalls or sleeps longer
 * loses the rest: engine time goes on from where it was instead of leaping. Time was promised to bots, not to the wall.
 */
const longestOverrunMs = 250;
/** Below this a wait is a turn of the event loop: setTimeout cannot wait less, and a fast demo would crawl. */
const shortestTimeoutMs = 1;
/** Real ms of firing after which the event loop gets a turn, so that the window and I/O stay alive. */
const longestBurstMs = 8;
/** Real ms that `beforeFire` may take; then time goes on without it. */
const longestAnnouncementMs = 5_000;
/** Fire times whose real due instant is remembered. */
const remembered = 64;

export interface TimeLapseOptions {
  /** Engine time at the start, ms UTC. */
  readonly start: number;
  /** Engine ms for one real ms while nothing is held; above 0. */
  readonly speed: number;
  /**
   * Awaited before the timers of each distinct instant fire, fire times and pauses of running work alike, with that
   * engine time: used to tell a replay exchange the time. Called with rising times only. When it fails or takes
   * longer than 5 real seconds, time goes on and the failure goes to `onError`, once for a row of failures.
   */
  readonly beforeFire?: (time: number) => Promise<void>;
  /** Receives what a timer's callback or `beforeFire` throws; without it such an error is uncaught. */
  readonly onError?: (error: unknown) => void;
}

/**
 * A demo day in minutes. Unheld, engine time moves at `speed`; while work is held it moves at the wall's pace and
 * stops at the next timer, unless held work itself waits for a `work` timer: then it goes on, at the wall's
 * pace, through fire times too. now() never passes a timer whose callback has not run, so every timer that is not
 * registered for the past finds now() at exactly its own time, whatever the host did.
 */
export class TimeLapseClock implements Clock {
  readonly mode = "time-lapse";
  readonly #timers = new TimerQueue();
  readonly #beforeFire: ((time: number) => Promise<void>) | null;
  readonly #onError: (error: unknown) => void;
  #speed: number;
  /** Engine time at real time #since; a fraction of a ms is kept so that steps add up. */
  #engine: number;
  #since: number;
  /** Real ms from #since on that become engine time at most. */
  #budget = longestWaitMs + longestOverrunMs;
  #cancelStep: (() => void) | null = null;
  #pumping = false;
  /** A callback runs: now() stands still. */
  #inCallback = false;
  #announced = Number.NEGATIVE_INFINITY;
  #announcementFailed = false;
  #disposed = false;
  /** Cancels of the limits that wait. */
  readonly #limits = new Set<Cancel>();
  readonly #due: { readonly time: number; readonly real: number }[] = [];

  /** Throws a RangeError when the speed is not a finite number above 0. */
  constructor(options: TimeLapseOptions) {
    this.#speed = checkedSpeed(options.speed);
    this.#engine = options.start;
    this.#since = performance.now();
    this.#beforeFire = options.beforeFire ?? null;
    this.#onError = options.onError ?? uncaught;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Changes the pace from this instant on; engine time goes on from where it is. Throws as the constructor does. */
  setSpeed(speed: number): void {
    const next = checkedSpeed(speed);
    this.#settle();
    this.#speed = next;
    this.#arm();
  }

  now(): number {
    return Math.floor(this.#reach());
  }

  monotonic(): number {
    return performance.now();
  }

  steady(): number {
    return this.#reach();
  }

  at(time: number, callback: () => void, kind: TimerKind): Cancel {
    if (kind === "limit") return this.#limit(time, callback);
    this.#settle();
    const timer = this.#timers.add(time, callback, kind);
    if (timer.heapIndex === 0 || kind === "work") this.#arm();
    return () => {
      this.#settle();
      if (this.#timers.remove(timer)) this.#arm();
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  hold(): Release {
    // What passed up to now, passed at the old pace; what the gate cut off is not made up for at the new one.
    this.#settle();
    const release = this.#timers.hold(() => {
      this.#since = performance.now();
      this.#arm();
    });
    return () => {
      this.#settle();
      release();
    };
  }

  /** Exact for the last 64 instants at which timers fired; beyond those, engine lateness over speed. */
  realLateness(fireTime: number): number {
    const due = this.#due.findLast((instant) => instant.time === fireTime);
    return due === undefined
      ? Math.max(0, (this.now() - fireTime) / this.#speed)
      : Math.max(0, performance.now() - due.real);
  }

  /** Stops time and drops all timers for good. Sleeps that wait never resolve. */
  dispose(): void {
    this.#settle();
    this.#disposed = true;
    this.#cancelStep?.();
    this.#cancelStep = null;
    this.#timers.clear();
    for (const cancel of [...this.#limits]) cancel();
  }

  /** Held engine time goes at the wall's pace: so many ms of work are as many real ms, whatever gate keeps time standing. */
  #limit(time: number, callback: () => void): Cancel {
    const rest = (): number => end - performance.now();
    const end = performance.now() + checkedTime(time) - this.now();
    const wake = (): void => {
      if (rest() > 0) {
        handle = setTimeout(wake, Math.min(rest(), longestWaitMs));
        return;
      }
      this.#limits.delete(cancel);
      try {
        callback();
      } catch (error) {
        this.#onError(error);
      }
    };
    let handle = setTimeout(wake, Math.min(Math.max(0, rest()), longestWaitMs));
    const cancel = (): void => {
      clearTimeout(handle);
      this.#limits.delete(cancel);
    };
    if (this.#disposed) cancel();
    else this.#limits.add(cancel);
    return cancel;
  }

  get #pace(): number {
    return this.#timers.held > 0 ? 1 : this.#speed;
  }

  /** Real ms since #since that count. */
  #spent(): number {
    if (this.#inCallback || this.#disposed) return 0;
    return Math.min(Math.max(0, performance.now() - this.#since), this.#budget);
  }

  /** Engine time as far as it has come: never beyond the next timer. */
  #reach(): number {
    const free = this.#engine + this.#spent() * this.#pace;
    const next = this.#timers.peek();
    return next === undefined ? free : Math.max(this.#engine, Math.min(free, next.time));
  }

  /** Turns real time into engine time, up to the next timer; real time beyond that stays for what comes after it. */
  #settle(): void {
    if (this.#inCallback || this.#disposed) return;
    const spent = this.#spent();
    const free = this.#engine + spent * this.#pace;
    const next = this.#timers.peek();
    if (next === undefined || next.time > free) {
      this.#engine = free;
      this.#since = performance.now();
      this.#budget -= spent;
    } else if (next.time > this.#engine) {
      const needed = (next.time - this.#engine) / this.#pace;
      this.#engine = next.time;
      this.#since += needed;
      this.#budget -= needed;
      this.#due.push({ time: next.time, real: this.#since });
      if (this.#due.length > remembered) this.#due.shift();
    }
    // Time that a gate keeps standing is not made up for when the gate opens.
    if (this.#timers.gated) this.#since = performance.now();
  }

  /** Plans the next step from the state as it is; replaces an earlier plan. */
  #arm(): void {
    this.#cancelStep?.();
    this.#cancelStep = null;
    if (this.#pumping || this.#disposed) return;
    this.#settle();
    const rest = Math.min(this.#spent(), longestOverrunMs);
    const next = this.#timers.peek();
    // Gated or without timers, a step is needed only to bound how far a host asleep may leap.
    const idle = next === undefined || (this.#timers.gated && next.time <= this.#engine);
    const wait = idle
      ? longestWaitMs
      : Math.min(Math.max(0, (next.time - this.#engine) / this.#pace), longestWaitMs);
    this.#since = performance.now() - rest;
    this.#budget = rest + wait + longestOverrunMs;
    if (wait < shortestTimeoutMs) {
      const handle = setImmediate(this.#step);
      this.#cancelStep = () => {
        clearImmediate(handle);
      };
      return;
    }
    const handle = setTimeout(this.#step, wait);
    if (next === undefined) handle.unref();
    this.#cancelStep = () => {
      clearTimeout(handle);
    };
  }

  readonly #step = (): void => {
    this.#cancelStep = null;
    void this.#pump();
  };

  async #pump(): Promise<void> {
    this.#pumping = true;
    let burst = performance.now();
    for (let next = this.#takeable(); next !== null; next = this.#takeable()) {
      if (this.#beforeFire !== null && this.#engine > this.#announced) {
        // Timers may come, go or be gated meanwhile: look again afterwards.
        await this.#announce(this.#beforeFire, this.#engine);
        continue;
      }
      this.#timers.remove(next);
      this.#inCallback = true;
      try {
        next.callback();
      } catch (error) {
        this.#onError(error);
      }
      this.#inCallback = false;
      await settled();
      if (performance.now() - burst > longestBurstMs) {
        await turn();
        burst = performance.now();
      }
    }
    this.#pumping = false;
    this.#arm();
  }

  /** The next timer if time has come to it and no gate keeps it. */
  #takeable(): Timer | null {
    this.#settle();
    const next = this.#timers.peek();
    return next === undefined || next.time > this.#engine || this.#timers.gated ? null : next;
  }

  async #announce(hook: (time: number) => Promise<void>, time: number): Promise<void> {
    this.#announced = time;
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(() => {
        reject(
          new Error(
            `The time was not taken over within ${longestAnnouncementMs / 1000} s; the clock goes on.`,
          ),
        );
      }, longestAnnouncementMs);
    });
    try {
      await Promise.race([hook(time), late]);
      this.#announcementFailed = false;
    } catch (error) {
      if (!this.#announcementFailed) this.#onError(error);
      this.#announcementFailed = true;
    } finally {
      clearTimeout(limit);
    }
  }
}

function checkedSpeed(speed: number): number {
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new RangeError(`The time-lapse speed is ${speed}; give a finite number above 0.`);
}

function checkedTime(time: number): number {
  if (Number.isFinite(time)) return time;
  throw new RangeError(`A timer's time is ${time}; give ms UTC as a finite number.`);
}
