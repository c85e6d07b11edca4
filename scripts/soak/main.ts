import { HELP, UsageError, parseOptions } from "./options.ts";
import { soak } from "./soak.ts";
import type { SoakResult } from "./soak.ts";

/** The figures that are printed; those named in `sound` must be 0. */
function figuresOf(result: SoakResult): Readonly<Record<string, number>> {
  const { fires, outcomes, books, counts } = result;
  return {
    seconds: Math.round(result.seconds * 10) / 10,
    fire_times: fires.fireTimes,
    unaccounted: fires.unaccounted,
    duplicate_intents: books.duplicateIntents,
    overlaps: fires.overlaps,
    ledger_imbalance: books.imbalance,
    crashes: counts.crashes,
    doubled: fires.doubled,
    undue: fires.undue,
    early: fires.early,
    defects: result.defects.length,
    ...outcomes,
    sleeps: counts.sleeps,
    steps: counts.steps,
    stops: counts.stops,
    outages: counts.outages,
    user_actions: counts.userActions,
    errors: result.errors,
    orders: books.orders,
    fills: books.fills,
    trades: books.trades,
  };
}

const SOUND = [
  "unaccounted",
  "duplicate_intents",
  "overlaps",
  "ledger_imbalance",
  "doubled",
  "undue",
  "early",
  "defects",
] as const;

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
  } else {
    const result = await soak(options);
    const figures = figuresOf(result);
    for (const sentence of [...result.fires.findings, ...result.books.findings, ...result.defects])
      console.error(sentence);
    if (SOUND.some((key) => figures[key] !== 0)) process.exitCode = 1;
    if (options.json) console.log(JSON.stringify(figures));
    else
      for (const [key, value] of Object.entries(figures)) console.log(`${key.padEnd(20)} ${value}`);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
