import { timeframeMs, type Timeframe } from "../../../src-preload/contract/time.ts";
import type { Clock } from "../clock.ts";
import { utc } from "../utc.ts";
import type { BackfillJob } from "./backfill-job.ts";
import type { Findings } from "./findings.ts";
import type { Fetched, History } from "./history.ts";
import type { CandleGap, CandleStore } from "./types.ts";

export interface StepParts {
  readonly clock: Clock;
  readonly store: CandleStore;
  readonly findings: Findings;
  readonly history: History;
}

const day = (time: number): string => utc(time).slice(0, 10);

/**
 * Runs a backfill to its end: forward to the newest closed candle, back to where it was to begin, then all that is
 * missing in between, then the comparison where one is wanted. The store stays one span all the while, so that it can
 * stop at any page and go on from what is stored. `save` is called after every page with what changed of the job.
 */
export async function runBackfill(
  parts: StepParts,
  job: BackfillJob,
  signal: AbortSignal,
  save: (part: Partial<BackfillJob>) => void,
): Promise<string> {
  const { store, history } = parts;
  const { symbol, timeframe } = job;
  const length = timeframeMs(timeframe);
  const end = history.newest(timeframe);
  const tally = {
    added: job.added,
    changed: job.changed,
    refused: job.refused,
    requests: job.requests,
  };
  const count = (fetched: Fetched): void => {
    tally.added += fetched.added;
    tally.changed += fetched.changed;
    tally.refused += fetched.refused;
    tally.requests += fetched.requests;
  };
  const wanted = Math.ceil(job.from / length) * length;
  let { begin } = job;
  if (begin === null) {
    begin = (await history.first(symbol, timeframe, wanted, signal)) ?? wanted;
    tally.requests += 1;
  }
  const span = Math.max(length, end + length - begin);
  // A comparison goes over everything once more.
  const share = job.verify ? 0.5 : 1;
  const told = (
    done: number,
    of: number,
    reason: string,
    part: Partial<BackfillJob> = {},
  ): void => {
    const progress = Math.min(0.99, Math.max(0, of + (share * done) / span));
    save({ ...tally, begin, progress, reason, ...part });
  };

  const held = store.range(symbol, timeframe);
  if (held !== null) {
    for (let from = held.last + length; from <= end; from += history.page * length) {
      const to = Math.min(end, from + (history.page - 1) * length);
      count(await history.fetch(symbol, timeframe, from, to, signal));
      told(to - held.first, 0, `Fetched up to ${day(to)}.`);
    }
  }
  let cursor =
    held === null ? end + length : Math.min(held.first, job.cursor ?? Number.POSITIVE_INFINITY);
  while (cursor > begin) {
    const from = Math.max(begin, cursor - history.page * length);
    count(await history.fetch(symbol, timeframe, from, cursor - length, signal));
    cursor = from;
    told(end + length - cursor, 0, `Fetched back to ${day(cursor)}.`, { cursor });
  }
  count(await checkGaps(parts, symbol, timeframe, signal));
  told(span, 0, "Gaps were asked for again.");
  if (job.verify) {
    let from = job.compared ?? begin;
    while (from <= end) {
      const to = Math.min(end, from + (history.page - 1) * length);
      count(await history.fetch(symbol, timeframe, from, to, signal));
      from = to + length;
      told(from - begin, share, `Compared up to ${day(to)}.`, { compared: from });
    }
  }
  save({ ...tally, begin });
  return summary(parts, { ...job, ...tally, begin }, wanted);
}

function summary({ store }: StepParts, job: BackfillJob, wanted: number): string {
  const { symbol, timeframe, begin } = job;
  const range = store.range(symbol, timeframe);
  if (range === null) return `The exchange has no candles of ${symbol} ${timeframe} since then.`;
  const length = timeframeMs(timeframe);
  const gaps = store.gaps(symbol, timeframe);
  const missing = gaps.reduce((sum, gap) => sum + (gap.to - gap.from) / length, 0);
  const parts = [`${job.added} candles added`];
  if (job.verify) parts.push(`${job.changed} revised`);
  if (job.refused > 0) parts.push(`${job.refused} refused`);
  if (missing > 0)
    parts.push(`${missing} missing in ${gaps.length === 1 ? "one gap" : `${gaps.length} gaps`}`);
  const since =
    begin !== null && begin > wanted ? ` The exchange's first is of ${day(begin)}.` : "";
  return `${parts.join(", ")}.${since}`;
}

/**
 * Asks once more for every gap that is not known to be real. What the exchange still does not have is marked real and
 * found; where it has something that integrity refuses, the gap stays open.
 */
export async function checkGaps(
  parts: StepParts,
  symbol: string,
  timeframe: Timeframe,
  signal: AbortSignal,
): Promise<Fetched> {
  const { store } = parts;
  const total = { requests: 0, added: 0, changed: 0, refused: 0 };
  for (const gap of store.gaps(symbol, timeframe)) {
    if (gap.real) continue;
    const fetched = await checkGap(parts, symbol, timeframe, gap, signal);
    total.requests += fetched.requests;
    total.added += fetched.added;
    total.changed += fetched.changed;
    total.refused += fetched.refused;
  }
  return total;
}

async function checkGap(
  { clock, store, findings, history }: StepParts,
  symbol: string,
  timeframe: Timeframe,
  gap: CandleGap,
  signal: AbortSignal,
): Promise<Fetched> {
  const length = timeframeMs(timeframe);
  const total = { requests: 0, added: 0, changed: 0, refused: 0 };
  for (let from = gap.from; from < gap.to; from += history.page * length) {
    const to = Math.min(gap.to - length, from + (history.page - 1) * length);
    const fetched = await history.fetch(symbol, timeframe, from, to, signal);
    total.requests += fetched.requests;
    total.added += fetched.added;
    total.changed += fetched.changed;
    total.refused += fetched.refused;
  }
  const real = total.refused === 0;
  store.settleGap(symbol, timeframe, {
    from: gap.from,
    to: gap.to,
    real,
    checkedAt: clock.now(),
  });
  if (real) {
    for (const left of store.gaps(symbol, timeframe)) {
      if (left.from < gap.from || left.to > gap.to) continue;
      findings.gap(symbol, timeframe, left.from, left.to, (left.to - left.from) / length);
    }
  }
  return total;
}
