import type { BackfillView, DataResponses } from "../../../src-preload/contract/data.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import type { Cancel, Clock } from "../clock.ts";
import { EngineFault, messageOf } from "../fault.ts";
import { utc } from "../utc.ts";
import { backfillView, type BackfillJob, type BackfillStore } from "./backfill-job.ts";
import { checkGaps, runBackfill } from "./backfill-steps.ts";
import type { Findings } from "./findings.ts";
import { History, type HistoryParts } from "./history.ts";
import type { CandleStore } from "./types.ts";

/** Engine ms after which a gap that a tick found is asked for again: the exchange may be filling it. */
const GAP_AFTER_MS = 60_000;
/** Engine ms until a gap that could not be asked for is tried again, and how often. */
const GAP_AGAIN_MS = 600_000;
const GAP_TRIES = 3;
/** Ended backfills that are kept on the list. */
const KEPT = 100;
/** Before this there was no market, ms UTC: 2009-01-03. */
const EARLIEST = 1_230_940_800_000;

export interface BackfillParts extends HistoryParts {
  readonly clock: Clock;
  readonly store: CandleStore;
  readonly findings: Findings;
  readonly jobs: BackfillStore;
  /** Unknown symbols are refused; null while the exchange has told none. */
  readonly symbols: () => ReadonlySet<string> | null;
  /** Something on the list, or what is stored, has changed. */
  readonly onChanged: () => void;
  readonly onNote: (note: string) => void;
}

interface GapCheck {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  dueAt: number;
  tries: number;
}

const ended = ({ state }: BackfillJob): boolean =>
  state === "done" || state === "cancelled" || state === "failed";

