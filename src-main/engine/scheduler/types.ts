import type { FireOutcome } from "../../../src-preload/contract/ticks.ts";

/** A fire time every `everyMs` from `anchor` on: anchor, anchor + everyMs, … Plain UTC arithmetic, never drifts. */
export interface IntervalTrigger {
  readonly kind: "interval";
  readonly everyMs: number;
  /** First fire time, ms UTC. */
  readonly anchor: number;
}

/** What a run is told about its fire time. Times are ms UTC on the engine's clock. */
export interface Fire {
  readonly jobId: string;
  readonly fireTime: number;
  readonly startedAt: number;
  readonly latenessMs: number;
  readonly realLatenessMs: number;
  /** Aborted when a drain passes its limit. */
  readonly signal: AbortSignal;
}

export interface JobSpec {
  /** Deterministic and unique, e.g. `bot-b7`. */
  readonly id: string;
  readonly trigger: IntervalTrigger;
  /** A start later than this after its fire time is a misfire; null for unlimited. */
  readonly graceMs: number | null;
  /** Several due fire times become one run, for the latest. */
  readonly coalesce: boolean;
  readonly maxInstances: number;
  /** Fire times up to and including this one are accounted for already (a restart); null for none. */
  readonly accountedUntil: number | null;
  readonly run: (fire: Fire) => Promise<void>;
}

export interface AddOptions {
  /** Take the place of a job with the same id; without it a taken id is refused. */
  readonly replace?: boolean;
  /** On replacing: `keep` (default) goes on in the old phase where the interval is the same, `new` takes the spec's anchor. */
  readonly phase?: "keep" | "new";
  /** Register paused. Default: as the replaced job is, else not paused. */
  readonly paused?: boolean;
}

/** How one fire time, or an unbroken row of them, ended. Each fire time is in exactly one of these. */
export interface FireRecord {
  readonly jobId: string;
  readonly outcome: FireOutcome;
  readonly fireTime: number;
  /** Same as `fireTime` unless several fire times of a row ended alike. */
  readonly lastFireTime: number;
  readonly fireCount: number;
  /** Engine time at which the outcome was known. */
  readonly at: number;
  /** Start minus fire time; where it did not run, `at` minus `lastFireTime`. */
  readonly latenessMs: number;
  readonly realLatenessMs: number;
  /** Real ms of the run; 0 where it did not run. */
  readonly durationMs: number;
  /** One sentence. */
  readonly reason: string;
  /** What the run threw, for `ran` and `cancelled`; null when nothing. */
  readonly error: unknown;
}

export interface JobView {
  readonly id: string;
  readonly nextFireTime: number | null;
  readonly paused: boolean;
  readonly running: number;
}

/** What a drain came to. */
export interface DrainReport {
  /** Runs that ended by themselves within the limit. */
  readonly finished: number;
  /** Ids of jobs whose run was aborted at the limit. */
  readonly aborted: readonly string[];
  readonly ms: number;
}
