import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "./api-error.ts";
import { parseFaults, type FaultRule } from "./faults.ts";
import type { ReplayOptions } from "./server.ts";

export const HELP = `Serves recorded (or synthetic) candles as Binance's REST API on 127.0.0.1, for tests and trials.

  npm run replay-exchange -- --data DIR --from ISO [options]

  --data DIR         folder with candles/, metrics/ and exchange/
  --synthetic        serve the built-in synthetic market where DIR has no candles
  --from ISO         time at the start, UTC (2024-03-01T00:00:00Z)
  --speed N          replayed seconds for one real second (1)
  --manual-clock     the clock stands until POST /control/clock moves it
  --port P           port on 127.0.0.1 (8090; 0 takes a free one)
  --seed N           of fault draws and the synthetic market (1)
  --faults X         fault rules: JSON, or a file with JSON
  --weight-limit N   request weight a minute (6000)
  --balance A=X      free balance of an asset, may be repeated (USDT=100000)
  --api-key KEY      let in this API key only (any)
  --spread-bps N     distance from bid to ask (2)
  --help             this text

See docs/replay-exchange.md.
`;

/** Reads the command line; null means that help was asked for. Throws UsageError with one sentence. */
export function parseOptions(args: readonly string[]): ReplayOptions | null {
  const values = readFlags(args);
  if (values.help === true) return null;
  const speed = number("--speed", values.speed ?? "1", 0.001, 1_000_000);
  return {
    data: values.data ?? null,
    synthetic: values.synthetic ?? false,
    from: time(values.from ?? "2024-03-01T00:00:00Z"),
    speed,
    manualClock: values["manual-clock"] ?? false,
    port: whole("--port", values.port ?? "8090", 0, 65_535),
    seed: whole("--seed", values.seed ?? "1", 0, Number.MAX_SAFE_INTEGER),
    faults: faults(values.faults),
    weightLimit: whole("--weight-limit", values["weight-limit"] ?? "6000", 1, 1_000_000),
    balances: balances(values.balance ?? ["USDT=100000"]),
    spreadBps: number("--spread-bps", values["spread-bps"] ?? "2", 0, 1000),
    ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
  };
}

function readFlags(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: text,
        synthetic: flag,
        from: text,
        speed: text,
        "manual-clock": flag,
        port: text,
        seed: text,
        faults: text,
        "weight-limit": text,
        balance: { type: "string", multiple: true },
        "api-key": text,
        "spread-bps": text,
        help: flag,
      },
    }).values;
  } catch (error) {
    const message =
      error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? "") : String(error);
    throw new UsageError(`${message}; --help lists the flags.`);
  }
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= most)) {
    throw new UsageError(`${flag} must be a number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = number(flag, text, least, most);
  if (!Number.isSafeInteger(value))
    throw new UsageError(`${flag} must be a whole number, not "${text}".`);
  return value;
}

function time(text: string): number {
  // Without a zone it would be read as local time on one machine and another.
  const utc = /^\d{4}-\d\d-\d\d$/.test(text) || /(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const value = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(utc) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new UsageError(
      `--from must be a time such as 2024-03-01 or 2024-03-01T12:00:00Z, not "${text}".`,
    );
  }
  return value;
}

function faults(text: string | undefined): readonly FaultRule[] {
  if (text === undefined) return [];
  let json = text;
  if (!text.trimStart().startsWith("[")) {
    try {
      json = readFileSync(text, "utf8");
    } catch (cause) {
      throw new UsageError(
        `--faults names a file that cannot be read: ${text}; give a file or a JSON list.`,
        { cause },
      );
    }
  }
  try {
    return parseFaults(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UsageError(`--faults is not JSON (${error.message}).`);
    throw error;
  }
}

function balances(list: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.map((each): [string, string] => {
      const [, asset, amount] = /^([A-Z0-9]{1,12})=(\d{1,15}(?:\.\d{1,8})?)$/.exec(each) ?? [];
      if (asset === undefined || amount === undefined) {
        throw new UsageError(`--balance must look like USDT=100000, not "${each}".`);
      }
      return [asset, amount];
    }),
  );
}
