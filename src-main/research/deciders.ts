import type { Decision, HeldPosition, Strategy } from "../engine/strategies/types.ts";
import { lowerBound, sliceColumns } from "../engine/market/columns.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../engine/market/types.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import type { History } from "./history.ts";
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from "./signals.ts";

/** A strategy bound to its parameters and to the data of one run: decides on the close of candle `index`. */
export interface Decider {
  /** Candles up to and including the first that may be decided on. */
  readonly warmup: number;
  decide(index: number, position: HeldPosition | null): Decision;
}

/**
 * A strategy of the per-candle interface. It sees what a tick would hand it: the last `warmup` candles, references that
 * end with the same candle, metrics known by the close.
 */
export function strategyDecider(
  strategy: Strategy,
  params: Readonly<Record<string, unknown>>,
  history: History,
  allowShort: boolean,
): Decider {
  const { candles, symbol, timeframe } = history;
  const warmup = strategy.warmup(params);
  const length = timeframeMs(timeframe);
  const { metricWindowMs } = strategy.needs(params, symbol);
  const ending = (columns: CandleColumns, last: number): CandleColumns =>
    sliceColumns(columns, Math.max(0, last + 1 - warmup), last + 1);
  return {
    warmup,
    decide(index, position) {
      const candleTime = candles.time[index] ?? Number.NaN;
      const time = candleTime + length;
      const own = ending(candles, index);
      return strategy.decide({
        symbol,
        timeframe,
        candles: own,
        time,
        reference(name) {
          if (name === symbol) return own;
          const found = history.references.get(name);
          if (found === undefined) return null;
          const at = lowerBound(found.time, found.length, candleTime);
          return found.time[at] === candleTime ? ending(found, at) : null;
        },
        metric(name: MetricName): MetricSeries | null {
          const found = history.metrics.get(name);
          if (found === undefined) return null;
          const from = lowerBound(found.time, found.length, time - metricWindowMs);
          const to = lowerBound(found.time, found.length, time + 1);
          if (from === to) return null;
          return {
            length: to - from,
            time: found.time.subarray(from, to),
            value: found.value.subarray(from, to),
          };
        },
        position,
        params,
        allowShort,
      });
    },
  };
}

/** Signal columns behind the per-candle interface; `flags` as a ColumnStrategy wrote them. They know no stop: NaN. */
export function columnDecider(flags: Uint8Array, warmup: number, allowShort: boolean): Decider {
  return {
    warmup,
    decide(index, position) {
      const flag = flags[index] ?? 0;
      if (position !== null) {
        const leave = position.side === "long" ? EXIT_LONG : EXIT_SHORT;
        return {
          action: (flag & leave) === 0 ? "hold" : "exit",
          reason: "The signal column says so.",
          conditions: [],
        };
      }
      const side =
        (flag & ENTER_LONG) !== 0
          ? "long"
          : allowShort && (flag & ENTER_SHORT) !== 0
            ? "short"
            : null;
      if (side === null) return { action: "hold", reason: "No signal.", conditions: [] };
      return {
        action: "enter",
        side,
        confidence: 1,
        stopPrice: Number.NaN,
        sizeFactor: 1,
        reason: "The signal column says so.",
        conditions: [],
      };
    },
  };
}
