import { timeframeMs, type Timeframe } from "../../../src-preload/contract/time.ts";
import { messageOf } from "../fault.ts";
import { CandleWindow } from "./candle-window.ts";
import { columnsOf } from "./columns.ts";
import type { SharedWork } from "./shared-work.ts";
import type { RefusedCandle } from "./integrity.ts";
import type { Candle, CandleAnswer, CandleChange, CandleColumns, CandleStore } from "./types.ts";
import { utc } from "../utc.ts";

/** Candles that wait for a store that cannot be written; older ones are given up. */
const UNSTORED_MAX = 10_000;

/** Hears what happens to stored candles. */
export interface CandleWatcher {
  /** Newer candles have closed and are held. */
  onClosed(symbol: string, timeframe: Timeframe): void;
  /** Some are missing among those that came. */
  onGap(symbol: string, timeframe: Timeframe): void;
  /** These came with other figures than before, which replaced them. */
  onRevised(symbol: string, timeframe: Timeframe, changes: readonly CandleChange[]): void;
  onRefused(symbol: string, timeframe: Timeframe, refused: readonly RefusedCandle[]): void;
  /** The candle of this open time had closed and the exchange did not have it. */
  onLate(symbol: string, timeframe: Timeframe, expected: number): void;
}

/** What the candle service knows of one symbol and timeframe: the window in memory, and what lies in the store. */
export class CandleSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Candle length, ms. */
  readonly length: number;
  readonly window = new CandleWindow();
  /** The fetch under way. */
  flight: SharedWork<void> | null = null;
  /** The exchange has nothing older than the first candle held. */
  begins = false;
  /** The exchange did not have the candle of this open time; it is not asked again before `staleUntil`. */
  staleFor: number | null = null;
  staleUntil = 0;
  /** Bounds of what was ever needed, for the count of the least requests. Null until the first need. */
  neededThrough: number | null = null;
  neededFrom = 0;
  readonly #store: CandleStore;
  readonly #watcher: CandleWatcher;
  readonly #note: (note: string) => void;
  #unstored: Candle[] = [];
  #storeFailed = false;
  #readable = true;

  constructor(
    symbol: string,
    timeframe: Timeframe,
    store: CandleStore,
    watcher: CandleWatcher,
    note: (note: string) => void,
  ) {
    this.symbol = symbol;
    this.timeframe = timeframe;
    this.length = timeframeMs(timeframe);
    this.#store = store;
    this.#watcher = watcher;
    this.#note = (text) => {
      note(`${symbol} ${timeframe}: ${text}`);
    };
  }

  note(text: string): void {
    this.#note(text);
  }

  /** Open time of the candle that closed last at `now`. */
  closedLast(now: number): number {
    return Math.floor(now / this.length) * this.length - this.length;
  }

  /** Open time of the oldest candle held in memory or store; null when there is none. */
  oldest(): number | null {
    let first = this.window.first;
    if (!this.#readable) return first;
    this.#read(() => {
      first = this.#store.range(this.symbol, this.timeframe)?.first ?? first;
    });
    return first;
  }

  /** Takes from the store what the window lacks of `count` candles up to `last`. */
  load(count: number, last: number): void {
    this.window.keepAtLeast(count);
    let more = true;
    while (more && this.#readable && this.window.countUpTo(count, last) < count) {
      more = false;
      this.#read(() => {
        more = this.#loadOlder(count - this.window.countUpTo(count, last), last);
      });
    }
  }

  /** Puts stored candles in front of the window; false when the store has none that are older. */
  #loadOlder(missing: number, last: number): boolean {
    const { symbol, timeframe, length } = this;
    const stored = this.#store.range(symbol, timeframe);
    if (stored === null) return false;
    const to = this.window.first ?? stored.last + length;
    if (stored.first >= to) return false;
    const from = Math.max(stored.first, Math.min(to, last + length) - missing * length);
    let older = this.#store.read(symbol, timeframe, from, to);
    // A gap as long as what is missing: one read over all of the rest.
    if (older.length === 0) older = this.#store.read(symbol, timeframe, stored.first, to);
    if (older.length === 0) return false;
    this.window.prepend(older);
    return true;
  }

  /** Takes closed candles newer than the newest into memory and store, and notes the gaps between them. */
  append(candles: readonly Candle[]): void {
    const [head] = candles;
    if (head === undefined) return;
    const gaps = this.#noteGaps(this.window.last ?? head.time - this.length, candles);
    this.window.append(candles);
    this.#unstored.push(...candles);
    if (this.#unstored.length > UNSTORED_MAX) this.#unstored = this.#unstored.slice(-UNSTORED_MAX);
    if (this.#keep(columnsOf(this.#unstored))) this.#unstored = [];
    if (gaps) this.#watcher.onGap(this.symbol, this.timeframe);
    this.#watcher.onClosed(this.symbol, this.timeframe);
  }

  /** Takes closed candles older than the oldest into memory and store. */
  prepend(candles: readonly Candle[]): void {
    const gaps = this.#noteGaps((candles[0]?.time ?? 0) - this.length, candles);
    const columns = columnsOf(candles);
    this.window.prepend(columns);
    this.#keep(columns);
    if (gaps) this.#watcher.onGap(this.symbol, this.timeframe);
  }

  /** Compares candles that came again with those held: what differs is replaced and told. */
  recheck(candles: readonly Candle[]): void {
    if (candles.length === 0) return;
    const columns = columnsOf(candles);
    const changes = this.window.merge(columns);
    if (changes.length === 0) return;
    this.#watcher.onRevised(this.symbol, this.timeframe, changes);
    this.note(
      `the exchange revised ${changes.length} closed candles, the first of ${utc(changes[0]?.after.time ?? 0)}; the new figures are kept`,
    );
    this.#attempt("written", () => {
      this.#store.merge(this.symbol, this.timeframe, columns);
    });
  }

  /** Others wrote to the store: takes what it has in the span that is held in memory. */
  refresh(): void {
    const { first, last } = this.window;
    if (first === null || last === null || !this.#readable) return;
    this.#attempt("read", () => {
      this.window.merge(this.#store.read(this.symbol, this.timeframe, first, last + 1));
    });
  }

  /** Answers from memory: stale when the candle of `expected` is not there. */
  answer(count: number, expected: number): CandleAnswer {
    const candles = this.window.tail(count, expected);
    const last = candles.time[candles.length - 1];
    const stale = last !== expected;
    return {
      candles,
      stale,
      expectedLast: expected,
      note: stale
        ? `the candle of ${utc(expected)} is missing; the newest is ${last === undefined ? "none" : `that of ${utc(last)}`}`
        : "",
    };
  }

  /** Merged, since a backfill may have brought some of them before; what it had otherwise is told as revised. */
  #keep(columns: CandleColumns): boolean {
    return this.#attempt("written", () => {
      const { changed } = this.#store.merge(this.symbol, this.timeframe, columns);
      if (changed.length > 0) this.#watcher.onRevised(this.symbol, this.timeframe, changed);
    });
  }

  /** True when there are any. */
  #noteGaps(before: number, candles: readonly Candle[]): boolean {
    let last = before;
    let missing = 0;
    const spans: string[] = [];
    for (const { time } of candles) {
      const lost = Math.round((time - last) / this.length) - 1;
      if (lost > 0) {
        missing += lost;
        spans.push(
          lost === 1
            ? utc(last + this.length)
            : `${utc(last + this.length)} to ${utc(time - this.length)}`,
        );
      }
      last = time;
    }
    if (missing === 0) return false;
    const shown =
      spans.slice(0, 3).join(", ") + (spans.length > 3 ? ` and ${spans.length - 3} more gaps` : "");
    this.#note(
      `the exchange has no candle for ${missing === 1 ? "one candle" : `${missing} candles`} (${shown}); kept as a gap`,
    );
    return true;
  }

  /** What cannot be read is forgotten, in memory too, so that it is fetched anew without a gap. */
  #read(work: () => void): void {
    if (this.#attempt("read, so they are fetched anew", work)) return;
    this.#readable = false;
    this.window.clear();
    this.#attempt("cleared", () => {
      this.#store.clear(this.symbol, this.timeframe);
    });
  }

  /** The store can be rebuilt: when it fails, that is noted once and memory goes on alone. */
  #attempt(what: string, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!this.#storeFailed)
        this.#note(`stored candles could not be ${what}: ${messageOf(error)}`);
      this.#storeFailed = true;
      return false;
    }
  }
}
