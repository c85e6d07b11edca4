import type { Clock, Release } from "../clock.ts";
import type { Job } from "./job.ts";
import { isMisfire, missed, spoken } from "./misfire.ts";
import type { Recorder } from "./recorder.ts";
import { RunningFire } from "./run.ts";
import type { FireRow } from "./trigger.ts";
import type { DrainReport } from "./types.ts";

/** Engine ms that aborted runs get to notice their signal before a drain gives them up. */
const abortGraceMs = 1_000;

/** One instance of a job at work: one fire time, or a backlog of them, one after the other. */
interface Instance {
  readonly job: Job;
  readonly release: Release;
  /** The fire time at work now. */
  fire: RunningFire | null;
  /** Fire times of the backlog that wait for their turn, ascending. */
  waiting: readonly number[];
  /** Why it was aborted, in one sentence; null while it may run. */
  aborted: string | null;
  /** Accounted for, though it may not have noticed its abort yet. */
  over: boolean;
}

/** What is at work. The clock is held for each instance from its start to its last record. */
export class Instances {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #atWork = new Set<Instance>();
  /** By job id: a job that was removed and added again still counts its old run. */
  readonly #counts = new Map<string, number>();
  #onIdle: (() => void) | null = null;

  constructor(clock: Clock, recorder: Recorder) {
    this.#clock = clock;
    this.#recorder = recorder;
  }

  count(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  /** Runs fire times as one instance, one after the other; the first starts before this returns. */
  start(job: Job, fireTimes: readonly number[]): void {
    const { id } = job.spec;
    const instance: Instance = {
      job,
      release: this.#clock.hold(),
      fire: null,
      waiting: fireTimes,
      aborted: null,
      over: false,
    };
    this.#atWork.add(instance);
    this.#counts.set(id, this.count(id) + 1);
    const [only] = fireTimes;
    if (fireTimes.length === 1 && only !== undefined) this.#runAlone(instance, only);
    else void this.#work(instance, fireTimes);
  }

  /** The usual case without an async function around it: thousands due at once start a third sooner. */
  #runAlone(instance: Instance, fireTime: number): void {
    const fire = this.#begin(instance, fireTime);
    instance.waiting = [];
    const over = (error: unknown): void => {
      if (instance.over) return;
      this.#record(instance, fire, error);
      this.#end(instance);
    };
    started(instance.job, fire).then(
      () => {
        over(null);
      },
      (thrown: unknown) => {
        over(failure(thrown));
      },
    );
  }

  /**
   * Waits up to `limitMs` of engine time for what is at work, then aborts the rest, which makes it `cancelled`;
   * what does not notice within another second is given up: recorded, and no longer waited for.
   */
  async drain(limitMs: number): Promise<DrainReport> {
    const began = this.#clock.monotonic();
    const atWork = this.#atWork.size;
    if (limitMs > 0) await this.#idleWithin(limitMs);
    const late = [...this.#atWork];
    const reason = `Still running ${spoken(limitMs)} after the scheduler was told to stop, so it was aborted.`;
    for (const instance of late) {
      instance.aborted = reason;
      instance.fire?.abort(new Error(reason));
    }
    await this.#idleWithin(abortGraceMs);
    for (const instance of [...this.#atWork]) {
      if (instance.fire !== null) this.#recorder.ended(instance.fire, null, reason);
      this.#end(instance);
    }
    return {
      finished: atWork - late.length,
      aborted: [...new Set(late.map(({ job }) => job.spec.id))],
      ms: this.#clock.monotonic() - began,
    };
  }

  async #work(instance: Instance, fireTimes: readonly number[]): Promise<void> {
    const { job } = instance;
    const { id, graceMs } = job.spec;
    for (const [i, fireTime] of fireTimes.entries()) {
      if (instance.aborted !== null || job.ended !== null || job.paused) break;
      instance.waiting = fireTimes.slice(i + 1);
      const now = this.#clock.now();
      // The first was judged just now; the others have waited for their turn since.
      if (i > 0 && isMisfire(fireTime, now, graceMs)) {
        const { outcome, row, reason } = missed(rowOf([fireTime]), now, graceMs);
        this.#recorder.refused(id, outcome, row, reason);
        continue;
      }
      await this.#run(instance, fireTime);
    }
    if (!instance.over) this.#end(instance);
  }

  async #run(instance: Instance, fireTime: number): Promise<void> {
    const fire = this.#begin(instance, fireTime);
    let error: unknown = null;
    try {
      await started(instance.job, fire);
    } catch (thrown) {
      error = failure(thrown);
    }
    if (!instance.over) this.#record(instance, fire, error);
  }

  #begin(instance: Instance, fireTime: number): RunningFire {
    const clock = this.#clock;
    instance.fire = new RunningFire(
      instance.job.spec.id,
      fireTime,
      clock.now(),
      clock.realLateness(fireTime),
      clock.monotonic(),
    );
    return instance.fire;
  }

  #record(instance: Instance, fire: RunningFire, error: unknown): void {
    instance.fire = null;
    this.#recorder.ended(fire, error, instance.aborted);
  }

  /** Accounts for what an instance leaves, frees its place and lets the clock go. */
  #end(instance: Instance): void {
    instance.over = true;
    const { job, waiting } = instance;
    const { id } = job.spec;
    if (waiting.length > 0) {
      const why = job.ended ?? "the job was paused";
      this.#recorder.refused(
        id,
        "cancelled",
        rowOf(waiting),
        `Due, but ${why} before it could start.`,
      );
    }
    this.#atWork.delete(instance);
    const left = this.count(id) - 1;
    if (left > 0) this.#counts.set(id, left);
    else this.#counts.delete(id);
    instance.release();
    if (this.#atWork.size === 0) this.#onIdle?.();
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

/** Runs; what is thrown at once rejects as well. */
function started({ spec }: Job, fire: RunningFire): Promise<void> {
  try {
    return spec.run(fire);
  } catch (error) {
    return Promise.reject(error);
  }
}

const failure = (thrown: unknown): unknown =>
  thrown ?? new Error("The run failed without saying why.");

const rowOf = (fireTimes: readonly number[]): FireRow => ({
  first: fireTimes[0] ?? 0,
  last: fireTimes.at(-1) ?? 0,
  count: fireTimes.length,
});
