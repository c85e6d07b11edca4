import { TimerQueue, settled, sleepOn, turn, uncaught } from "./clock-timers.ts";
import type { Timer } from "./clock-timers.ts";
import type { Cancel, Clock, Release, TimerKind } from "./clock.ts";

/** A turn of the event loop is given to the rest of the process at least after this many timers. */
const timersATurn = 1000;
/** Real ms that held work gets to go on before its limit is let come; see `patienceMs`. */
const defaultPatienceMs = 10_000;

export interface VirtualClockOptions {
  /** Receives what a timer's callback throws; without it such an error is uncaught. */
  readonly onError?: (error: unknown) => void;
  /**
   * Real ms that held work without a `work` timer gets while a `limit` timer waits; then it counts as hung, and time
   * goes on through fire times to the limit, as it would on the wall. 0 where all I/O is simulated. Default 10 s.
   */
  readonly patienceMs?: number;
}

/**
 * Time that moves only when told to, for tests, soak and benches: a simulated year in seconds. Before each
 * timer all promises settle; while work is held and none of it waits for a `work` timer, time stands still and
 * real I/O may take as long as it does. Held work that waits for a timer gets one turn of the event loop, and
 * then time goes on. Timers are armed on steady time: a wall that is set with `step` moves none of them.
 */
export class VirtualClock implements Clock {
  readonly mode = "virtual";
  /** It has no pace; 1 keeps arithmetic with it finite. */
  readonly speed = 1;
  readonly #timers = new TimerQueue();
  readonly #onError: (error: unknown) => void;
  readonly #patienceMs: number;
  /** Steady time; engine time is `#stepped` ahead of it. */
  #now: number;
  #stepped = 0;
  #advancing = false;
  #wakeGate: (() => void) | null = null;

  /** Starts at `start`, ms UTC. */
  constructor(start: number, options: VirtualClockOptions = {}) {
    this.#now = start;
    this.#onError = options.onError ?? uncaught;
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs;
  }

  now(): number {
    return this.#now + this.#stepped;
  }

  monotonic(): number {
    return performance.now();
  }

  steady(): number {
    return this.#now;
  }

  at(time: number, callback: () => void, kind: TimerKind): Cancel {
    const timer = this.#timers.add(time - this.#stepped, callback, kind);
    if (kind !== "fire") this.#openGate();
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
    return this.advanceTo(this.now() + ms);
  }

  /**
   * Fires all timers up to and including `time`, each with now() at its own time (or later, if a callback
   * jumped; or elsewhere, if the wall was set), and resolves when time stands at `time`, promises are settled and no held work could go on without
   * a timer. Rejects when another advance is under way or `time` is past.
   */
  async advanceTo(time: number): Promise<void> {
    if (this.#advancing)
      throw new Error("The virtual clock is advancing already; await that first.");
    if (!(time >= this.now())) {
      throw new RangeError(
        `The virtual clock stands at ${this.now()} and cannot go back to ${time}.`,
      );
    }
    const until = time - this.#stepped;
    this.#advancing = true;
    try {
      let fired = 0;
      for (;;) {
        await settled();
        if (this.#timers.held > 0) {
          await turn();
          await settled();
          if (this.#timers.gated && (await this.#opened())) continue;
        } else if (++fired % timersATurn === 0) {
          await turn();
        }
        const timer = this.#timers.peek();
        if (timer === undefined || timer.time > until) break;
        if (timer.time < this.#now && timer.kind !== "limit") this.#fireLate();
        else this.#fire(timer);
      }
      this.#now = Math.max(this.#now, until);
    } finally {
      this.#advancing = false;
    }
  }

  #fire(timer: Timer): void {
    this.#timers.remove(timer);
    this.#now = Math.max(this.#now, timer.time);
    try {
      timer.callback();
    } catch (error) {
      this.#onError(error);
    }
  }

  /**
   * An event loop that was stalled calls all timers that are due in one turn, before any work that they wake goes on.
   * Limits wait: what they watch over may have ended.
   */
  #fireLate(): void {
    const { registered } = this.#timers;
    const until = this.#now;
    for (;;) {
      const timer = this.#timers.peek();
      if (timer === undefined || timer.time > until || timer.order >= registered) break;
      if (timer.kind === "limit") break;
      this.#fire(timer);
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

  /** Sets the wall by `ms`, either way, at once. Nothing fires, and what waits goes on waiting as long as it would have. */
  step(ms: number): void {
    if (!Number.isFinite(ms))
      throw new RangeError(`The virtual clock cannot be set by ${ms} ms; give a finite number.`);
    this.#stepped += ms;
  }

  /** Resolves when the gate may have opened; with false when work that a limit watches over used up its patience. */
  #opened(): Promise<boolean> {
    if (this.#timers.limits > 0 && this.#patienceMs === 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const patience =
        this.#timers.limits > 0 ? setTimeout(() => done(false), this.#patienceMs) : undefined;
      const done = (opened: boolean): void => {
        clearTimeout(patience);
        this.#wakeGate = null;
        resolve(opened);
      };
      this.#wakeGate = () => done(true);
    });
  }

  #openGate(): void {
    const wake = this.#wakeGate;
    this.#wakeGate = null;
    wake?.();
  }
}
