/*
 * Proves that a strategy does not look ahead: npm run lookahead -- --strategy X. See --help.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ExchangeError } from "../src-main/engine/exchange/port.ts";
import { messageOf } from "../src-main/engine/fault.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../src-main/engine/market/types.ts";
import { parseParams, strategyOf } from "../src-main/engine/strategies/registry.ts";
import type { Strategy } from "../src-main/engine/strategies/types.ts";
import { utc } from "../src-main/engine/utc.ts";
import { checkLookahead } from "../src-main/research/lookahead.ts";
import type { FindingKind, LookaheadReport } from "../src-main/research/lookahead.ts";
import type { Timeframe } from "../src-preload/contract/time.ts";
import { timeframeMs } from "../src-preload/contract/time.ts";
import { SyntheticHistory, candlesOfCsv, knownSeries, pointsOfCsv } from "./lookahead/history.ts";
import { HELP, parseOptions } from "./lookahead/options.ts";
import type { Options } from "./lookahead/options.ts";
import { UsageError } from "./lookahead/usage-error.ts";

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

interface World {
  readonly timeframe: Timeframe;
  readonly candles: CandleColumns;
  readonly references: Map<string, CandleColumns>;
  readonly metrics: Map<MetricName, MetricSeries>;
}

type Params = Readonly<Record<string, unknown>>;

async function ownWorld(options: Options, file: string): Promise<World> {
  const { candles, timeframe } = await candlesOfCsv(file);
  if (options.timeframe !== null && options.timeframe !== timeframe) {
    throw new UsageError(
      `${file} holds ${timeframe} candles, not ${options.timeframe}; leave --timeframe out or give another file.`,
    );
  }
  const references = new Map<string, CandleColumns>();
  for (const [symbol, path] of options.references) {
    const read = await candlesOfCsv(path);
    if (read.timeframe !== timeframe) {
      throw new UsageError(
        `${path} holds ${read.timeframe} candles and ${file} ${timeframe} ones; give the same timeframe.`,
      );
    }
    references.set(symbol, read.candles);
  }
  const metrics = new Map<MetricName, MetricSeries>();
  const end = (candles.time.at(-1) ?? 0) + timeframeMs(timeframe);
  for (const [name, path] of options.metrics) {
    const points = await pointsOfCsv(path);
    // A name that no strategy asks for is never read.
    const series = await knownSeries(name as MetricName, points[0]?.time ?? 0, end, () =>
      Promise.resolve(points),
    );
    if (series !== null) metrics.set(name as MetricName, series);
  }
  return { timeframe, candles, references, metrics };
}

async function syntheticWorld(
  options: Options,
  strategy: Strategy,
  params: Params,
): Promise<World> {
  const timeframe = options.timeframe ?? strategy.defaultTimeframe;
  const market = new SyntheticHistory(options.seed, options.to);
  const count = options.candles + strategy.warmup(params);
  const needs = strategy.needs(params, options.symbol);
  const candles = await market.candles(options.symbol, timeframe, count);
  const references = new Map<string, CandleColumns>();
  for (const symbol of needs.references) {
    references.set(symbol, await market.candles(symbol, timeframe, count));
  }
  const metrics = new Map<MetricName, MetricSeries>();
  const from = (candles.time[0] ?? options.to) - needs.metricWindowMs;
  for (const name of needs.metrics) {
    const series = await knownSeries(name, from, options.to, (since) =>
      market.points(name, options.symbol, since),
    );
    if (series !== null) metrics.set(name, series);
  }
  return { timeframe, candles, references, metrics };
}

const KIND: Readonly<Record<FindingKind, string>> = {
  look_ahead: "looks ahead",
  unstable: "is not deterministic",
  older_history: "depends on history older than its warm-up",
};

function print(report: LookaheadReport): void {
  const { from, to } = report;
  console.log(`${report.strategy} on ${report.symbol} ${report.timeframe}`);
  if (from !== null && to !== null) {
    console.log(
      `${report.decisions} decisions from ${utc(from)} to ${utc(to)}, after ${report.warmup} candles of warm-up: ${report.entries} entries, ${report.exits} exits, ${report.stops} stops.`,
    );
  }
  for (const note of report.notes) console.log(`Note: ${note}`);
  for (const { kind, candleTime, one, other } of report.findings) {
    console.log(`${utc(candleTime)}  ${KIND[kind]}\n    ${one}\n    ${other}`);
  }
  const counts = Object.entries(report.found).filter(([, count]) => count > 0);
  console.log(
    report.passed
      ? "Passed: every decision is unchanged when what came later is cut off."
      : `Not passed${counts.length === 0 ? "" : `: ${counts.map(([kind, count]) => `${count} × ${kind}`).join(", ")}`}.`,
  );
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    console.log(HELP);
    return 0;
  }
  const strategy = await strategyNamed(options.strategy);
  const params = parseParams(strategy, options.params);
  if (!params.ok) throw new UsageError(`--params: ${params.message}`);
  const world =
    options.csv === null
      ? await syntheticWorld(options, strategy, params.value)
      : await ownWorld(options, options.csv);
  const report = await checkLookahead({
    strategy,
    params: params.value,
    symbol: options.symbol,
    allowShort: options.allowShort,
    ...world,
  });
  if (options.json) console.log(JSON.stringify(report));
  else print(report);
  return report.passed ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  // Anything else than wrong use is a fault of ours and keeps its stack.
  if (!(error instanceof UsageError || error instanceof ExchangeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
