import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import * as z from "zod";
import { backtestRequestSchema } from "../../src-preload/contract/research.ts";
import type { SweepPoint } from "../../src-preload/contract/research.ts";
import { EngineFault } from "../engine/fault.ts";

/** Queue of BullMQ, and the begin of every other key in Redis. */
export const QUEUE = "tickdeck-research";
const KEY = "tickdeck";
export const blobKey = (hash: string): string => `${KEY}:blob:${hash}`;
export const workerKey = (id: string): string => `${KEY}:worker:${id}`;
export const WORKER_KEYS = `${KEY}:worker:*`;
export const cancelledKey = (run: string): string => `${KEY}:cancelled:${run}`;
/** Channel on which a run's id is called out when the trader cancels it. */
export const CANCELLED = `${KEY}:cancelled`;
/** Channel on which a run's id is called out when its market data is no longer in Redis. */
export const MISSING = `${KEY}:missing`;

/** Market data and results stay that long in Redis when nobody takes them away, s. */
export const KEEP_SECONDS = 7 * 86_400;
/** A worker says this often that it is there; one that is silent for `WORKER_SECONDS` is gone. */
export const WORKER_BEAT_MS = 2000;
export const WORKER_SECONDS = 10;

/**
 * One part of a run as it travels: a back-test's request, parameter sets, and the hash of the market data. No bot, key, order
 * or balance is in it, nor can be: whatever is not listed here is refused on both sides.
 */
export const partSchema = z.strictObject({
  /** Of Tickdeck; a worker of another one refuses the part. */
  version: z.string(),
  run: z.string(),
  part: z.int().min(0),
  /** SHA-256 of the history's manifest. */
  history: z.string().regex(/^[0-9a-f]{64}$/u),
  request: backtestRequestSchema,
  sets: z.array(z.record(z.string(), z.unknown())).min(1),
});
export type Part = z.infer<typeof partSchema>;

/** What a worker answers: points as bytes, so that not a bit of them changes on the way. */
export interface PartResult {
  readonly worker: string;
  /** Computing time, ms. */
  readonly ms: number;
  /** `SweepPoint`s, base64 of V8's serialisation. */
  readonly points: string;
}

export const packPoints = (points: readonly SweepPoint[]): string =>
  serialize(points).toString("base64");
export const unpackPoints = (text: string): readonly SweepPoint[] =>
  deserialize(Buffer.from(text, "base64")) as readonly SweepPoint[];

/** Id of a run: the same work has the same id on every desk and after every start, so that it is never done twice. */
export const runIdOf = (parts: {
  readonly version: string;
  readonly history: string;
  readonly request: object;
  readonly sets: readonly object[];
}): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

const workerSchema = z.object({
  id: z.string(),
  host: z.string(),
  version: z.string(),
  processes: z.number(),
  running: z.number(),
  done: z.number(),
  /** Load average of a minute ÷ cores. */
  load: z.number(),
  startedAt: z.number(),
  /** One sentence about work it refused, or "". */
  refused: z.string(),
});
/** A worker as it describes itself every few seconds. */
export type WorkerView = z.infer<typeof workerSchema>;

export const parseWorker = (text: string): WorkerView | null => {
  try {
    return workerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

/** Checks a Redis URL; throws EngineFault with a sentence that never repeats its password. */
export function checkRedisUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new EngineFault(
      "invalid",
      'The address of Redis is not a URL; write it like "rediss://user:password@host:6379".',
      "url",
    );
  }
  if (!["redis:", "rediss:"].includes(parsed.protocol) || parsed.hostname === "") {
    throw new EngineFault(
      "invalid",
      `The address of Redis begins with "${parsed.protocol}"; it must begin with redis:// or, encrypted, rediss://.`,
      "url",
    );
  }
  return url;
}
