import type { CoverageView, GapView } from "../../../src-preload/contract/data.ts";
import { timeframeMs, TIMEFRAMES, type Timeframe } from "../../../src-preload/contract/time.ts";
import { formatNumber } from "../../format/numbers.ts";
import { formatDate, formatDateTime, type Zone } from "../../format/time.ts";

/** A span of time that is shown, ms UTC. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A run of candles or a gap of one series. `to` is the end of its last candle. */
export interface Segment extends Span {
  readonly kind: "candles" | "real" | "open";
  /** Candles that are there, or missing. */
  readonly count: number;
}

/** Runs and gaps of a series in order of time; they follow one another without a hole. */
export function segmentsOf(series: CoverageView): readonly Segment[] {
  const step = timeframeMs(series.timeframe);
  const out: Segment[] = [];
  let from = series.first;
  const run = (to: number): void => {
    if (to > from) out.push({ kind: "candles", from, to, count: (to - from) / step });
  };
  for (const gap of series.gaps) {
    run(gap.from);
    out.push(segmentOfGap(gap));
    from = gap.to;
  }
  run(series.last + step);
  return out;
}

const segmentOfGap = ({ from, to, missing, real }: GapView): Segment => ({
  kind: real ? "real" : "open",
  from,
  to,
  count: missing,
});

/** The segment nearest to a time, gaps first within `reach` ms: a short gap in a long span is hard to hit. */
export function segmentAt(
  segments: readonly Segment[],
  time: number,
  reach: number,
): Segment | null {
  let best: Segment | null = null;
  let distance = reach;
  for (const segment of segments) {
    if (segment.kind === "candles") continue;
    const away = Math.max(segment.from - time, time - segment.to, 0);
    if (away <= distance) {
      best = segment;
      distance = away;
    }
  }
  return best ?? segments.find(({ from, to }) => time >= from && time < to) ?? null;
}

/** Left edge and width as shares of what is shown, 0..1; null when it lies outside. */
export function placed(
  { from, to }: Span,
  shown: Span,
): { readonly left: number; readonly width: number } | null {
  const length = shown.to - shown.from;
  const left = Math.max(from, shown.from);
  const right = Math.min(to, shown.to);
  return right <= left
    ? null
    : { left: (left - shown.from) / length, width: (right - left) / length };
}

/** Timeframes that something is stored of, shortest first. */
export const timeframesOf = (coverage: readonly CoverageView[]): readonly Timeframe[] =>
  TIMEFRAMES.filter((timeframe) => coverage.some((series) => series.timeframe === timeframe));

/** From the oldest candle of these series to now, somewhat wider; a day without any. */
export function wholeSpan(series: readonly CoverageView[], now: number): Span {
  const first = Math.min(now - 86_400_000, ...series.map((each) => each.first));
  return { from: first - (now - first) * 0.01, to: now };
}

const SEGMENT_WORD: Readonly<Record<Segment["kind"], string>> = {
  candles: "candles",
  real: "missing at the exchange too",
  open: "missing, not confirmed yet",
};

/** What the card at the pointer says of a segment. */
export const segmentText = ({ kind, count }: Segment): string =>
  `${formatNumber(count, 0)} ${kind === "candles" && count === 1 ? "candle" : SEGMENT_WORD[kind]}`;

/** First and last open time of a segment. */
export function segmentRange({ from, to }: Segment, timeframe: Timeframe, zone: Zone): string {
  const last = to - timeframeMs(timeframe);
  const text = (time: number): string => formatDateTime(time, zone).slice(0, 16);
  return last === from ? text(from) : `${text(from)} to ${text(last)}`;
}

/** Five marks for the axis; the day where they are days apart, else the time too. */
export function axisMarks(
  span: Span,
  zone: Zone,
): readonly { readonly at: number; readonly label: string }[] {
  const length = span.to - span.from;
  return [0.1, 0.3, 0.5, 0.7, 0.9].map((at) => {
    const time = span.from + at * length;
    const label =
      length > 10 * 86_400_000 ? formatDate(time, zone) : formatDateTime(time, zone).slice(5, 16);
    return { at, label };
  });
}
