import type { CandleColumns } from "../engine/market/types.ts";
import type { Params } from "../engine/strategies/library.ts";
import type { StrategyInput, StrategyNeeds } from "../engine/strategies/types.ts";
import type { DecideInput } from "./protocol.ts";

/** Columns with memory of their own: a view would take the whole buffer behind it across, later candles included. */
const owned = (candles: CandleColumns): CandleColumns => ({
  length: candles.length,
  time: candles.time.slice(0, candles.length),
  open: candles.open.slice(0, candles.length),
  high: candles.high.slice(0, candles.length),
  low: candles.low.slice(0, candles.length),
  close: candles.close.slice(0, candles.length),
  volume: candles.volume.slice(0, candles.length),
});

/** A strategy's input as data: what it needs is read now, and nothing of it was published after `input.time`. */
export function decideInput(input: StrategyInput<Params>, needs: StrategyNeeds): DecideInput {
  return {
    symbol: input.symbol,
    timeframe: input.timeframe,
    candles: owned(input.candles),
    time: input.time,
    references: needs.references.map((symbol) => {
      const candles = input.reference(symbol);
      return [symbol, candles === null ? null : owned(candles)] as const;
    }),
    metrics: needs.metrics.map((name) => {
      const series = input.metric(name);
      if (series === null) return [name, null] as const;
      let length = series.length;
      while (length > 0 && (series.time[length - 1] ?? 0) > input.time) length -= 1;
      if (length === 0) return [name, null] as const;
      return [
        name,
        { length, time: series.time.slice(0, length), value: series.value.slice(0, length) },
      ] as const;
    }),
    position: input.position,
    params: input.params,
    allowShort: input.allowShort,
  };
}
