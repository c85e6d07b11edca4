import type * as z from "zod";
import type { Side } from "../../../src-preload/contract/bots.ts";
import type { Condition } from "../../../src-preload/contract/ticks.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../market/types.ts";

/** The open position as a strategy may know it. */
export interface HeldPosition {
  readonly side: Side;
  readonly entryPrice: number;
  readonly stopPrice: number;
  /** Closed candles since the entry's candle. */
  readonly candlesHeld: number;
}

/** All that a strategy sees: everything ends at the closed candle. */
export interface StrategyInput<P> {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Closed candles of the bot's symbol, oldest first; the last one is decided on. */
  readonly candles: CandleColumns;
  /** Close time of the last candle, ms UTC: the instant of the decision. */
  readonly time: number;
  /** Candles of another symbol named in `needs`, ending at the same close; null when not to be had. */
  reference(symbol: string): CandleColumns | null;
  /** Values published up to `time`; null when the metric is missing. */
  metric(name: MetricName): MetricSeries | null;
  readonly position: HeldPosition | null;
  readonly params: P;
  readonly allowShort: boolean;
}

interface Explained {
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly conditions: readonly Condition[];
}

export interface EnterDecision extends Explained {
  readonly action: "enter";
  readonly side: Side;
  /** 0..1 */
  readonly confidence: number;
  /** Stop-loss price, quote currency. */
  readonly stopPrice: number;
  /** Share of the usual size, 0..1. */
  readonly sizeFactor: number;
}
interface ExitDecision extends Explained {
  readonly action: "exit";
}
export interface HoldDecision extends Explained {
  readonly action: "hold";
}
export type Decision = EnterDecision | ExitDecision | HoldDecision;

export interface StrategyNeeds {
  /** Other symbols whose candles it reads, same timeframe. */
  readonly references: readonly string[];
  readonly metrics: readonly MetricName[];
  /** How far back metrics are read, ms. */
  readonly metricWindowMs: number;
}

/** The rule in words, for the documentation: one or two sentences each. */
interface StrategyRules {
  readonly entry: string;
  readonly exit: string;
  readonly stop: string;
  /** The formula of the confidence. */
  readonly confidence: string;
}

/** Pure: the same input gives the same decision. Reads no clock, no store, no network. */
export interface Strategy<S extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly rules: StrategyRules;
  readonly defaultTimeframe: Timeframe;
  /** Every field with a default and, in `.meta()`, title, description (help), unit and step. */
  readonly params: S;
  needs(params: z.infer<S>, symbol: string): StrategyNeeds;
  /** Closed candles needed until it may trade. */
  warmup(params: z.infer<S>): number;
  decide(input: StrategyInput<z.infer<S>>): Decision;
}
