/*
 * Writes docs/strategies.md and a page a strategy from the strategies' schemas, so that the pages cannot drift from the
 * code: npm run docs:strategies
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { STRATEGIES, describeStrategy } from "../src-main/engine/strategies/registry.ts";
import type { Strategy } from "../src-main/engine/strategies/types.ts";
import type { ParamField } from "../src-preload/contract/bots.ts";

const DOCS = resolve(import.meta.dirname, "../docs");
/** Where the pages live; nothing else does. */
const PAGES = "strategies";

const INTRODUCTION = `# The strategies

These pages are made by \`npm run docs:strategies\` from the code; edit the strategy, not the page.

All strategies read closed candles only and are pure: the same candles, metrics, position and parameters give the same
decision. Every entry carries a stop-loss, a confidence from 0 to 1 and a reason in words with its numbers; every decision
names the conditions that held and those that did not. A short is only taken where the bot may short.

| strategy | timeframe | warm-up | also reads |
|---|---|---|---|
`;

const REST = `
## Warm-up

Indicators are computed on exactly the last _warm-up_ candles; a bot with fewer says "Warming up, n of m closed candles" and
does not trade. Smoothing by α leaves the seed a weight of (1 − α)^k after k candles (α is 2 ÷ (n + 1) for an exponential
average, 1 ÷ n for Wilder's). The warm-up is as long as it takes until that is below 1e-11, so that every figure is within
1e-9 of the one with all history even where the history left out was a hundred times wilder. A bot that has just started
therefore decides as one that has run for months.

## No look-ahead

A strategy gets columns that end with the closed candle, in memory of their own: there is nothing behind them to read. A
metric counts from the time it was published (daily series: the next day, 00:00 UTC). \`npm run lookahead -- --strategy X\`
runs any strategy over a history and asks each decision again on the history cut off at its candle; \`--help\` lists its
options.

## Metrics

A missing or stale metric, or a history that covers less than two thirds of its window, means no entry, said in the reason;
it never means zero. In a position it means that the exit rule waits while the stop-loss stays.
`;

const alsoReads = (strategy: Strategy): string => {
  const needs = strategy.needs(strategy.params.parse({}), "SOL/USDT");
  return [
    ...needs.references.map((symbol) => `candles of ${symbol}`),
    ...needs.metrics.map((name) => `\`${name}\``),
  ].join(", ");
};

const warmupOf = (strategy: Strategy): number => strategy.warmup(strategy.params.parse({}));

function indexPage(): string {
  const rows = [...STRATEGIES.values()].map(
    (strategy) =>
      `| [${strategy.title}](${PAGES}/${strategy.id}.md) | ${strategy.defaultTimeframe} | ${warmupOf(strategy)} candles | ${alsoReads(strategy) || "nothing"} |`,
  );
  return `${INTRODUCTION}${rows.join("\n")}\n${REST}`;
}

const fieldRange = (field: ParamField): string =>
  field.choices === undefined
    ? `${field.min ?? ""} to ${field.max ?? ""}`
    : field.choices.join(", ");

const fieldRow = (field: ParamField): string =>
  `| ${field.label} | \`${field.key}\` | ${field.default} | ${fieldRange(field)} | ${field.step ?? 1} | ${field.unit} | ${field.help} |`;

function page(strategy: Strategy): string {
  const view = describeStrategy(strategy);
  const { rules } = strategy;
  return `# ${view.title}

\`${view.id}\`, usually on ${view.defaultTimeframe} candles. Made by \`npm run docs:strategies\`; see [all strategies](../${PAGES}.md)
for what they have in common.

${view.summary}

## The rule

- **Entry.** ${rules.entry}
- **Exit.** ${rules.exit}
- **Stop-loss.** ${rules.stop}
- **Confidence.** ${rules.confidence}
- **Warm-up.** ${warmupOf(strategy)} closed candles with the default parameters.
- **Also reads.** ${alsoReads(strategy) || "Nothing but its own candles."}
- **Source.** ${view.source}

## Parameters

| parameter | key | default | range | step | unit | |
|---|---|---|---|---|---|---|
${view.fields.map((field) => fieldRow(field)).join("\n")}
`;
}

/** All pages by their path below docs/, Markdown. */
export const strategyPages = (): ReadonlyMap<string, string> =>
  new Map([
    [`${PAGES}.md`, indexPage()],
    ...[...STRATEGIES.values()].map((strategy): [string, string] => [
      `${PAGES}/${strategy.id}.md`,
      page(strategy),
    ]),
  ]);

/** The paths below docs/ that hold pages now. */
export const pagesPresent = (): string[] => [
  `${PAGES}.md`,
  ...readdirSync(resolve(DOCS, PAGES)).map((name) => `${PAGES}/${name}`),
];

/** Where a page lives. */
export const pageFile = (path: string): string => resolve(DOCS, path);

if (process.argv[1] === import.meta.filename) {
  mkdirSync(resolve(DOCS, PAGES), { recursive: true });
  const pages = strategyPages();
  for (const path of pagesPresent()) if (!pages.has(path)) rmSync(pageFile(path));
  for (const [path, text] of pages) writeFileSync(pageFile(path), text);
  process.stdout.write(`Wrote docs/${PAGES}.md and ${STRATEGIES.size} pages.\n`);
}
