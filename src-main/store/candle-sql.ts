import type { Timeframe } from "../../src-preload/contract/time.ts";
import type { Candle } from "../engine/market/types.ts";
import type { PackedChunk } from "./candle-chunk.ts";
import type { Database } from "./sqlite.ts";

export interface SeriesRow {
  readonly id: number;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly first_time: number;
  readonly last_time: number;
  readonly count: number;
  readonly tail_count: number;
}

export interface ChunkRow extends PackedChunk {
  readonly id: number;
}

const SERIES =
  "SELECT id, symbol, timeframe, first_time, last_time, count, tail_count FROM candle_series";
const CHUNK = "SELECT id, first_time, count, checksum, data FROM candle_chunk";

/** The candle store's statements. */
export function prepareCandles(db: Database) {
  return {
    series: db.prepare<[string, string], SeriesRow>(`${SERIES} WHERE symbol = ? AND timeframe = ?`),
    seriesById: db.prepare<[number], SeriesRow>(`${SERIES} WHERE id = ?`),
    allSeries: db.prepare<[], SeriesRow>(`${SERIES} ORDER BY symbol, timeframe`),
    unseen: db.prepare<[], SeriesRow>(`${SERIES} WHERE gaps_known = 0`),
    setSeen: db.prepare<[number]>("UPDATE candle_series SET gaps_known = 1 WHERE id = ?"),
    addSeries: db.prepare<[string, string, number, number]>(
      "INSERT INTO candle_series (symbol, timeframe, first_time, last_time, count, tail_count, gaps_known) VALUES (?, ?, ?, ?, 0, 0, 1)",
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
      `${CHUNK} WHERE series_id = ? ORDER BY first_time DESC LIMIT 1`,
    ),
    oldestChunk: db.prepare<[number], ChunkRow>(
      `${CHUNK} WHERE series_id = ? ORDER BY first_time LIMIT 1`,
    ),
    chunkBefore: db.prepare<[number, number], ChunkRow>(
      `${CHUNK} WHERE series_id = ? AND first_time < ? ORDER BY first_time DESC LIMIT 1`,
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
      `${CHUNK} WHERE series_id = ? AND first_time < ? AND last_time >= ? ORDER BY first_time`,
    ),
  };
}
