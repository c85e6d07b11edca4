import { basename } from "node:path";
import type { FileJobView, FilePreview, FileSeries } from "../../src-preload/contract/files.ts";
import { EngineFault, messageOf } from "../engine/fault.ts";
import { METRIC_FACTS } from "../engine/market/metric-facts.ts";
import type { CandleStore, MetricStore } from "../engine/market/types.ts";
import { readCandleFile, storeCandleSlices, writeCandleFile } from "./candle-files.ts";
import type { CandleFile } from "./candle-files.ts";
import { readMetricFile, storeMetricFile, writeMetricFile } from "./metric-files.ts";
import type { MetricFile } from "./metric-files.ts";
import { formatInWords } from "./table.ts";

/** Refused lines that are told one by one. */
const TOLD = 1000;

interface FileDeskParts {
  readonly candles: CandleStore;
  readonly metrics: MetricStore;
  /** Engine time, ms UTC. */
  readonly now: () => number;
  /** Something of the series was stored; `ended` when that was all of it. */
  readonly stored: (series: FileSeries, ended: boolean) => void;
}

interface Job {
  view: FileJobView;
  readonly abort: AbortController;
  /** What was read, for the word to store it. */
  read: CandleFile | MetricFile | null;
  /** Settles when nothing of it goes on. */
  work: Promise<void>;
}

const BUSY: ReadonlySet<FileJobView["state"]> = new Set(["reading", "storing", "writing"]);

/**
 * One CSV file at a time, in or out of the market's data, for the window: it is read and shown first, and stored when the
 * trader says so. All of it works in slices of a few ms on the engine's own connection, so that no tick waits for it.
 */
export class FileDesk {
  readonly #parts: FileDeskParts;
  #job: Job | null = null;

  constructor(parts: FileDeskParts) {
    this.#parts = parts;
  }

  job(): FileJobView | null {
    return this.#job?.view ?? null;
  }

  /** Throws EngineFault when there can be no such series, or a file is on its way. */
  check(series: FileSeries): void {
    if (this.#job !== null && BUSY.has(this.#job.view.state))
      throw new EngineFault(
        "conflict",
        `${this.#job.view.file} is still on its way; wait for it, or cancel it.`,
      );
    if (series.kind === "candles") return;
    const { title, wide } = METRIC_FACTS[series.name];
    if (wide && series.symbol !== null)
      throw new EngineFault(
        "invalid",
        `The ${title} belongs to the whole market; choose no symbol.`,
        "series.symbol",
      );
    if (!wide && series.symbol === null)
      throw new EngineFault(
        "invalid",
        `The ${title} belongs to a symbol; choose one.`,
        "series.symbol",
      );
  }

  /** Begins to read a file. Throws like `check`. */
  read(series: FileSeries, file: string): FileJobView {
    return this.#begin("import", series, file, async (job) => {
      const { candles, metrics } = this.#parts;
      const now = this.#parts.now();
      const reading = { signal: job.abort.signal, onProgress: progressOf(job) };
      const read =
        series.kind === "candles"
          ? await readCandleFile(file, series, candles, now, reading)
          : await readMetricFile(file, series, metrics, now, reading);
      job.read = read;
      job.view = { ...job.view, state: "ready", progress: 1, preview: previewOf(read) };
    });
  }

  /** Begins to write what is stored of a series. Throws like `check`. */
  write(series: FileSeries, file: string): FileJobView {
    return this.#begin("export", series, file, async (job) => {
      const { candles, metrics } = this.#parts;
      const writing = { signal: job.abort.signal, onProgress: progressOf(job) };
      const lines =
        series.kind === "candles"
          ? await writeCandleFile(file, series, candles, -Infinity, Infinity, writing)
          : await writeMetricFile(
              file,
              series,
              metrics,
              Number.MIN_SAFE_INTEGER,
              Number.MAX_SAFE_INTEGER,
            );
      const reason = `${lines} ${series.kind === "candles" ? "candles" : "values"} written.`;
      job.view = { ...job.view, state: "done", progress: 1, reason };
    });
  }

  /** Begins to store what was read. Throws EngineFault when nothing was. */
  store(): void {
    const job = this.#job;
    if (job === null || job.read === null || job.view.state !== "ready")
      throw new EngineFault("conflict", "There is no file that was read; import one first.");
    const { read } = job;
    job.read = null;
    job.view = { ...job.view, state: "storing", progress: 0 };
    job.work = this.#run(job, async () => {
      const { candles, metrics, stored } = this.#parts;
      const { series } = job.view;
      const { added, changed } =
        "candles" in read
          ? await storeCandleSlices(read, candles, (share) => {
              job.view = { ...job.view, progress: share };
              stored(series, share === 1);
            })
          : storeMetricFile(read, metrics);
      if (series.kind === "metric") stored(series, true);
      job.view = {
        ...job.view,
        state: "done",
        progress: 1,
        reason: `Stored: ${added} added, ${changed} replaced.`,
      };
    });
  }

  /** Ends reading and writing, and leaves what was read unstored. What is being stored is stored to its end. */
  cancel(): void {
    const job = this.#job;
    if (job === null) return;
    if (job.view.state === "ready") this.#job = null;
    else if (job.view.state !== "storing") job.abort.abort();
  }

  /** Forgets a file that is no longer on its way. */
  dismiss(): void {
    if (this.#job !== null && !BUSY.has(this.#job.view.state)) this.#job = null;
  }

  /** Ends what is going on; resolves when the stores are no longer used. */
  async close(): Promise<void> {
    this.cancel();
    await this.#job?.work;
  }

  #begin(
    kind: FileJobView["kind"],
    series: FileSeries,
    file: string,
    work: (job: Job) => Promise<void>,
  ): FileJobView {
    this.check(series);
    const job: Job = {
      view: {
        kind,
        series,
        file: basename(file),
        state: kind === "import" ? "reading" : "writing",
        reason: "",
        progress: 0,
        preview: null,
      },
      abort: new AbortController(),
      read: null,
      work: Promise.resolve(),
    };
    this.#job = job;
    job.work = this.#run(job, () => work(job));
    return job.view;
  }

  async #run(job: Job, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const cancelled = job.abort.signal.aborted;
      const reason = cancelled ? "Cancelled; nothing was changed." : messageOf(error);
      job.view = { ...job.view, state: cancelled ? "cancelled" : "failed", reason };
    }
  }
}

const progressOf =
  (job: Job) =>
  (share: number): void => {
    job.view = { ...job.view, progress: share };
  };

function previewOf(read: CandleFile | MetricFile): FilePreview {
  const { lines, format, refused, fresh, changed, same } = read;
  const times = "candles" in read ? read.candles.time : read.points.map(({ time }) => time);
  return {
    lines,
    format: formatInWords(format),
    first: times[0] ?? null,
    last: times.at(-1) ?? null,
    fresh,
    changed,
    same,
    missing: "candles" in read ? read.missing : 0,
    refusedCount: refused.length,
    refused: refused.slice(0, TOLD),
  };
}
