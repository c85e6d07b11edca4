/** Cancels a timer; harmless when it has fired. */
export type Cancel = () => void;

/** Says that work is done; harmless when called again. */
export type Release = () => void;

export type TimerKind = "fire" | "work" | "limit";

/**
 * The engine's only source of time. Implementations: system (the wall), time-lapse (a demo day in minutes)
 * and virtual (tests and soak). Times are ms UTC since the epoch.
 */
export interface Clock {
  readonly mode: "system" | "time-lapse" | "virtual";
  /** Engine ms for one real ms while nothing is held; 1 on the system clock. */
  readonly speed: number;
  /** Engine time, ms UTC. */
  now(): number;
  /** Real time for measuring durations, ms from an arbitrary start; never goes back and is never scaled. */
  monotonic(): number;
  /**
   * Engine time of a wall that nobody sets, ms from an arbitrary start: it passes as `now` does and never goes back. The
   * system clock's stands still while the machine sleeps.
   */
  steady(): number;
  /**
   * Calls `callback` once when engine time reaches `time`, at once (but never synchronously) when that is past.
   * Timers fire in the order of time; at one time `fire` before `work`, then in the order of registration. A
   * `fire` timer is a fire time: time-lapse and virtual clocks do not pass it while work is held. A `work`
   * timer belongs to running work (a pause before a retry) and is passed even so, or the work could never
   * go on; a loop that no hold covers uses `fire` timers, or it would open the gate for others. A `limit` timer
   * ends work that hangs: it counts the time that work really had, is not moved by a wall that is set, and opens no
   * gate. In time-lapse, where held time goes at the wall's pace, it comes after that many real ms although
   * engine time may stand at a fire time meanwhile; for the virtual clock see there. Throws a RangeError when `time`
   * is not finite.
   */
  at(time: number, callback: () => void, kind: TimerKind): Cancel;
  /** The machine's clock was set, or the machine slept: timers are planned anew at once. Left out where the machine's clock moves none. */
  adjusted?(): void;
  /** Resolves after `ms` of engine time; rejects with the signal's reason when aborted. A `work` timer. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Marks a tick at work until released. While anything is held, time-lapse runs at the wall's pace and
   * stops at the next fire time, so that grace, stagger, durations and lateness keep their meaning. Whoever
   * computes first fire times and registers them holds meanwhile, too: a ms of that is a second in time-lapse.
   */
  hold(): Release;
  /**
   * Real ms by which the machine was late for `fireTime` at this moment: on the system clock now − fireTime, in
   * time-lapse the real time since the clock's pace asked for that instant. 0 on the virtual clock.
   */
  realLateness(fireTime: number): number;
}
