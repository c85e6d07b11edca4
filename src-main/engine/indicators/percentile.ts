import { blank, checkPeriod } from "./window.ts";

/**
 * Share, 0..1, of the `period` values ending at `index` that the one at `index` is above; equal ones count half (itself
 * among them), so that a flat window is 0.5. NaN before there are that many.
 */
export function percentileRankAt(values: Float64Array, index: number, period: number): number {
  const from = index - period + 1;
  const value = values[index];
  if (from < 0 || value === undefined || Number.isNaN(value)) return Number.NaN;
  let below = 0;
  let equal = 0;
  for (let i = from; i <= index; i++) {
    const other = values[i] as number;
    if (Number.isNaN(other)) return Number.NaN;
    if (other < value) below++;
    else if (other === value) equal++;
  }
  return (below + equal / 2) / period;
}

/** Rolling percentile rank, 0..1; first value at index period − 1 (later when the column starts with NaN). */
export function percentileRank(values: Float64Array, period: number): Float64Array {
  checkPeriod("Percentile rank", period);
  const out = blank(values.length);
  for (let i = period - 1; i < values.length; i++) out[i] = percentileRankAt(values, i, period);
  return out;
}

/**
 * Quantile `share` (0..1) of the values, linear between neighbours (type 7 of Hyndman and Fan, 1996). NaN when there are
 * none. Reorders `values`; hand in a copy.
 */
export function quantileInPlace(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const position = share * (values.length - 1);
  const rank = Math.floor(position);
  const lower = select(values, rank);
  if (rank === position) return lower;
  let upper = Number.POSITIVE_INFINITY;
  for (let i = rank + 1; i < values.length; i++) upper = Math.min(upper, values[i] as number);
  return lower + (position - rank) * (upper - lower);
}

/** Hoare's quickselect: the value of that rank; smaller ones end before it, larger ones behind. */
function select(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number;
    let i = low;
    let j = high;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i <= j) {
        const swapped = values[i] as number;
        values[i] = values[j] as number;
        values[j] = swapped;
        i++;
        j--;
      }
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return values[rank] as number;
}
