import type { StrategyView } from "../../src-preload/contract/bots.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../engine/market/types.ts";
import type { HeldPosition, StrategyNeeds } from "../engine/strategies/types.ts";

/** Texts of all source files of the folder, by path relative to it, "/" between folders. */
export type Sources = Readonly<Record<string, string>>;

/** What is wrong with a strategy, and where. Lines and columns count from 1. */
export interface Trouble {
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

export interface LoadedStrategy {
  readonly view: StrategyView;
  /** The file and everything it imports, paths relative to the folder. */
  readonly files: readonly string[];
}

interface PlanAnswer {
  readonly params: Readonly<Record<string, unknown>>;
  readonly warmup: number;
  readonly needs: StrategyNeeds;
}

/** A strategy's input without functions, as it crosses to the process. Columns own exactly their memory. */
export interface DecideInput {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly candles: CandleColumns;
  readonly time: number;
  readonly references: readonly (readonly [string, CandleColumns | null])[];
  readonly metrics: readonly (readonly [MetricName, MetricSeries | null])[];
  readonly position: HeldPosition | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly allowShort: boolean;
}

export interface TestResult {
  readonly name: string;
  /** Null when it passed. */
  readonly trouble: Trouble | null;
}

/** What the process is asked, and what it answers to each. */
export interface Calls {
  load: { readonly ask: { readonly sources: Sources }; readonly answer: LoadedStrategy };
  plan: {
    readonly ask: { readonly params: Readonly<Record<string, unknown>>; readonly symbol: string };
    readonly answer: PlanAnswer;
  };
  /** The answer is not trusted: whoever asked checks that it is a decision. */
  decide: { readonly ask: { readonly input: DecideInput }; readonly answer: unknown };
  test: { readonly ask: { readonly sources: Sources }; readonly answer: readonly TestResult[] };
}
export type CallKind = keyof Calls;

/** One call: `file` is the strategy's path relative to the folder. */
export type ToProcess = {
  [K in CallKind]: {
    readonly id: number;
    readonly kind: K;
    readonly file: string;
  } & Calls[K]["ask"];
}[CallKind];

export type FromProcess =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "trouble"; readonly id: number; readonly trouble: Trouble }
  /** A line that a strategy printed. */
  | { readonly kind: "print"; readonly file: string; readonly text: string }
  /** The process ends itself; the sentence says why. */
  | { readonly kind: "ending"; readonly reason: string };

/** What the supervisor is started with, as JSON in its first argument. */
export interface ProcessLimits {
  /** Memory beyond what the process has before the first strategy, bytes. */
  readonly memoryBytes: number;
}

/** What the process may take beyond what it needs for itself. */
export const STRATEGY_LIMITS: ProcessLimits = { memoryBytes: 256 * 1024 * 1024 };

/** A trouble as one line: "file:line:column: message". */
export const located = ({ message, file, line, column }: Trouble): string =>
  file === null
    ? message
    : `${[file, line, column].filter((part) => part !== null).join(":")}: ${message}`;
