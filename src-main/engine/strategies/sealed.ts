import { copyColumns, lowerBound } from "../market/columns.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../market/types.ts";
import type { StrategyInput } from "./types.ts";

/** The candles that opened by `open`, in memory of their own. */
function candlesUntil(columns: CandleColumns, open: number): CandleColumns {
  return copyColumns(columns, 0, lowerBound(columns.time, columns.length, open + 1));
}

/** The values known at `time`, in memory of their own; null when there are none. */
function valuesUntil(series: MetricSeries, time: number): MetricSeries | null {
  const length = lowerBound(series.time, series.length, time + 1);
  if (length === 0) return null;
  return { length, time: series.time.slice(0, length), value: series.value.slice(0, length) };
}

/**
 * The same input with nothing behind it: columns that end with the candle decided on, references that end there too,
 * metrics that were known by its close, and all of it in memory of its own. A strategy cannot look ahead, not even
 * through a column's buffer, and what it writes there reaches nobody else. Costs some microseconds a decision.
 */
export function sealed<P>(input: StrategyInput<P>): StrategyInput<P> {
  const open = input.candles.time[input.candles.length - 1] ?? Number.NEGATIVE_INFINITY;
  const candles = candlesUntil(input.candles, open);
  const references = new Map<string, CandleColumns | null>();
  const metrics = new Map<MetricName, MetricSeries | null>();
  return {
    ...input,
    candles,
    reference(symbol) {
      let known = references.get(symbol);
      if (known === undefined) {
        const columns = symbol === input.symbol ? null : input.reference(symbol);
        known =
          symbol === input.symbol ? candles : columns === null ? null : candlesUntil(columns, open);
        references.set(symbol, known);
      }
      return known;
    },
    metric(name) {
      let known = metrics.get(name);
      if (known === undefined) {
        const series = input.metric(name);
        known = series === null ? null : valuesUntil(series, input.time);
        metrics.set(name, known);
      }
      return known;
    },
  };
}
