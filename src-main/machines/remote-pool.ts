import { Queue, QueueEvents } from "bullmq";
import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import type { BacktestRequest, SweepPoint } from "../../src-preload/contract/research.ts";
import { EngineFault, messageOf } from "../engine/fault.ts";
import { chooseStrategy } from "../research/catalogue.ts";
import type { History } from "../research/history.ts";
import type { JobOptions } from "../research/pool.ts";
import { packBlobs, upload } from "./blobs.ts";
import {
  CANCELLED,
  cancelledKey,
  KEEP_SECONDS,
  MISSING,
  parseWorker,
  QUEUE,
  runIdOf,
  unpackPoints,
  WORKER_KEYS,
} from "./messages.ts";
import type { Part, PartResult, WorkerView } from "./messages.ts";
import { connect } from "./redis.ts";

/** A run has this many parts or more, so that machines share it evenly, and a part at most so many sets. */
const LEAST_PARTS = 128;
const MOST_SETS = 80;
/** Jobs added in one call. */
const BULK = 100;
/** How often what is outstanding is compared with what Redis has, ms. */
const AUDIT_MS = 2000;
/** A part is tried so often when processes die under it. */
const ATTEMPTS = 5;

interface RemoteOptions {
  readonly url: string;
  /** Of Tickdeck. */
  readonly version: string;
  /** One sentence about what the machines or Redis do. */
  readonly onNotice: (sentence: string) => void;
}

export interface RemoteSweepOptions extends JobOptions {
  /** The points of one part, by the index of its first set; each part once, in any order. */
  readonly onPart?: (first: number, points: readonly SweepPoint[], worker: string) => void;
}

/** What a run needs besides commands; made at the first one, when the address and the password have shown to be right. */
interface Lines {
  readonly queue: Queue<Part, PartResult>;
  readonly events: QueueEvents;
  readonly connections: readonly Redis[];
}

interface Run {
  readonly id: string;
  readonly parts: ReadonlyMap<string, Part>;
  readonly open: Set<string>;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly take: (jobId: string, result: PartResult) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Runs sweeps on other machines, through BullMQ on Redis: queue, retries and the recovery of parts whose worker died are its.
 * This side adds what a queue cannot know: the same run has the same job ids, so that one that was cut off goes on where
 * it was; and every few seconds what is outstanding is compared with what Redis has, so that neither a lost message nor a
 * Redis that came back empty loses a part.
 */
export class RemotePool {
  readonly #options: RemoteOptions;
  readonly #redis: Redis;
  readonly #runs = new Map<string, Run>();
  readonly #audit: NodeJS.Timeout;
  #lines: Lines | null = null;
  #auditing = false;
  #told = "";

