import { timeframeMs, type Timeframe } from "../../src-preload/contract/time.ts";
import {
  candleOf,
  columnsOf,
  emptyColumns,
  lowerBound,
  putCandle,
  putColumns,
  sliceColumns,
} from "../engine/market/columns.ts";
import { mergeColumns } from "../engine/market/merge.ts";
import type {
  Candle,
  CandleChange,
  CandleColumns,
  CandleCoverage,
  CandleGap,
  CandleStore,
} from "../engine/market/types.ts";
import { chunksOf, packChunk, readChunk, unpackChunk } from "./candle-chunk.ts";
import { CandleGaps } from "./candle-gaps.ts";
import { prepareCandles, type ChunkRow, type SeriesRow } from "./candle-sql.ts";
import type { Database } from "./sqlite.ts";

/** Candles in a full chunk. */
const CHUNK = 4096;
/** Rows kept loose before they are folded into the newest chunk: cheap to append to, cheap to read. */
const TAIL = 256;

const NOTHING: { readonly added: number; readonly changed: readonly CandleChange[] } = {
  added: 0,
  changed: [],
};

/**
 * Closed candles in market.db: chunks of up to 4,096 candles as packed columns, the newest few as rows of a small tail
 * table, so that appending one rewrites no chunk. Gaps are rows of their own.
 */
