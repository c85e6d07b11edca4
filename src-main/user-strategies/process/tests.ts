/** What a strategy's test file imports from "tickdeck/test". */
import { isDeepStrictEqual } from "node:util";
import type { Strategy, StrategyInput } from "../../engine/strategies/types.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../../engine/market/types.ts";
import type { TestResult, Trouble } from "../protocol.ts";
import { exportedStrategy } from "./exported.ts";

const HOUR = 3_600_000;
const FIRST_OPEN = Date.UTC(2024, 0, 1);

/** Candles whose closes are given: each opens at the close before, with a wick of `wick` on either side. */
function candlesOf(closes: readonly number[], wick = 0.5): CandleColumns {
  const close = Float64Array.from(closes);
  const open = close.map((value, i) => (i === 0 ? value : (close[i - 1] ?? value)));
  return {
    length: close.length,
    time: close.map((_, i) => FIRST_OPEN + i * HOUR),
    open,
    high: close.map((value, i) => Math.max(value, open[i] ?? value) + wick),
    low: close.map((value, i) => Math.min(value, open[i] ?? value) - wick),
    close,
    volume: close.map(() => 1),
  };
}

interface GivenInput {
  readonly candles: CandleColumns;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly position?: StrategyInput<unknown>["position"];
  readonly metrics?: Readonly<Partial<Record<MetricName, MetricSeries>>>;
  readonly allowShort?: boolean;
}

/** What the strategy decides on the last of these candles, one-hour candles of BTC/USDT, flat unless told otherwise. */
function decideOn(given: Strategy, input: GivenInput): unknown {
  const strategy = exportedStrategy("user:test", { default: given });
  const { candles } = input;
  return strategy.decide({
    symbol: "BTC/USDT",
    timeframe: "1h",
    candles,
    time: (candles.time[candles.length - 1] ?? 0) + HOUR,
    reference: () => null,
    metric: (name) => input.metrics?.[name] ?? null,
    position: input.position ?? null,
    params: strategy.params.parse(input.params ?? {}),
    allowShort: input.allowShort ?? true,
  });
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);
const plain = (value: unknown): unknown => structuredClone(value);

function equal(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(plain(actual), plain(expected)))
    throw new Error(`expected ${shown(expected)}, got ${shown(actual)}`);
}
function ok(value: unknown, message = "expected something true"): void {
  if (!value) throw new Error(message);
}

/** A fresh set of tests: what to import, and a way to run what was registered. */
export function makeTests(): {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly run: (trouble: (thrown: unknown) => Trouble) => Promise<readonly TestResult[]>;
} {
  const registered: { readonly name: string; readonly body: () => unknown }[] = [];
  return {
    exports: {
      test: (name: string, body: () => unknown) => {
        registered.push({ name, body });
      },
      equal,
      ok,
      candlesOf,
      decideOn,
    },
    run: async (trouble) => {
      const results: TestResult[] = [];
      for (const { name, body } of registered) {
        try {
          await body();
          results.push({ name, trouble: null });
        } catch (thrown) {
          results.push({ name, trouble: trouble(thrown) });
        }
      }
      return results;
    },
  };
}
