import { METRIC_FACTS } from "../market/metric-facts.ts";
import type { MetricName } from "../market/types.ts";
import { hold } from "./decisions.ts";
import type { HoldDecision, StrategyInput } from "./types.ts";
import { figure } from "./words.ts";

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A metric's points up to the decision, oldest first: the first `count` of the columns. */
export interface MetricView {
  readonly title: string;
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly count: number;
  /** The newest value and its time, ms UTC. */
  readonly last: number;
  readonly lastTime: number;
}

/** A reading, or the sentence that says why there is none. */
export type Reading<T> = { readonly ok: true; readonly value: T } | Unread;
interface Unread {
  readonly ok: false;
  readonly reason: string;
}
const unread = (reason: string): Unread => ({ ok: false, reason });

/** Least share of a window that the points must span for a statistic over it. */
const LEAST_COVERAGE = 2 / 3;
/** Venues stamp values some seconds off their own grid; a base that much too young is still the right one, ms. */
const JITTER_MS = 60_000;
/** Least points for a statistic over a window. */
const LEAST_POINTS = 20;

/** What a strategy says when a metric it needs cannot be read: flat it does not enter, in a position it keeps its stop. */
export function withoutMetric<P>(input: StrategyInput<P>, reason: string): HoldDecision {
  const condition = { label: "Metrics known", held: false, detail: reason };
  return hold(
    input.position === null
      ? `no entry: ${reason}`
      : `holding ${input.position.side} with its stop: ${reason}, so the exit rule cannot be judged`,
    [condition],
  );
}

/** The metric as known at the decision's time; later points are not looked at. Missing or stale is a reason, never zero. */
export function readMetric<P>(input: StrategyInput<P>, name: MetricName): Reading<MetricView> {
  const { title, maxAgeMs } = METRIC_FACTS[name];
  const series = input.metric(name);
  if (series === null) return unread(`${title} is missing`);
  let count = series.length;
  while (count > 0 && (series.time[count - 1] as number) > input.time) count--;
  const last = series.value[count - 1];
  const lastTime = series.time[count - 1];
  if (last === undefined || lastTime === undefined) return unread(`${title} is missing`);
  if (!Number.isFinite(last)) return unread(`${title} has an unreadable last value`);
  const age = input.time - lastTime;
  if (age > maxAgeMs) {
    return unread(
      `${title} is stale: its last value is ${figure(age / HOUR, 1)} h old, more than ${figure(maxAgeMs / HOUR, 1)} h`,
    );
  }
  return {
    ok: true,
    value: { title, time: series.time, value: series.value, count, last, lastTime },
  };
}

/** Index of the first of `count` ascending times that is after `time`. */
function firstAfter(times: Float64Array, count: number, time: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

function covered(
  values: Float64Array,
  oldest: number,
  view: MetricView,
  windowMs: number,
): Reading<Float64Array> {
  const span = values.length === 0 ? 0 : view.lastTime - oldest;
  if (values.length < LEAST_POINTS || span < LEAST_COVERAGE * windowMs) {
    return unread(
      `${view.title} has a history of ${figure(span / DAY, 1)} of ${figure(windowMs / DAY, 1)} days (${values.length} values); ${figure((LEAST_COVERAGE * windowMs) / DAY, 1)} days and ${LEAST_POINTS} values are needed`,
    );
  }
  return { ok: true, value: values };
}

/** A copy of the finite values of the window that ends with the newest point (its start excluded), oldest first. */
export function windowValues(view: MetricView, windowMs: number): Reading<Float64Array> {
  const from = firstAfter(view.time, view.count, view.lastTime - windowMs);
  const values = view.value.slice(from, view.count).filter((value) => Number.isFinite(value));
  return covered(values, view.time[from] as number, view, windowMs);
}

/**
 * Relative changes over `lagMs`, as fractions, for the points of the window that ends with the newest one; oldest
 * first, the last is the newest point's. A point's base is the last value at least `lagMs` before it; points whose
 * base is more than a quarter of the lag farther off (a hole in the series), or not above 0, are left out.
 */
export function windowChanges(
  view: MetricView,
  lagMs: number,
  windowMs: number,
): Reading<Float64Array> {
  const { time, value, count } = view;
  const from = firstAfter(time, count, view.lastTime - windowMs);
  const out = new Float64Array(count - from);
  let length = 0;
  let base = firstAfter(time, count, (time[from] as number) - lagMs) - 1;
  let oldest = view.lastTime;
  let newestIn = false;
  for (let i = from; i < count; i++) {
    const at = time[i] as number;
    while (base + 1 < count && (time[base + 1] as number) <= at - lagMs + JITTER_MS) base++;
    if (base < 0 || at - (time[base] as number) > lagMs * 1.25) continue;
    const before = value[base] as number;
    const after = value[i] as number;
    if (!(before > 0) || !Number.isFinite(before) || !Number.isFinite(after)) continue;
    if (length === 0) oldest = at;
    out[length++] = after / before - 1;
    newestIn = i === count - 1;
  }
  if (!newestIn) {
    return unread(
      `${view.title} has no value from ${figure(lagMs / DAY, 2)} days before its last one`,
    );
  }
  return covered(out.subarray(0, length), oldest, view, windowMs);
}
