import type { FireOutcome } from "../../../src-preload/contract/ticks.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../fault.ts";
import { spoken } from "./misfire.ts";
import type { RunningFire } from "./run.ts";
import type { FireRow } from "./schedule.ts";
import type { FireRecord } from "./types.ts";

/** What the scheduler tells, and to whom. */
export interface RecorderParts {
  readonly clock: Clock;
  /** Called once for each fire time, or unbroken row of them, as soon as its outcome is known. */
  readonly onRecord: (record: FireRecord) => void;
  /** Receives what `onRecord` throws. Must not throw. */
  readonly onError: (error: unknown) => void;
}

/** Makes the records of fire times; a listener that fails stops nobody. */
export class Recorder {
  readonly #parts: RecorderParts;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Fire times that did not run. */
  refused(jobId: string, outcome: FireOutcome, row: FireRow, reason: string): void {
    const { clock } = this.#parts;
    const now = clock.now();
    this.#tell({
      jobId,
      outcome,
      fireTime: row.first,
      lastFireTime: row.last,
      fireCount: row.count,
      at: now,
      // A fire time of a wall that was set back since is not early.
      latenessMs: Math.max(0, now - row.last),
      realLatenessMs: clock.realLateness(row.last),
      durationMs: 0,
      reason,
      error: null,
    });
  }

  /** A fire time whose run is over; `aborted` is the sentence that makes it `cancelled`. */
  ended(fire: RunningFire, error: unknown, aborted: string | null): void {
    const { clock } = this.#parts;
    const late = fire.latenessMs > 0 ? `${spoken(fire.latenessMs)} late` : "on time";
    const told =
      error === null ? `Ran ${late}.` : `Started ${late} and failed: ${messageOf(error)}`;
    this.#tell({
      jobId: fire.jobId,
      outcome: aborted === null ? "ran" : "cancelled",
      fireTime: fire.fireTime,
      lastFireTime: fire.fireTime,
      fireCount: 1,
      at: clock.now(),
      latenessMs: fire.latenessMs,
      realLatenessMs: fire.realLatenessMs,
      durationMs: clock.monotonic() - fire.began,
      reason: aborted ?? told,
      error,
    });
  }

  #tell(record: FireRecord): void {
    try {
      this.#parts.onRecord(record);
    } catch (error) {
      this.#parts.onError(error);
    }
  }
}
