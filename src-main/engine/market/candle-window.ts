import type { Candle, CandleChange, CandleColumns } from "./types.ts";
import {
  columnsOf,
  emptyColumns,
  lowerBound,
  putCandle,
  putColumns,
  sliceColumns,
} from "./columns.ts";
import { mergeColumns } from "./merge.ts";

/**
 * The newest candles of one symbol and timeframe in memory. Buffers are only ever appended to, so that views handed
 * out stay as they were; when one is full, the newest `keep` candles move to a new one and the old one is left
 * to its readers.
 */
export class CandleWindow {
  #buffer: CandleColumns = emptyColumns(0);
  #length = 0;
  /** Most candles anybody asked for; at least so many are kept. */
  #keep = 1;

  /** Open time of the newest candle, or null when there is none. */
  get last(): number | null {
    return this.#length === 0 ? null : (this.#buffer.time[this.#length - 1] ?? null);
  }

  /** Open time of the oldest candle, or null when there is none. */
  get first(): number | null {
    return this.#length === 0 ? null : (this.#buffer.time[0] ?? null);
  }

  keepAtLeast(count: number): void {
    this.#keep = Math.max(this.#keep, count);
  }

  /** Adds candles newer than the newest; of more than are kept, only the newest stay. */
  append(candles: readonly Candle[]): void {
    if (candles.length > this.#keep) {
      this.#buffer = columnsOf(candles.slice(-this.#keep));
      this.#length = this.#keep;
      return;
    }
    if (this.#length + candles.length > this.#buffer.length) this.#grow(candles.length);
    for (const candle of candles) {
      putCandle(this.#buffer, this.#length, candle);
      this.#length += 1;
    }
  }

  /** Puts columns of older candles in front; everything moves to a new buffer. */
  prepend(older: CandleColumns): void {
    const held = sliceColumns(this.#buffer, 0, this.#length);
    const total = older.length + held.length;
    const buffer = emptyColumns(roomFor(total));
    putColumns(buffer, 0, older);
    putColumns(buffer, older.length, held);
    this.#buffer = buffer;
    this.#length = total;
  }

  /** Puts candles in among those held, in the place of those of the same time; all in a new buffer, so that readers keep what they have. */
  merge(candles: CandleColumns): readonly CandleChange[] {
    if (this.#holds(candles)) return [];
    const held = sliceColumns(this.#buffer, 0, this.#length);
    const { merged, fresh, changed } = mergeColumns(held, candles);
    if (fresh.length === 0 && changed.length === 0) return [];
    const buffer = emptyColumns(roomFor(merged.length));
    putColumns(buffer, 0, merged);
    this.#buffer = buffer;
    this.#length = merged.length;
    return changed;
  }

  /** The newest `count` candles (or as many as there are) with open time ≤ `last`: views, not copies. */
  tail(count: number, last: number): CandleColumns {
    const end = this.#endAt(last);
    return sliceColumns(this.#buffer, Math.max(0, end - count), end);
  }

  /** How many candles `tail` would give. */
  countUpTo(count: number, last: number): number {
    return Math.min(count, this.#endAt(last));
  }

  /** Whether each of these is held already, figure for figure: the usual case, and no reason to copy a window. */
  #holds(candles: CandleColumns): boolean {
    const held = this.#buffer;
    for (let j = 0; j < candles.length; j++) {
      const i = lowerBound(held.time, this.#length, candles.time[j] ?? Number.NaN);
      const same =
        i < this.#length &&
        held.time[i] === candles.time[j] &&
        held.open[i] === candles.open[j] &&
        held.high[i] === candles.high[j] &&
        held.low[i] === candles.low[j] &&
        held.close[i] === candles.close[j] &&
        held.volume[i] === candles.volume[j];
      if (!same) return false;
    }
    return true;
  }

  #endAt(last: number): number {
    const newest = this.#buffer.time[this.#length - 1];
    if (newest === undefined || newest <= last) return this.#length;
    return lowerBound(this.#buffer.time, this.#length, last + 1);
  }

  /** Lets go of all candles; how many are wanted stays known. */
  clear(): void {
    this.#buffer = emptyColumns(0);
    this.#length = 0;
  }

  #grow(more: number): void {
    const kept = Math.min(this.#length, this.#keep);
    const held = sliceColumns(this.#buffer, this.#length - kept, this.#length);
    const buffer = emptyColumns(roomFor(kept + more));
    putColumns(buffer, 0, held);
    this.#buffer = buffer;
    this.#length = kept;
  }
}

/** Doubled, so that a buffer is copied once in as many candles as it holds. */
const roomFor = (count: number): number => Math.max(256, 2 * count);
