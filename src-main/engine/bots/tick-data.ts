import { timeframeMs } from "../../../src-preload/contract/time.ts";
import { lowerBound, sliceColumns } from "../market/columns.ts";
import type { CandleService } from "../market/candle-service.ts";
import { MARKET_WIDE } from "../market/metric-service.ts";
import type { MetricService } from "../market/metric-service.ts";
import type { CandleAnswer, CandleColumns, MetricName, MetricSeries } from "../market/types.ts";
import type { Fire } from "../scheduler/types.ts";
import type { StrategyNeeds } from "../strategies/types.ts";
import type { BotRuntime } from "./runtime.ts";

export interface TickDataParts {
  readonly candles: CandleService;
  readonly metrics: MetricService;
}

/** One tick's data. */
interface TickCandles {
  /** The bot's own closed candles as they are to be had now. */
  readonly own: CandleAnswer;
  /** Those of them that the tick decides on. */
  readonly decidable: CandleColumns;
  /** The same of the symbols that its strategy refers to; null for one whose newest candle is missing. */
  readonly references: ReadonlyMap<string, CandleColumns | null>;
}

/**
 * Closed candles of the bot's symbol and of its strategy's references. A calendar's fire time has no candle of its own:
 * what had closed by then is decided on, so that a late start decides as a punctual one would have.
 */
export async function tickCandles(
  { candles }: TickDataParts,
  bot: BotRuntime,
  fire: Pick<Fire, "fireTime" | "startedAt" | "signal">,
): Promise<TickCandles> {
  const { config } = bot.stored;
  const length = timeframeMs(config.timeframe);
  const count = bot.strategy.warmup(bot.params);
  const byCalendar = config.schedule.kind === "cron";
  const closedBy = byCalendar ? fire.fireTime : Infinity;
  // Those that closed since the fire time are left out again, and one more may close while we ask.
  const since = Math.floor(fire.startedAt / length) - Math.floor(fire.fireTime / length) + 1;
  const asked = byCalendar ? count + since : count;
  const names = bot.strategy
    .needs(bot.params, config.symbol)
    .references.filter((symbol) => symbol !== config.symbol);
  const [own, ...others] = await Promise.all(
    [config.symbol, ...names].map((symbol) =>
      candles.closed(symbol, config.timeframe, asked, fire.signal),
    ),
  );
  if (own === undefined) throw new Error("The candle service answered nothing.");
  const newest = (all: CandleColumns): CandleColumns => {
    const end = lowerBound(all.time, all.length, closedBy - length + 1);
    return sliceColumns(all, Math.max(0, end - count), end);
  };
  const decidable = newest(own.candles);
  const references = new Map(
    others.map((answer, i): [string, CandleColumns | null] => [
      names[i] ?? "",
      answer.stale ? null : newest(answer.candles),
    ]),
  );
  references.set(config.symbol, decidable);
  return { own, decidable, references };
}

/** Reads the metrics that a strategy needs into `into`; null for one that is not to be had. */
export async function tickMetrics(
  { metrics }: TickDataParts,
  needs: StrategyNeeds,
  symbol: string,
  signal: AbortSignal,
  into: Map<MetricName, MetricSeries | null>,
): Promise<void> {
  await Promise.all(
    needs.metrics.map(async (name) => {
      const scope = MARKET_WIDE.has(name) ? null : symbol;
      into.set(name, await metrics.series(name, scope, needs.metricWindowMs, signal));
    }),
  );
}
