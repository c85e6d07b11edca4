import direct from "ml-direct";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { SweepPoint } from "../../src-preload/contract/research.ts";
import type {
  Axis,
  Neighbourhood,
  Objective,
} from "../../src-preload/contract/research-studies.ts";
import { EngineFault } from "../engine/fault.ts";

type Value = number | string | boolean;
export type ParamSet = Readonly<Record<string, Value>>;

/** More combinations than this are refused: the window could not show them. */
const MOST_POINTS = 20_000;

/** The values of an axis, in order; a range includes its end when a step meets it. */
export function valuesOf(axis: Axis): readonly Value[] {
  if ("values" in axis) return [...new Set(axis.values)];
  const { from, to, step } = axis;
  // Each value from its index, with the digits of the step: adding up would carry an error along.
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(12)));
}

function axesOf(axes: readonly Axis[]): readonly { key: string; values: readonly Value[] }[] {
  const keys = new Set(axes.map(({ key }) => key));
  if (keys.size < axes.length) {
    throw new EngineFault("invalid", "A parameter is varied twice; name each once.", "axes");
  }
  return axes.map((axis) => ({ key: axis.key, values: valuesOf(axis) }));
}

const pointsOf = (axes: readonly { values: readonly Value[] }[]): number =>
  axes.reduce((product, { values }) => product * values.length, 1);

/** The combination with this number, the last axis changing fastest. */
function setAt(
  axes: readonly { key: string; values: readonly Value[] }[],
  number: number,
): ParamSet {
  let rest = number;
  const set: Record<string, Value> = {};
  for (const { key, values } of axes.toReversed()) {
    const value = values[rest % values.length];
    if (value !== undefined) set[key] = value;
    rest = Math.floor(rest / values.length);
  }
  return set;
}

/** Every combination, the last axis changing fastest. Throws EngineFault for more than 20,000. */
export function gridSets(axes: readonly Axis[]): readonly ParamSet[] {
  const all = axesOf(axes);
  const count = pointsOf(all);
  if (count > MOST_POINTS) {
    throw new EngineFault(
      "invalid",
      `The grid has ${count} combinations, at most ${MOST_POINTS} are run at once; take larger steps or a random search.`,
      "axes",
    );
  }
  return Array.from({ length: count }, (_, number) => setAt(all, number));
}

/** `count` different combinations drawn by the seed; all of them, when there are no more. */
export function randomSets(
  axes: readonly Axis[],
  count: number,
  seed: number,
): readonly ParamSet[] {
  const all = axesOf(axes);
  const total = pointsOf(all);
  if (total <= count) return gridSets(axes);
  if (total > Number.MAX_SAFE_INTEGER) {
    throw new EngineFault("invalid", "The ranges have too many values; take larger steps.", "axes");
  }
  const random = xoroshiro128plus(seed);
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(uniformInt(random, 0, total - 1));
  return [...drawn].map((number) => setAt(all, number));
}

/** What a point is worth; null for too few trades or a figure without meaning. */
function scoreOf(point: SweepPoint, objective: Objective, minTrades: number): number | null {
  return point.trades < minTrades ? null : point[objective];
}

/** Index of the best point, the first of equals; null when none counts. */
export function bestOf(
  points: readonly SweepPoint[],
  objective: Objective,
  minTrades: number,
): number | null {
  let best: number | null = null;
  let highest = -Infinity;
  points.forEach((point, index) => {
    const score = scoreOf(point, objective, minTrades);
    if (score === null || score <= highest) return;
    highest = score;
    best = index;
  });
  return best;
}

/**
 * Searches the box of the axes one point after the other, each chosen by those before: DIRECT (D. R. Jones, C. D. Perttunen
 * and B. E. Stuckman, J. Optim. Theory Appl. 79 (1993) 157–181), which needs no slope and draws nothing. Every axis is
 * taken as its list of values. `run` is asked once a combination; it has been asked for at most about `count`
 * when the search ends. Returns the points in the order in which they were tried.
 */
export function searchSequentially(
  axes: readonly Axis[],
  count: number,
  run: (set: ParamSet) => SweepPoint,
  worth: (point: SweepPoint) => number | null,
): readonly SweepPoint[] {
  const all = axesOf(axes);
  const tried = new Map<string, { readonly point: SweepPoint; readonly loss: number }>();
  let worst = 0;
  const lossAt = (place: readonly number[]): number => {
    const indexes = all.map(({ values }, i) =>
      Math.min(values.length - 1, Math.floor((place[i] ?? 0) * values.length)),
    );
    const key = indexes.join();
    const known = tried.get(key);
    if (known !== undefined) return known.loss;
    const set: Record<string, Value> = {};
    all.forEach(({ key: name, values }, i) => {
      const value = values[indexes[i] ?? 0];
      if (value !== undefined) set[name] = value;
    });
    const point = run(set);
    const score = worth(point);
    // A point that does not count is as bad as the worst one that did.
    const loss = score === null ? worst : -score;
    worst = Math.max(worst, loss);
    tried.set(key, { point, loss });
    return loss;
  };
  const lower = all.map(() => 0);
  const upper = all.map(() => 1);
  const most = Math.min(count, pointsOf(all));
  let state: unknown = undefined;
  // Asked in steps of one iteration each; rounds that find nothing new end it.
  for (let quiet = 0; tried.size < most && quiet < 20;) {
    const before = tried.size;
    const result = direct(lossAt, lower, upper, {
      iterations: 1,
      ...(state === undefined ? {} : { initialState: state }),
    });
    state = result.finalState;
    quiet = tried.size === before ? quiet + 1 : 0;
  }
  return [...tried.values()].map(({ point }) => point);
}

/** For each point of a full grid, how its neighbours did: a best result on a lonely peak is luck. `points` as `gridSets` orders them. */
export function neighbourhoods(
  axes: readonly Axis[],
  points: readonly SweepPoint[],
  objective: Objective,
  minTrades: number,
): readonly Neighbourhood[] {
  const sizes = axesOf(axes).map(({ values }) => values.length);
  const strides = sizes.map((_, i) => sizes.slice(i + 1).reduce((a, b) => a * b, 1));
  return points.map((_, index): Neighbourhood => {
    let around: number[] = [0];
    sizes.forEach((size, axis) => {
      const stride = strides[axis] ?? 1;
      const place = Math.floor(index / stride) % size;
      around = around.flatMap((base) =>
        [place - 1, place, place + 1]
          .filter((at) => at >= 0 && at < size)
          .map((at) => base + at * stride),
      );
    });
    const scores = around.flatMap((at) => {
      const point = points[at];
      return point === undefined ? [] : (scoreOf(point, objective, minTrades) ?? []);
    });
    const sum = scores.reduce((total, score) => total + score, 0);
    return {
      index,
      neighbours: around.length,
      mean: scores.length === 0 ? null : sum / scores.length,
      least: scores.length === 0 ? null : Math.min(...scores),
    };
  });
}
