import type { Cancel } from "./clock.ts";

/** Readings and a timer of the real machine. All in ms. */
export interface WatchPorts {
  /** Wall time, ms UTC; may be set. */
  readonly wall: () => number;
  /** Never set; stands still in a suspended Linux, goes on in other systems. */
  readonly monotonic: () => number;
  /** Time since the machine started, sleep included; left out where it is not known. */
  readonly uptime?: () => number;
  /** Calls once, `ms` later by the monotonic clock. */
  readonly after: (ms: number, callback: () => void) => Cancel;
}

/**
 * What happened to the machine's time. `step`: the wall was set, `deltaMs` forward (above 0) or back. `sleep`: the
 * machine was suspended for `deltaMs`. `stall`: it was awake, and this process did not run for `deltaMs`.
 */
export interface ClockChange {
  readonly kind: "step" | "sleep" | "stall";
  readonly deltaMs: number;
  /** Wall time at which it was noticed, ms UTC. */
  readonly at: number;
  /** `power` when the system told of a sleep, `clock` when only the clocks did. */
  readonly source: "power" | "clock";
}

/** Distance between two looks at the clocks. */
const PERIOD_MS = 2_000;
/** Wall and monotonic clock, or monotonic clock and uptime, that part by more than this within one look did not drift: one of them was moved. */
const STEP_MS = 2_000;
/** Lateness of the watch's own timer that counts as a stall. One of PERIOD_MS + STALL_MS is always seen, a shorter one by chance. */
const STALL_MS = 1_000;
/** No event loop is blocked for so long: where the monotonic clock runs on in a sleep, this is one that the system did not tell of. */
const LONGEST_STALL_MS = 60_000;
/** Looks for which the word "going to sleep" is believed; a sleep that the system broke off never comes. */
const HINT_LOOKS = 15;

interface Reading {
  readonly wall: number;
  readonly monotonic: number;
  readonly uptime: number | null;
}

/**
 * Compares the machine's clocks every 2 s and says what happened to them: a step, a sleep, a stall. It finds all three by
 * itself; `suspended` and `resumed`, the system's own word, make it quicker and tell a sleep from a forward step where
 * the uptime is not known. A row of changes found in one look is told in order: sleep, step, stall.
 */
export class ClockWatch {
  readonly #ports: WatchPorts;
  readonly #onChange: (change: ClockChange) => void;
  #last: Reading | null = null;
  /** Looks for which a sleep is expected. */
  #hint = 0;
  #cancel: Cancel = () => {};

  constructor(ports: WatchPorts, onChange: (change: ClockChange) => void) {
    this.#ports = ports;
    this.#onChange = onChange;
  }

  /** Watches from now on. A second call is a new beginning. */
  start(): void {
    this.#hint = 0;
    this.#last = this.#read();
    this.#arm();
  }

  /** Ends the watch; hints are ignored until the next `start`. */
  stop(): void {
    this.#cancel();
    this.#last = null;
  }

  /** The system goes to sleep. */
  suspended(): void {
    this.#look();
    this.#hint = HINT_LOOKS;
  }

  /** The system woke. */
  resumed(): void {
    this.#hint = HINT_LOOKS;
    this.#look();
    this.#hint = 0;
  }

  #read(): Reading {
    const { wall, monotonic, uptime } = this.#ports;
    return { wall: wall(), monotonic: monotonic(), uptime: uptime?.() ?? null };
  }

  #arm(): void {
    this.#cancel();
    this.#cancel = this.#ports.after(PERIOD_MS, () => this.#look());
  }

  #look(): void {
    const last = this.#last;
    if (last === null) return;
    const now = this.#read();
    this.#last = now;
    // Before anybody is told: a listener that throws must not end the watch.
    this.#arm();
    const hinted = this.#hint > 0;
    const changes = changesBetween(last, now, hinted);
    if (changes.some((change) => change.kind === "sleep")) this.#hint = 0;
    else if (hinted) this.#hint -= 1;
    for (const change of changes) {
      const source = hinted && change.kind === "sleep" ? "power" : "clock";
      this.#onChange({ ...change, at: now.wall, source });
    }
  }
}

function changesBetween(
  last: Reading,
  now: Reading,
  hinted: boolean,
): Pick<ClockChange, "kind" | "deltaMs">[] {
  const passed = now.monotonic - last.monotonic;
  const late = Math.max(0, passed - PERIOD_MS);
  const parted = now.wall - last.wall - passed;
  // Sleep is what the uptime counts and the monotonic clock does not. Without an uptime, a sleep of Linux and a step
  // forward look alike, and only the system's word tells them apart.
  const stopped =
    last.uptime !== null && now.uptime !== null
      ? now.uptime - last.uptime - passed
      : hinted
        ? parted
        : 0;
  const suspended = stopped > STEP_MS ? stopped : 0;
  const step = parted - suspended;
  const asleep = suspended > 0 || (late > STALL_MS && (hinted || late >= LONGEST_STALL_MS));
  const changes: Pick<ClockChange, "kind" | "deltaMs">[] = [];
  if (asleep) changes.push({ kind: "sleep", deltaMs: suspended + late });
  if (Math.abs(step) > STEP_MS) changes.push({ kind: "step", deltaMs: step });
  if (!asleep && late > STALL_MS) changes.push({ kind: "stall", deltaMs: late });
  return changes;
}

/** The clocks of this machine. `uptime`: see WatchPorts. The timer keeps no process alive. */
export const machineClocks = (uptime: () => number): WatchPorts => ({
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  uptime,
  after: (ms, callback) => {
    const handle = setTimeout(callback, ms);
    handle.unref();
    return () => clearTimeout(handle);
  },
});
