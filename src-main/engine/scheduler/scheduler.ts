import { Heap } from "../clock-heap.ts";
import type { Cancel, Clock } from "../clock.ts";
import { EngineFault } from "../fault.ts";
import { Instances } from "./instances.ts";
import { earlier, makeJob } from "./job.ts";
import type { Job } from "./job.ts";
import { isMisfire, judge } from "./misfire.ts";
import { Recorder } from "./recorder.ts";
import type { RecorderParts } from "./recorder.ts";
import { fireTimesBetween, nextFireTime, sameRhythm } from "./trigger.ts";
import type { AddOptions, DrainReport, JobSpec, JobView } from "./types.ts";

/**
 * Runs jobs at their fire times and accounts for every one of them exactly once. One heap by (fire time, id)
 * and one timer at the clock. The clock is held for each run from its start to its record.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #instances: Instances;
  readonly #jobs = new Map<string, Job>();
  /** Jobs that are registered and not paused. */
  readonly #heap = new Heap<Job>(earlier);
  #state: "idle" | "running" | "stopping" = "idle";
  #allPaused = false;
  #waking = false;
  #armedFor: number | null = null;
  #cancelTimer: Cancel | null = null;
  #drain: Promise<DrainReport> | null = null;

  constructor(parts: RecorderParts) {
    this.#clock = parts.clock;
    this.#recorder = new Recorder(parts);
    this.#instances = new Instances(parts.clock, this.#recorder);
  }

  /**
   * Registers a job. Fire times from its anchor on, or after `accountedUntil`, are due, past ones too. Throws
   * EngineFault "conflict" when the id is taken and `replace` is not set, "invalid" for a spec that makes no
   * sense, "unavailable" while stopping; nothing is changed then.
   *
   * Replacing keeps what is paused paused, and running runs finish. A trigger of the same interval keeps the
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
    const job = keepsPhase
      ? inPhase(spec, old, paused)
      : makeJob(spec, this.#dueAfter(spec, old, options), paused);
    if (old !== undefined) this.#end(old, "the job was replaced", !keepsPhase);
    this.#jobs.set(spec.id, job);
    if (!paused) this.#heap.push(job);
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
    this.#heap.push(job);
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
    this.#allPaused = false;
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
    for (let time = job.next; time <= until && times.length < limit;) {
      times.push(time);
      time = nextFireTime(job.spec.trigger, time);
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
    this.#jobs.clear();
    this.#arm();
    for (const job of jobs) this.#end(job, "the scheduler stopped", wasRunning);
    const report = await this.#instances.drain(limitMs);
    this.#state = "idle";
    return report;
  }

  /** Fire times of a job that does not keep an old one's phase are due after this. */
  #dueAfter(spec: JobSpec, old: Job | undefined, options: AddOptions): number {
    const accounted = spec.accountedUntil ?? Number.NEGATIVE_INFINITY;
    const takesOver = old !== undefined && options.phase !== "new" && this.#state === "running";
    return takesOver ? Math.max(accounted, this.#clock.now() - 1) : accounted;
  }

  /** Takes a job out of everything. `cancel` accounts for what was due and had not started. */
  #end(job: Job, why: string, cancel: boolean): void {
    this.#heap.remove(job);
    job.ended = why;
    if (cancel && !job.paused) this.#cancelDue(job, why);
  }

  #cancelDue(job: Job, why: string): void {
    // A scheduler that has not started owes nothing yet.
    if (this.#state === "idle") return;
    const now = this.#clock.now();
    const row = fireTimesBetween(job.spec.trigger, job.after, now);
    advance(job, now);
    if (row === null) return;
    const reason = `Due, but ${why} before it could start.`;
    this.#recorder.refused(job.spec.id, "cancelled", row, reason);
  }

  /** Keeps the one timer of the clock at the first fire time of all jobs. */
  #arm(): void {
    if (this.#waking) return;
    const next =
      this.#state === "running" && !this.#allPaused ? (this.#heap.peek()?.next ?? null) : null;
    if (next === this.#armedFor) return;
    this.#cancelTimer?.();
    this.#armedFor = next;
    this.#cancelTimer = next === null ? null : this.#clock.at(next, this.#wake, "fire");
  }

  readonly #wake = (): void => {
    this.#armedFor = null;
    this.#cancelTimer = null;
    this.#waking = true;
    // Work that blocks moves time on; what falls due meanwhile waits for the next wake-up, when the work's end is known.
    const until = this.#clock.now();
    for (;;) {
      const job = this.#heap.peek();
      if (job === undefined || job.next > until) break;
      if (this.#allPaused || this.#state !== "running") break;
      const { spec, after, next } = job;
      // A wall that is set back under our feet takes no fire time back.
      const now = Math.max(until, this.#clock.now());
      advance(job, now);
      this.#heap.sink(job);
      if (this.#isPlain(job, next, now)) {
        this.#instances.start(job, [next]);
        continue;
      }
      const { refused, run } = judge(spec, after, now, this.#instances.count(spec.id));
      for (const { outcome, row, reason } of refused) {
        this.#recorder.refused(spec.id, outcome, row, reason);
      }
      if (run.length > 0) this.#instances.start(job, run);
    }
    this.#waking = false;
    this.#arm();
  };

  /** One fire time is due, in time and with room to run: nearly always, and nothing is to be judged then. */
  #isPlain({ spec }: Job, fireTime: number, now: number): boolean {
    return (
      fireTime + spec.trigger.everyMs > now &&
      !isMisfire(fireTime, now, spec.graceMs) &&
      this.#instances.count(spec.id) < spec.maxInstances
    );
  }

  #view(job: Job): JobView {
    return {
      id: job.spec.id,
      nextFireTime: job.paused ? null : job.next,
      paused: job.paused,
      running: this.#instances.count(job.spec.id),
    };
  }
}

const advance = (job: Job, after: number): void => {
  job.after = Math.max(job.after, after);
  job.next = nextFireTime(job.spec.trigger, job.after);
};

/** `spec` in the phase of the job that it replaces, which was accounted for up to some fire time. */
const inPhase = (spec: JobSpec, old: Job, paused: boolean): Job => {
  const trigger = { ...spec.trigger, anchor: old.spec.trigger.anchor };
  return makeJob(
    { ...spec, trigger },
    Math.max(spec.accountedUntil ?? Number.NEGATIVE_INFINITY, old.after),
    paused,
  );
};
