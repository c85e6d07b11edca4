/** Runs the project's development tools on the project's Node. */
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, toolNode } from "./paths.mjs";
import { run } from "./process.mjs";

/** Tool → npm package that has it, where the names differ. */
const PACKAGES = /** @type {Record<string, string>} */ ({ tsc: "typescript" });

/**
 * @param {string} tool name of the command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env] added to the environment
 * @param {(text: string) => void} [onOutput]
 * @returns {Promise<import("./process.mjs").RunResult>}
 */
export function runTool(tool, args, env = {}, onOutput = () => {}) {
  const folder = join(root, "node_modules", PACKAGES[tool] ?? tool);
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const script = typeof bin === "string" ? bin : bin[tool];
  if (script === undefined) throw new Error(`The npm package ${folder} has no command ${tool}.`);
  const path = `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  return run(toolNode(), [join(folder, script), ...args], {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    onOutput,
  });
}
