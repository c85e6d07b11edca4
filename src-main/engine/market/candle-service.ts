import type { Timeframe } from "../../../src-preload/contract/time.ts";
import type { Clock } from "../clock.ts";
import { ExchangeError, type Exchange } from "../exchange/port.ts";
import { messageOf } from "../fault.ts";
import { CandleSeries, type CandleWatcher } from "./candle-series.ts";
import { judgeCandles } from "./integrity.ts";
import { SharedWork } from "./shared-work.ts";
import type { Candle, CandleAnswer, CandleServiceStats, CandleStore } from "./types.ts";

/** Most candles asked in one request: what large exchanges give, and one page covers the strategies' warm-up. */
const PAGE = 1000;
/** Closed candles that are asked for again with a newer one, so that a revision is noticed; they cost no request. */
const AGAIN = 3;
/** Engine ms between the tries for a candle that should have closed and is not there yet. */
const RETRY_MS = [1000, 2000, 4000] as const;
/** Engine ms for which the exchange is not asked again after those tries. */
const STALE_MS = 30_000;

export interface CandleServiceParts {
  readonly clock: Clock;
  readonly exchange: Exchange;
  readonly store: CandleStore;
  /** One sentence about something odd: refused candles, gaps, a late candle, a store that fails. */
  readonly onNote: (note: string) => void;
  /**
   * Engine ms that a candle must have been closed before it is asked for, so that an exchange whose clock is behind
   * ours does not hand out the open one; 0 where both share a clock. Default 0.
   */
  readonly settleMs?: number;
  /** Default: nobody. */
  readonly watcher?: CandleWatcher;
}

const NOBODY: CandleWatcher = {
  onClosed: () => {},
  onGap: () => {},
  onRevised: () => {},
  onRefused: () => {},
  onLate: () => {},
};

/**
 * Closed candles for everybody. However many bots need a symbol and timeframe, each closed candle is fetched once: callers
 * at the same time share one request, later callers hit memory, a restart hits the store. The open candle is
 * never asked for and never kept.
 */
export class CandleService {
  readonly #parts: CandleServiceParts;
  readonly #page: number;
  readonly #watcher: CandleWatcher;
  readonly #series = new Map<string, CandleSeries>();
  #requests = 0;
  #minimum = 0;

  constructor(parts: CandleServiceParts) {
    this.#parts = parts;
    this.#watcher = parts.watcher ?? NOBODY;
    this.#page = Math.max(1, Math.min(PAGE, parts.exchange.maxCandles));
  }

