import { parseArgs } from "node:util";
import type { BenchOptions, Figures } from "./figures.ts";

const BENCHES: Readonly<
  Record<string, () => Promise<{ measure: (options: BenchOptions) => Promise<Figures> }>>
> = {
  tick: () => import("./tick.ts"),
  startup: () => import("./startup.ts"),
  scheduler: () => import("./scheduler.ts"),
  indicators: () => import("./indicators.ts"),
  groups: () => import("./groups.ts"),
  store: () => import("./store.ts"),
  backtest: () => import("./backtest.ts"),
  distributed: () => import("./distributed.ts"),
  isolation: () => import("./isolation.ts"),
};

const usage = `Usage: npm run bench -- NAME [--json] [--seconds N] [--peers]\nNAME is one of: ${Object.keys(BENCHES).join(", ")}.`;

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
  options: { json: { type: "boolean" }, seconds: { type: "string" }, peers: { type: "boolean" } },
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
  const figures = await measure({
    ...(seconds === undefined ? {} : { seconds }),
    ...(values.peers === true ? { peers: true } : {}),
  });
  if (values.json === true) console.log(JSON.stringify(figures));
  else print(figures, "");
}
