/** The worker thread that runs the user's strategies, one call after the other. */
import { isDeepStrictEqual } from "node:util";
import { parentPort } from "node:worker_threads";
import { describeStrategy, parseParams } from "../../engine/strategies/registry.ts";
import type { Strategy, StrategyInput } from "../../engine/strategies/types.ts";
import type {
  Calls,
  DecideInput,
  FromProcess,
  Sources,
  TestResult,
  ToProcess,
} from "../protocol.ts";
import { exportedStrategy } from "./exported.ts";
import { loadModule } from "./module-graph.ts";
import { prelude } from "./prelude.ts";
import { makeTests } from "./tests.ts";
import { troubleOf } from "./trouble.ts";

/** Lines that one call may print; what comes after is dropped. */
const MOST_LINES = 20;
const LINE_LENGTH = 500;

// A strategy computes: what a slip, or a library copied into its file, could reach the outside with is taken away.
for (const name of ["fetch", "WebSocket", "EventSource", "BroadcastChannel", "navigator"])
  Reflect.deleteProperty(globalThis, name);
for (const name of ["getBuiltinModule", "binding", "_linkedBinding", "dlopen", "mainModule"])
  Reflect.set(process, name, undefined);

interface Loaded {
  readonly strategy: Strategy;
  readonly sources: Sources;
}
const loaded = new Map<string, Loaded>();
let printed = 0;

const send = (message: FromProcess): void => parentPort?.postMessage(message);
const printer =
  (file: string) =>
  (text: string): void => {
    printed += 1;
    if (printed <= MOST_LINES) send({ kind: "print", file, text: text.slice(0, LINE_LENGTH) });
  };

async function load(file: string, sources: Sources): Promise<Calls["load"]["answer"]> {
  loaded.delete(file);
  const module = await loadModule(file, sources, { tickdeck: prelude }, printer(file));
  const strategy = exportedStrategy(`user:${file.replace(/\.\w+$/, "")}`, module.exports);
  const view = describeStrategy(strategy);
  loaded.set(file, { strategy, sources });
  return { view, files: module.files };
}

function strategyIn(file: string): Strategy {
  const found = loaded.get(file);
  if (found === undefined) throw new Error(`${file} has not been loaded`);
  return found.strategy;
}

function plan(
  file: string,
  params: Readonly<Record<string, unknown>>,
  symbol: string,
): Calls["plan"]["answer"] {
  const strategy = strategyIn(file);
  const parsed = parseParams(strategy, params);
  if (!parsed.ok) throw new Error(parsed.message);
  return {
    params: parsed.value,
    warmup: strategy.warmup(parsed.value),
    needs: strategy.needs(parsed.value, symbol),
  };
}

/** An input of its own for every run: what one run writes into its candles, another does not see. */
function inputOf(given: DecideInput): StrategyInput<Record<string, unknown>> {
  const { references, metrics, ...rest } = structuredClone(given);
  const candles = new Map(references);
  const series = new Map(metrics);
  return {
    ...rest,
    reference: (symbol) => candles.get(symbol) ?? null,
    metric: (name) => series.get(name) ?? null,
  };
}

/** Decides twice: a strategy that answers the same input differently would not trade as its back-test did. */
function decide(file: string, given: DecideInput): unknown {
  const strategy = strategyIn(file);
  const once = plainOf(strategy.decide(inputOf(given)));
  const again = plainOf(strategy.decide(inputOf(given)));
  if (isDeepStrictEqual(once, again)) return once;
  throw new Error(
    `decide is not deterministic: the same input gave ${JSON.stringify(once)} and then ${JSON.stringify(again)}; it may keep nothing from one call to the next`,
  );
}

/** The value as data of this realm; a promise or a function in it is refused. */
function plainOf(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "then" in value)
    throw new Error(
      "decide answered a promise; it must answer its decision at once, without async",
    );
  return structuredClone(value);
}

async function test(file: string, sources: Sources): Promise<readonly TestResult[]> {
  const tests = makeTests();
  await loadModule(
    file,
    sources,
    { tickdeck: prelude, "tickdeck/test": tests.exports },
    printer(file),
  );
  return tests.run((thrown) => troubleOf(thrown, sources, file));
}

function answer(call: ToProcess): unknown {
  if (call.kind === "load") return load(call.file, call.sources);
  if (call.kind === "plan") return plan(call.file, call.params, call.symbol);
  if (call.kind === "decide") return decide(call.file, call.input);
  return test(call.file, call.sources);
}

parentPort?.on("message", (call: ToProcess) => {
  printed = 0;
  const { id, file } = call;
  const sources = "sources" in call ? call.sources : (loaded.get(file)?.sources ?? {});
  // Not an async function: what `answer` throws at once is trouble as well.
  new Promise((resolve) => {
    resolve(answer(call));
  }).then(
    (value) => send({ kind: "answer", id, value }),
    (thrown: unknown) => send({ kind: "trouble", id, trouble: troubleOf(thrown, sources, file) }),
  );
});
send({ kind: "ready" });
