import { Heap } from "./clock-heap.ts";
import type { HeapItem } from "./clock-heap.ts";
import type { Cancel, Clock, Release, TimerKind } from "./clock.ts";

export interface Timer extends HeapItem {
  /** Ms on the time that its clock keeps timers by. */
  readonly time: number;
  readonly kind: TimerKind;
  /** Order of registration. */
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A fire time comes before work that wakes at the same instant, so that a tick which would end exactly at its
 * next fire time still counts as running then, whatever was registered first. Work that ends at its limit is in time.
 */
const rank = { fire: 0, work: 1, limit: 2 } as const;
const before = (a: Timer, b: Timer): boolean =>
  a.time !== b.time
    ? a.time < b.time
    : a.kind !== b.kind
      ? rank[a.kind] < rank[b.kind]
      : a.order < b.order;

/** Where an error goes that a timer's callback threw when no handler was given: uncaught, never silent. */
export const uncaught = (error: unknown): void => {
  queueMicrotask(() => {
    throw error;
  });
};

/** All timers of one clock in one heap, and what is held. */
export class TimerQueue {
  readonly #heap = new Heap<Timer>(before);
  #registered = 0;
  #work = 0;
  #limits = 0;
  #held = 0;

  get size(): number {
    return this.#heap.size;
  }

  /** Number of timers ever registered; timers from now on have at least this order. */
  get registered(): number {
    return this.#registered;
  }

  /** Timers of running work that wait. */
  get work(): number {
    return this.#work;
  }

  /** Limits of running work that wait. */
  get limits(): number {
    return this.#limits;
  }

  get held(): number {
    return this.#held;
  }

  /** Work is held and none of it waits for a timer: time must stand at the next fire time. */
  get gated(): boolean {
    return this.#held > 0 && this.#work === 0;
  }

  peek(): Timer | undefined {
    return this.#heap.peek();
  }

  /** Throws a RangeError when `time` is no finite number. */
  add(time: number, callback: () => void, kind: TimerKind): Timer {
    if (!Number.isFinite(time)) {
      throw new RangeError(`A timer's time is ${time}; give ms UTC as a finite number.`);
    }
    const timer: Timer = { time, kind, order: this.#registered++, callback, heapIndex: -1 };
    this.#heap.push(timer);
    if (kind === "work") this.#work += 1;
    if (kind === "limit") this.#limits += 1;
    return timer;
  }

  /** Takes a timer out; false when it fired or was cancelled before. */
  remove(timer: Timer): boolean {
    if (!this.#heap.remove(timer)) return false;
    if (timer.kind === "work") this.#work -= 1;
    if (timer.kind === "limit") this.#limits -= 1;
    return true;
  }

  clear(): void {
    this.#heap.clear();
    this.#work = 0;
    this.#limits = 0;
  }

  /** `onChange` is called after the first hold and after the last release. */
  hold(onChange: () => void): Release {
    let held = true;
    this.#held += 1;
    if (this.#held === 1) onChange();
    return () => {
      if (!held) return;
      held = false;
      this.#held -= 1;
      if (this.#held === 0) onChange();
    };
  }
}

/** `Clock.sleep` for a clock that has `at`: see there. */
export const sleepOn = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    let cancel: Cancel | null = null;
    const onAbort = (): void => {
      cancel?.();
      reject(signal?.reason);
    };
    cancel = clock.at(
      clock.now() + Math.max(0, ms),
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      "work",
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });

/**
 * Resolves when every promise that can settle without a timer or I/O has. Node runs the next-tick queue
 * only after its microtask queue is empty, which makes this exact and a tenth of the cost of a turn of the loop.
 */
export const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Resolves after one turn of the event loop, in which I/O that is ready was handled. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
