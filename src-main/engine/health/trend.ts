import { median } from "./stats.ts";

/** A value of one day; days are whole numbers, ascending, gaps allowed. */
export interface DayValue {
  readonly day: number;
  readonly value: number;
}

/** A growth that is statistically real. */
export interface Creep {
  /** Theil–Sen slope as a share of the fitted first value, % a day. */
  readonly perDayPct: number;
  /** Growth from the first to the last day along that line, %. */
  readonly growthPct: number;
  /** Probability that values without a trend rise at least so steadily. */
  readonly p: number;
  readonly days: number;
}

const LEAST_DAYS = 5;
/** Five or six days cannot say much: even a perfect rise of five has p = 0.0083. */
const FIRST_P = 0.01;
/** From a week on more is asked for: 45 bots are looked at every day, and 1 % would cry wolf every other day. */
const WEEK_DAYS = 7;
const WEEK_P = 0.001;
const LEAST_GROWTH_PCT = 20;
/** Up to this many values without ties the distribution is counted out; beyond, the normal curve is near enough. */
const EXACT_UP_TO = 10;

/**
 * The trend of daily values when it is a creep: at least 5 days, rising with p < 0.01 (from 7 days on p < 0.001) by the
 * one-sided Mann–Kendall test, and by more than 20 % and `leastGrowth` (in the values' unit) along the Theil–Sen line; else null.
 */
export function creepOf(values: readonly DayValue[], leastGrowth: number): Creep | null {
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined || values.length < LEAST_DAYS) return null;
  const p = risingP(values.map((point) => point.value));
  if (!(p < (values.length < WEEK_DAYS ? FIRST_P : WEEK_P))) return null;
  const { slope, start } = theilSen(values);
  const growth = slope * (last.day - first.day);
  if (!(start > 0) || growth < leastGrowth) return null;
  const growthPct = (100 * growth) / start;
  if (growthPct <= LEAST_GROWTH_PCT) return null;
  return { perDayPct: (100 * slope) / start, growthPct, p, days: values.length };
}

/**
 * The line through the points that a few wild ones do not move: the median of the slopes of all pairs, and its value at
 * the first day. H. Theil, "A rank-invariant method of linear and polynomial regression analysis", Indag. Math. 12
 * (1950); P. K. Sen, JASA 63 (1968) 1379–1389.
 */
export function theilSen(values: readonly DayValue[]): {
  readonly slope: number;
  readonly start: number;
} {
  const slopes: number[] = [];
  for (const [i, a] of values.entries()) {
    for (const b of values.slice(i + 1)) slopes.push((b.value - a.value) / (b.day - a.day));
  }
  const slope = slopes.length === 0 ? 0 : median(Float64Array.from(slopes));
  const from = values[0]?.day ?? 0;
  const start = median(Float64Array.from(values, ({ day, value }) => value - slope * (day - from)));
  return { slope, start };
}

/**
 * One-sided p of the Mann–Kendall test for a rising trend: the chance that S, pairs that rise less pairs that fall, comes
 * out at least so high for values in random order. H. B. Mann, Econometrica 13 (1945) 245–259; M. G. Kendall, "Rank
 * Correlation Methods" (1975), chapters 4 and 5: the exact distribution, and the normal one with corrections for
 * continuity and ties.
 */
export function risingP(values: readonly number[]): number {
  const n = values.length;
  let s = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) s += Math.sign((values[j] ?? 0) - (values[i] ?? 0));
  }
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  if (n <= EXACT_UP_TO && ties.size === n) return exactP(n, s);
  const spread = (t: number): number => t * (t - 1) * (2 * t + 5);
  const variance = (spread(n) - [...ties.values()].reduce((sum, t) => sum + spread(t), 0)) / 18;
  if (variance <= 0) return 1;
  return normalTail((s - 1) / Math.sqrt(variance));
}

/** P(S ≥ s) over all orders of n different values: the orders are counted by their number of falling pairs. */
function exactP(n: number, s: number): number {
  const pairs = (n * (n - 1)) / 2;
  let orders = [1];
  for (let size = 2; size <= n; size += 1) {
    // The size-th value makes 0 to size − 1 falling pairs with those before it.
    const next = Array.from({ length: (size * (size - 1)) / 2 + 1 }, () => 0);
    for (const [falling, count] of orders.entries()) {
      for (let more = 0; more < size; more += 1) {
        next[falling + more] = (next[falling + more] ?? 0) + count;
      }
    }
    orders = next;
  }
  const most = (pairs - s) / 2;
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  return sum(orders.slice(0, Math.floor(most) + 1)) / sum(orders);
}

/** P(Z ≥ z) of the standard normal curve: Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.2.17; error below 7.5e-8. */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.231_641_9 * z);
  const polynomial =
    t *
    (0.319_381_53 +
      t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
