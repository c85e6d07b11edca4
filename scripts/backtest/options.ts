import { parseArgs } from "node:util";
import * as z from "zod";
import { backtestRequestSchema } from "../../src-preload/contract/research.ts";
import type { BacktestRequest } from "../../src-preload/contract/research.ts";
import { strategyIds } from "../../src-main/research/catalogue.ts";
import { UsageError } from "../replay-exchange/api-error.ts";

export const HELP = `Back-tests a strategy and prints a report.

  npm run backtest -- --strategy ID --symbol BTC/USDT --timeframe 15m --from 2024-01-01 --to 2024-04-01 [options]

  --strategy ID        ${strategyIds().join(", ")}
  --from, --to DATE    UTC; the end is not included
  --param KEY=VALUE    a parameter of the strategy, may be repeated
  --csv FILE           candles of the symbol (plain or gzip; timestamp_ms,open,high,low,close,volume);
                       shorter ones are summed up; without it the built-in synthetic market
  --reference S=FILE   candles of another symbol that the strategy reads (BTC/USDT=btc.csv)
  --metric NAME=FILE   a metric (timestamp_ms,value): funding_rate, open_interest, long_short_ratio, nupl,
                       stablecoin_supply
  --seed N             of the synthetic market (1)
  --capital N          quote currency at the start (1000)
  --share N            share of the capital in one position, at most 0.25 (0.25)
  --notional N         that value in each position instead
  --fee-bps N          fee a side (10)
  --slippage-bps N     every market order slips by this; without it 2 to 10 bps, drawn as on paper
  --slippage-range N   or by this share of the candle's high - low
  --short              may sell short
  --next-open          fill at the next candle's open, not at the close that decided
  --stop-loss N        a fraction from the entry, instead of the strategy's own stop
  --take-profit N      a limit order at this fraction of gain
  --funding            shorts pay and receive the perpetual's funding (needs --metric funding_rate=FILE with --csv)
  --fine TIMEFRAME     these candles settle what came first in a candle
  --bot ID             draw slippage as that bot does
  --trades FILE        writes the trades as CSV
  --json               prints the whole report as one JSON object
  --help               this text

See docs/backtest-assumptions.md and docs/backtest-metrics.md.
`;

export interface Options {
  readonly request: BacktestRequest;
  /** Null for the synthetic market. */
  readonly csv: string | null;
  readonly references: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, string>;
  readonly seed: number;
  readonly tradesFile: string | null;
  readonly json: boolean;
}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const many = { type: "string", multiple: true } as const;
const FLAGS = {
  strategy: text,
  symbol: text,
  timeframe: text,
  from: text,
  to: text,
  param: many,
  csv: text,
  reference: many,
  metric: many,
  seed: text,
  capital: text,
  share: text,
  notional: text,
  "fee-bps": text,
  "slippage-bps": text,
  "slippage-range": text,
  short: flag,
  "next-open": flag,
  "stop-loss": text,
  "take-profit": text,
  funding: flag,
  fine: text,
  bot: text,
  trades: text,
  json: flag,
  help: flag,
} as const;

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message.split(".")[0] : String(error);
    throw new UsageError(`${message}; --help lists the flags.`);
  }
}
type Flags = ReturnType<typeof flagsOf>;

function needed(flags: Flags, name: "strategy" | "symbol" | "timeframe" | "from" | "to"): string {
  const value = flags[name];
  if (value === undefined) {
    throw new UsageError(`--${name} is missing; --help shows an example.`);
  }
  return value;
}

function dateOf(name: string, value: string): number {
  const date = /^\d{4}-\d{2}-\d{2}$/u.test(value) ? `${value}T00:00:00Z` : value;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/u.test(date) ? date : `${date}Z`;
  const time = Date.parse(zoned);
  if (Number.isNaN(time)) {
    throw new UsageError(`${name} is "${value}"; give a date such as 2024-01-31 or 2024-01-31T12:00.`);
  }
  return time;
}

function numberOf(flags: Flags, name: keyof Flags): number | undefined {
  const value = flags[name];
  if (typeof value !== "string") return undefined;
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number)) {
    throw new UsageError(`--${name} is "${value}"; give a number.`);
  }
  return number;
}

