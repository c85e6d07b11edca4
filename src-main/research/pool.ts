import type {
  BacktestReport,
  BacktestRequest,
  SweepPoint,
} from "../../src-preload/contract/research.ts";
import { EngineFault } from "../engine/fault.ts";
import { chooseStrategy } from "./catalogue.ts";
import type { History } from "./history.ts";
import { packHistory } from "./protocol.ts";
import type { FromProcess, ToProcess } from "./protocol.ts";

/** One research process as its host starts it: a utility process, or a forked child. */
export interface ResearchProcess {
  /** Of the operating system; undefined when it could not be started. */
  readonly pid: number | undefined;
  post(message: ToProcess): void;
  onMessage(listener: (message: FromProcess) => void): void;
  /** It ended, in whichever way; called at least once. `how` is what is known of it. */
  onEnd(listener: (how: string) => void): void;
  kill(): void;
}

interface PoolOptions {
  readonly spawn: () => ResearchProcess;
  /** Processes that work at the same time; at least 1. */
  readonly size: number;
  /** One sentence about a process that ended unasked. */
  readonly onNotice: (sentence: string) => void;
}

export interface JobOptions {
  readonly signal?: AbortSignal;
  /** Share done, 0..1. */
  readonly onProgress?: (share: number) => void;
}

interface SweepOptions extends JobOptions {
  /** In one piece on one process; for a part of a sweep that others share. */
  readonly whole?: boolean;
}

type Answer = Extract<FromProcess, { kind: "report" | "points" }>;

interface Job {
  readonly id: number;
  readonly history: History;
  readonly make: (id: number, key: number) => ToProcess;
  readonly onProgress: (share: number) => void;
  readonly settle: (answer: Answer | Error) => void;
}

interface Worker {
  readonly process: ResearchProcess;
  /** Keys of the histories that it holds, least recently used first. */
  readonly keys: number[];
  job: Job | null;
  ready: boolean;
}

/** Histories that one process keeps: the one at work and the one before. */
const KEPT = 2;
/** A sweep goes out in so many parts a process, so that none waits long for the other. */
const PARTS = 4;
/** Ends in a row before any process became ready: then the host cannot run them. */
const MOST_FAILED_STARTS = 3;

/**
 * Runs back-tests in processes of their own, started beforehand. A process that ends takes only its job with it: that one
 * is told, the process is started again. Cancelling ends the process at work, whatever it is doing.
 */
