import type { EquityPoint } from "../../src-preload/contract/portfolio.ts";

/**
 * The points from the first bot on. Before it the fleet is worth 0, and the step up to its capital would
 * hide everything that came after.
 */
export function sinceFirstBot(points: readonly EquityPoint[]): readonly EquityPoint[] {
  const first = points.findIndex((point) => point.equity !== 0);
  return first <= 0 ? points : points.slice(first);
}
