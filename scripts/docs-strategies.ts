/*
 * Writes docs/strategies.md from the strategies' schemas, so that the page cannot drift from the code:
 * npm run docs:strategies
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { STRATEGIES, describeStrategy } from "../src-main/engine/strategies/registry.ts";
import type { Strategy } from "../src-main/engine/strategies/types.ts";
import type { ParamField } from "../src-preload/contract/bots.ts";

/** Where the page lives. */
export const STRATEGIES_PAGE = resolve(import.meta.dirname, "../docs/strategies.md");

const INTRODUCTION = `# The strategies

This page is made by \`npm run docs:strategies\` from the code; edit the strategy, not the page.

All strategies read closed candles only and are pure: the same candles, metrics, position and parameters give the same
decision. Every entry carries a stop-loss, a confidence from 0 to 1 and a reason in words with its numbers. A short is only
taken where the bot may short. Indicators are computed on exactly the last _warm-up_ candles, which is long enough for the
seed of every smoothed average to weigh less than a billionth, so a bot that has just started decides as one that has
run for months.

A metric counts from the time it was published (daily series: the next day, 00:00 UTC). A missing or stale one, or a
history that covers less than two thirds of its window, means no entry, said in the reason; it never means zero. In a
position it means that the exit rule waits while the stop-loss stays.
`;

const fieldRange = (field: ParamField): string =>
  field.choices === undefined
    ? `${field.min ?? ""} to ${field.max ?? ""}`
    : field.choices.join(", ");

const fieldLine = (field: ParamField): string =>
  `- **${field.label}** (\`${field.key}\`): ${field.help} Default ${field.default}${field.unit === "" ? "" : ` ${field.unit}`}; ${fieldRange(field)}, in steps of ${field.step ?? 1}.`;

function section(strategy: Strategy): string {
  const view = describeStrategy(strategy);
  const defaults = strategy.params.parse({});
  const needs = strategy.needs(defaults, "SOL/USDT");
  const { rules } = strategy;
  const facts = [
    `- **Entry.** ${rules.entry}`,
    `- **Exit.** ${rules.exit}`,
    `- **Stop-loss.** ${rules.stop}`,
    `- **Confidence.** ${rules.confidence}`,
    `- **Warm-up.** ${strategy.warmup(defaults)} closed candles with the default parameters.`,
    `- **Also reads.** ${[...needs.references.map((symbol) => `candles of ${symbol}`), ...needs.metrics.map((name) => `\`${name}\``)].join(", ") || "Nothing but its own candles."}`,
    `- **Source.** ${view.source}`,
  ];
  return `## ${view.title}

\`${view.id}\`, usually on ${view.defaultTimeframe} candles. ${view.summary}

${facts.join("\n")}

Parameters:

${view.fields.map((field) => fieldLine(field)).join("\n")}
`;
}

/** The whole page, Markdown. */
export const strategiesPage = (): string =>
  [INTRODUCTION, ...[...STRATEGIES.values()].map((strategy) => section(strategy))].join("\n");

if (process.argv[1] === import.meta.filename) {
  writeFileSync(STRATEGIES_PAGE, strategiesPage());
  process.stdout.write(`Wrote docs/strategies.md: ${STRATEGIES.size} strategies.\n`);
}
