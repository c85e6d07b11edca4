import { parseArgs } from "node:util";

/** Figures by key; milliseconds, MB and counts as the key's ending says; null where a figure is not to be had. */
export interface Figures {
  readonly [key: string]: number | null | Figures;
}

export interface BenchOptions {
  /** Seconds that one measurement takes; each bench has its own default, and only some take any. */
  readonly seconds?: number;
}

const BENCHES: Readonly<
  Record<string, () => Promise<{ measure: (options: BenchOptions) => Promise<Figures> }>>
> = {
  tick: () => import("./tick.ts"),
  startup: () => import("./startup.ts"),
  scheduler: () => import("./scheduler.ts"),
  backtest: () => import("./backtest.ts"),
  isolation: () => import("./isolation.ts"),
};

const usage = `Usage: npm run bench -- NAME [--json] [--seconds N]\nNAME is one of: ${Object.keys(BENCHES).join(", ")}.`;

function print(figures: Figures, indent: string): void {
  for (const [key, value] of Object.entries(figures)) {
    if (typeof value !== "object" || value === null) {
      console.log(`${indent}${key.padEnd(28 - indent.length)} ${value ?? "not to be had"}`);
    } else {
      console.log(`${indent}${key}`);
      print(value, `${indent}  `);
    }
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, seconds: { type: "string" } },
});
const load = BENCHES[positionals[0] ?? ""];
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
if (load === undefined || positionals.length > 1) {
  console.error(usage);
  process.exitCode = 2;
} else if (seconds !== undefined && !(seconds >= 1 && seconds <= 600)) {
  console.error(`--seconds is "${values.seconds}"; give a number from 1 to 600.`);
  process.exitCode = 2;
} else {
  const { measure } = await load();
  const figures = await measure(seconds === undefined ? {} : { seconds });
  if (values.json === true) console.log(JSON.stringify(figures));
  else print(figures, "");
}
