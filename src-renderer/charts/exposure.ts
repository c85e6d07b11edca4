import type { PositionView } from "../../src-preload/contract/portfolio.ts";

/** Value of one symbol's open positions, quote currency. */
export interface SymbolExposure {
  readonly symbol: string;
  readonly long: number;
  readonly short: number;
  readonly total: number;
}

/** Sums open positions by symbol and side; the largest total first. */
export function exposureBySymbol(positions: readonly PositionView[]): SymbolExposure[] {
  const sums = new Map<string, { long: number; short: number }>();
  for (const position of positions) {
    if (position.exposure === 0) continue;
    const sum = sums.get(position.symbol) ?? { long: 0, short: 0 };
    sum[position.side] += Math.abs(position.exposure);
    sums.set(position.symbol, sum);
  }
  return [...sums]
    .map(([symbol, { long, short }]) => ({ symbol, long, short, total: long + short }))
    .sort((a, b) => b.total - a.total || (a.symbol < b.symbol ? -1 : 1));
}