export class SqliteCandleStore implements CandleStore {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepareCandles>;
  readonly #gaps: CandleGaps;
  /** One transaction; made once, since making costs as much as a small insert. */
  readonly #write: (symbol: string, timeframe: Timeframe, candles: CandleColumns) => SeriesRow;
  /** Rows of candle_series as committed, as far as appended to: this connection is their only writer. */
  readonly #known = new Map<string, SeriesRow>();

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepareCandles(db);
    this.#gaps = new CandleGaps(db);
    this.#write = db.transaction((symbol: string, timeframe: Timeframe, candles: CandleColumns) =>
      this.#put(symbol, timeframe, candles),
    );
    this.#findOldGaps();
  }

  read(symbol: string, timeframe: Timeframe, from: number, to: number): CandleColumns {
    const series = this.#sql.series.get(symbol, timeframe);
    if (series === undefined || to <= from) return emptyColumns(0);
    const tail = series.tail_count === 0 ? [] : this.#sql.tail.all(series.id, from, to);
    const packed = this.#sql.countIn.get(series.id, to, from) ?? 0;
    const all = emptyColumns(packed + tail.length);
    const step = timeframeMs(timeframe);
    let length = 0;
    for (const chunk of this.#sql.chunksIn.iterate(series.id, to, from)) {
      if (!unpackChunk(chunk, step, all, length)) throw damaged(symbol, timeframe, chunk);
      length += chunk.count;
    }
    // Only the first and the last chunk can hold candles outside [from, to).
    const start = lowerBound(all.time, packed, from);
    const end = lowerBound(all.time, packed, to);
    tail.forEach((candle, i) => putCandle(all, end + i, candle));
    return sliceColumns(all, start, end + tail.length);
  }

  range(
    symbol: string,
    timeframe: Timeframe,
  ): { readonly first: number; readonly last: number; readonly count: number } | null {
    const series = this.#sql.series.get(symbol, timeframe);
    return series === undefined
      ? null
      : { first: series.first_time, last: series.last_time, count: series.count };
  }

  coverage(): readonly CandleCoverage[] {
    const gaps = this.#gaps.all();
    return this.#sql.allSeries.all().map((series) => ({
      symbol: series.symbol,
      timeframe: series.timeframe,
      first: series.first_time,
      last: series.last_time,
      count: series.count,
      gaps: gaps.get(series.id) ?? [],
    }));
  }

  gaps(symbol: string, timeframe: Timeframe): readonly CandleGap[] {
    const series = this.#sql.series.get(symbol, timeframe);
    return series === undefined ? [] : this.#gaps.of(series.id);
  }

  settleGap(
    symbol: string,
    timeframe: Timeframe,
    gap: {
      readonly from: number;
      readonly to: number;
      readonly real: boolean;
      readonly checkedAt: number;
    },
  ): void {
    const series = this.#sql.series.get(symbol, timeframe);
    if (series !== undefined) this.#gaps.settle(series.id, gap);
  }

  append(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void {
    if (candles.length > 0) this.#append(symbol, timeframe, columnsOf(candles));
  }

  prepend(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void {
    if (candles.length === 0) return;
    const series = this.#sql.series.get(symbol, timeframe);
    if (series === undefined) this.append(symbol, timeframe, candles);
    else this.#prepend(series, symbol, timeframe, columnsOf(candles));
  }

  merge(
    symbol: string,
    timeframe: Timeframe,
    candles: CandleColumns,
  ): { readonly added: number; readonly changed: readonly CandleChange[] } {
    if (candles.length === 0) return NOTHING;
    assertAscending(symbol, timeframe, candles.time);
    const series =
      this.#known.get(`${symbol} ${timeframe}`) ?? this.#sql.series.get(symbol, timeframe);
    if (series === undefined || (candles.time[0] ?? 0) > series.last_time) {
      this.#append(symbol, timeframe, candles);
      return { added: candles.length, changed: [] };
    }
    const older = lowerBound(candles.time, candles.length, series.first_time);
    const inner = lowerBound(candles.time, candles.length, series.last_time + 1);
    return this.#db.transaction(() => {
      const result = this.#mix(series, sliceColumns(candles, older, inner));
      if (older > 0) this.#prepend(series, symbol, timeframe, sliceColumns(candles, 0, older));
      if (inner < candles.length)
        this.#append(symbol, timeframe, sliceColumns(candles, inner, candles.length));
      return { ...result, added: result.added + older + candles.length - inner };
    })();
  }

  clear(symbol: string, timeframe: Timeframe): void {
    const series = this.#sql.series.get(symbol, timeframe);
    if (series === undefined) return;
    this.#known.delete(`${symbol} ${timeframe}`);
    this.#db.transaction(() => {
      this.#sql.dropChunks.run(series.id);
      this.#sql.dropTail.run(series.id);
      this.#gaps.clear(series.id);
      this.#sql.dropSeries.run(series.id);
    })();
  }

  #append(symbol: string, timeframe: Timeframe, candles: CandleColumns): void {
    assertAscending(symbol, timeframe, candles.time);
    const key = `${symbol} ${timeframe}`;
    try {
      this.#known.set(key, this.#write(symbol, timeframe, candles));
    } catch (error) {
      this.#known.delete(key);
      throw error;
    }
  }

  #prepend({ id }: SeriesRow, symbol: string, timeframe: Timeframe, candles: CandleColumns): void {
    assertAscending(symbol, timeframe, candles.time);
    this.#known.delete(`${symbol} ${timeframe}`);
    this.#db.transaction(() => {
      // Read anew: a merge may have added to the series before.
      const series = this.#sql.seriesById.get(id);
      const end = candles.time[candles.length - 1] ?? 0;
      if (series === undefined || end >= series.first_time) {
        throw new Error(
          `Candles of ${symbol} ${timeframe} up to ${iso(end)} were not stored: the store holds them from ${iso(series?.first_time ?? 0)} on; prepend older ones only.`,
        );
      }
      const step = timeframeMs(timeframe);
      this.#gaps.find(id, null, candles, step);
      if (series.first_time - end > step) this.#gaps.add(id, end + step, series.first_time);
      this.#addBefore(series, candles);
      this.#sql.setSeries.run(
        candles.time[0] ?? 0,
        series.last_time,
        series.count + candles.length,
        series.tail_count,
        id,
      );
    })();
  }

  /** Adds chunks in front; the oldest one is filled up first, so that backfilling page by page leaves no small ones. */
  #addBefore(series: SeriesRow, candles: CandleColumns): void {
    const oldest = this.#sql.oldestChunk.get(series.id);
    let all = candles;
    if (oldest !== undefined && oldest.count + candles.length <= CHUNK) {
      all = this.#joined(candles, this.#unpacked(series, oldest));
      this.#sql.dropChunk.run(oldest.id);
    }
    const full = all.length % CHUNK;
    if (full > 0) this.#addChunk(series, sliceColumns(all, 0, full));
    for (const chunk of chunksOf(sliceColumns(all, full, all.length), CHUNK))
      this.#addChunk(series, chunk);
  }

  #put(symbol: string, timeframe: Timeframe, candles: CandleColumns): SeriesRow {
    const first = candles.time[0] ?? 0;
    const last = candles.time[candles.length - 1] ?? 0;
    const series = this.#series(symbol, timeframe, first, last);
    if (series.count > 0 && first <= series.last_time) {
      throw new Error(
        `Candles of ${symbol} ${timeframe} from ${iso(first)} were not stored: the store holds them up to ${iso(series.last_time)}; append newer ones only.`,
      );
    }
    this.#gaps.find(
      series.id,
      series.count === 0 ? null : series.last_time,
      candles,
      timeframeMs(timeframe),
    );
    let loose = series.tail_count + candles.length;
    if (loose <= TAIL) {
      for (let i = 0; i < candles.length; i += 1) {
        const c = candleOf(candles, i);
        this.#sql.addTail.run(series.id, c.time, c.open, c.high, c.low, c.close, c.volume);
      }
    } else {
      this.#fold(series, candles);
      loose = 0;
    }
    const row = {
      ...series,
      first_time: series.count === 0 ? first : series.first_time,
      last_time: last,
      count: series.count + candles.length,
      tail_count: loose,
    };
    this.#sql.setSeries.run(row.first_time, last, row.count, loose, series.id);
    return row;
  }

  #series(symbol: string, timeframe: Timeframe, first: number, last: number): SeriesRow {
    const known =
      this.#known.get(`${symbol} ${timeframe}`) ?? this.#sql.series.get(symbol, timeframe);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#sql.addSeries.run(symbol, timeframe, first, last);
    return {
      id: Number(lastInsertRowid),
      symbol,
      timeframe,
      first_time: first,
      last_time: last,
      count: 0,
      tail_count: 0,
    };
  }

  /** Moves the tail and newer candles into chunks; the newest chunk is filled up first. */
  #fold(series: SeriesRow, candles: CandleColumns): void {
    const tail =
      series.tail_count === 0 ? [] : this.#sql.tail.all(series.id, 0, Number.MAX_SAFE_INTEGER);
    let all = tail.length === 0 ? candles : this.#joined(columnsOf(tail), candles);
    const room = CHUNK - (this.#sql.newestCount.get(series.id) ?? CHUNK);
    if (room > 0) {
      const newest = this.#sql.newestChunk.get(series.id);
      if (newest !== undefined) {
        all = this.#joined(this.#unpacked(series, newest), all);
        this.#sql.dropChunk.run(newest.id);
      }
    }
    for (const chunk of chunksOf(all, CHUNK)) this.#addChunk(series, chunk);
    if (tail.length > 0) this.#sql.dropTail.run(series.id);
  }

  /** Puts candles among those held, inside the series' span; chunks that they do not touch stay as they are. */
  #mix(
    series: SeriesRow,
    candles: CandleColumns,
  ): { readonly added: number; readonly changed: readonly CandleChange[] } {
    const { symbol, timeframe, id } = series;
    const first = candles.time[0];
    const last = candles.time[candles.length - 1];
    if (first === undefined || last === undefined) return NOTHING;
    const held = this.read(symbol, timeframe, first, last + 1);
    const { fresh, changed } = mergeColumns(held, candles);
    if (fresh.length === 0 && changed.length === 0) return NOTHING;
    this.#known.delete(`${symbol} ${timeframe}`);
    if (series.tail_count > 0) this.#fold(series, emptyColumns(0));
    let touched = this.#sql.chunksIn.all(id, last + 1, first);
    if (touched.length === 0) {
      const before = this.#sql.chunkBefore.get(id, first);
      touched = before === undefined ? [] : [before];
    }
    let all = emptyColumns(0);
    for (const chunk of touched) {
      all = this.#joined(all, this.#unpacked(series, chunk));
      this.#sql.dropChunk.run(chunk.id);
    }
    const { merged } = mergeColumns(all, candles);
    const pieces = Math.ceil(merged.length / CHUNK);
    for (const chunk of chunksOf(merged, Math.ceil(merged.length / pieces)))
      this.#addChunk(series, chunk);
    this.#gaps.fill(id, fresh, timeframeMs(timeframe));
    this.#sql.setSeries.run(
      series.first_time,
      series.last_time,
      series.count + fresh.length,
      0,
      id,
    );
    return { added: fresh.length, changed };
  }

  #joined(a: CandleColumns, b: CandleColumns): CandleColumns {
    const all = emptyColumns(a.length + b.length);
    putColumns(all, 0, a);
    putColumns(all, a.length, b);
    return all;
  }

  #unpacked({ symbol, timeframe }: SeriesRow, chunk: ChunkRow): CandleColumns {
    const columns = readChunk(chunk, timeframeMs(timeframe));
    if (columns === null) throw damaged(symbol, timeframe, chunk);
    return columns;
  }

  #addChunk({ id, timeframe }: SeriesRow, columns: CandleColumns): void {
    const { data, checksum } = packChunk(columns, timeframeMs(timeframe));
    const { time, length } = columns;
    this.#sql.addChunk.run(id, time[0] ?? 0, time[length - 1] ?? 0, length, checksum, data);
  }

  /** Series written before gaps were kept: looked through once. A damaged one is left to whoever reads it. */
  #findOldGaps(): void {
    for (const series of this.#sql.unseen.all()) {
      this.#db.transaction(() => {
        try {
          const { symbol, timeframe, first_time: first, last_time: last } = series;
          const whole = (last - first) / timeframeMs(timeframe) + 1 === series.count;
          if (!whole) {
            const columns = this.read(symbol, timeframe, first, last + 1);
            this.#gaps.find(series.id, null, columns, timeframeMs(timeframe));
          }
        } catch {
          // Reading says so again, to somebody who can fetch it anew.
        }
        this.#sql.setSeen.run(series.id);
      })();
    }
  }
}

function assertAscending(symbol: string, timeframe: Timeframe, times: Float64Array): void {
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < times.length; i += 1) {
    const time = times[i] ?? Number.NaN;
    if (!Number.isSafeInteger(time) || time <= last) {
      throw new Error(
        `Candles of ${symbol} ${timeframe} were not stored: time ${time} comes after ${last}; give them in ascending order of whole ms.`,
      );
    }
    last = time;
  }
}

const iso = (time: number): string => new Date(time).toISOString();

const damaged = (
  symbol: string,
  timeframe: Timeframe,
  chunk: { readonly first_time: number },
): Error =>
  new Error(
    `Stored candles of ${symbol} ${timeframe} from ${iso(chunk.first_time)} are damaged; clear the series and fetch it again.`,
  );
