import type { Cancel, Clock, Release } from "../clock.ts";
import type { Gate } from "./gate.ts";
import type { Job } from "./job.ts";
import { isMisfire, missed, spoken } from "./misfire.ts";
import type { Recorder } from "./recorder.ts";
import { RunningFire } from "./run.ts";
import { rowsOf } from "./schedule.ts";
import type { DrainReport } from "./types.ts";

/** Engine ms that an aborted run gets to notice its signal before it is given up. */
const abortGraceMs = 1_000;

/** One instance of a job: one fire time, or a backlog of them, one after the other; at work or waiting for its group. */
interface Instance {
  readonly job: Job;
  readonly release: Release;
  /** Ms by which grace is extended: the wait for a turn after a change of the clock, or for its group. */
  waitedMs: number;
  /** When it began to wait for its group, engine time; null for one that does not. */
  queuedAt: number | null;
  /** The first fire time was judged just before; one that waited for its group is judged again. */
  judged: boolean;
  /** The fire time at work now. */
  fire: RunningFire | null;
  /** Fire times that wait for their turn, ascending. */
  waiting: readonly number[];
  /** Why the run at work was aborted, in one sentence; null while it may run. */
  aborted: string | null;
  /** Ends the watch over the run at work. */
  unlimit: Cancel;
  /** Accounted for, though its run may not have noticed its abort yet. */
  over: boolean;
}

/** What is at work. The clock is held for each instance from its start to its last record. */
export class Instances {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #gate: Gate;
  readonly #atWork = new Set<Instance>();
  /** By job id: a job that was removed and added again still counts its old run. */
  readonly #counts = new Map<string, number>();
  /** By group: the instance at work and those that wait behind it. */
  readonly #lanes = new Map<string, Instance[]>();
  #onIdle: (() => void) | null = null;
  #draining = false;

