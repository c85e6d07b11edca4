import { writeFileSync } from "node:fs";
import { VirtualClock } from "../../src-main/engine/clock-virtual.ts";
import type { Exchange } from "../../src-main/engine/exchange/port.ts";
import { SyntheticExchange } from "../../src-main/engine/exchange/synthetic-exchange.ts";
import { EngineFault } from "../../src-main/engine/fault.ts";
import { chooseStrategy } from "../../src-main/research/catalogue.ts";
import { loadHistory } from "../../src-main/research/load-history.ts";
import { runBacktest } from "../../src-main/research/report.ts";
import { UsageError } from "../replay-exchange/api-error.ts";
import { FileExchange } from "./file-exchange.ts";
import { HELP, parseOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { reportText, tradesCsv } from "./print.ts";

/** Where the candles come from, and how the report names it. */
async function exchangeOf(options: Options): Promise<{ exchange: Exchange; source: string }> {
  const { csv, request, references, metrics, seed } = options;
  if (csv !== null) {
    const files = new Map([...references, [request.symbol, csv]]);
    const exchange = await FileExchange.open(files, metrics);
    return { exchange, source: exchange.label };
  }
  const exchange = new SyntheticExchange({ clock: new VirtualClock(request.to), seed });
  return { exchange, source: `synthetic market, seed ${seed} (no --csv was given)` };
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    process.stdout.write(HELP);
    return;
  }
  const { request } = options;
  const chosen = chooseStrategy(request.strategy, request.params);
  const { exchange, source } = await exchangeOf(options);
  const history = await loadHistory(exchange, request, chosen);
  const report = runBacktest(request, { ...history, source });
  if (options.tradesFile !== null) writeFileSync(options.tradesFile, tradesCsv(report.trades));
  console.log(options.json ? JSON.stringify(report) : reportText(report));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof EngineFault)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
