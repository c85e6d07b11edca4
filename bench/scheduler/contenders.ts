import { cronOf } from "./jobs.ts";
import type { BenchJob } from "./jobs.ts";

/** One scheduler under test, in a process of its own. */
export interface Contender {
  /** Registers jobs; `fired` is called at each of their fire times from `from` on (ms UTC, a whole second). */
  add(jobs: readonly BenchJob[], from: number, fired: (job: BenchJob) => void): void;
  /** Ends all jobs, one by one. */
  remove(): void | Promise<void>;
}

async function ours(): Promise<Contender> {
  const { SystemClock } = await import("../../src-main/engine/clock-system.ts");
  const { Scheduler } = await import("../../src-main/engine/scheduler/scheduler.ts");
  const scheduler = new Scheduler({
    clock: new SystemClock(),
    onRecord: () => {},
    onError: (error) => {
      throw error;
    },
  });
  scheduler.start();
  let ids: readonly string[] = [];
  return {
    add: (jobs, from, fired) => {
      ids = jobs.map(({ id }) => id);
      for (const job of jobs) {
        scheduler.add({
          id: job.id,
          trigger: {
            kind: "interval",
            everyMs: job.everyMs,
            anchor: Math.ceil(from / job.everyMs) * job.everyMs,
          },
          graceMs: 60_000,
          coalesce: true,
          maxInstances: 1,
          accountedUntil: null,
          run: async () => {
            fired(job);
          },
        });
      }
    },
    remove: () => {
      for (const id of ids) scheduler.remove(id);
    },
  };
}

async function nodeCron(): Promise<Contender> {
  const { schedule, setLogger } = await import("node-cron");
  const silent = (): void => {};
  setLogger({ info: silent, warn: silent, error: silent, debug: silent });
  let tasks: readonly ReturnType<typeof schedule>[] = [];
  return {
    add: (jobs, _from, fired) => {
      tasks = jobs.map((job) =>
        schedule(
          cronOf(job),
          () => {
            fired(job);
          },
          { name: job.id, noOverlap: true },
        ),
      );
    },
    remove: async () => {
      for (const task of tasks) await task.destroy();
    },
  };
}

async function croner(): Promise<Contender> {
  const { Cron } = await import("croner");
  let tasks: readonly InstanceType<typeof Cron>[] = [];
  return {
    add: (jobs, _from, fired) => {
      tasks = jobs.map(
        (job) =>
          new Cron(cronOf(job), { name: job.id, protect: true }, () => {
            fired(job);
          }),
      );
    },
    remove: () => {
      for (const task of tasks) task.stop();
    },
  };
}

async function setIntervals(): Promise<Contender> {
  let handles: NodeJS.Timeout[] = [];
  return {
    add: (jobs, from, fired) => {
      const start = (job: BenchJob): void => {
        handles.push(
          setInterval(() => {
            fired(job);
          }, job.everyMs),
        );
      };
      // An interval begins when it is set: this one on its grid.
      const wait = (job: BenchJob): number =>
        Math.ceil(from / job.everyMs) * job.everyMs - job.everyMs - Date.now();
      for (const job of jobs) {
        if (job.everyMs > 60_000) start(job);
        else if (wait(job) > 0) setTimeout(() => start(job), wait(job));
        else setTimeout(() => start(job), wait(job) + job.everyMs);
      }
    },
    remove: () => {
      for (const handle of handles) clearInterval(handle);
      handles = [];
    },
  };
}

/** Those that run in Node, by the name under which they are reported. */
export const CONTENDERS: Readonly<Record<string, () => Promise<Contender>>> = {
  tickdeck: ours,
  "node-cron": nodeCron,
  croner,
  setInterval: setIntervals,
};
