/*
 * Proves that a strategy does not look ahead: npm run lookahead -- --strategy X. See --help.
 */
import { ExchangeError } from "../src-main/engine/exchange/port.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../src-main/engine/market/types.ts";
import { utc } from "../src-main/engine/utc.ts";
import { checkLookahead } from "../src-main/research/lookahead.ts";
import type { FindingKind, LookaheadReport } from "../src-main/research/lookahead.ts";
import type { Timeframe } from "../src-preload/contract/time.ts";
import { timeframeMs } from "../src-preload/contract/time.ts";
import { SyntheticHistory, candlesOfCsv, knownSeries, pointsOfCsv } from "./lookahead/history.ts";
import { HELP, parseOptions } from "./lookahead/options.ts";
import type { Options } from "./lookahead/options.ts";
import { subjectOf } from "./lookahead/subject.ts";
import type { Subject } from "./lookahead/subject.ts";
import { UsageError } from "./lookahead/usage-error.ts";

interface World {
  readonly timeframe: Timeframe;
  readonly candles: CandleColumns;
  readonly references: Map<string, CandleColumns>;
  readonly metrics: Map<MetricName, MetricSeries>;
}

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
  { strategy, params, defaultTimeframe }: Subject,
): Promise<World> {
  const timeframe = options.timeframe ?? defaultTimeframe;
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

async function checked(options: Options, subject: Subject): Promise<LookaheadReport> {
  const world =
    options.csv === null
      ? await syntheticWorld(options, subject)
      : await ownWorld(options, options.csv);
  const { strategy, params } = subject;
  const { symbol, allowShort } = options;
  return checkLookahead({ strategy, params, symbol, allowShort, ...world });
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    console.log(HELP);
    return 0;
  }
  const subject = await subjectOf(
    options.strategy,
    options.dataDir,
    options.params,
    options.symbol,
  );
  const report = await checked(options, subject).finally(() => subject.close());
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