/** History by order of the trader, one job at a time and behind all ticks; each goes on after a restart. */
export class Backfill {
  readonly #parts: BackfillParts;
  readonly #history: History;
  readonly #jobs = new Map<number, BackfillJob>();
  readonly #gaps = new Map<string, GapCheck>();
  #running: {
    readonly id: number | null;
    readonly controller: AbortController;
    readonly end: Promise<void>;
  } | null = null;
  #cancelTimer: Cancel = () => {};
  #started = false;

  constructor(parts: BackfillParts) {
    this.#parts = parts;
    this.#history = new History(parts);
    for (const job of parts.jobs.list()) this.#jobs.set(job.id, job);
  }

  /** Goes on with what was under way, and asks for gaps that are not known to be real. */
  start(): void {
    this.#started = true;
    for (const { symbol, timeframe, gaps } of this.#parts.store.coverage())
      if (gaps.some((gap) => !gap.real)) this.gapFound(symbol, timeframe);
    this.#pump();
  }

  /** Stops at once; what is under way stays marked so and goes on at the next start. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#cancelTimer();
    const running = this.#running;
    running?.controller.abort(new Error("Tickdeck stops."));
    await running?.end;
  }

  /** Newest first. */
  list(): readonly BackfillView[] {
    return [...this.#jobs.values()].toReversed().map(backfillView);
  }

  /**
   * Orders one backfill a symbol, from an instant (ms UTC) to now. A symbol that cannot be fetched is refused with its
   * reason and the others start. Throws EngineFault when nothing can be: a bad date or timeframe.
   */
  order(order: {
    readonly symbols: readonly string[];
    readonly timeframe: Timeframe;
    readonly from: number;
    readonly verify: boolean;
  }): DataResponses["data:backfill"] {
    const { clock, exchange } = this.#parts;
    const { timeframe, from, verify } = order;
    const now = clock.now();
    if (!exchange.timeframes.has(timeframe)) {
      throw new EngineFault(
        "invalid",
        `${exchange.label} has no ${timeframe} candles and none they could be built from; choose one of ${[...exchange.timeframes].join(", ")}.`,
        "timeframe",
      );
    }
    if (from < EARLIEST || from > this.#history.newest(timeframe)) {
      throw new EngineFault(
        "invalid",
        `The first day must lie between ${utc(EARLIEST).slice(0, 10)} and the last closed candle, ${utc(this.#history.newest(timeframe)).slice(0, 16)}; choose another.`,
        "from",
      );
    }
    const started: BackfillView[] = [];
    const refused: { symbol: string; reason: string }[] = [];
    for (const symbol of new Set(order.symbols)) {
      const reason = this.#against(symbol, timeframe);
      if (reason !== null) {
        refused.push({ symbol, reason });
        continue;
      }
      const job: BackfillJob = {
        id: Math.max(0, ...this.#jobs.keys()) + 1,
        symbol,
        timeframe,
        from,
        verify,
        state: "queued",
        reason: "Waits for its turn.",
        begin: null,
        cursor: null,
        compared: null,
        progress: 0,
        added: 0,
        changed: 0,
        refused: 0,
        requests: 0,
        createdAt: now,
        updatedAt: now,
        finishedAt: null,
      };
      this.#put(job);
      started.push(backfillView(job));
    }
    this.#pump();
    return { started, refused };
  }

  /** Stops after the page under way; nothing is lost. Those that have ended stay as they are. */
  pause(ids: readonly number[]): void {
    for (const job of this.#known(ids)) {
      if (ended(job) || job.state === "paused") continue;
      this.#end(job, "paused", `Paused. ${job.reason}`);
    }
  }

  /** Goes on where it was, also after a failure. */
  resume(ids: readonly number[]): void {
    for (const job of this.#known(ids)) {
      if (job.state !== "paused" && job.state !== "failed") continue;
      this.#put({ ...job, state: "queued", reason: "Waits for its turn.", finishedAt: null });
    }
    this.#pump();
  }

  /** Ends it for good; candles that came stay. */
  cancel(ids: readonly number[]): void {
    for (const job of this.#known(ids)) {
      if (job.state === "done" || job.state === "cancelled") continue;
      this.#end(job, "cancelled", `Cancelled; ${job.added} candles that came stay.`);
    }
  }

  /** Takes those that have ended off the list. */
  clear(): void {
    for (const job of [...this.#jobs.values()].filter(ended)) this.#drop(job.id);
    this.#parts.onChanged();
  }

  /** Candles are missing in a series: they are asked for again, soon and once. */
  gapFound(symbol: string, timeframe: Timeframe): void {
    const key = `${symbol} ${timeframe}`;
    if (this.#gaps.has(key)) return;
    const dueAt = this.#parts.clock.now() + GAP_AFTER_MS;
    this.#gaps.set(key, { symbol, timeframe, dueAt, tries: 0 });
    this.#pump();
  }

  #against(symbol: string, timeframe: Timeframe): string | null {
    const { symbols, exchange } = this.#parts;
    const known = symbols();
    if (known !== null && !known.has(symbol))
      return `${exchange.label} has no spot market ${symbol}; choose one that it lists.`;
    const other = [...this.#jobs.values()].find(
      (job) => job.symbol === symbol && job.timeframe === timeframe && !ended(job),
    );
    return other === undefined
      ? null
      : `${symbol} ${timeframe} is being fetched already (number ${other.id}, ${other.state}); wait for it or cancel it.`;
  }

  #known(ids: readonly number[]): readonly BackfillJob[] {
    return ids.map((id) => {
      const job = this.#jobs.get(id);
      if (job === undefined)
        throw new EngineFault("not_found", `There is no backfill ${id}; it may have been cleared.`);
      return job;
    });
  }

  #end(job: BackfillJob, state: "paused" | "cancelled", reason: string): void {
    const finishedAt = state === "cancelled" ? this.#parts.clock.now() : null;
    this.#put({ ...job, state, reason, finishedAt });
    if (this.#running?.id === job.id) this.#running.controller.abort(new Error(reason));
  }

  #put(job: BackfillJob): void {
    const next = { ...job, updatedAt: this.#parts.clock.now() };
    this.#jobs.set(job.id, next);
    try {
      this.#parts.jobs.put(next);
    } catch (error) {
      this.#parts.onNote(`Backfill ${job.id} could not be kept: ${messageOf(error)}`);
    }
    this.#parts.onChanged();
  }

  #drop(id: number): void {
    this.#jobs.delete(id);
    this.#parts.jobs.remove(id);
  }

  /** Starts what is next, if nothing runs. */
  #pump(): void {
    if (!this.#started || this.#running !== null) return;
    this.#cancelTimer();
    const job = [...this.#jobs.values()].find(
      ({ state }) => state === "running" || state === "queued",
    );
    if (job !== undefined) {
      this.#launch(job.id, (signal) => this.#run(job.id, signal));
      return;
    }
    const next = [...this.#gaps.values()].toSorted((a, b) => a.dueAt - b.dueAt)[0];
    if (next === undefined) return;
    if (next.dueAt <= this.#parts.clock.now()) {
      this.#launch(null, (signal) => this.#checkGaps(next, signal));
    } else {
      this.#cancelTimer = this.#parts.clock.at(next.dueAt, () => this.#pump(), "fire");
    }
  }

  #launch(id: number | null, work: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    const end = work(controller.signal)
      .catch((error: unknown) => {
        this.#parts.onNote(`Fetching history failed: ${messageOf(error)}`);
      })
      .then(() => {
        this.#running = null;
        this.#pump();
      });
    this.#running = { id, controller, end };
  }

  async #run(id: number, signal: AbortSignal): Promise<void> {
    const save = (part: Partial<BackfillJob>): void => {
      const job = this.#jobs.get(id);
      // Paused or cancelled while the last page came: its figures count, its state stays.
      if (job !== undefined) {
        const { reason, ...figures } = part;
        this.#put(
          signal.aborted || reason === undefined ? { ...job, ...figures } : { ...job, ...part },
        );
      }
    };
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#put({ ...job, state: "running", reason: "Asks where the exchange begins." });
    try {
      const reason = await runBackfill(
        { ...this.#parts, history: this.#history },
        job,
        signal,
        save,
      );
      signal.throwIfAborted();
      const finishedAt = this.#parts.clock.now();
      save({ state: "done", progress: 1, finishedAt, reason });
      this.#forget();
    } catch (error) {
      if (signal.aborted) return;
      const finishedAt = this.#parts.clock.now();
      save({
        state: "failed",
        finishedAt,
        reason: `${messageOf(error)} Resume to go on from here.`,
      });
    }
  }

  async #checkGaps(check: GapCheck, signal: AbortSignal): Promise<void> {
    const { symbol, timeframe } = check;
    try {
      await checkGaps({ ...this.#parts, history: this.#history }, symbol, timeframe, signal);
      this.#gaps.delete(`${symbol} ${timeframe}`);
    } catch (error) {
      if (signal.aborted) return;
      check.tries += 1;
      check.dueAt = this.#parts.clock.now() + GAP_AGAIN_MS;
      if (check.tries >= GAP_TRIES) {
        this.#gaps.delete(`${symbol} ${timeframe}`);
        this.#parts.onNote(
          `Gaps of ${symbol} ${timeframe} could not be asked for again: ${messageOf(error)}`,
        );
      }
    }
    this.#parts.onChanged();
  }

  #forget(): void {
    const old = [...this.#jobs.values()].filter(ended);
    for (const job of old.slice(0, Math.max(0, old.length - KEPT))) this.#drop(job.id);
  }
}
