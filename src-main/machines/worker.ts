import { randomUUID } from "node:crypto";
import { cpus, hostname, loadavg } from "node:os";
import { DelayedError, UnrecoverableError, Worker } from "bullmq";
import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import { EngineFault, messageOf } from "../engine/fault.ts";
import type { History } from "../research/history.ts";
import { ResearchPool } from "../research/pool.ts";
import type { ResearchProcess } from "../research/pool.ts";
import { BlobCache, MissingBlob, unpackBlobs } from "./blobs.ts";
import {
  CANCELLED,
  cancelledKey,
  MISSING,
  packPoints,
  partSchema,
  QUEUE,
  WORKER_BEAT_MS,
  WORKER_SECONDS,
  workerKey,
} from "./messages.ts";
import type { PartResult, WorkerView } from "./messages.ts";
import { connect } from "./redis.ts";

/** A part of another version waits that long before it is offered again, ms. */
const REFUSED_MS = 1000;
/** A part without its market data waits that long for the desk to send it again, ms. */
const MISSING_MS = 500;
/** A part whose worker is silent that long goes to another, ms. */
const LOCK_MS = 10_000;
/** Histories kept unpacked. */
const KEPT = 2;

interface MachineOptions {
  readonly url: string;
  readonly version: string;
  /** Parts computed at the same time, each in a process of its own. */
  readonly processes: number;
  /** Folder for market data. */
  readonly cache: string;
  readonly spawn: () => ResearchProcess;
  /** One sentence at a time. */
  readonly say: (sentence: string) => void;
}

/** Takes parts of runs from Redis and computes them, until it is stopped. */
export class Machine {
  readonly #options: MachineOptions;
  readonly #id = randomUUID();
  readonly #redis: Redis;
  readonly #calls: Redis;
  readonly #takes: Redis;
  readonly #pool: ResearchPool;
  readonly #cache: BlobCache;
  readonly #worker: Worker;
  readonly #histories = new Map<string, Promise<History>>();
  readonly #runs = new Map<string, AbortController>();
  readonly #startedAt = Date.now();
  readonly #beat: NodeJS.Timeout;
  #running = 0;
  #done = 0;
  #refused = "";

  /** Throws EngineFault for a bad address or cache folder. */
  constructor(options: MachineOptions) {
    const { url, processes, spawn, say } = options;
    this.#options = options;
    this.#redis = connect(url);
    this.#calls = connect(url);
    this.#takes = connect(url);
    this.#cache = new BlobCache(options.cache, this.#redis);
    this.#pool = new ResearchPool({ size: processes, spawn, onNotice: say });
    this.#worker = new Worker(QUEUE, (job: Job) => this.#work(job), {
      connection: this.#takes,
      name: this.#id,
      // One more than there are processes: its data is there when one becomes free.
      concurrency: processes + 1,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      // A part is never given up because machines died under it.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    let told = "";
    this.#worker.on("error", (error) => {
      const text = messageOf(error);
      if (text !== told) say(`Redis: ${text}; this worker goes on trying.`);
      told = text;
    });
    this.#worker.on("ready", () => {
      told = "";
    });
    this.#calls.on("message", (_channel, run) => {
      this.#runs.get(run)?.abort(new UnrecoverableError("The run was cancelled."));
    });
    // Its failure is the worker's too, which says so.
    this.#calls.subscribe(CANCELLED).catch(() => {});
    void this.#tell();
    this.#beat = setInterval(() => void this.#tell(), WORKER_BEAT_MS);
  }

  /** Finishes the parts at work and takes no more; with `limitMs` run out, the parts go back to the queue. */
  async stop(limitMs: number): Promise<void> {
    const late = setTimeout(() => {
      for (const run of this.#runs.values()) run.abort(new Error("This worker stops."));
    }, limitMs);
    await this.#worker.close();
    clearTimeout(late);
    clearInterval(this.#beat);
    this.#pool.close();
    await this.#redis.del(workerKey(this.#id)).catch(() => {});
    this.#redis.disconnect();
    this.#calls.disconnect();
    this.#takes.disconnect();
  }

  async #work(job: Job): Promise<PartResult> {
    const parsed = partSchema.safeParse(job.data);
    const version = parsed.success
      ? parsed.data.version
      : String((job.data as { version?: unknown }).version);
    if (!parsed.success || version !== this.#options.version) {
      await this.#refuse(job, version);
    }
    if (!parsed.success) throw new UnrecoverableError("The part cannot be read.");
    const { run, history, request, sets } = parsed.data;
    if ((await this.#redis.exists(cancelledKey(run))) === 1)
      throw new UnrecoverableError("The run was cancelled.");
    let cancel = this.#runs.get(run);
    if (cancel === undefined) {
      cancel = new AbortController();
      this.#runs.set(run, cancel);
    }
    this.#running += 1;
    const from = performance.now();
    try {
      const points = await this.#pool.sweep(request, sets, await this.#history(history), {
        signal: cancel.signal,
        whole: true,
      });
      this.#done += 1;
      return { worker: this.#id, ms: performance.now() - from, points: packPoints(points) };
    } catch (error) {
      if (error instanceof MissingBlob) {
        await this.#redis.publish(MISSING, run);
        await job.moveToDelayed(Date.now() + MISSING_MS, job.token);
        throw new DelayedError();
      }
      // A request that cannot be run cannot be run anywhere; all else is tried again, here or elsewhere.
      if (error instanceof EngineFault && error.code === "invalid")
        throw new UnrecoverableError(error.message);
      throw error;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#runs.clear();
    }
  }

  /** Puts a part of another version back, for a worker of that version. */
  async #refuse(job: Job, version: string): Promise<never> {
    this.#refused = `This worker is Tickdeck ${this.#options.version} and refuses work of ${version}: install ${version} on ${hostname()}.`;
    this.#options.say(this.#refused);
    await this.#tell();
    await job.moveToDelayed(Date.now() + REFUSED_MS, job.token);
    throw new DelayedError();
  }

  #history(root: string): Promise<History> {
    const held = this.#histories.get(root);
    if (held !== undefined) return held;
    const loading = unpackBlobs(root, this.#cache.load);
    loading.catch(() => this.#histories.delete(root));
    this.#histories.set(root, loading);
    const [oldest] = this.#histories.keys();
    if (this.#histories.size > KEPT && oldest !== undefined) this.#histories.delete(oldest);
    return loading;
  }

  async #tell(): Promise<void> {
    const view: WorkerView = {
      id: this.#id,
      host: hostname(),
      version: this.#options.version,
      processes: this.#options.processes,
      running: this.#running,
      done: this.#done,
      load: (loadavg()[0] ?? 0) / cpus().length,
      startedAt: this.#startedAt,
      refused: this.#refused,
    };
    try {
      await this.#redis.set(workerKey(this.#id), JSON.stringify(view), "EX", WORKER_SECONDS);
    } catch {
      // It is told again at the next beat.
    }
  }
}
