import { Heap } from "../clock-heap.ts";
import type { Cancel, Clock } from "../clock.ts";
import { EngineFault } from "../fault.ts";
import { utc } from "../utc.ts";
import { Gate } from "./gate.ts";
import { Instances } from "./instances.ts";
import { advance, byNext, byOverdue, dueAt, earlier, isOver, jobInPhase, makeJob } from "./job.ts";
import type { Job, Overdue } from "./job.ts";
import { isMisfire, judge, missed, skipped, spoken } from "./misfire.ts";
import type { Refusal, Verdict } from "./misfire.ts";
import { reanchor } from "./reanchor.ts";
import { Recorder } from "./recorder.ts";
import type { RecorderParts } from "./recorder.ts";
import { rowsOf, sameRhythm } from "./schedule.ts";
import type { FireRow } from "./schedule.ts";
import type {
  AddOptions,
  ClockChange,
  ClockChangeReport,
  DrainReport,
  JobEnd,
  JobSpec,
  JobView,
} from "./types.ts";

/** Wall and steady time that part by less between two looks were not set, ms. */
const longestDriftMs = 500;
/** Distance at which overdue jobs are served after a change of the clock, ms. */
const defaultStaggerMs = 2000;

export interface SchedulerParts extends RecorderParts {
  /** Distance at which overdue jobs are served after a change of the clock, ms. Default 2 s. */
  readonly staggerMs?: number;
  /**
   * A fire time that is found more than this late, ms, counts as a stall that nobody reported. Default: null, only
   * `clockChanged` tells of changes.
   */
  readonly overdueAfterMs?: number | null;
  /**
   * Awaited after a change of the clock before anything runs: reconciliation, a look at the exchange's clock. When it
   * fails or takes more than 60 s, `onError` is told and fire times are served without it.
   */
  readonly beforeOverdue?: (change: ClockChange) => Promise<void>;
  /** A job has no fire times left and was taken out. */
  readonly onEnd?: (end: JobEnd) => void;
}

