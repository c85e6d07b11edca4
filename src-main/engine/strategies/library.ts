import type { StrategyView } from "../../../src-preload/contract/bots.ts";
import { STRATEGIES, describeStrategy, parseParams } from "./registry.ts";
import type { ParsedParams } from "./registry.ts";
import type { Decision, Strategy, StrategyInput, StrategyNeeds } from "./types.ts";

export type Params = Readonly<Record<string, unknown>>;

/** What a tick must bring for a decision. */
export interface StrategyPlan {
  /** The parameters with what was missing completed. */
  readonly params: Params;
  /** Closed candles it needs. */
  readonly warmup: number;
  readonly needs: StrategyNeeds;
}

/**
 * A strategy as a bot uses it, wherever its code runs. A built-in one answers at once; one that runs in another
 * process answers with promises, which reject with a sentence when it cannot and cost the bot that tick alone.
 */
export interface BotStrategy {
  readonly id: string;
  /** Checks parameters that a trader gives: completed, or the first fault. */
  check(raw: unknown): ParsedParams;
  /** The same for a stored bot; takes them as they are where the strategy cannot be asked at the moment. */
  restore(raw: Params): ParsedParams;
  plan(params: Params, symbol: string, signal: AbortSignal): StrategyPlan | Promise<StrategyPlan>;
  decide(input: StrategyInput<Params>, signal: AbortSignal): Decision | Promise<Decision>;
  /** Why it cannot decide at present, one sentence; null when nothing is known against it. */
  problem(): string | null;
}

/** All strategies that a bot may have. */
export interface StrategyLibrary {
  /** Undefined for an id that can never be one. */
  get(id: string): BotStrategy | undefined;
  /** Those that a bot can be made with now. */
  views(): readonly StrategyView[];
  /** Calls whenever what it has changed; until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** A built-in strategy for bots. */
function builtIn(strategy: Strategy): BotStrategy {
  const check = (raw: unknown): ParsedParams => parseParams(strategy, raw);
  return {
    id: strategy.id,
    check,
    restore: check,
    plan: (params, symbol) => ({
      params,
      warmup: strategy.warmup(params),
      needs: strategy.needs(params, symbol),
    }),
    decide: (input) => strategy.decide(input),
    problem: () => null,
  };
}

/** The strategies that Tickdeck comes with. */
export function builtInLibrary(): StrategyLibrary {
  const known = new Map([...STRATEGIES].map(([id, strategy]) => [id, builtIn(strategy)]));
  return {
    get: (id) => known.get(id),
    views: () => [...STRATEGIES.values()].map((strategy) => describeStrategy(strategy)),
    onChange: () => () => {},
  };
}