  /**
   * The newest `count` closed candles, ending with the one that closed last at the clock's now. Fewer where the
   * exchange has no more; `stale` where it lacks the newest after some tries. Real gaps stay gaps. The columns are
   * views on buffers that are never overwritten. Rejects with ExchangeError when the exchange does not answer (what
   * is held then stays held), and with the signal's reason when this caller gives up; others go on waiting.
   */
  closed(
    symbol: string,
    timeframe: Timeframe,
    count: number,
    signal?: AbortSignal,
  ): Promise<CandleAnswer> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (!Number.isSafeInteger(count) || count < 1) {
      return Promise.reject(
        new RangeError(
          `${count} closed candles of ${symbol} ${timeframe} cannot be given; ask for a whole number from 1 up.`,
        ),
      );
    }
    const key = `${symbol} ${timeframe}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      const { store, onNote } = this.#parts;
      series = new CandleSeries(symbol, timeframe, store, this.#watcher, onNote);
      this.#series.set(key, series);
    }
    const expected = series.closedLast(this.#parts.clock.now());
    series.load(count, expected);
    const ready = this.#ready(series, count, expected);
    if (ready !== null) return Promise.resolve(ready);
    this.#countNeed(series, count, expected);
    return this.#fetched(series, count, expected, signal);
  }

  /**
   * `requests` were sent, retries and repeats included. `minimum` is what would have done, counted from the needs of
   * callers and not from what was fetched: for each symbol and timeframe the pages of history that the deepest
   * caller needed, and one request (or its pages after a long sleep) for each newest closed candle that somebody
   * asked for.
   */
  stats(): CandleServiceStats {
    return { requests: this.#requests, minimum: this.#minimum };
  }

  /** Others wrote candles of this series to the store: memory takes them too. */
  refresh(symbol: string, timeframe: Timeframe): void {
    this.#series.get(`${symbol} ${timeframe}`)?.refresh();
  }

  /** An answer without the exchange, or null when it must be asked. */
  #ready(series: CandleSeries, count: number, expected: number): CandleAnswer | null {
    const { last } = series.window;
    const newest = last !== null && last >= expected;
    const known =
      newest || (series.staleFor === expected && this.#parts.clock.now() < series.staleUntil);
    if (!known) return null;
    const answer = series.answer(count, expected);
    return answer.candles.length === count || series.begins ? answer : null;
  }

  async #fetched(
    series: CandleSeries,
    count: number,
    expected: number,
    signal?: AbortSignal,
  ): Promise<CandleAnswer> {
    for (;;) {
      if (series.flight === null || !series.flight.joinable) this.#launch(series, count, expected);
      await series.flight?.wait(signal);
      // A joined flight may have been for an older candle or for less history than this caller needs.
      const ready = this.#ready(series, count, expected);
      if (ready !== null) return ready;
    }
  }

  #launch(series: CandleSeries, count: number, expected: number): void {
    const flight = new SharedWork((signal) =>
      this.#fly(series, count, expected, signal).finally(() => {
        if (series.flight === flight) series.flight = null;
      }),
    );
    series.flight = flight;
  }

  async #fly(
    series: CandleSeries,
    count: number,
    expected: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#settle(series, expected, signal);
    await this.#forward(series, count, expected, signal);
    for (const ms of RETRY_MS) {
      if (isThere(series, expected)) break;
      await this.#parts.clock.sleep(ms, signal);
      await this.#forward(series, count, expected, signal);
    }
    if (!isThere(series, expected)) {
      if (series.staleFor !== expected) {
        series.note(series.answer(1, expected).note);
        this.#watcher.onLate(series.symbol, series.timeframe, expected);
      }
      series.staleFor = expected;
      series.staleUntil = this.#parts.clock.now() + STALE_MS;
    }
    await this.#deepen(series, count, expected, signal);
  }

  async #settle(series: CandleSeries, expected: number, signal: AbortSignal): Promise<void> {
    const settled = expected + series.length + (this.#parts.settleMs ?? 0);
    const rest = settled - this.#parts.clock.now();
    if (rest > 0) await this.#parts.clock.sleep(rest, signal);
  }

  /** Fetches what is newer than the newest held, up to `expected`; all of the first page when nothing is held. */
  async #forward(
    series: CandleSeries,
    count: number,
    expected: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { first, last } = series.window;
    const { length } = series;
    if (first === null || last === null) {
      const depth = Math.ceil(count / this.#page) * this.#page;
      const from = Math.max(0, expected - (depth - 1) * length);
      await this.#pages(series, from, expected, signal, (candles) => {
        series.append(candles);
      });
      return;
    }
    if (last >= expected) return;
    const room = this.#page - (((expected - last) / length) % this.#page);
    const again = Math.min(AGAIN, room % this.#page, (last - first) / length + 1);
    const from = last + length - again * length;
    await this.#pages(series, from, expected, signal, (candles) => {
      series.recheck(candles.filter(({ time }) => time <= last));
      series.append(candles.filter(({ time }) => time > last));
    });
  }

  /** Fetches older candles until `count` are held or the exchange has no more. */
  async #deepen(
    series: CandleSeries,
    count: number,
    expected: number,
    signal: AbortSignal,
  ): Promise<void> {
    for (let round = 0; !series.begins; round += 1) {
      const missing = count - series.window.countUpTo(count, expected);
      const { first } = series.window;
      if (missing <= 0) return;
      if (first === null || first === 0) {
        series.begins = true;
        return;
      }
      const pages = Math.ceil(missing / this.#page);
      // The first round was counted when the caller came; later ones make up for gaps and are needed as well.
      if (round > 0) this.#minimum += pages;
      const older: Candle[] = [];
      const from = Math.max(0, first - pages * this.#page * series.length);
      await this.#pages(series, from, first - series.length, signal, (candles) => {
        older.push(...candles);
      });
      if (older.length === 0) series.begins = true;
      else series.prepend(older);
    }
  }

  /** Asks for the candles with open times from `from` to `to` page by page; hands on those that integrity accepts. */
  async #pages(
    series: CandleSeries,
    from: number,
    to: number,
    signal: AbortSignal,
    take: (candles: readonly Candle[]) => void,
  ): Promise<void> {
    const { length } = series;
    let cursor = from;
    let after = from - length;
    while (cursor <= to) {
      const limit = Math.min(this.#page, (to - cursor) / length + 1);
      const candles = await this.#ask(series, cursor, limit, signal);
      // Some exchanges begin earlier or go on to the open candle: not asked for, so not refused either.
      const wanted = candles.filter(({ time }) => !(time < cursor) && !(time > to));
      const { accepted, refused } = judgeCandles(wanted, { length, now: to + length, after });
      const [worst] = refused;
      if (worst !== undefined) {
        const more = refused.length > 1 ? ` and ${refused.length - 1} more` : "";
        series.note(`refused the candle of time ${worst.candle.time}: ${worst.reason}${more}`);
        this.#watcher.onRefused(series.symbol, series.timeframe, refused);
      }
      take(accepted);
      after = accepted.at(-1)?.time ?? after;
      // A full page goes on behind its last candle; a page that is not full has told all of its time.
      const reached = candles.at(-1)?.time ?? Number.NaN;
      cursor =
        candles.length >= limit && reached >= cursor
          ? alignedAfter(reached, length)
          : cursor + limit * length;
    }
  }

  async #ask(
    series: CandleSeries,
    since: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly Candle[]> {
    this.#requests += 1;
    let candles: readonly Candle[];
    try {
      candles = await this.#parts.exchange.fetchCandles(
        series.symbol,
        series.timeframe,
        since,
        limit,
        signal,
      );
    } catch (error) {
      if (error instanceof ExchangeError || signal.aborted) throw error;
      const { label } = this.#parts.exchange;
      throw new ExchangeError(
        "bad_answer",
        `${label} gave no candles of ${series.symbol} ${series.timeframe}: ${messageOf(error)}`,
        { cause: error },
      );
    }
    signal.throwIfAborted();
    return candles;
  }

  /** Counts what this need costs at least; a need that was counted before costs nothing. */
  #countNeed(series: CandleSeries, count: number, expected: number): void {
    const { length } = series;
    const pages = (candles: number): number => Math.ceil(Math.max(0, candles) / this.#page);
    if (series.neededThrough === null) {
      const { last } = series.window;
      const first = last === null ? null : series.oldest();
      if (last === null || first === null) {
        this.#minimum += pages(count);
        series.neededFrom = expected - (pages(count) * this.#page - 1) * length;
        series.neededThrough = expected;
        return;
      }
      series.neededThrough = last;
      series.neededFrom = first;
    }
    if (expected > series.neededThrough) {
      this.#minimum += pages((expected - series.neededThrough) / length);
      series.neededThrough = expected;
    }
    if (series.begins) return;
    const deeper = pages((series.neededFrom - (expected - (count - 1) * length)) / length);
    this.#minimum += deeper;
    series.neededFrom -= deeper * this.#page * length;
  }
}

const isThere = (series: CandleSeries, expected: number): boolean =>
  (series.window.last ?? Number.NEGATIVE_INFINITY) >= expected;

const alignedAfter = (time: number, length: number): number =>
  Math.floor(time / length) * length + length;
