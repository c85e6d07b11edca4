import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { Redis } from "ioredis";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { EngineFault } from "../engine/fault.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../engine/market/types.ts";
import type { History } from "../research/history.ts";
import { blobKey, KEEP_SECONDS } from "./messages.ts";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Candles of one chunk, as the store's: chunks begin at multiples of so many candles since the epoch. */
const CHUNK = 4096;
/** Step by which finer candles are cut, whatever their own: the shortest timeframe's, ms. */
const FINEST = 60_000;
const NAMES = ["time", "open", "high", "low", "close", "volume"] as const;

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

interface Series {
  readonly length: number;
  readonly chunks: readonly string[];
}
interface Values {
  readonly length: number;
  readonly blob: string;
}
/** A history in words and hashes. */
interface Manifest {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly market: History["market"];
  readonly source: string;
  readonly candles: Series;
  readonly references: readonly (readonly [string, Series])[];
  readonly metrics: readonly (readonly [MetricName, Values])[];
  readonly fine: Series | null;
  readonly funding: Values | null;
}

const bytesOf = (array: Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function chunksOf(columns: CandleColumns, step: number, blobs: Map<string, Uint8Array>): Series {
  const chunks: string[] = [];
  const chunkAt = (i: number): number => Math.floor((columns.time[i] ?? 0) / (step * CHUNK));
  for (let from = 0; from < columns.length;) {
    const chunk = chunkAt(from);
    let to = from + 1;
    while (to < columns.length && chunkAt(to) === chunk) to++;
    const block = new Float64Array(NAMES.length * (to - from));
    NAMES.forEach((name, at) => {
      block.set(columns[name].subarray(from, to), at * (to - from));
    });
    const bytes = bytesOf(block);
    const hash = hashOf(bytes);
    blobs.set(hash, bytes);
    chunks.push(hash);
    from = to;
  }
  return { length: columns.length, chunks };
}

function valuesOf(series: MetricSeries, blobs: Map<string, Uint8Array>): Values {
  const { length } = series;
  const block = new Float64Array(2 * length);
  block.set(series.time.subarray(0, length), 0);
  block.set(series.value.subarray(0, length), length);
  const bytes = bytesOf(block);
  const hash = hashOf(bytes);
  blobs.set(hash, bytes);
  return { length, blob: hash };
}

/** A history as blobs by their hash; `root` is that of the manifest, from which a worker finds all others. */
export function packBlobs(history: History): {
  readonly root: string;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
} {
  const blobs = new Map<string, Uint8Array>();
  const step = timeframeMs(history.timeframe);
  const manifest: Manifest = {
    symbol: history.symbol,
    timeframe: history.timeframe,
    market: history.market,
    source: history.source,
    candles: chunksOf(history.candles, step, blobs),
    references: [...history.references].map(([symbol, columns]) => [
      symbol,
      chunksOf(columns, step, blobs),
    ]),
    metrics: [...history.metrics].map(([name, series]) => [name, valuesOf(series, blobs)]),
    fine: history.fine === null ? null : chunksOf(history.fine, FINEST, blobs),
    funding: history.funding === null ? null : valuesOf(history.funding, blobs),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const root = hashOf(bytes);
  blobs.set(root, bytes);
  return { root, blobs };
}

/** Floats of a blob; copied where they do not begin at a multiple of eight. */
function floats(bytes: Uint8Array): Float64Array {
  const whole = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float64Array(whole.buffer, whole.byteOffset, whole.byteLength / 8);
}

function columnsOf(series: Series, blob: (hash: string) => Uint8Array): CandleColumns {
  const columns = NAMES.map(() => new Float64Array(series.length));
  let at = 0;
  for (const hash of series.chunks) {
    const block = floats(blob(hash));
    const length = block.length / NAMES.length;
    columns.forEach((column, name) => {
      column.set(block.subarray(name * length, (name + 1) * length), at);
    });
    at += length;
  }
  // One array a name, in their order.
  const [time, open, high, low, close, volume] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { length: series.length, time, open, high, low, close, volume };
}

function seriesOf(
  { length, blob: hash }: Values,
  blob: (hash: string) => Uint8Array,
): MetricSeries {
  const block = floats(blob(hash));
  return { length, time: block.subarray(0, length), value: block.subarray(length) };
}

/** The history of a manifest; `load` brings blobs by their hashes, verified. */
export async function unpackBlobs(
  root: string,
  load: (hashes: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>,
): Promise<History> {
  const bytes = (await load([root])).get(root) ?? new Uint8Array();
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
  const lists = [manifest.candles, manifest.fine, ...manifest.references.map(([, of]) => of)];
  const values = [manifest.funding, ...manifest.metrics.map(([, of]) => of)];
  const blobs = await load([
    ...new Set([
      ...lists.flatMap((of) => of?.chunks ?? []),
      ...values.flatMap((of) => (of === null ? [] : [of.blob])),
    ]),
  ]);
  const blob = (hash: string): Uint8Array => blobs.get(hash) ?? new Uint8Array();
  return {
    symbol: manifest.symbol,
    timeframe: manifest.timeframe,
    market: manifest.market,
    source: manifest.source,
    candles: columnsOf(manifest.candles, blob),
    references: new Map(manifest.references.map(([symbol, of]) => [symbol, columnsOf(of, blob)])),
    metrics: new Map(manifest.metrics.map(([name, of]) => [name, seriesOf(of, blob)])),
    fine: manifest.fine === null ? null : columnsOf(manifest.fine, blob),
    funding: manifest.funding === null ? null : seriesOf(manifest.funding, blob),
  };
}

/** Puts what Redis does not have yet there; what it has stays another week. */
export async function upload(
  redis: Redis,
  blobs: ReadonlyMap<string, Uint8Array>,
): Promise<{ readonly sent: number }> {
  let sent = 0;
  for (const [hash, bytes] of blobs) {
    if ((await redis.expire(blobKey(hash), KEEP_SECONDS)) === 1) continue;
    await redis.set(blobKey(hash), await deflate(bytes, { level: 1 }), "EX", KEEP_SECONDS);
    sent += 1;
  }
  return { sent };
}

/** Data that neither the cache nor Redis has: the desk brings it again. */
export class MissingBlob extends Error {
  constructor(hash: string) {
    super(`Market data ${hash.slice(0, 12)} is no longer in Redis.`);
  }
}

/** Blobs on this machine's disk and, where they are not, in Redis. A file that is not what its name says is fetched again. */
export class BlobCache {
  readonly #dir: string;
  readonly #redis: Redis;

  constructor(dir: string, redis: Redis) {
    this.#dir = dir;
    this.#redis = redis;
    try {
      mkdirSync(dir, { recursive: true });
    } catch (error) {
      throw new EngineFault(
        "invalid",
        `The cache folder ${dir} cannot be made (${String(error)}); give another one with --cache.`,
        "cache",
      );
    }
  }

  readonly load = async (hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> => {
    const found = new Map<string, Uint8Array>();
    for (const hash of hashes) found.set(hash, this.#held(hash) ?? (await this.#fetch(hash)));
    return found;
  };

  #held(hash: string): Uint8Array | null {
    try {
      const bytes = readFileSync(join(this.#dir, hash));
      return hashOf(bytes) === hash ? bytes : null;
    } catch {
      return null;
    }
  }

  async #fetch(hash: string): Promise<Uint8Array> {
    const packed = await this.#redis.getBuffer(blobKey(hash));
    if (packed === null) throw new MissingBlob(hash);
    const bytes = await inflate(packed);
    if (hashOf(bytes) !== hash) {
      // Away with it, so that the desk sends it anew.
      await this.#redis.del(blobKey(hash));
      throw new MissingBlob(hash);
    }
    const file = join(this.#dir, hash);
    try {
      writeFileSync(`${file}.${process.pid}.partial`, bytes);
      renameSync(`${file}.${process.pid}.partial`, file);
    } catch {
      // A full disk costs the cache, not the work.
    }
    return bytes;
  }
}
