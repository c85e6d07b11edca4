import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../src-main/engine/fault.ts";
import type {
  BotStrategy,
  Params,
  StrategyPlan,
} from "../../src-main/engine/strategies/library.ts";
import { parseParams, strategyOf } from "../../src-main/engine/strategies/registry.ts";
import type { Strategy } from "../../src-main/engine/strategies/types.ts";
import type { CheckedStrategy } from "../../src-main/research/lookahead.ts";
import { UserStrategies } from "../../src-main/user-strategies/library.ts";
import { startNodeProcess } from "../../src-main/user-strategies/node-process.ts";
import { STRATEGY_LIMITS } from "../../src-main/user-strategies/protocol.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { UsageError } from "./usage-error.ts";

/** A strategy with its parameters, ready to be checked. */
export interface Subject {
  readonly strategy: CheckedStrategy;
  readonly params: Params;
  readonly defaultTimeframe: Timeframe;
  readonly close: () => void;
}

/**
 * The strategy of a name: a built-in one, a file, or "user:NAME" of the workspace in `dataDir`, which then runs in its own
 * process under the limits it has in Tickdeck. Rejects with UsageError.
 */
export async function subjectOf(
  name: string,
  dataDir: string | null,
  raw: unknown,
  symbol: string,
): Promise<Subject> {
  if (name.startsWith("user:")) return ownStrategy(name, dataDir, raw, symbol);
  const strategy = await strategyNamed(name);
  const params = parseParams(strategy, raw);
  if (!params.ok) throw new UsageError(`--params: ${params.message}`);
  const { defaultTimeframe } = strategy;
  return { strategy, params: params.value, defaultTimeframe, close: () => {} };
}

async function ownStrategy(
  name: string,
  dataDir: string | null,
  raw: unknown,
  symbol: string,
): Promise<Subject> {
  if (dataDir === null)
    throw new UsageError(
      `--data-dir is missing; give the folder of the workspace that has ${name}.`,
    );
  const folder = join(resolve(dataDir), "strategies");
  if (!existsSync(folder))
    throw new UsageError(`There is no folder ${folder}; give the folder of a workspace.`);
  const library = new UserStrategies({
    folder,
    start: startNodeProcess(STRATEGY_LIMITS),
    onNote: () => {},
  });
  try {
    library.start();
    await library.settled();
    const view = library.views().find(({ id }) => id === name);
    const own = library.get(name);
    const problem = own?.problem() ?? null;
    if (own === undefined || problem !== null || view === undefined)
      throw new UsageError(problem ?? `There is no ${name} in ${folder}.`);
    const params = own.check(raw);
    if (!params.ok) throw new UsageError(`--params: ${params.message}`);
    const never = new AbortController().signal;
    const plan = await planned(own, params.value, symbol, never);
    return {
      strategy: {
        id: name,
        warmup: () => plan.warmup,
        needs: () => plan.needs,
        decide: (input) => own.decide(input, never),
      },
      params: plan.params,
      defaultTimeframe: view.defaultTimeframe,
      close: () => library.close(),
    };
  } catch (error) {
    library.close();
    throw error;
  }
}

async function planned(
  own: BotStrategy,
  params: Params,
  symbol: string,
  signal: AbortSignal,
): Promise<StrategyPlan> {
  try {
    return await own.plan(params, symbol, signal);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

async function strategyNamed(name: string): Promise<Strategy> {
  const known = strategyOf(name);
  if (known !== undefined) return known;
  if (!/\.(ts|mts|js|mjs)$/.test(name)) {
    throw new UsageError(`There is no strategy "${name}"; --help lists them.`);
  }
  const url = pathToFileURL(resolve(name)).href;
  const module = (await import(url).catch((error: unknown) => {
    throw new UsageError(`${name} cannot be loaded: ${messageOf(error)}`);
  })) as { readonly default?: Partial<Strategy> };
  const found = module.default;
  if (
    typeof found?.decide !== "function" ||
    typeof found.warmup !== "function" ||
    typeof found.needs !== "function" ||
    typeof found.params?.safeParse !== "function"
  ) {
    throw new UsageError(
      `${name} has no strategy as its default export; export an object with id, params, needs, warmup and decide.`,
    );
  }
  return found as Strategy;
}
