import type { FireOutcome } from "../../../src-preload/contract/ticks.ts";

/** A fire time every `everyMs` from `anchor` on: anchor, anchor + everyMs, … Plain UTC arithmetic, never drifts. */
export interface IntervalTrigger {
  readonly kind: "interval";
  readonly everyMs: number;
  /** First fire time, ms UTC. */
  readonly anchor: number;
}

/** A while after each candle has closed: every `everyMs` from the epoch on, plus `offsetMs`. */
interface CandleCloseTrigger {
  readonly kind: "candle_close";
  readonly everyMs: number;
  readonly offsetMs: number;
}

/**
 * The calendar of a time zone: 5 fields (minute hour day month weekday) or 6 with a second before them; `*`, lists,
 * ranges, steps, names, weekday 0 and 7 = Sunday, `L` for the last day, `fri#3` and `friL` for the third and last Friday.
 */
export interface CronTrigger {
  readonly kind: "cron";
  readonly expression: string;
  /** IANA name. */
  readonly zone: string;
  /** Where day of month and weekday are both restricted: `either` (default, as cron) or `both` must fit. */
  readonly dayRule?: "either" | "both";
  /** Beyond cron, as APScheduler has them: fields of calendar years and of ISO weeks. */
  readonly years?: string;
  readonly weeks?: string;
}

/** Once, at `time`, ms UTC. */
interface DateTrigger {
  readonly kind: "date";
  readonly time: number;
}

export type Trigger = IntervalTrigger | CandleCloseTrigger | CronTrigger | DateTrigger;

/** What a run is told about its fire time. Times are ms UTC on the engine's clock. */
export interface Fire {
  readonly jobId: string;
  readonly fireTime: number;
  readonly startedAt: number;
  readonly latenessMs: number;
  readonly realLatenessMs: number;
  /** Aborted when the run passes its time limit or a drain passes its own. */
  readonly signal: AbortSignal;
}

export interface JobSpec {
  /** Deterministic and unique, e.g. `bot-b7`. */
  readonly id: string;
  readonly trigger: Trigger;
  /** A start later than this after its fire time is a misfire; null for unlimited. */
  readonly graceMs: number | null;
  /** Several due fire times become one run, for the latest. */
  readonly coalesce: boolean;
  readonly maxInstances: number;
  /** A run that takes longer is aborted, recorded as cancelled and frees its place; null (default) for no limit. */
  readonly runLimitMs?: number | null;
  /** Nothing is due within this time after the job is added, ms; the trigger keeps its phase. Default 0. */
  readonly startOffsetMs?: number;
  /** No fire times after this instant, ms UTC; the job ends with its last one. Null (default) for no end. */
  readonly endAt?: number | null;
  /**
   * Runs of jobs of one group come one after the other, in the order of (fire time, id); that wait does not count against
   * grace, so that a slow peer makes nobody miss. Default: none.
   */
  readonly group?: string;
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

/** A job that has no fire times left and was taken out. */
export interface JobEnd {
  readonly jobId: string;
  /** Engine time. */
  readonly at: number;
  /** One sentence. */
  readonly reason: string;
}

/** What happened to the wall clock, as whoever compares it with monotonic time found out. */
export interface ClockChange {
  /** The wall was set, the machine slept, or the event loop stood still. */
  readonly kind: "step" | "sleep" | "stall";
  /** By how much the wall has moved beyond what work could use, ms; below 0 when it was set back. */
  readonly deltaMs: number;
}

/** What the scheduler did about it. Counts are fire times, unless said otherwise. */
export interface ClockChangeReport extends ClockChange {
  /** Engine time. */
  readonly at: number;
  /** Jobs that run late, a stagger apart, once the gate is passed. */
  readonly overdueJobs: number;
  readonly missed: number;
  readonly coalesced: number;
  readonly skipped: number;
  /** Jobs that got a new phase because the wall was set back. */
  readonly reanchored: number;
  /** One sentence. */
  readonly reason: string;
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
