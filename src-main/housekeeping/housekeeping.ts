import { createTask } from "node-cron";
import type { ScheduledTask } from "node-cron";
import * as z from "zod";
import type { HousekeepingJob, HousekeepingName } from "../../src-preload/contract/housekeeping.ts";
import { EngineFault, messageOf } from "../engine/fault.ts";

const DAY_MS = 86_400_000;
/** Wall ms after a start until node-cron makes its tasks, which takes it some 20 ms. */
const PLAN_AFTER_MS = 2_000;
/** Wall ms after a start or a wake until what was missed is made up for: the bots come first. */
const CATCH_UP_AFTER_MS = 60_000;

/** What is to be done regularly on the wall's time, whatever the engine's clock does. */
export interface Chore {
  readonly name: HousekeepingName;
  /** Five cron fields, local time. */
  readonly cron: string;
  /** Does it and says in one sentence what came of it. Must not hold up the event loop. */
  readonly run: () => Promise<string>;
}

export interface HousekeepingParts {
  readonly chores: readonly Chore[];
  /** Where the state lies from one start to the next. */
  readonly values: {
    get(key: string): unknown;
    set(key: string, value: unknown): void;
  };
  /** Wall time, ms UTC. */
  readonly now: () => number;
  /** Calls once after so many wall ms, unless cancelled. */
  readonly after: (ms: number, work: () => void) => () => void;
  readonly onResult: (level: "info" | "error", sentence: string) => void;
}

const KEY = "housekeeping";
const stateSchema = z.object({
  lastAt: z.number(),
  lastSuccessAt: z.number().nullable(),
  lastResult: z.string(),
  lastFailed: z.boolean(),
  lastMs: z.number(),
});
const storedSchema = z.record(z.string(), stateSchema);
type State = z.infer<typeof stateSchema>;

/**
 * Runs the chores by node-cron, one at a time and one of each; what was missed because the machine slept or Tickdeck
 * was closed is made up for a minute after the next start or wake. Failures are told and kept, and stop nobody.
 */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #state: Map<string, State>;
  readonly #tasks = new Map<HousekeepingName, ScheduledTask>();
  readonly #running = new Map<HousekeepingName, Promise<string>>();
  /** Ends when the chore that was last begun ends. */
  #line: Promise<unknown> = Promise.resolve();
  #cancel: () => void = () => {};
  #cancelPlan: () => void = () => {};
  #stopped = false;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    const stored = storedSchema.safeParse(parts.values.get(KEY));
    this.#state = new Map(Object.entries(stored.success ? stored.data : {}));
  }

  start(): void {
    this.#cancelPlan = this.#parts.after(PLAN_AFTER_MS, () => this.#plan());
    this.catchUp();
  }

  #plan(): void {
    for (const { name, cron } of this.#parts.chores) {
      const task = createTask(cron, () => this.#attempt(name), {
        name,
        noOverlap: true,
        // A fire time that a sleep swallowed is made up for by `catchUp`, and said there.
        suppressMissedWarning: true,
        unref: true,
      });
      this.#tasks.set(name, task);
      void task.start();
    }
  }

  /** After a start or a wake: soon runs what has not ended well for a day. */
  catchUp(): void {
    this.#cancel();
    if (this.#stopped) return;
    this.#cancel = this.#parts.after(CATCH_UP_AFTER_MS, () => {
      for (const { name } of this.#parts.chores) {
        const last = this.#state.get(name)?.lastSuccessAt ?? Number.NEGATIVE_INFINITY;
        const since = this.#parts.now() - last;
        // A last time in the future is of a clock that was wrong.
        if (since >= DAY_MS || since < 0) void this.#attempt(name);
      }
    });
  }

  jobs(): readonly HousekeepingJob[] {
    return this.#parts.chores.map(({ name }) => {
      const state = this.#state.get(name);
      return {
        name,
        running: this.#running.has(name),
        lastAt: state?.lastAt ?? null,
        lastSuccessAt: state?.lastSuccessAt ?? null,
        lastResult: state?.lastResult ?? null,
        lastFailed: state?.lastFailed ?? false,
        lastMs: state?.lastMs ?? null,
        nextAt: this.#tasks.get(name)?.getNextRun()?.getTime() ?? null,
      };
    });
  }

  /**
   * Runs a chore now, behind those that run already, and gives its sentence. Rejects with EngineFault: `conflict` when
   * it runs already or housekeeping has stopped, `unavailable` with the reason when it fails.
   */
  async run(name: HousekeepingName): Promise<string> {
    const chore = this.#parts.chores.find((one) => one.name === name);
    if (chore === undefined || this.#stopped)
      throw new EngineFault("conflict", `Tickdeck is closing; no ${name} is begun.`);
    if (this.#running.has(name))
      throw new EngineFault("conflict", `A ${name} is running already; wait for its end.`);
    const work = this.#line.then(() => this.#do(chore));
    this.#running.set(name, work);
    this.#line = work.catch(() => {});
    try {
      return await work;
    } finally {
      this.#running.delete(name);
    }
  }

  /** Begins nothing more and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    this.#cancelPlan();
    for (const task of this.#tasks.values()) await task.destroy();
    this.#tasks.clear();
    await this.#line;
  }

  /** The same for a run that nobody waits for: its end is in the state and has been told. */
  async #attempt(name: HousekeepingName): Promise<void> {
    if (this.#stopped) return;
    if (this.#running.has(name)) {
      this.#parts.onResult("info", `The ${name} that was due is left out: one is running.`);
      return;
    }
    await this.run(name).catch(() => {});
  }

  async #do({ name, run }: Chore): Promise<string> {
    const { now, onResult, values } = this.#parts;
    const began = now();
    const end = (failed: boolean, sentence: string): void => {
      const at = now();
      this.#state.set(name, {
        lastAt: at,
        lastSuccessAt: failed ? (this.#state.get(name)?.lastSuccessAt ?? null) : at,
        lastResult: sentence,
        lastFailed: failed,
        lastMs: Math.max(0, at - began),
      });
      onResult(failed ? "error" : "info", sentence);
      values.set(KEY, Object.fromEntries(this.#state));
    };
    try {
      const sentence = await run();
      end(false, sentence);
      return sentence;
    } catch (error) {
      const reason = messageOf(error);
      end(true, reason);
      throw new EngineFault("unavailable", reason);
    }
  }
}
