import { candleOf, emptyColumns, putCandle, sliceColumns } from "./columns.ts";
import type { CandleChange, CandleColumns } from "./types.ts";

interface Merged {
  /** All candles of both, ascending; where both have a time, `next` wins. */
  readonly merged: CandleColumns;
  /** Times that only `next` has. */
  readonly fresh: Float64Array;
  /** Candles that both have and that differ in any figure. */
  readonly changed: readonly CandleChange[];
}

/** Two ascending lists of candles as one. Pure; neither is written to. */
export function mergeColumns(held: CandleColumns, next: CandleColumns): Merged {
  const merged = emptyColumns(held.length + next.length);
  const fresh: number[] = [];
  const changed: CandleChange[] = [];
  let length = 0;
  let i = 0;
  let j = 0;
  while (i < held.length || j < next.length) {
    const a = held.time[i] ?? Number.POSITIVE_INFINITY;
    const b = next.time[j] ?? Number.POSITIVE_INFINITY;
    if (a < b) {
      putCandle(merged, length, candleOf(held, i));
    } else {
      const after = candleOf(next, j);
      putCandle(merged, length, after);
      if (a > b) fresh.push(b);
      else {
        const before = candleOf(held, i);
        const same =
          before.open === after.open &&
          before.high === after.high &&
          before.low === after.low &&
          before.close === after.close &&
          before.volume === after.volume;
        if (!same) changed.push({ before, after });
      }
    }
    if (a <= b) i += 1;
    if (b <= a) j += 1;
    length += 1;
  }
  return { merged: sliceColumns(merged, 0, length), fresh: Float64Array.from(fresh), changed };
}
