import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Figures } from "../figures.ts";

const run = promisify(execFile);
const CHILD = resolve(import.meta.dirname, "peer-grademark.ts");

/** What npm has in back-testers, each at the version it was measured at. */
const PEERS: Readonly<Record<string, { packages: readonly string[]; child: string | null }>> = {
  grademark: { packages: ["grademark@0.3.0", "data-forge@1.10.4", "chai@4.5.0"], child: CHILD },
  "backtest-kit": { packages: ["backtest-kit@19.5.0"], child: null },
};

/**
 * The standard job by other back-testers, each installed from npm into a folder of its own and run in a process of its own:
 * they are no dependencies of ours. One that npm cannot install gives its error.
 * @param dir a scratch folder
 * @param candlesFile time, open, high, low, close and volume of the standard job, one Float64 column after the other
 */
export async function peerFigures(dir: string, candlesFile: string): Promise<Figures> {
  const figures: Record<string, Figures> = {};
  for (const [name, { packages, child }] of Object.entries(PEERS)) {
    const folder = join(dir, `peer-${name}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    try {
      await run("npm", ["install", "--ignore-scripts", "--no-audit", ...packages], { cwd: folder });
      if (child === null) throw new Error("It installs now: add a child that runs the job on it.");
      const { stdout } = await run(process.execPath, [child, folder, candlesFile]);
      figures[name] = JSON.parse(stdout) as Figures;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const reason = text.split("\n").find((line) => line.includes("notarget")) ?? text;
      figures[name] = { reason: reason.replace("npm error notarget ", "").trim() };
    }
  }
  return figures;
}
