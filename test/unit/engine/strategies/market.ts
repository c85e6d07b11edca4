import { createHash } from "node:crypto";
import { timeframeMs } from "../../../../src-preload/contract/time.ts";
import type { Timeframe } from "../../../../src-preload/contract/time.ts";
import { emptyColumns, sliceColumns } from "../../../../src-main/engine/market/columns.ts";
import type {
  CandleColumns,
  MetricName,
  MetricSeries,
} from "../../../../src-main/engine/market/types.ts";
import type {
  Decision,
  HeldPosition,
  Strategy,
  StrategyInput,
} from "../../../../src-main/engine/strategies/types.ts";
import { numbers } from "../indicators/series.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Where generated series begin: 2023-01-01. */
export const START = Date.UTC(2023, 0, 1);

export interface World {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly candles: CandleColumns;
  readonly references: ReadonlyMap<string, CandleColumns>;
  readonly metrics: ReadonlyMap<MetricName, MetricSeries>;
}

/** −1..1, a straight line up and down: trigonometry may differ between engines in its last digit. */
const wave = (position: number, period: number): number =>
  1 - 4 * Math.abs(((position / period) % 1) - 0.5);

/** Fractional moves of a market: slow waves of drift and noise, from a seed. */
function moves(length: number, seed: number): number[] {
  const next = numbers(seed);
  const noise = (): number => (next() + next() + next()) / (3 * 16_384) - 1;
  return Array.from(
    { length },
    (_, i) => 0.0006 * wave(i, 700) + 0.012 * (1.5 + wave(i, 333)) * 0.4 * noise(),
  );
}

/** Candles along those moves; everything about them comes from the seed. */
export function candlesOf(
  steps: readonly number[],
  timeframe: Timeframe,
  seed: number,
  start = START,
): CandleColumns {
  const next = numbers(seed);
  const length = timeframeMs(timeframe);
  const out = emptyColumns(steps.length);
  let price = 100;
  for (const [i, step] of steps.entries()) {
    const open = price;
    price *= 1 + step;
    out.time[i] = start + i * length;
    out.open[i] = open;
    out.close[i] = price;
    out.high[i] = Math.max(open, price) * (1 + next() / 32_768 / 300);
    out.low[i] = Math.min(open, price) * (1 - next() / 32_768 / 300);
    out.volume[i] = next() + 1;
  }
  return out;
}

export function metricOf(
  count: number,
  everyMs: number,
  start: number,
  value: (index: number) => number,
): MetricSeries {
  return {
    length: count,
    time: Float64Array.from({ length: count }, (_, i) => start + i * everyMs),
    value: Float64Array.from({ length: count }, (_, i) => value(i)),
  };
}

/** A generated market with Bitcoin beside it and all five metrics, beginning 440 days before the candles. */
export function generatedWorld(timeframe: Timeframe, length: number, seed: number): World {
  const leader = moves(length, seed);
  const own = moves(length, seed + 1).map((step, i) => {
    // Blocks that move with Bitcoin, half with it, and on their own.
    const share = [1, 0.55, 0][Math.floor(i / 250) % 3] ?? 0;
    return share * (leader[i] ?? 0) + (1 - share) * step + 0.15 * share * step;
  });
  const next = numbers(seed + 2);
  const noise = (): number => next() / 16_384 - 1;
  const from = START - 440 * DAY;
  const span = 440 * DAY + length * timeframeMs(timeframe);
  const hours = Math.ceil(span / HOUR);
  const days = Math.ceil(span / DAY);
  let interest = 5e9;
  const metrics = new Map<MetricName, MetricSeries>([
    [
      "open_interest",
      metricOf(hours, HOUR, from, (i) => {
        interest *= 1 + 0.003 * wave(i, 190) + 0.002 * noise();
        return interest;
      }),
    ],
    [
      "funding_rate",
      metricOf(
        Math.ceil(hours / 8),
        8 * HOUR,
        from,
        (i) => 0.0003 * wave(i, 40) + 0.0001 * noise(),
      ),
    ],
    [
      "long_short_ratio",
      metricOf(hours, HOUR, from, (i) => 1.5 + 0.8 * wave(i, 260) + 0.2 * noise()),
    ],
    ["nupl", metricOf(days, DAY, from, (i) => 0.35 + 0.55 * wave(i, 260) + 0.02 * noise())],
    [
      "stablecoin_supply",
      metricOf(days, DAY, from, (i) => 1e11 * (1 + i / 2000) + 4e9 * wave(i, 150) + 1e8 * noise()),
    ],
  ]);
  return {
    symbol: "ALT/USDT",
    timeframe,
    candles: candlesOf(own, timeframe, seed + 3),
    references: new Map([["BTC/USDT", candlesOf(leader, timeframe, seed + 4)]]),
    metrics,
  };
}

export interface Ask {
  readonly allowShort?: boolean;
  readonly position?: HeldPosition | null;
  readonly params?: Record<string, unknown>;
}

/** What the bot would hand in when the candle at `index` has closed: nothing of any series lies later. */
export function inputAt(
  strategy: Strategy,
  world: World,
  index: number,
  ask: Ask = {},
): StrategyInput<Record<string, unknown>> {
  const open = world.candles.time[index] ?? Number.NaN;
  const time = open + timeframeMs(world.timeframe);
  const upTo = (columns: CandleColumns): CandleColumns => {
    let end = columns.length;
    while (end > 0 && (columns.time[end - 1] ?? 0) > open) end--;
    return sliceColumns(columns, 0, end);
  };
  return {
    symbol: world.symbol,
    timeframe: world.timeframe,
    candles: sliceColumns(world.candles, 0, index + 1),
    time,
    reference: (symbol) => {
      const columns = world.references.get(symbol);
      return columns === undefined ? null : upTo(columns);
    },
    metric: (name) => world.metrics.get(name) ?? null,
    position: ask.position ?? null,
    params: strategy.params.parse(ask.params ?? {}),
    allowShort: ask.allowShort ?? false,
  };
}

export interface Run {
  readonly long: number;
  readonly short: number;
  readonly exits: number;
  readonly stops: number;
  /** First 16 hexadecimal digits of SHA-256 over all decisions as JSON. */
  readonly digest: string;
  readonly decisions: readonly Decision[];
}

/** Trades a strategy over the candles from `first` on: in at the close, out at the stop or by its own exit. */
export function run(strategy: Strategy, world: World, first: number, ask: Ask = {}): Run {
  const hash = createHash("sha256");
  const decisions: Decision[] = [];
  const counts = { long: 0, short: 0, exits: 0, stops: 0 };
  let position = null as HeldPosition | null;
  for (let i = first; i < world.candles.length; i++) {
    if (position !== null) {
      const stopped =
        position.side === "long"
          ? (world.candles.low[i] ?? 0) <= position.stopPrice
          : (world.candles.high[i] ?? 0) >= position.stopPrice;
      position = stopped ? null : { ...position, candlesHeld: position.candlesHeld + 1 };
      if (stopped) counts.stops++;
    }
    const decision = strategy.decide(inputAt(strategy, world, i, { ...ask, position }));
    decisions.push(decision);
    hash.update(JSON.stringify(decision));
    if (decision.action === "enter") {
      counts[decision.side]++;
      position = {
        side: decision.side,
        entryPrice: world.candles.close[i] ?? 0,
        stopPrice: decision.stopPrice,
        candlesHeld: 0,
      };
    } else if (decision.action === "exit") {
      counts.exits++;
      position = null;
    }
  }
  return { ...counts, digest: hash.digest("hex").slice(0, 16), decisions };
}
