import type {
  BacktestReport,
  BacktestRequest,
  SweepPoint,
} from "../../src-preload/contract/research.ts";
import type {
  Objective,
  SubPeriodReport,
  WalkForwardReport,
  WalkForwardRequest,
  WalkForwardStep,
} from "../../src-preload/contract/research-studies.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import type { History } from "./history.ts";
import { bestOf } from "./search.ts";
import type { ParamSet } from "./search.ts";
import { subPeriods, walkWindows } from "./windows.ts";
import type { Span } from "./windows.ts";

const YEAR_MS = 365 * 86_400_000;

/** Who runs back-tests: the pool of research processes, or the same in this process. */
export interface Runner {
  backtest(
    request: BacktestRequest,
    history: History,
    options?: { readonly signal?: AbortSignal },
  ): Promise<BacktestReport>;
  sweep(
    request: BacktestRequest,
    sets: readonly ParamSet[],
    history: History,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (share: number) => void },
  ): Promise<readonly SweepPoint[]>;
}

interface StudyOptions {
  readonly signal?: AbortSignal;
  /** Share done, 0..1. */
  readonly onProgress?: (share: number) => void;
}

/** A return over a span as one of a year, compounding. */
const annual = (total: number, { from, to }: Span): number =>
  total <= -1 ? -1 : (1 + total) ** (YEAR_MS / (to - from)) - 1;

/**
 * Chooses parameters on each in-sample span by the objective and trades the out-of-sample span after it with them, on what
 * the spans before left. Rejects with EngineFault for a span too short, or as the runner does.
 */
export async function walkForward(
  runner: Runner,
  request: BacktestRequest,
  history: History,
  study: {
    readonly sets: readonly ParamSet[];
    readonly objective: Objective;
    readonly minTrades: number;
    readonly windows: WalkForwardRequest;
  },
  { signal, onProgress }: StudyOptions = {},
): Promise<WalkForwardReport> {
  const windows = walkWindows(request, study.windows);
  const ends = signal === undefined ? {} : { signal };
  const steps: WalkForwardStep[] = [];
  const time: number[] = [];
  const equity: number[] = [];
  const { capital } = request.rules;
  let worth = capital;
  let idle = 0;
  let peak = capital;
  let maxDrawdown = 0;
  for (const [index, { inSample, outOfSample }] of windows.entries()) {
    const points = await runner.sweep({ ...request, ...inSample }, study.sets, history, {
      ...ends,
      onProgress: (share) => onProgress?.((index + share * 0.95) / windows.length),
    });
    const best = bestOf(points, study.objective, study.minTrades);
    const point = best === null ? undefined : points[best];
    if (point === undefined) {
      idle += 1;
      time.push(outOfSample.from, outOfSample.to);
      equity.push(worth, worth);
      continue;
    }
    const report = await runner.backtest(
      { ...request, ...outOfSample, params: { ...point.params } },
      history,
      ends,
    );
    const { metrics, curves } = report;
    const scale = worth / capital;
    curves.equity.forEach((mark, i) => {
      time.push(curves.time[i] ?? outOfSample.to);
      equity.push(mark * scale);
      peak = Math.max(peak, mark * scale);
      maxDrawdown = Math.max(maxDrawdown, 1 - (mark * scale) / peak);
    });
    worth *= 1 + metrics.totalReturn;
    steps.push({
      inSample,
      outOfSample,
      params: point.params,
      inSampleReturn: point.totalReturn,
      inSampleAnnual: annual(point.totalReturn, inSample),
      outOfSampleReturn: metrics.totalReturn,
      outOfSampleAnnual: annual(metrics.totalReturn, outOfSample),
      inSampleSharpe: point.sharpe,
      outOfSampleSharpe: metrics.sharpe,
      outOfSampleDrawdown: metrics.maxDrawdown,
      trades: metrics.trades,
    });
    onProgress?.((index + 1) / windows.length);
  }
  const mean = (of: (step: WalkForwardStep) => number): number =>
    steps.reduce((sum, step) => sum + of(step), 0) / steps.length;
  const inside = mean((step) => step.inSampleAnnual);
  return {
    steps,
    idle,
    curve: { time, equity },
    totalReturn: worth / capital - 1,
    maxDrawdown,
    efficiency: inside > 0 ? mean((step) => step.outOfSampleAnnual) / inside : null,
    profitable: steps.filter((step) => step.outOfSampleReturn > 0).length,
  };
}

const percent = (fraction: number): string =>
  `${fraction < 0 ? "−" : "+"}${Math.abs(fraction * 100).toFixed(1)} %`;

/** The same request on three equal parts of its span; robust only when it gains in each of them. */
export async function threePeriods(
  runner: Runner,
  request: BacktestRequest,
  history: History,
  { signal }: StudyOptions = {},
): Promise<SubPeriodReport> {
  const ends = signal === undefined ? {} : { signal };
  const spans = subPeriods(request, timeframeMs(request.timeframe));
  const periods = await Promise.all(
    spans.map(async (span) => {
      const { metrics } = await runner.backtest({ ...request, ...span }, history, ends);
      const { totalReturn, sharpe, maxDrawdown, trades } = metrics;
      return { ...span, totalReturn, sharpe, maxDrawdown, trades };
    }),
  );
  const gains = periods.filter(({ totalReturn }) => totalReturn > 0).length;
  const figures = periods.map(({ totalReturn }) => percent(totalReturn)).join(", ");
  const robust = gains === periods.length;
  return {
    periods,
    robust,
    verdict: robust
      ? `Robust: profitable in all three parts of the span (${figures}).`
      : `Not robust: profitable in ${gains} of three parts of the span (${figures}).`,
  };
}