  /** Throws EngineFault for a bad address. */
  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#redis = connect(options.url, { impatient: true });
    this.#redis.on("close", () => {
      if (this.#runs.size > 0) this.#gone("the connection is gone");
    });
    this.#audit = setInterval(() => void this.#compare(), AUDIT_MS);
  }

  /** The workers that are there; rejects with EngineFault when Redis cannot be reached. */
  async workers(): Promise<readonly WorkerView[]> {
    try {
      await this.#connected();
      const keys: string[] = [];
      for (let cursor = "0"; ;) {
        const [next, found] = await this.#redis.scan(cursor, "MATCH", WORKER_KEYS, "COUNT", 1000);
        keys.push(...found);
        if (next === "0") break;
        cursor = next;
      }
      if (keys.length === 0) return [];
      const texts = await this.#redis.mget(keys);
      return texts.flatMap((text) => (text === null ? [] : (parseWorker(text) ?? [])));
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  /**
   * One point for each parameter set, in their order: the bits that a run here gives. The same request, sets and market data
   * go on where an earlier try was cut off. Rejects with EngineFault, or with the signal's reason.
   */
  async sweep(
    request: BacktestRequest,
    sets: readonly Readonly<Record<string, unknown>>[],
    history: History,
    options: RemoteSweepOptions = {},
  ): Promise<readonly SweepPoint[]> {
    for (const set of sets) chooseStrategy(request.strategy, { ...request.params, ...set });
    options.signal?.throwIfAborted();
    const { version } = this.#options;
    const { root, blobs } = packBlobs(history);
    const id = runIdOf({ version, history: root, request, sets });
    if (this.#runs.has(id)) {
      throw new EngineFault(
        "invalid",
        "This very run is at work already; wait for it or cancel it.",
      );
    }
    const size = Math.min(MOST_SETS, Math.ceil(sets.length / LEAST_PARTS));
    const parts = new Map<string, Part>();
    for (let from = 0; from < sets.length; from += size) {
      const part = from / size;
      parts.set(`${id}-${part}`, {
        version,
        run: id,
        part,
        history: root,
        request,
        sets: sets.slice(from, from + size),
      });
    }
    const points: SweepPoint[] = [];
    let done = 0;
    let resolve: () => void = () => {};
    let reject: (reason: unknown) => void = () => {};
    const finished = new Promise<void>((done, failed) => {
      [resolve, reject] = [done, failed];
    });
    // Heard below; it may fail while the parts are still on their way.
    finished.catch(() => {});
    const run: Run = {
      id,
      parts,
      open: new Set(parts.keys()),
      blobs,
      take: (jobId, result) => {
        const part = parts.get(jobId);
        // Heard twice, by event and by audit: counted once.
        if (part === undefined || !run.open.delete(jobId)) return;
        const got = unpackPoints(result.points);
        if (got.length !== part.sets.length) {
          reject(new EngineFault("internal", "A worker answered another number of points."));
          return;
        }
        const first = part.part * size;
        got.forEach((point, at) => {
          points[first + at] = point;
        });
        done += got.length;
        options.onPart?.(first, got, result.worker);
        options.onProgress?.(done / sets.length);
        if (run.open.size === 0) resolve();
      },
      fail: reject,
    };
    const cancel = (): void => reject(options.signal?.reason);
    options.signal?.addEventListener("abort", cancel, { once: true });
    this.#runs.set(id, run);
    try {
      await this.#send(run);
      await finished;
      await this.#forget(run);
      return points;
    } catch (error) {
      // Closing is no cancellation.
      if (!(error instanceof Closed)) await this.#withdraw(run);
      throw error;
    } finally {
      this.#runs.delete(id);
      options.signal?.removeEventListener("abort", cancel);
    }
  }

  /** Lets go of Redis. Runs at work reject here and go on there: the same run, asked for again, finds what was done. */
  async close(): Promise<void> {
    clearInterval(this.#audit);
    const over = new Closed();
    for (const run of this.#runs.values()) run.fail(over);
    if (this.#lines !== null) {
      const { queue, events, connections } = this.#lines;
      await Promise.allSettled([queue.close(), events.close()]);
      for (const connection of connections) connection.disconnect();
    }
    this.#redis.disconnect();
  }

  #open(): Lines {
    if (this.#lines !== null) return this.#lines;
    const { url } = this.#options;
    const [commands, reads, calls] = [
      connect(url, { impatient: true }),
      connect(url),
      connect(url),
    ];
    const queue = new Queue<Part, PartResult>(QUEUE, { connection: commands });
    const events = new QueueEvents(QUEUE, { connection: reads });
    const gone = (error: Error): void => this.#gone(error);
    queue.on("error", gone);
    events.on("error", gone);
    events.on("completed", ({ jobId, returnvalue }) => {
      // Typed as text, given as the value.
      const result = returnvalue as unknown;
      this.#runOf(jobId)?.take(
        jobId,
        (typeof result === "string" ? JSON.parse(result) : result) as PartResult,
      );
    });
    events.on("failed", ({ jobId, failedReason }) => {
      this.#runOf(jobId)?.fail(new EngineFault("invalid", failedReason));
    });
    calls.on("message", (_channel, id) => {
      const run = this.#runs.get(id);
      if (run !== undefined) void upload(this.#redis, run.blobs).catch(gone);
    });
    calls.subscribe(MISSING).catch(gone);
    this.#lines = { queue, events, connections: [commands, reads, calls] };
    return this.#lines;
  }

  #gone(error: unknown): void {
    this.#tell(`Redis: ${messageOf(error)}; research machines are not to be had until it is back.`);
  }

  #runOf(jobId: string): Run | undefined {
    return this.#runs.get(jobId.slice(0, jobId.lastIndexOf("-")));
  }

  #tell(sentence: string): void {
    if (sentence !== this.#told) this.#options.onNotice(sentence);
    this.#told = sentence;
  }

  /** Waits a moment for a connection that is being made. */
  async #connected(): Promise<void> {
    if (this.#redis.status === "ready") return;
    await new Promise<void>((resolve, reject) => {
      const end = (error?: Error): void => {
        clearTimeout(late);
        this.#redis.off("ready", end).off("error", end);
        if (error instanceof Error) reject(error);
        else resolve();
      };
      const late = setTimeout(() => end(new Error("no answer within 5 s")), 5000);
      this.#redis.once("ready", end).once("error", end);
    });
  }

  #unreachable(error: unknown): EngineFault {
    // The host alone: an address may hold a password.
    const { host } = new URL(this.#options.url);
    return new EngineFault(
      "unavailable",
      `Redis at ${host} cannot be used (${messageOf(error)}). Check the address and the password, and that it runs; research on this machine goes on without it.`,
      "url",
    );
  }

  async #send(run: Run): Promise<void> {
    try {
      await this.#connected();
      await this.#open().queue.waitUntilReady();
      await this.#redis.del(cancelledKey(run.id));
      await upload(this.#redis, run.blobs);
      await this.#add(run, [...run.parts.keys()], true);
      await this.#compare();
    } catch (error) {
      if (error instanceof EngineFault) throw error;
      throw this.#unreachable(error);
    }
  }

  /** Adds parts; one that is there already stays as it is, but one that failed in an earlier try is made anew. */
  async #add(run: Run, jobIds: readonly string[], anew: boolean): Promise<void> {
    const { queue } = this.#open();
    for (let from = 0; from < jobIds.length; from += BULK) {
      const some = jobIds.slice(from, from + BULK);
      if (anew) {
        const held = await Promise.all(some.map((jobId) => queue.getJob(jobId)));
        await Promise.all(
          held.map(async (job) => {
            if (job?.failedReason !== undefined && job.finishedOn !== undefined) await job.remove();
          }),
        );
      }
      await queue.addBulk(
        some.flatMap((jobId) => {
          const data = run.parts.get(jobId);
          if (data === undefined) return [];
          return {
            name: "sweep",
            data,
            opts: {
              jobId,
              attempts: ATTEMPTS,
              backoff: { type: "fixed", delay: 500 },
              removeOnComplete: { age: KEEP_SECONDS },
              removeOnFail: { age: KEEP_SECONDS },
            },
          };
        }),
      );
    }
  }

  /** Every outstanding part against Redis: done parts are taken, lost ones added again. */
  async #compare(): Promise<void> {
    if (this.#auditing || this.#lines === null || this.#redis.status !== "ready") return;
    const { queue } = this.#lines;
    this.#auditing = true;
    try {
      for (const run of this.#runs.values()) {
        const open = [...run.open];
        const jobs = await Promise.all(open.map((jobId) => queue.getJob(jobId)));
        const lost = open.filter((jobId, at) => jobs[at] === undefined && run.open.has(jobId));
        for (const job of jobs) if (job !== undefined) settle(run, job);
        if (lost.length > 0) {
          await upload(this.#redis, run.blobs);
          await this.#add(run, lost, false);
        }
      }
      if (this.#runs.size > 0) await this.#look();
    } catch (error) {
      this.#gone(error);
    } finally {
      this.#auditing = false;
    }
  }

  /** Fails runs that nobody there can do. */
  async #look(): Promise<void> {
    const { version } = this.#options;
    const workers = await this.workers();
    if (workers.some((worker) => worker.version === version)) {
      this.#told = "";
      return;
    }
    const [other] = workers;
    if (other === undefined) {
      this.#tell("No research machine is there; the run waits until one is started.");
      return;
    }
    const sentence =
      other.refused === ""
        ? `${other.host} runs Tickdeck ${other.version} and refuses work of ${version}: install ${version} there.`
        : other.refused;
    for (const run of this.#runs.values()) run.fail(new EngineFault("unavailable", sentence));
  }

  /** Takes the results of a finished run out of Redis. */
  async #forget(run: Run): Promise<void> {
    const { queue } = this.#open();
    await Promise.allSettled([...run.parts.keys()].map((jobId) => queue.remove(jobId)));
  }

  /** Takes a run back everywhere. */
  async #withdraw(run: Run): Promise<void> {
    if (this.#redis.status !== "ready") return;
    try {
      await this.#redis.set(cancelledKey(run.id), "1", "EX", KEEP_SECONDS);
      await this.#redis.publish(CANCELLED, run.id);
      await this.#forget(run);
    } catch {
      // Redis is gone: its workers see the mark or, without it, do work that nobody takes.
    }
  }
}

/** The desk closes: not a cancellation. */
class Closed extends EngineFault {
  constructor() {
    super("unavailable", "Tickdeck closes; the run goes on elsewhere and is taken up again.");
  }
}

function settle(run: Run, job: Job<Part, PartResult>): void {
  if (job.id === undefined || job.finishedOn === undefined) return;
  if (job.failedReason !== undefined && job.failedReason !== "") {
    run.fail(new EngineFault("invalid", job.failedReason));
  } else run.take(job.id, job.returnvalue);
}