export class ResearchPool {
  readonly #options: PoolOptions;
  readonly #workers = new Set<Worker>();
  readonly #queue: Job[] = [];
  readonly #keys = new WeakMap<History, number>();
  #nextKey = 1;
  #nextJob = 1;
  #failedStarts = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    for (let i = 0; i < Math.max(1, options.size); i++) this.#start();
  }

  /** Processes that have started and wait or work. */
  get ready(): number {
    return [...this.#workers].filter((worker) => worker.ready).length;
  }

  /** Rejects with EngineFault for a request that cannot be run or a process that ended, or with the signal's reason. */
  async backtest(
    request: BacktestRequest,
    history: History,
    options: JobOptions = {},
  ): Promise<BacktestReport> {
    const answer = await this.#run(
      history,
      (job, key) => ({ kind: "backtest", job, key, request }),
      options.onProgress ?? (() => {}),
      options.signal,
    );
    if (answer.kind !== "report") throw new Error("A research process mixed up its answers.");
    return answer.report;
  }

  /** One point for each parameter set, in their order; rejects as `backtest` does, and ends its other parts then. */
  async sweep(
    request: BacktestRequest,
    sets: readonly Readonly<Record<string, unknown>>[],
    history: History,
    options: SweepOptions = {},
  ): Promise<readonly SweepPoint[]> {
    for (const set of sets) chooseStrategy(request.strategy, { ...request.params, ...set });
    const pieces = options.whole === true ? 1 : this.#options.size * PARTS;
    const size = Math.max(1, Math.ceil(sets.length / pieces));
    const parts = Array.from({ length: Math.ceil(sets.length / size) }, (_, part) =>
      sets.slice(part * size, (part + 1) * size),
    );
    const failed = new AbortController();
    const signal =
      options.signal === undefined
        ? failed.signal
        : AbortSignal.any([options.signal, failed.signal]);
    let done = 0;
    const points = await Promise.all(
      parts.map(async (params) => {
        try {
          const answer = await this.#run(
            history,
            (job, key) => ({ kind: "sweep", job, key, request, params }),
            () => {},
            signal,
          );
          if (answer.kind !== "points") throw new Error("A research process mixed up its answers.");
          done += params.length;
          options.onProgress?.(done / sets.length);
          return answer.points;
        } catch (error) {
          failed.abort(error);
          throw error;
        }
      }),
    );
    return points.flat();
  }

  /** Ends all processes; what waits or runs is rejected. */
  close(): void {
    this.#closed = true;
    const over = new EngineFault("unavailable", "The research processes were closed.");
    for (const job of this.#queue.splice(0)) job.settle(over);
    for (const worker of [...this.#workers]) {
      this.#workers.delete(worker);
      worker.job?.settle(over);
      worker.process.kill();
    }
  }

  #run(
    history: History,
    make: Job["make"],
    onProgress: (share: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new EngineFault("unavailable", "The research processes were closed."));
        return;
      }
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const cancel = (): void => {
        const waiting = this.#queue.indexOf(job);
        if (waiting >= 0) this.#queue.splice(waiting, 1);
        for (const worker of [...this.#workers]) {
          if (worker.job !== job) continue;
          // A run in full swing hears nothing: the process ends, another takes its place.
          this.#workers.delete(worker);
          worker.job = null;
          worker.process.kill();
          this.#start();
        }
        reject(signal?.reason);
      };
      const job: Job = {
        id: this.#nextJob++,
        history,
        make,
        onProgress,
        settle: (answer) => {
          signal?.removeEventListener("abort", cancel);
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        },
      };
      signal?.addEventListener("abort", cancel, { once: true });
      this.#queue.push(job);
      this.#next();
    });
  }

  #start(): void {
    if (this.#closed) return;
    const process = this.#options.spawn();
    const worker: Worker = { process, keys: [], job: null, ready: false };
    this.#workers.add(worker);
    process.onMessage((message) => {
      if (this.#workers.has(worker)) this.#take(worker, message);
    });
    process.onEnd((how) => {
      if (this.#workers.delete(worker)) this.#ended(worker, how);
    });
  }

  #take(worker: Worker, message: FromProcess): void {
    if (message.kind === "ready") {
      worker.ready = true;
      this.#failedStarts = 0;
      this.#next();
      return;
    }
    const { job } = worker;
    if (job === null || message.job !== job.id) return;
    if (message.kind === "progress") {
      job.onProgress(message.share);
      return;
    }
    worker.job = null;
    if (message.kind === "failed") {
      job.settle(
        message.field === null
          ? new EngineFault("internal", `The back-test failed: ${message.message}`)
          : new EngineFault("invalid", message.message, message.field),
      );
    } else job.settle(message);
    this.#next();
  }

  #ended(worker: Worker, how: string): void {
    const sentence = `A research process ended (${how}); ${worker.job === null ? "it had nothing to do" : "its back-test is lost"}, and it is started again.`;
    if (!worker.ready) this.#failedStarts += 1;
    if (this.#failedStarts >= MOST_FAILED_STARTS) {
      this.#options.onNotice(
        `Research processes cannot be started here (${how}); back-tests are not to be had until Tickdeck is started again.`,
      );
      this.close();
      return;
    }
    this.#options.onNotice(sentence);
    worker.job?.settle(new EngineFault("internal", sentence));
    this.#start();
    this.#next();
  }

  #next(): void {
    for (const worker of this.#workers) {
      if (this.#queue.length === 0) return;
      if (!worker.ready || worker.job !== null) continue;
      const job = this.#queue.shift();
      if (job === undefined) return;
      worker.job = job;
      worker.process.post(job.make(job.id, this.#send(worker, job.history)));
    }
  }

  /** Brings a history into a process, once; returns its key there. */
  #send(worker: Worker, history: History): number {
    let key = this.#keys.get(history);
    if (key === undefined) {
      key = this.#nextKey++;
      this.#keys.set(history, key);
    }
    const held = worker.keys.indexOf(key);
    if (held >= 0) worker.keys.splice(held, 1);
    else worker.process.post({ kind: "history", key, history: packHistory(history) });
    worker.keys.push(key);
    if (worker.keys.length > KEPT) {
      const oldest = worker.keys.shift();
      if (oldest !== undefined) worker.process.post({ kind: "forget", key: oldest });
    }
    return key;
  }
}
