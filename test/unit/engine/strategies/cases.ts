import type { MetricName, MetricSeries } from "../../../../src-main/engine/market/types.ts";
import { strategyOf } from "../../../../src-main/engine/strategies/registry.ts";
import type {
  Decision,
  HeldPosition,
  Strategy,
} from "../../../../src-main/engine/strategies/types.ts";
import { candlesOf, inputAt } from "./market.ts";
import type { Ask, World } from "./market.ts";

/** The strategy of that id; throws where there is none. */
export function strategy(id: string): Strategy {
  const found = strategyOf(id);
  if (found === undefined) throw new Error(`no strategy ${id}`);
  return found;
}

/** Fractional moves: so many candles of each. */
export const path = (...parts: [count: number, step: (index: number) => number][]): number[] =>
  parts.flatMap(([count, step]) => Array.from({ length: count }, (_, i) => step(i)));
export const zigzag = (size: number) => (i: number) => (i % 2 === 0 ? size : -size);
export const rise = (size: number) => () => size;

/** A market whose own price takes these moves. */
export function worldOf(
  id: string,
  steps: readonly number[],
  extra: { leader?: readonly number[]; metrics?: [MetricName, MetricSeries][] } = {},
): World {
  const timeframe = strategy(id).defaultTimeframe;
  return {
    symbol: "ALT/USDT",
    timeframe,
    candles: candlesOf(steps, timeframe, 1),
    references: new Map(
      extra.leader === undefined ? [] : [["BTC/USDT", candlesOf(extra.leader, timeframe, 2)]],
    ),
    metrics: new Map(extra.metrics),
  };
}

/** The decision on the last candle. */
export const atEnd = (id: string, world: World, ask: Ask = {}): Decision =>
  strategy(id).decide(inputAt(strategy(id), world, world.candles.length - 1, ask));

export const held = (side: "long" | "short", candlesHeld = 1): HeldPosition => ({
  side,
  entryPrice: 100,
  stopPrice: side === "long" ? 50 : 200,
  candlesHeld,
});
