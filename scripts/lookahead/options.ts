import { parseArgs } from "node:util";
import { STRATEGIES } from "../../src-main/engine/strategies/registry.ts";
import { TIMEFRAMES, timeframeSchema } from "../../src-preload/contract/time.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { UsageError } from "./usage-error.ts";

export const HELP = `Proves that a strategy does not look ahead: runs it over a history, then asks each decision again on the
history cut off at its candle. Every decision must be the same.

  npm run lookahead -- --strategy X [options]

  --strategy X         one of ${[...STRATEGIES.keys()].join(", ")};
                       user:NAME of the workspace in --data-dir, in its process as in Tickdeck;
                       or a file (.ts, .js, .mjs) whose default export is a strategy
  --data-dir DIR       folder of the workspace whose strategies folder holds user:NAME
  --params JSON        parameters; those left out have their defaults
  --symbol S           symbol (SOL/USDT)
  --timeframe T        ${TIMEFRAMES.join(" ")} (the strategy's own; with --csv the file's)
  --candles N          candles of the built-in market, up to --to (4000)
  --to ISO             end of the built-in market's history, UTC (2025-01-01T00:00:00Z)
  --seed N             seed of the built-in market (1)
  --csv FILE           candles of one's own instead: timestamp_ms,open,high,low,close,volume; .csv or .csv.gz
  --reference S=FILE   candles of a symbol that the strategy refers to; may be repeated
  --metric NAME=FILE   values by publication time: timestamp_ms,value; may be repeated
  --long-only          do not allow shorts
  --json               one JSON object as the last line
  --help               this text

Exit code: 0 passed, 1 not passed, 2 wrong use.
`;

export interface Options {
  readonly strategy: string;
  readonly dataDir: string | null;
  readonly params: unknown;
  readonly symbol: string;
  readonly timeframe: Timeframe | null;
  readonly candles: number;
  /** ms UTC */
  readonly to: number;
  readonly seed: number;
  readonly csv: string | null;
  /** File by symbol. */
  readonly references: ReadonlyMap<string, string>;
  /** File by metric. */
  readonly metrics: ReadonlyMap<string, string>;
  readonly allowShort: boolean;
  readonly json: boolean;
}

/** Reads the command line; null means that help was asked for. Throws UsageError with one sentence. */
export function parseOptions(args: readonly string[]): Options | null {
  const values = read(args);
  if (values.help === true) return null;
  if (values.strategy === undefined) {
    throw new UsageError(
      `--strategy is missing; give one of ${[...STRATEGIES.keys()].join(", ")} or a file.`,
    );
  }
  const csv = values.csv ?? null;
  for (const [flag, given] of [
    ["--reference", values.reference],
    ["--metric", values.metric],
  ] as const) {
    if (csv === null && given !== undefined) {
      throw new UsageError(
        `${flag} goes with --csv; without it the built-in market provides everything.`,
      );
    }
  }
  return {
    strategy: values.strategy,
    dataDir: values["data-dir"] ?? null,
    params: json(values.params ?? "{}"),
    symbol: symbol("--symbol", values.symbol ?? "SOL/USDT"),
    timeframe: values.timeframe === undefined ? null : timeframe(values.timeframe),
    candles: whole("--candles", values.candles ?? "4000", 1, 200_000),
    to: time(values.to ?? "2025-01-01T00:00:00Z"),
    seed: whole("--seed", values.seed ?? "1", 0, Number.MAX_SAFE_INTEGER),
    csv,
    references: pairs("--reference", values.reference ?? []),
    metrics: pairs("--metric", values.metric ?? []),
    allowShort: values["long-only"] !== true,
    json: values.json === true,
  };
}

function read(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const list = { type: "string", multiple: true } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        strategy: text,
        "data-dir": text,
        params: text,
        symbol: text,
        timeframe: text,
        candles: text,
        to: text,
        seed: text,
        csv: text,
        reference: list,
        metric: list,
        "long-only": flag,
        json: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    const message =
      error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? "") : String(error);
    throw new UsageError(`${message}; --help lists the flags.`);
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--params is '${text}'; give JSON such as '{"rsiPeriod": 14}'.`);
  }
}

function symbol(flag: string, text: string): string {
  if (/^[A-Z0-9]+\/[A-Z0-9]+$/.test(text)) return text;
  throw new UsageError(`${flag} is "${text}"; give a symbol such as SOL/USDT.`);
}

function timeframe(text: string): Timeframe {
  const parsed = timeframeSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--timeframe is "${text}"; give one of ${TIMEFRAMES.join(", ")}.`);
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw new UsageError(`${flag} is "${text}"; give a whole number from ${least} to ${most}.`);
}

function time(text: string): number {
  const value = Date.parse(text);
  if (value >= Date.UTC(2018, 0, 1) && value <= Date.UTC(2100, 0, 1)) return value;
  throw new UsageError(`--to is "${text}"; give a UTC time such as 2025-01-01T00:00:00Z.`);
}

function pairs(flag: string, list: readonly string[]): Map<string, string> {
  return new Map(
    list.map((text): [string, string] => {
      const at = text.indexOf("=");
      if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
      throw new UsageError(
        `${flag} is "${text}"; write it as ${flag === "--metric" ? "nupl=FILE" : "BTC/USDT=FILE"}.`,
      );
    }),
  );
}
