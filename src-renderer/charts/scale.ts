/** A step of 1, 2 or 5 times a power of ten that cuts the range into about `count` parts. */
function niceStep(range: number, count: number): number {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
}

interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  /** Decimals that tell the ticks apart. */
  readonly decimals: number;
}

/** An axis with round ticks that holds every value. With `fromZero` it holds 0 as well. */
export function niceAxis(values: readonly number[], fromZero: boolean, count = 4): Axis {
  let low = fromZero ? 0 : Number.POSITIVE_INFINITY;
  let high = fromZero ? 0 : Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) {
    low = 0;
    high = 1;
  }
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) * 0.001;
    if (!fromZero || low < 0) low -= room;
    high += room;
  }
  const step = niceStep(high - low, count);
  const min = Math.floor(low / step) * step;
  const max = Math.ceil(high / step) * step;
  const decimals = Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const ticks = Array.from({ length: Math.round((max - min) / step) + 1 }, (_, i) =>
    Number((min + i * step).toFixed(decimals)),
  );
  return { min, max, ticks, decimals };
}

/** Round instants in ms for a time axis, at most `count`, in UTC steps a person would choose. */
export function timeTicks(from: number, to: number, count = 6): number[] {
  const minute = 60_000;
  const hour = 60 * minute;
  const day = 24 * hour;
  const steps = [
    1000,
    5000,
    10_000,
    15_000,
    30_000,
    minute,
    2 * minute,
    5 * minute,
    10 * minute,
    15 * minute,
    30 * minute,
    hour,
    2 * hour,
    3 * hour,
    6 * hour,
    12 * hour,
    day,
    2 * day,
    7 * day,
    14 * day,
    30 * day,
    90 * day,
    365 * day,
  ];
  const span = to - from;
  if (!(span > 0)) return [from];
  const step = steps.find((s) => span / s <= count) ?? span / count;
  const ticks: number[] = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) ticks.push(t);
  return ticks;
}

/** Moves labels apart so that each has `gap` px; the order by position is kept, and all stay within the height. */
export function dodge(positions: readonly number[], gap: number, height: number): number[] {
  const order = positions.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const placed: number[] = [];
  for (const { y } of order)
    placed.push(Math.max(y, (placed.at(-1) ?? Number.NEGATIVE_INFINITY) + gap));
  let limit = height;
  for (let i = placed.length - 1; i >= 0; i -= 1) {
    const y = Math.min(placed[i] ?? 0, limit);
    placed[i] = y;
    limit = y - gap;
  }
  const result: number[] = [];
  order.forEach(({ index }, i) => {
    result[index] = placed[i] ?? 0;
  });
  return result;
}
