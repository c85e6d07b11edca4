import type { WalkForwardRequest } from "../../src-preload/contract/research-studies.ts";
import { EngineFault } from "../engine/fault.ts";

/** A span of open times, [from, to), ms UTC. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One step of a walk-forward: parameters are chosen on `inSample` and tried on `outOfSample`, which follows at once. */
export interface WalkWindow {
  readonly inSample: Span;
  readonly outOfSample: Span;
}

/**
 * Windows of a walk-forward over [from, to): rolling keeps the length of the in-sample span, anchored lets it begin at
 * `from` always. Out-of-sample spans follow each other without gap or overlap; the last may be shorter, but not
 * shorter than half. R. Pardo, "The Evaluation and Optimization of Trading Strategies" (2008), chapter 11.
 * Throws EngineFault when not even one fits.
 */
export function walkWindows(
  span: Span,
  {
    kind,
    inSampleMs,
    outOfSampleMs,
  }: Pick<WalkForwardRequest, "kind" | "inSampleMs" | "outOfSampleMs">,
): readonly WalkWindow[] {
  const out: WalkWindow[] = [];
  for (let from = span.from + inSampleMs; from < span.to; from += outOfSampleMs) {
    const to = Math.min(from + outOfSampleMs, span.to);
    if (to - from < outOfSampleMs / 2) break;
    out.push({
      inSample: { from: kind === "anchored" ? span.from : from - inSampleMs, to: from },
      outOfSample: { from, to },
    });
  }
  if (out.length === 0) {
    throw new EngineFault(
      "invalid",
      "The span is too short for one in-sample and one out-of-sample window; choose a longer span or shorter windows.",
      "inSampleMs",
    );
  }
  return out;
}

/** Three equal parts of a span that follow each other, cut on the grid of candles of `lengthMs`. */
export function subPeriods({ from, to }: Span, lengthMs: number): readonly Span[] {
  const cut = (part: number): number =>
    from + Math.round(((to - from) * part) / 3 / lengthMs) * lengthMs;
  return [
    { from, to: cut(1) },
    { from: cut(1), to: cut(2) },
    { from: cut(2), to },
  ];
}