/**
 * Runs jobs at their fire times and accounts for every one of them exactly once. One heap by (fire time, id)
 * and one timer at the clock. The clock is held for each run from its start to its record. docs/scheduling.md says
 * what each part of the policy means.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #parts: SchedulerParts;
  readonly #recorder: Recorder;
  readonly #instances: Instances;
  readonly #gate: Gate;
  readonly #jobs = new Map<string, Job>();
  /** Jobs that are registered and not paused. */
  readonly #heap = new Heap<Job>(earlier);
  #state: "idle" | "running" | "stopping" = "idle";
  #allPaused = false;
  #waking = false;
  #armedFor: number | null = null;
  #cancelTimer: Cancel | null = null;
  #drain: Promise<DrainReport> | null = null;
  /** Wall and steady time at one instant: where the wall would stand now if nobody had set it. */
  #seen: { wall: number; steady: number } | null = null;

  constructor(parts: SchedulerParts) {
    this.#clock = parts.clock;
    this.#parts = parts;
    this.#recorder = new Recorder(parts);
    this.#gate = new Gate({
      clock: parts.clock,
      check: parts.beforeOverdue ?? null,
      onOpen: () => {
        if (!this.#allPaused) this.#collect(this.#clock.now());
        this.#takeTurns();
        this.#arm();
      },
      onError: parts.onError,
    });
    this.#instances = new Instances(parts.clock, this.#recorder, this.#gate);
  }

  /**
   * Registers a job. Fire times after `accountedUntil` are due, past ones too; without it those from an interval's anchor
   * on, and of a calendar or candle closes those from now on. A job without any ends at once. Throws
   * EngineFault "conflict" when the id is taken and `replace` is not set, "invalid" for a spec that makes no
   * sense, "unavailable" while stopping; nothing is changed then.
   *
   * Replacing keeps what is paused paused, and running runs finish. A trigger of the same rhythm keeps the
   * phase of the old one and what was accounted for. A different one takes over from now on: its earlier fire times
   * are not due. `phase: "new"` takes the spec as it is, as remove and add would. Before `start` there is no
   * phase to keep.
   */
  add(spec: JobSpec, options: AddOptions = {}): void {
    if (this.#state === "stopping") {
      throw new EngineFault(
        "unavailable",
        `Job "${spec.id}" cannot be added while the scheduler stops; add it after the next start.`,
      );
    }
    const old = this.#jobs.get(spec.id);
    if (old !== undefined && options.replace !== true) {
      throw new EngineFault(
        "conflict",
        `A job "${spec.id}" exists already; remove it first, or replace it.`,
      );
    }
    const paused = old === undefined ? (options.paused ?? false) : old.paused;
    const keepsPhase =
      old !== undefined &&
      this.#state === "running" &&
      options.phase !== "new" &&
      sameRhythm(spec.trigger, old.spec.trigger);
    const now = this.#clock.now();
    const job = keepsPhase
      ? jobInPhase(spec, old, now, paused)
      : makeJob(spec, this.#dueAfter(spec, old, options), now, paused);
    if (old !== undefined) this.#end(old, "the job was replaced", !keepsPhase);
    this.#jobs.set(spec.id, job);
    if (!paused) this.#queue(job);
    if (options.paused === true) this.pause(spec.id);
    if (options.paused === false) this.resume(spec.id);
    this.#arm();
  }

  /** Ends a job; false when there is none. A running run finishes and is recorded. */
  remove(id: string): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined) return false;
    this.#jobs.delete(id);
    this.#end(job, "the job was removed", true);
    this.#arm();
    return true;
  }

  /**
   * From now on nothing of this job is due until it is resumed; false when there is no such job. What was due
   * but had not started is cancelled; a running run finishes. Fire times between are neither run nor recorded.
   */
  pause(id: string): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined) return false;
    if (job.paused) return true;
    this.#heap.remove(job);
    job.paused = true;
    this.#cancelDue(job, "the job was paused");
    this.#instances.drop(job, "the job was paused");
    this.#arm();
    return true;
  }

  /** Goes on with the next fire time of the old phase, from this instant on; false when there is no such job. */
  resume(id: string): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined) return false;
    if (!job.paused) return true;
    job.paused = false;
    advance(job, this.#clock.now() - 1);
    this.#queue(job);
    this.#arm();
    return true;
  }

  /**
   * Starts nothing until `resumeAll`. Unlike `pause`, fire times stay due and are judged, late, on resuming. A
   * backlog that is being worked off goes on.
   */
  pauseAll(): void {
    this.#allPaused = true;
    this.#arm();
  }

  resumeAll(): void {
    if (!this.#allPaused) return;
    this.#allPaused = false;
    const now = this.#clock.now();
    for (const job of this.#jobs.values()) this.#judgeAgain(job, now);
    this.#takeTurns();
    this.#arm();
  }

  get(id: string): JobView | undefined {
    const job = this.#jobs.get(id);
    return job === undefined ? undefined : this.#view(job);
  }

  /** All jobs in the order of adding. */
  list(): readonly JobView[] {
    return Array.from(this.#jobs.values(), (job) => this.#view(job));
  }

  /** Fire times of a job up to and including `until`, at most `limit`; none of a paused or an unknown one. */
  coming(id: string, until: number, limit: number): readonly number[] {
    const job = this.#jobs.get(id);
    const times: number[] = [];
    if (job === undefined || job.paused) return times;
    const last = Math.min(until, job.spec.endAt ?? until);
    for (let time = job.next; time <= last && times.length < limit;) {
      times.push(time);
      time = job.schedule.next(time);
    }
    return times;
  }

  /** Jobs added before fall due now, late ones too. Throws EngineFault "conflict" when it runs already, "unavailable" while stopping. */
  start(): void {
    if (this.#state === "running") {
      throw new EngineFault("conflict", "The scheduler runs already; stop it before starting it.");
    }
    if (this.#state === "stopping") {
      throw new EngineFault("unavailable", "The scheduler is stopping; start it afterwards.");
    }
    this.#state = "running";
    this.#seen = { wall: this.#clock.now(), steady: this.#clock.steady() };
    this.#arm();
  }

  /**
   * Drain: ends all jobs, waits up to `limitMs` of engine time for running runs, then aborts the rest through their
   * signal, which makes them `cancelled`. Runs that do not notice within another second are given up. Nothing
   * starts afterwards; the scheduler is empty and may be started anew. A second call joins the first.
   * Rejects with EngineFault "invalid" for a limit below 0.
   */
  stop(options: { readonly limitMs: number }): Promise<DrainReport> {
    const { limitMs } = options;
    if (!Number.isFinite(limitMs) || limitMs < 0) {
      return Promise.reject(
        new EngineFault(
          "invalid",
          `The drain limit is ${limitMs} ms; give a number of ms, 0 or more.`,
        ),
      );
    }
    this.#drain ??= this.#stop(limitMs).finally(() => {
      this.#drain = null;
    });
    return this.#drain;
  }

  async #stop(limitMs: number): Promise<DrainReport> {
    const jobs = [...this.#jobs.values()];
    const wasRunning = this.#state === "running";
    this.#state = "stopping";
    this.#allPaused = false;
    this.#gate.abandon();
    this.#jobs.clear();
    this.#arm();
    for (const job of jobs) this.#end(job, "the scheduler stopped", wasRunning);
    const report = await this.#instances.drain(limitMs);
    this.#state = "idle";
    return report;
  }

  /**
   * Tells that the wall was set, the machine slept or the event loop stood still. Everything that is due is judged at
   * once, by its grace at this instant; what is in time runs late, the first job at once and each other one
   * `staggerMs` after the one before, in the order of (fire time, id), with its true fire time. Nothing runs before
   * `beforeOverdue` is through; after a stall it is asked only when something is overdue. After a step back no fire time
   * comes twice, and intervals and candle closes get a phase in which they are not silenced; see docs/scheduling.md.
   * Telling the same change twice does nothing more. Throws EngineFault "invalid" for a delta that is no number.
   */
  clockChanged(change: ClockChange): ClockChangeReport {
    const { kind, deltaMs } = change;
    if (!Number.isFinite(deltaMs)) {
      throw new EngineFault(
        "invalid",
        `The clock cannot have changed by ${deltaMs} ms; give a finite number of ms.`,
      );
    }
    const now = this.#clock.now();
    const before = this.#collectUnset(now);
    let reanchored = 0;
    for (const job of this.#jobs.values()) {
      if (!reanchor(job, now, deltaMs)) continue;
      reanchored += 1;
      if (this.#heap.remove(job)) this.#heap.push(job);
    }
    const after = this.#change(change);
    const counts = {
      missed: before.missed + after.missed,
      coalesced: before.coalesced + after.coalesced,
      skipped: before.skipped + after.skipped,
    };
    // A timer may have been armed for the wall as it was.
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#armedFor = null;
    this.#arm();
    const overdueJobs = [...this.#jobs.values()].filter(({ overdue }) => overdue !== null).length;
    const what = { step: "wall was set", sleep: "machine slept", stall: "event loop stood still" }[
      kind
    ];
    const lost = counts.missed + counts.coalesced + counts.skipped;
    const reason = `The ${what} (${deltaMs < 0 ? "−" : ""}${spoken(Math.abs(deltaMs))}): ${overdueJobs} overdue jobs run late, ${lost} fire times did not run, ${reanchored} jobs got a new phase.`;
    return { kind, deltaMs, at: now, overdueJobs, ...counts, reanchored, reason };
  }

  /** Fire times of a job that does not keep an old one's phase are due after this. */
  #dueAfter(spec: JobSpec, old: Job | undefined, options: AddOptions): number {
    const accounted = spec.accountedUntil ?? Number.NEGATIVE_INFINITY;
    const now = this.#clock.now();
    const takesOver = old !== undefined && options.phase !== "new" && this.#state === "running";
    const heldBack = spec.startOffsetMs === undefined ? accounted : now + spec.startOffsetMs - 1;
    return Math.max(accounted, heldBack, takesOver ? now - 1 : accounted);
  }

  /** Puts a job into the heap, or takes it out for good when nothing of it is left. */
  #queue(job: Job): void {
    if (!isOver(job)) {
      this.#heap.push(job);
      return;
    }
    const { id, endAt } = job.spec;
    if (this.#jobs.get(id) !== job) return;
    this.#jobs.delete(id);
    const end = endAt == null ? "" : ` up to its end at ${utc(endAt)}`;
    try {
      this.#parts.onEnd?.({
        jobId: id,
        at: this.#clock.now(),
        reason: `No fire time of the job is left${end}; it was taken out.`,
      });
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  /** Takes a job out of everything. `cancel` accounts for what was due and had not started. */
  #end(job: Job, why: string, cancel: boolean): void {
    this.#heap.remove(job);
    job.ended = why;
    if (cancel && !job.paused) this.#cancelDue(job, why);
    this.#instances.drop(job, why);
  }

  #cancelDue(job: Job, why: string): void {
    // A scheduler that has not started owes nothing yet.
    if (this.#state === "idle") return;
    const now = this.#clock.now();
    const { overdue } = job;
    if (overdue === null && job.next > now) return;
    const row = job.schedule.between(job.after, now);
    job.overdue = null;
    advance(job, now);
    const cancelled = (due: FireRow): void =>
      this.#recorder.refused(
        job.spec.id,
        "cancelled",
        due,
        `Due, but ${why} before it could start.`,
      );
    for (const due of rowsOf(job.schedule, overdue?.fireTimes ?? [])) cancelled(due);
    if (row !== null) cancelled(row);
  }

  /** Keeps the one timer of the clock at the first fire time of all jobs. */
  #arm(): void {
    if (this.#waking) return;
    const first = this.#serving ? this.#heap.peek() : undefined;
    const next = first === undefined || dueAt(first) === Infinity ? null : dueAt(first);
    if (next === this.#armedFor) return;
    this.#cancelTimer?.();
    this.#armedFor = next;
    this.#cancelTimer = next === null ? null : this.#clock.at(next, this.#wake, "fire");
  }

  get #serving(): boolean {
    return this.#state === "running" && !this.#allPaused && !this.#gate.shut;
  }

  readonly #wake = (): void => {
    this.#armedFor = null;
    this.#cancelTimer = null;
    this.#waking = true;
    this.#noteClocks();
    // Work that blocks moves time on; what falls due meanwhile waits for the next wake-up, when the work's end is known.
    const until = this.#clock.now();
    const first = this.#heap.peek();
    const late = first === undefined ? 0 : until - dueAt(first);
    const { overdueAfterMs } = this.#parts;
    if (overdueAfterMs != null && late > overdueAfterMs)
      this.#change({ kind: "stall", deltaMs: late });
    for (;;) {
      const job = this.#heap.peek();
      if (job === undefined || dueAt(job) > until || !this.#serving) break;
      this.#heap.remove(job);
      // A wall that is set back under our feet takes no fire time back.
      this.#serve(job, Math.max(until, this.#clock.now()));
    }
    this.#waking = false;
    this.#arm();
  };

  /** Follows the slow drift of the two clocks; a wall that was set is left for `clockChanged` to compare. */
  #noteClocks(): void {
    if (this.#seen === null) return;
    const wall = this.#clock.now();
    const steady = this.#clock.steady();
    const drift = wall - this.#seen.wall - (steady - this.#seen.steady);
    if (Math.abs(drift) < longestDriftMs) this.#seen = { wall, steady };
  }

  /** Judges what is due of a job that was taken out of the heap, puts it back and starts what is to run. */
  #serve(job: Job, now: number): void {
    const { spec } = job;
    const running = this.#instances.count(spec.id);
    const { refused, run } = this.#judge(job, now);
    let late: Overdue | null = null;
    if (job.overdue !== null && (run.length > 0 || job.overdue.turn <= now)) {
      late = job.overdue;
      job.overdue = null;
    }
    this.#queue(job);
    for (const refusal of refused) this.#refuse(job, refusal);
    if (late === null) {
      if (run.length > 0) this.#instances.start(job, run);
    } else if (run.length > 0 && spec.coalesce) {
      for (const refusal of overtaken(job, late)) this.#refuse(job, refusal);
      this.#instances.start(job, run);
    } else if (running >= spec.maxInstances) {
      for (const row of rowsOf(job.schedule, late.fireTimes))
        this.#refuse(job, skipped(row, running, spec.maxInstances));
    } else this.#instances.start(job, [...late.fireTimes, ...run], now - late.judgedAt);
  }

  #judge(job: Job, now: number): Verdict {
    if (job.next > now) return { refused: [], run: [] };
    const { spec, schedule, after } = job;
    const verdict = judge(spec, schedule, after, now, this.#instances.count(spec.id));
    advance(job, now);
    return verdict;
  }

  #refuse(job: Job, { outcome, row, reason }: Refusal): void {
    this.#recorder.refused(job.spec.id, outcome, row, reason);
  }

  /**
   * When the wall was set back: judges, by where it would stand, what had fallen due there and was not served yet. A fire
   * time that was due stays due. Returns how many came to nothing.
   */
  #collectUnset(now: number): Readonly<Record<Refusal["outcome"], number>> {
    const counts = { missed: 0, coalesced: 0, skipped: 0 };
    if (this.#seen === null || this.#state !== "running") return counts;
    const steady = this.#clock.steady();
    const unset = Math.round(this.#seen.wall + steady - this.#seen.steady);
    this.#seen = { wall: now, steady };
    if (unset <= now) return counts;
    for (const { outcome, row } of this.#collect(unset)) counts[outcome] += row.count;
    return counts;
  }

  /** Everything due is judged now and waits for its turn. Returns how many fire times came to nothing. */
  #change(change: ClockChange): Readonly<Record<Refusal["outcome"], number>> {
    const counts = { missed: 0, coalesced: 0, skipped: 0 };
    if (this.#state !== "running" || this.#allPaused) return counts;
    for (const { outcome, row } of this.#collect(this.#clock.now())) counts[outcome] += row.count;
    const overdue = [...this.#jobs.values()].some((job) => job.overdue !== null);
    if (overdue || change.kind !== "stall") this.#gate.shutFor(change);
    this.#takeTurns();
    return counts;
  }

  /** `now` is where the wall stands, or would stand had it not been set back. */
  #collect(now: number): readonly Refusal[] {
    const due = [...this.#jobs.values()].filter((job) => !job.paused && job.next <= now);
    const told: Refusal[] = [];
    for (const job of due.toSorted(byNext)) {
      if (job.paused || job.ended !== null) continue;
      const { refused, run } = this.#judge(job, now);
      const before = job.overdue;
      const dropped =
        before !== null && run.length > 0 && job.spec.coalesce ? overtaken(job, before) : [];
      if (run.length > 0) {
        const kept = before === null || job.spec.coalesce ? [] : before.fireTimes;
        job.overdue = { fireTimes: [...kept, ...run], judgedAt: this.#clock.now(), turn: Infinity };
      }
      this.#heap.remove(job);
      this.#queue(job);
      for (const refusal of [...dropped, ...refused]) {
        told.push(refusal);
        this.#refuse(job, refusal);
      }
    }
    return told;
  }

  /** What waited for its turn when all was paused is judged by its grace once more. */
  #judgeAgain(job: Job, now: number): void {
    const { graceMs } = job.spec;
    const last = job.overdue?.fireTimes.at(-1);
    if (job.overdue === null || last === undefined || !isMisfire(last, now, graceMs)) return;
    const rows = rowsOf(job.schedule, job.overdue.fireTimes);
    this.#heap.remove(job);
    job.overdue = null;
    this.#queue(job);
    for (const row of rows) this.#refuse(job, missed(row, now, graceMs));
  }

  /** Gives each overdue job its turn, a stagger after the one before, from now on; none while the gate is shut. */
  #takeTurns(): void {
    const { staggerMs = defaultStaggerMs } = this.#parts;
    let turn = this.#gate.shut ? Infinity : this.#clock.now();
    const waiting = [...this.#jobs.values()].filter((job) => job.overdue !== null);
    for (const job of waiting.toSorted(byOverdue)) {
      const queued = this.#heap.remove(job);
      if (job.overdue !== null) job.overdue.turn = turn;
      if (queued) this.#heap.push(job);
      turn += staggerMs;
    }
  }

  #view(job: Job): JobView {
    return {
      id: job.spec.id,
      nextFireTime: job.paused || job.next === Infinity ? null : job.next,
      paused: job.paused,
      running: this.#instances.count(job.spec.id),
    };
  }
}

const overtaken = ({ schedule }: Job, { fireTimes }: Overdue): readonly Refusal[] =>
  rowsOf(schedule, fireTimes).map((row) => ({
    outcome: "coalesced",
    row,
    reason:
      "It waited for its turn after a change of the clock and coalesced into a later fire time.",
  }));
