/*
 * Candles and metrics of a workspace in and out as CSV: npm run data -- import FILE … | export FILE …
 */
import { existsSync, readlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { timeframeSchema } from "../../src-preload/contract/time.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { messageOf } from "../../src-main/engine/fault.ts";
import { METRIC_FACTS, METRIC_NAMES } from "../../src-main/engine/market/metric-facts.ts";
import type { MetricName } from "../../src-main/engine/market/types.ts";
import {
  readCandleFile,
  storeCandleFile,
  writeCandleFile,
} from "../../src-main/market-files/candle-files.ts";
import { timeOf, timeStyleOf } from "../../src-main/market-files/cells.ts";
import {
  readMetricFile,
  storeMetricFile,
  writeMetricFile,
} from "../../src-main/market-files/metric-files.ts";
import { formatInWords } from "../../src-main/market-files/table.ts";
import type { FileFormat, RefusedLine } from "../../src-main/market-files/table.ts";
import { openMarketDb } from "../../src-main/store/market-db.ts";
import type { MarketDb } from "../../src-main/store/market-db.ts";

const usage = `Usage: npm run data -- import FILE --data-dir DIR (--symbol SYMBOL --timeframe TF | --metric NAME [--symbol SYMBOL]) [--dry-run]
       npm run data -- export FILE --data-dir DIR (--symbol SYMBOL --timeframe TF | --metric NAME [--symbol SYMBOL]) [--from TIME] [--to TIME]
FILE is CSV, or gzip of it; DIR is the folder of a workspace that is not open. TIME is 2024-01-31 or ms UTC.`;

/** What the command line asks for that makes no sense. */
class UsageError extends Error {}

interface Wish {
  readonly action: "import" | "export";
  readonly file: string;
  readonly marketDb: string;
  readonly dryRun: boolean;
  readonly from: number;
  readonly to: number;
  readonly series:
    | { readonly kind: "candles"; readonly symbol: string; readonly timeframe: Timeframe }
    | { readonly kind: "metric"; readonly name: MetricName; readonly symbol: string | null };
}

function wishOf(args: readonly string[]): Wish {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      symbol: { type: "string" },
      timeframe: { type: "string" },
      metric: { type: "string" },
      "data-dir": { type: "string" },
      "dry-run": { type: "boolean" },
      from: { type: "string" },
      to: { type: "string" },
    },
  });
  const [action, file, ...more] = positionals;
  if ((action !== "import" && action !== "export") || file === undefined || more.length > 0)
    throw new UsageError(usage);
  const dir = values["data-dir"];
  if (dir === undefined)
    throw new UsageError("--data-dir is missing; give the folder of a workspace.");
  if (!existsSync(dir))
    throw new UsageError(`There is no folder ${dir}; make it, or give another.`);
  if (isOpen(dir)) throw new UsageError(`${dir} is open in Tickdeck; quit it first.`);
  const marketDb = join(resolve(dir), "market.db");
  if (action === "export" && !existsSync(marketDb))
    throw new UsageError(`${dir} holds no market.db; give the folder of a workspace.`);
  return {
    action,
    file: resolve(file),
    marketDb,
    dryRun: values["dry-run"] ?? false,
    from: instant("--from", values.from, Number.MIN_SAFE_INTEGER),
    to: instant("--to", values.to, Number.MAX_SAFE_INTEGER),
    series: seriesOf(values),
  };
}

/** Chromium's lock in the folder names the process that has it open: "host-pid". */
function isOpen(dir: string): boolean {
  try {
    const pid = Number(
      readlinkSync(join(dir, "chromium", "SingletonLock"))
        .split("-")
        .at(-1),
    );
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function seriesOf(given: {
  readonly symbol?: string | undefined;
  readonly timeframe?: string | undefined;
  readonly metric?: string | undefined;
}): Wish["series"] {
  const { symbol, timeframe, metric } = given;
  if (symbol !== undefined && !/^[A-Z0-9]+\/[A-Z0-9]+(:[A-Z0-9]+)?$/.test(symbol))
    throw new UsageError(`--symbol is "${symbol}"; give one as BTC/USDT.`);
  if (metric === undefined) {
    const parsed = timeframeSchema.safeParse(timeframe);
    if (symbol === undefined) throw new UsageError("--symbol is missing; give one as BTC/USDT.");
    if (!parsed.success)
      throw new UsageError(
        `--timeframe is ${timeframe === undefined ? "missing" : `"${timeframe}"`}; give one of ${timeframeSchema.options.join(", ")}.`,
      );
    return { kind: "candles", symbol, timeframe: parsed.data };
  }
  const name = METRIC_NAMES.find((each) => each === metric);
  if (name === undefined)
    throw new UsageError(`--metric is "${metric}"; give one of ${METRIC_NAMES.join(", ")}.`);
  if (timeframe !== undefined)
    throw new UsageError("--timeframe belongs to candles; leave it out beside --metric.");
  if (METRIC_FACTS[name].wide !== (symbol === undefined))
    throw new UsageError(
      !METRIC_FACTS[name].wide
        ? `${name} belongs to a symbol; give --symbol BTC/USDT.`
        : `${name} belongs to the whole market; leave --symbol out.`,
    );
  return { kind: "metric", name, symbol: symbol ?? null };
}

function instant(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const style = timeStyleOf(text);
  const time = style === null ? null : timeOf(text, style);
  if (time !== null) return time;
  throw new UsageError(`${flag} is "${text}"; give a time as 2024-01-31 or as ms UTC.`);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Judged {
  readonly format: FileFormat;
  readonly lines: number;
  readonly refused: readonly RefusedLine[];
  readonly fresh: number;
  readonly changed: number;
  readonly same: number;
}

function report({ format, lines, refused, fresh, changed, same }: Judged): void {
  say(`${lines} lines with ${formatInWords(format)}`);
  for (const { line, reason } of refused) say(`line ${line} refused: ${reason}`);
  say(`${refused.length} lines refused; ${fresh} new, ${changed} changed, ${same} stored already`);
}

async function importFile({ file, series, dryRun }: Wish, db: MarketDb): Promise<void> {
  const now = Date.now();
  let store: () => { readonly added: number; readonly changed: number };
  if (series.kind === "candles") {
    const read = await readCandleFile(file, series, db.candles, now);
    report(read);
    if (read.missing > 0) say(`${read.missing} candles are missing in between`);
    store = () => storeCandleFile(read, db.candles);
  } else {
    const read = await readMetricFile(file, series, db.metrics, now);
    report(read);
    store = () => storeMetricFile(read, db.metrics);
  }
  if (dryRun) {
    say("Nothing was stored: --dry-run.");
    return;
  }
  const { added, changed } = store();
  say(`Stored: ${added} added, ${changed} replaced.`);
}

async function exportFile({ file, series, from, to }: Wish, db: MarketDb): Promise<void> {
  const count =
    series.kind === "candles"
      ? await writeCandleFile(file, series, db.candles, from, to)
      : await writeMetricFile(file, series, db.metrics, from, to);
  say(`${count} lines written to ${file}.`);
}

try {
  const wish = wishOf(process.argv.slice(2));
  const db = openMarketDb(wish.marketDb);
  try {
    await (wish.action === "import" ? importFile(wish, db) : exportFile(wish, db));
  } finally {
    db.close();
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
