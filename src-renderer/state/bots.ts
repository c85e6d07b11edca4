import { create } from "zustand";
import type { BotView, StrategyView } from "../../src-preload/contract/bots.ts";
import type { Failure } from "../../src-preload/contract/result.ts";
import { ask } from "./bridge.ts";

type BotMap = ReadonlyMap<string, BotView>;

interface BotsState {
  readonly byId: BotMap;
  readonly loaded: boolean;
  readonly failure: Failure | null;
  readonly strategies: readonly StrategyView[];
}

export const useBots = create<BotsState>(() => ({
  byId: new Map(),
  loaded: false,
  failure: null,
  strategies: [],
}));

/** The map with a batch applied. Bots that did not change keep their identity, which keeps their rows from rendering. */
export function applyDelta(
  byId: BotMap,
  delta: { readonly bots: readonly BotView[]; readonly removed: readonly string[] },
): BotMap {
  if (delta.bots.length === 0 && !delta.removed.some((id) => byId.has(id))) return byId;
  const next = new Map(byId);
  for (const bot of delta.bots) next.set(bot.id, bot);
  for (const id of delta.removed) next.delete(id);
  return next;
}

export function applyBotsChanged(delta: {
  readonly bots: readonly BotView[];
  readonly removed: readonly string[];
}): void {
  useBots.setState((state) => ({ byId: applyDelta(state.byId, delta) }));
}

/** Reads the whole fleet anew. A failure keeps the bots already known. */
export async function loadBots(): Promise<void> {
  const answer = await ask("bots:list", undefined);
  if (answer.ok) {
    useBots.setState({
      byId: new Map(answer.value.map((bot) => [bot.id, bot])),
      loaded: true,
      failure: null,
    });
  } else {
    useBots.setState({ loaded: true, failure: answer.error });
  }
}

export async function loadStrategies(): Promise<Failure | null> {
  const answer = await ask("bots:strategies", undefined);
  if (!answer.ok) return answer.error;
  useBots.setState({ strategies: answer.value });
  return null;
}

/** The strategy's title, or its id until the strategies are known. */
export const strategyTitle = (strategies: readonly StrategyView[], id: string): string =>
  strategies.find((strategy) => strategy.id === id)?.title ?? id;
