import type { EquityPoint } from "../../src-preload/contract/portfolio.ts";

const CENT = 0.01;

/** What was put in, without what was won or lost; quote currency. */
const capitalOf = (point: EquityPoint): number => point.equity - point.realised - point.unrealised;

/**
 * The points since the fleet's capital last changed: bots that come and go move equity by their whole
 * capital, and that step would hide every profit and loss beside it.
 */
export function sinceCapitalChanged(points: readonly EquityPoint[]): readonly EquityPoint[] {
  const last = points.at(-1);
  if (!last) return points;
  const capital = capitalOf(last);
  return points.slice(
    points.findLastIndex((point) => Math.abs(capitalOf(point) - capital) > CENT) + 1,
  );
}
