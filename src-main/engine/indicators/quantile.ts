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
