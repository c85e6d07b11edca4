import { uniformInt } from "pure-rand/distribution/uniformInt";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type {
  MonteCarloReport,
  MonteCarloRequest,
} from "../../src-preload/contract/research-studies.ts";
import { EngineFault } from "../engine/fault.ts";

/** Most points of the fan along the trades. */
const FAN_POINTS = 200;
const FAN_SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
const BINS = 40;

/** The value under which `share` of ascending values lie, by linear interpolation (Hyndman & Fan 1996, type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  const below = sorted[low] ?? 0;
  return below + (place - low) * ((sorted[low + 1] ?? below) - below);
}

const quantilesOf = (values: Float64Array): readonly number[] => {
  const sorted = values.toSorted();
  return FAN_SHARES.map((share) => quantile(sorted, share));
};

/** Counts of values in bins of one width from the least to the greatest. */
function histogram(values: Float64Array): MonteCarloReport["finals"] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) return { from: low, width: 0, counts: [values.length] };
  const width = (high - low) / BINS;
  const counts = Array.from({ length: BINS }, () => 0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { from: low, width, counts };
}

/**
 * What the same trades could have brought: `runs` paths of as many trades, each path's trades drawn anew by the seed.
 * `shuffle` puts the trades in random order: the end is the same, the way there is not. `bootstrap` draws
 * blocks of neighbouring trades with replacement, of lengths geometric around `block` (D. N. Politis and J. P. Romano,
 * "The Stationary Bootstrap", JASA 89 (1994) 1303–1313), so that streaks stay streaks.
 *
 * `returns`: of each trade, PnL ÷ equity before it, oldest first; they compound. Ruin: equity falls to
 * (1 − ruinLoss) of the start at any trade. Throws EngineFault for fewer than ten trades.
 */
export function monteCarlo(
  returns: Float64Array,
  startEquity: number,
  options: Pick<MonteCarloRequest, "method" | "runs" | "block" | "ruinLoss" | "seed">,
): MonteCarloReport {
  const trades = returns.length;
  if (trades < 10) {
    throw new EngineFault(
      "invalid",
      `A Monte Carlo study of ${trades} trades says nothing; choose a longer span or another strategy, so that there are at least 10.`,
      "from",
    );
  }
  const { method, runs, block, ruinLoss, seed } = options;
  const random = xoroshiro128plus(seed);
  const points = Math.min(trades, FAN_POINTS);
  /** After how many trades each point of the fan is read; 0 is the start. */
  const at = Array.from({ length: points + 1 }, (_, i) => Math.round((i * trades) / points));
  const marks = at.map(() => new Float64Array(runs));
  const finals = new Float64Array(runs);
  const drawdowns = new Float64Array(runs);
  const path = Float64Array.from(returns);
  const ruinAt = startEquity * (1 - ruinLoss);
  let ruined = 0;
  let losing = 0;
  for (let run = 0; run < runs; run++) {
    if (method === "shuffle") shuffle(path, random);
    else drawBlocks(returns, path, block, random);
    let equity = startEquity;
    let peak = startEquity;
    let deepest = 0;
    let fell = false;
    let point = 0;
    for (let trade = 0; trade <= trades; trade++) {
      if (trade > 0) equity = Math.max(0, equity * (1 + (path[trade - 1] as number)));
      if (equity > peak) peak = equity;
      deepest = Math.max(deepest, 1 - equity / peak);
      if (equity <= ruinAt) fell = true;
      if (trade === at[point]) {
        const mark = marks[point];
        if (mark !== undefined) mark[run] = equity;
        point += 1;
      }
    }
    finals[run] = equity;
    drawdowns[run] = deepest;
    if (fell) ruined += 1;
    if (equity < startEquity) losing += 1;
  }
  const fan = marks.map(quantilesOf);
  return {
    method,
    runs,
    trades,
    startEquity,
    ruinLoss,
    ruinProbability: ruined / runs,
    lossProbability: losing / runs,
    fan: {
      trades: at,
      p5: fan.map((row) => row[0] ?? 0),
      p25: fan.map((row) => row[1] ?? 0),
      p50: fan.map((row) => row[2] ?? 0),
      p75: fan.map((row) => row[3] ?? 0),
      p95: fan.map((row) => row[4] ?? 0),
    },
    finals: histogram(finals),
    finalQuantiles: quantilesOf(finals),
    drawdowns: histogram(drawdowns),
    drawdownQuantiles: quantilesOf(drawdowns),
  };
}

type Random = ReturnType<typeof xoroshiro128plus>;

/** Fisher–Yates, in place. */
function shuffle(values: Float64Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last);
    const kept = values[last] as number;
    values[last] = values[other] as number;
    values[other] = kept;
  }
}

function drawBlocks(from: Float64Array, into: Float64Array, block: number, random: Random): void {
  const { length } = from;
  let next = 0;
  for (let i = 0; i < length; i++) {
    const begins = i === 0 || uniformFloat64(random) < 1 / block;
    next = begins ? uniformInt(random, 0, length - 1) : (next + 1) % length;
    into[i] = from[next] as number;
  }
}

/** Each trade's PnL as a share of the equity before it, in the order of their exits; all after `startEquity`. */
export function tradeReturns(pnls: Iterable<number>, startEquity: number): Float64Array {
  const out: number[] = [];
  let equity = startEquity;
  for (const pnl of pnls) {
    if (!(equity > 0)) break;
    out.push(pnl / equity);
    equity += pnl;
  }
  return Float64Array.from(out);
}