function pairsOf(name: string, values: readonly string[] | undefined): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const value of values ?? []) {
    const at = value.indexOf("=");
    if (at < 1 || at === value.length - 1) {
      throw new UsageError(`--${name} is "${value}"; write it as NAME=VALUE.`);
    }
    pairs.set(value.slice(0, at), value.slice(at + 1));
  }
  return pairs;
}

/** A parameter as JSON where it is some (20, true), else as text. */
function valueOf(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** The flag that a path of the request came from, for sentences. */
const FLAG_OF: Readonly<Record<string, string>> = {
  "rules.capital": "--capital",
  "rules.sizing": "--share or --notional",
  "rules.sizing.share": "--share",
  "rules.sizing.amount": "--notional",
  "rules.feeBps": "--fee-bps",
  "rules.slippage.bps": "--slippage-bps",
  "rules.slippage.share": "--slippage-range",
  "rules.stopLoss": "--stop-loss",
  "rules.takeProfit": "--take-profit",
  "rules.fineTimeframe": "--fine",
  botId: "--bot",
};

function requestOf(flags: Flags): BacktestRequest {
  const notional = numberOf(flags, "notional");
  const share = numberOf(flags, "share");
  const bps = numberOf(flags, "slippage-bps");
  const range = numberOf(flags, "slippage-range");
  if (notional !== undefined && share !== undefined)
    throw new UsageError("--share and --notional exclude each other; give one of them.");
  if (bps !== undefined && range !== undefined)
    throw new UsageError("--slippage-bps and --slippage-range exclude each other; give one of them.");
  const given = (key: string, value: unknown): Record<string, unknown> =>
    value === undefined ? {} : { [key]: value };
  const parsed = backtestRequestSchema.safeParse({
    strategy: needed(flags, "strategy"),
    symbol: needed(flags, "symbol"),
    timeframe: needed(flags, "timeframe"),
    from: dateOf("--from", needed(flags, "from")),
    to: dateOf("--to", needed(flags, "to")),
    params: Object.fromEntries(
      [...pairsOf("param", flags.param)].map(([key, value]) => [key, valueOf(value)]),
    ),
    ...given("botId", flags.bot),
    rules: {
      ...given("capital", numberOf(flags, "capital")),
      ...given("feeBps", numberOf(flags, "fee-bps")),
      ...(notional === undefined ? {} : { sizing: { kind: "notional", amount: notional } }),
      ...(share === undefined ? {} : { sizing: { kind: "share", share } }),
      ...(bps === undefined ? {} : { slippage: { kind: "bps", bps } }),
      ...(range === undefined ? {} : { slippage: { kind: "range", share: range } }),
      ...given("stopLoss", numberOf(flags, "stop-loss")),
      ...given("takeProfit", numberOf(flags, "take-profit")),
      ...given("fineTimeframe", flags.fine),
      allowShort: flags.short ?? false,
      funding: flags.funding ?? false,
      timing: flags["next-open"] === true ? "next_open" : "close",
    },
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") ?? "";
  throw new UsageError(`${FLAG_OF[path] ?? `--${path}`}: ${issue?.message ?? z.prettifyError(parsed.error)}`);
}

/** Reads the command line; null means that help was asked for. Throws UsageError with one sentence. */
export function parseOptions(args: readonly string[]): Options | null {
  const flags = flagsOf(args);
  if (flags.help === true) return null;
  const request = requestOf(flags);
  const references = pairsOf("reference", flags.reference);
  const metrics = pairsOf("metric", flags.metric);
  const csv = flags.csv ?? null;
  if (csv === null && (references.size > 0 || metrics.size > 0)) {
    throw new UsageError(
      "--reference and --metric go with --csv; the synthetic market has its own. Add --csv FILE or take them away.",
    );
  }
  return {
    request,
    csv,
    references,
    metrics,
    seed: numberOf(flags, "seed") ?? 1,
    tradesFile: flags.trades ?? null,
    json: flags.json ?? false,
  };
}