  /** While `gate` is shut, backlogs and groups start nothing more; `start` is not called then. */
  constructor(clock: Clock, recorder: Recorder, gate: Gate) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#gate = gate;
  }

  /** Instances of this id, those that wait for their group included. */
  count(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  /**
   * Runs fire times that were judged just now as one instance, one after the other; the first starts before this
   * returns, unless another job of its group is at work. `waitedMs` does not count against the grace of the others.
   */
  start(job: Job, fireTimes: readonly number[], waitedMs = 0): void {
    this.#start(job, fireTimes, waitedMs, true);
  }

  /** Cancels what a job has waiting in its group; `why` is the middle of a sentence. */
  drop(job: Job, why: string): void {
    if (job.spec.group === undefined) return;
    for (const lane of this.#lanes.values()) {
      for (const instance of lane.slice(1)) if (instance.job === job) this.#end(instance, why);
    }
  }

  /**
   * Waits up to `limitMs` of engine time for what is at work, then aborts the rest, which makes it `cancelled`;
   * what does not notice within another second is given up: recorded, and no longer waited for.
   */
  async drain(limitMs: number): Promise<DrainReport> {
    const began = this.#clock.monotonic();
    this.#draining = true;
    for (const lane of [...this.#lanes.values()]) {
      for (const instance of lane.slice(1)) this.#end(instance, stopped);
    }
    const atWork = this.#atWork.size;
    if (limitMs > 0) await this.#idleWithin(limitMs);
    const late = [...this.#atWork];
    const reason = `Still running ${spoken(limitMs)} after the scheduler was told to stop, so it was aborted.`;
    for (const instance of late) abort(instance, reason);
    await this.#idleWithin(abortGraceMs);
    for (const instance of [...this.#atWork]) this.#giveUp(instance);
    this.#draining = false;
    return {
      finished: atWork - late.length,
      aborted: [...new Set(late.map(({ job }) => job.spec.id))],
      ms: this.#clock.monotonic() - began,
    };
  }

  #start(job: Job, fireTimes: readonly number[], waitedMs: number, judged: boolean): void {
    const { id, group } = job.spec;
    const instance: Instance = {
      job,
      release: this.#clock.hold(),
      waitedMs,
      queuedAt: null,
      judged,
      fire: null,
      waiting: fireTimes,
      aborted: null,
      unlimit: () => {},
      over: false,
    };
    this.#atWork.add(instance);
    this.#counts.set(id, this.count(id) + 1);
    if (group !== undefined) {
      const lane = this.#lanes.get(group);
      if (lane !== undefined) {
        instance.judged = false;
        instance.queuedAt = this.#clock.now();
        lane.push(instance);
        return;
      }
      this.#lanes.set(group, [instance]);
    }
    void this.#work(instance);
  }

  async #work(instance: Instance): Promise<void> {
    const { job } = instance;
    const { id, graceMs } = job.spec;
    // A slow peer must not make it miss: what it waited for its group does not count as lateness.
    if (instance.queuedAt !== null) instance.waitedMs += this.#clock.now() - instance.queuedAt;
    const { waitedMs } = instance;
    while (!instance.over) {
      const [fireTime, ...waiting] = instance.waiting;
      if (fireTime === undefined || this.#idleReason(instance) !== null) break;
      if (this.#gate.opening !== null) {
        await this.#gate.opening;
        continue;
      }
      instance.waiting = waiting;
      const now = this.#clock.now();
      if (!instance.judged && isMisfire(fireTime, now - waitedMs, graceMs)) {
        const { outcome, row, reason } = missed(
          { first: fireTime, last: fireTime, count: 1 },
          now,
          graceMs,
        );
        this.#recorder.refused(id, outcome, row, reason);
        continue;
      }
      await this.#run(instance, fireTime);
      // The others have waited for their turn since they were judged.
      instance.judged = false;
    }
    if (!instance.over) this.#end(instance, this.#idleReason(instance) ?? stopped);
  }

  /** Why nothing more of an instance may start, as the middle of a sentence, or null. */
  #idleReason({ job }: Instance): string | null {
    if (job.ended !== null) return job.ended;
    if (this.#draining) return stopped;
    return job.paused ? "the job was paused" : null;
  }

  async #run(instance: Instance, fireTime: number): Promise<void> {
    const { spec } = instance.job;
    const clock = this.#clock;
    const fire = new RunningFire(
      spec.id,
      fireTime,
      clock.now(),
      clock.realLateness(fireTime),
      clock.monotonic(),
    );
    instance.fire = fire;
    instance.unlimit = this.#limit(instance);
    let error: unknown = null;
    try {
      await spec.run(fire);
    } catch (thrown) {
      error = thrown ?? new Error("The run failed without saying why.");
    }
    if (instance.over) return;
    instance.unlimit();
    instance.fire = null;
    this.#recorder.ended(fire, error, instance.aborted);
    instance.aborted = null;
  }

  /** Watches over the run at work; returns what ends the watch. */
  #limit(instance: Instance): Cancel {
    const { runLimitMs } = instance.job.spec;
    if (runLimitMs == null) return () => {};
    const after = (ms: number, act: () => void): Cancel =>
      this.#clock.at(this.#clock.now() + ms, act, "limit");
    let cancel = after(runLimitMs, () => {
      abort(instance, `It ran longer than ${spoken(runLimitMs)}, so it was cancelled.`);
      cancel = after(abortGraceMs, () => {
        const { waiting } = instance;
        instance.waiting = [];
        this.#giveUp(instance);
        // A run that hangs takes its place in the backlog with it, not the rest of the backlog.
        const why = this.#idleReason(instance);
        if (waiting.length === 0) return;
        if (why === null) this.#start(instance.job, waiting, instance.waitedMs, false);
        else this.#cancelled(instance, waiting, why);
      });
    });
    return () => {
      cancel();
    };
  }

  /** Records an aborted run that does not notice as cancelled, and no longer waits for it. */
  #giveUp(instance: Instance): void {
    const { fire, aborted } = instance;
    if (fire !== null) this.#recorder.ended(fire, null, aborted ?? stopped);
    this.#end(instance, this.#idleReason(instance) ?? stopped);
  }

  /** Accounts for what an instance leaves, frees its place and lets the clock go. */
  #end(instance: Instance, why: string): void {
    instance.over = true;
    instance.unlimit();
    const { id, group } = instance.job.spec;
    if (instance.waiting.length > 0) this.#cancelled(instance, instance.waiting, why);
    this.#atWork.delete(instance);
    const left = this.count(id) - 1;
    if (left > 0) this.#counts.set(id, left);
    else this.#counts.delete(id);
    if (group !== undefined) this.#leave(group, instance);
    instance.release();
    if (this.#atWork.size === 0) this.#onIdle?.();
  }

  #leave(group: string, instance: Instance): void {
    const lane = this.#lanes.get(group) ?? [];
    const place = lane.indexOf(instance);
    lane.splice(place, 1);
    const [next] = lane;
    if (next === undefined) this.#lanes.delete(group);
    else if (place === 0) void this.#work(next);
  }

  #cancelled({ job }: Instance, fireTimes: readonly number[], why: string): void {
    const reason = `Due, but ${why} before it could start.`;
    for (const row of rowsOf(job.schedule, fireTimes))
      this.#recorder.refused(job.spec.id, "cancelled", row, reason);
  }

  #idleWithin(ms: number): Promise<void> {
    if (this.#atWork.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#onIdle = null;
        cancel();
        resolve();
      };
      const cancel = this.#clock.at(this.#clock.now() + ms, done, "work");
      this.#onIdle = done;
    });
  }
}

const stopped = "the scheduler stopped";

const abort = (instance: Instance, reason: string): void => {
  instance.aborted ??= reason;
  instance.fire?.abort(new Error(reason));
};
