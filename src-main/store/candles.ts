import type { Timeframe } from "../../src-preload/contract/time.ts";
import {
  columnsOf,
  emptyColumns,
  lowerBound,
  putCandle,
  putColumns,
  sliceColumns,
} from "../engine/market/columns.ts";
import type { Candle, CandleColumns, CandleStore } from "../engine/market/types.ts";
import { chunksOf, packChunk, readChunk, unpackChunk } from "./candle-chunk.ts";
import type { Database } from "./sqlite.ts";

/** Candles in a full chunk. */
const CHUNK = 4096;
/** Rows kept loose before they are folded into the newest chunk: cheap to append to, cheap to read. */
const TAIL = 256;

interface SeriesRow {
  readonly id: number;
  readonly first_time: number;
  readonly last_time: number;
  readonly count: number;
  readonly tail_count: number;
}

interface ChunkRow {
  readonly id: number;
  readonly first_time: number;
  readonly count: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

function prepare(db: Database) {
  return {
    series: db.prepare<[string, string], SeriesRow>(
      "SELECT * FROM candle_series WHERE symbol = ? AND timeframe = ?",
    ),
    addSeries: db.prepare<[string, string, number, number]>(
      "INSERT INTO candle_series (symbol, timeframe, first_time, last_time, count, tail_count) VALUES (?, ?, ?, ?, 0, 0)",
    ),
    setSeries: db.prepare<[number, number, number, number, number]>(
      "UPDATE candle_series SET first_time = ?, last_time = ?, count = ?, tail_count = ? WHERE id = ?",
    ),
    dropSeries: db.prepare<[number]>("DELETE FROM candle_series WHERE id = ?"),
    addTail: db.prepare<[number, number, number, number, number, number, number]>(
      "INSERT INTO candle_tail VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    tail: db.prepare<[number, number, number], Candle>(
      "SELECT time, open, high, low, close, volume FROM candle_tail WHERE series_id = ? AND time >= ? AND time < ? ORDER BY time",
    ),
    dropTail: db.prepare<[number]>("DELETE FROM candle_tail WHERE series_id = ?"),
    addChunk: db.prepare<[number, number, number, number, number, Uint8Array]>(
      "INSERT INTO candle_chunk (series_id, first_time, last_time, count, checksum, data) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    newestChunk: db.prepare<[number], ChunkRow>(
      "SELECT id, first_time, count, checksum, data FROM candle_chunk WHERE series_id = ? ORDER BY first_time DESC LIMIT 1",
    ),
    newestCount: db
      .prepare<[number], number>(
        "SELECT count FROM candle_chunk WHERE series_id = ? ORDER BY first_time DESC LIMIT 1",
      )
      .pluck(),
    dropChunk: db.prepare<[number]>("DELETE FROM candle_chunk WHERE id = ?"),
    dropChunks: db.prepare<[number]>("DELETE FROM candle_chunk WHERE series_id = ?"),
    countIn: db
      .prepare<[number, number, number], number>(
        "SELECT coalesce(sum(count), 0) FROM candle_chunk WHERE series_id = ? AND first_time < ? AND last_time >= ?",
      )
      .pluck(),
    chunksIn: db.prepare<[number, number, number], ChunkRow>(
      "SELECT id, first_time, count, checksum, data FROM candle_chunk WHERE series_id = ? AND first_time < ? AND last_time >= ? ORDER BY first_time",
    ),
  };
}

/**
 * Closed candles in market.db: chunks of up to 4,096 candles as packed columns, the newest few as rows of a small tail
 * table, so that appending one rewrites no chunk.
 */
export class SqliteCandleStore implements CandleStore {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;
  /** One transaction; made once, since making costs as much as a small insert. */
  readonly #write: (symbol: string, timeframe: Timeframe, candles: readonly Candle[]) => void;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
    this.#write = db.transaction(
      (symbol: string, timeframe: Timeframe, candles: readonly Candle[]) => {
        this.#put(symbol, timeframe, candles);
      },
    );
  }

  read(symbol: string, timeframe: Timeframe, from: number, to: number): CandleColumns {
    const series = this.#sql.series.get(symbol, timeframe);
    if (series === undefined || to <= from) return emptyColumns(0);
    const tail = series.tail_count === 0 ? [] : this.#sql.tail.all(series.id, from, to);
    const packed = this.#sql.countIn.get(series.id, to, from) ?? 0;
    const all = emptyColumns(packed + tail.length);
    let length = 0;
    for (const chunk of this.#sql.chunksIn.iterate(series.id, to, from)) {
      if (!unpackChunk(chunk.data, chunk.count, chunk.checksum, all, length))
        throw damaged(symbol, timeframe, chunk);
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

  append(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void {
    if (candles.length === 0) return;
    assertAscending(symbol, timeframe, candles);
    this.#write(symbol, timeframe, candles);
  }

  prepend(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void {
    const [head] = candles;
    const end = candles.at(-1);
    if (head === undefined || end === undefined) return;
    const series = this.#sql.series.get(symbol, timeframe);
    if (series === undefined) {
      this.append(symbol, timeframe, candles);
      return;
    }
    assertAscending(symbol, timeframe, candles);
    if (end.time >= series.first_time) {
      throw new Error(
        `Candles of ${symbol} ${timeframe} up to ${iso(end.time)} were not stored: the store holds them from ${iso(series.first_time)} on; prepend older ones only.`,
      );
    }
    this.#db.transaction(() => {
      for (const chunk of chunksOf(columnsOf(candles), CHUNK)) this.#addChunk(series.id, chunk);
      this.#sql.setSeries.run(
        head.time,
        series.last_time,
        series.count + candles.length,
        series.tail_count,
        series.id,
      );
    })();
  }

  clear(symbol: string, timeframe: Timeframe): void {
    const series = this.#sql.series.get(symbol, timeframe);
    if (series === undefined) return;
    this.#db.transaction(() => {
      this.#sql.dropChunks.run(series.id);
      this.#sql.dropTail.run(series.id);
      this.#sql.dropSeries.run(series.id);
    })();
  }

  #put(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void {
    const [head] = candles;
    const end = candles.at(-1);
    if (head === undefined || end === undefined) return;
    const series = this.#series(symbol, timeframe, head.time, end.time);
    if (series.count > 0 && head.time <= series.last_time) {
      throw new Error(
        `Candles of ${symbol} ${timeframe} from ${iso(head.time)} were not stored: the store holds them up to ${iso(series.last_time)}; append newer ones only.`,
      );
    }
    const first = series.count === 0 ? head.time : series.first_time;
    let loose = series.tail_count + candles.length;
    if (loose <= TAIL) {
      for (const c of candles)
        this.#sql.addTail.run(series.id, c.time, c.open, c.high, c.low, c.close, c.volume);
    } else {
      this.#fold(symbol, timeframe, series, candles);
      loose = 0;
    }
    this.#sql.setSeries.run(first, end.time, series.count + candles.length, loose, series.id);
  }

  #series(symbol: string, timeframe: Timeframe, first: number, last: number): SeriesRow {
    const known = this.#sql.series.get(symbol, timeframe);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#sql.addSeries.run(symbol, timeframe, first, last);
    return {
      id: Number(lastInsertRowid),
      first_time: first,
      last_time: last,
      count: 0,
      tail_count: 0,
    };
  }

  /** Moves the tail and the new candles into chunks; the newest chunk is filled up first. */
  #fold(symbol: string, timeframe: Timeframe, series: SeriesRow, candles: readonly Candle[]): void {
    const tail =
      series.tail_count === 0 ? [] : this.#sql.tail.all(series.id, 0, Number.MAX_SAFE_INTEGER);
    const fresh = columnsOf(tail.length === 0 ? candles : [...tail, ...candles]);
    const room = CHUNK - (this.#sql.newestCount.get(series.id) ?? CHUNK);
    let all = fresh;
    if (room > 0) {
      const newest = this.#sql.newestChunk.get(series.id);
      if (newest !== undefined) {
        const old = readChunk(newest.data, newest.count, newest.checksum);
        if (old === null) throw damaged(symbol, timeframe, newest);
        all = emptyColumns(old.length + fresh.length);
        putColumns(all, 0, old);
        putColumns(all, old.length, fresh);
        this.#sql.dropChunk.run(newest.id);
      }
    }
    for (const chunk of chunksOf(all, CHUNK)) this.#addChunk(series.id, chunk);
    if (tail.length > 0) this.#sql.dropTail.run(series.id);
  }

  #addChunk(seriesId: number, columns: CandleColumns): void {
    const { data, checksum } = packChunk(columns);
    const { time, length } = columns;
    this.#sql.addChunk.run(seriesId, time[0] ?? 0, time[length - 1] ?? 0, length, checksum, data);
  }
}

function assertAscending(symbol: string, timeframe: Timeframe, candles: readonly Candle[]): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const { time } of candles) {
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
