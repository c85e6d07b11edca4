import { parseArgs } from "node:util";

/** Figures by key; milliseconds, MB and counts as the key's ending says. */
export type Figures = Readonly<Record<string, number>>;

const BENCHES: Readonly<Record<string, () => Promise<{ measure: () => Promise<Figures> }>>> = {
  tick: () => import("./tick.ts"),
  startup: () => import("./startup.ts"),
};

const usage = `Usage: npm run bench -- NAME [--json]\nNAME is one of: ${Object.keys(BENCHES).join(", ")}.`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" } },
});
const load = BENCHES[positionals[0] ?? ""];
if (load === undefined || positionals.length > 1) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const figures = await (await load()).measure();
  if (values.json !== true) {
    for (const [key, value] of Object.entries(figures)) console.log(`${key.padEnd(28)} ${value}`);
  } else {
    console.log(JSON.stringify(figures));
  }
}
