import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  emptyColumns,
  putColumns,
  sliceColumns,
} from "../../../../src-main/engine/market/columns.ts";
import type {
  CandleColumns,
  MetricName,
  MetricSeries,
} from "../../../../src-main/engine/market/types.ts";
import { STRATEGIES } from "../../../../src-main/engine/strategies/registry.ts";
import type {
  HeldPosition,
  Strategy,
  StrategyInput,
} from "../../../../src-main/engine/strategies/types.ts";
import { generatedWorld, inputAt } from "./market.ts";
import type { World } from "./market.ts";

const LENGTH = 1400;
const all = [...STRATEGIES.values()].map((strategy) => ({
  id: strategy.id,
  strategy,
  need: strategy.warmup(strategy.params.parse({})),
  world: generatedWorld(strategy.defaultTimeframe, LENGTH, 11),
}));

const positions = fc.option(
  fc.record({
    side: fc.constantFrom("long" as const, "short" as const),
    entryPrice: fc.constant(100),
    stopPrice: fc.constant(90),
    candlesHeld: fc.integer({ min: 0, max: 40 }),
  }),
);

/** Copies: columns that end with the candle at `index`, and metrics that end with its close. */
function truncated(world: World, index: number, time: number): World {
  const copy = (columns: CandleColumns): CandleColumns => {
    const out = emptyColumns(index + 1);
    putColumns(out, 0, sliceColumns(columns, 0, index + 1));
    return out;
  };
  return {
    ...world,
    candles: copy(world.candles),
    references: new Map([...world.references].map(([name, columns]) => [name, copy(columns)])),
    metrics: new Map(
      [...world.metrics].map(([name, series]): [MetricName, MetricSeries] => {
        const length = series.time.filter((each) => each <= time).length;
        return [
          name,
          { length, time: series.time.slice(0, length), value: series.value.slice(0, length) },
        ];
      }),
    ),
  };
}

/** A digest of every number in the world. */
function bytesOf(world: World): string {
  const hash = createHash("sha256");
  for (const { length: _, ...columns } of [
    world.candles,
    ...world.references.values(),
    ...world.metrics.values(),
  ]) {
    for (const column of Object.values(columns)) hash.update(column);
  }
  return hash.digest("hex");
}

const decided = (strategy: Strategy, input: StrategyInput<Record<string, unknown>>): string =>
  JSON.stringify(strategy.decide(input));

describe.each(all)("$id", ({ strategy, need, world }) => {
  const indices = fc.integer({ min: need - 1, max: LENGTH - 1 });
  const ask = (position: HeldPosition | null) => ({ allowShort: true, position });

  it("decides the same whether later candles and values exist or not", () => {
    fc.assert(
      fc.property(indices, positions, (index, position) => {
        const input = inputAt(strategy, world, index, ask(position));
        const cut = inputAt(strategy, truncated(world, index, input.time), index, ask(position));
        expect(decided(strategy, cut)).toBe(decided(strategy, input));
      }),
      { numRuns: 60 },
    );
  });

  it("decides byte for byte the same with its warm-up alone as with all history", () => {
    fc.assert(
      fc.property(indices, positions, (index, position) => {
        const input = inputAt(strategy, world, index, ask(position));
        const last = (columns: CandleColumns | null): CandleColumns | null =>
          columns === null ? null : sliceColumns(columns, columns.length - need, columns.length);
        const alone = {
          ...input,
          candles: last(input.candles) ?? input.candles,
          reference: (symbol: string) => last(input.reference(symbol)),
        };
        expect(decided(strategy, alone)).toBe(decided(strategy, input));
      }),
      { numRuns: 60 },
    );
  });

  it("needs no more of a metric than the window it names", () => {
    fc.assert(
      fc.property(indices, (index) => {
        const input = inputAt(strategy, world, index, ask(null));
        const { metricWindowMs } = strategy.needs(input.params, world.symbol);
        const cut = {
          ...input,
          metric: (name: MetricName): MetricSeries | null => {
            const series = input.metric(name);
            if (series === null) return null;
            const from = series.time.filter((time) => time < input.time - metricWindowMs).length;
            return {
              length: series.length - from,
              time: series.time.subarray(from),
              value: series.value.subarray(from),
            };
          },
        };
        expect(decided(strategy, cut)).toBe(decided(strategy, input));
      }),
      { numRuns: 40 },
    );
  });

  it("is deterministic, writes nothing it was given, and every decision is well formed", () => {
    const before = bytesOf(world);
    fc.assert(
      fc.property(indices, positions, fc.boolean(), (index, position, allowShort) => {
        const input = inputAt(strategy, world, index, { allowShort, position });
        const decision = strategy.decide(input);
        expect(decided(strategy, input)).toBe(JSON.stringify(decision));
        expect(decision.reason).not.toMatch(/NaN|undefined|null|Infinity/);
        expect(decision.conditions.length).toBeGreaterThan(0);
        for (const { label, detail } of decision.conditions) {
          expect(label).not.toBe("");
          if (label !== "Shorting allowed") expect(detail).toMatch(/\d/);
          expect(detail).not.toMatch(/NaN|undefined|null|Infinity/);
        }
        const close = input.candles.close.at(-1) ?? 0;
        if (position !== null) expect(decision.action).not.toBe("enter");
        else expect(decision.action).not.toBe("exit");
        if (decision.action !== "enter") return;
        expect(decision.confidence).toBeGreaterThan(0);
        expect(decision.confidence).toBeLessThanOrEqual(1);
        expect(decision.sizeFactor).toBeGreaterThan(0);
        expect(decision.sizeFactor).toBeLessThanOrEqual(1);
        expect(decision.stopPrice).toBeGreaterThan(0);
        expect(allowShort || decision.side === "long").toBe(true);
        expect(decision.side === "long").toBe(decision.stopPrice < close);
      }),
      { numRuns: 80 },
    );
    expect(bytesOf(world)).toBe(before);
  });

  it("with one candle too few it is warming up, and says how far it is", () => {
    const input = inputAt(strategy, world, need - 2);
    expect(strategy.decide(input)).toEqual({
      action: "hold",
      reason: `warming up: ALT/USDT has ${need - 1} of ${need} closed candles`,
      conditions: [],
    });
  });

  it("a metric that is missing or stale means no entry, said in the reason", () => {
    const { metrics } = strategy.needs(strategy.params.parse({}), world.symbol);
    for (const name of metrics) {
      const input = inputAt(strategy, world, LENGTH - 1);
      const without = strategy.decide({
        ...input,
        metric: (asked) => (asked === name ? null : input.metric(asked)),
      });
      expect(without.action).toBe("hold");
      expect(without.reason).toMatch(/^no entry: .* is missing$/);
      const stale = strategy.decide({
        ...input,
        metric: (asked) => {
          const series = input.metric(asked);
          return asked === name && series !== null
            ? { ...series, time: series.time.map((time) => time - 100 * 86_400_000 - 1) }
            : series;
        },
      });
      expect(stale.action).toBe("hold");
      expect(stale.reason).toMatch(/^no entry: .* is stale: its last value is [\d.]+ h old/);
    }
  });
});
