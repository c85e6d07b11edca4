import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineFault, messageOf } from "../../engine/fault.ts";
import { strategyText, testText } from "./strategy.ts";
import { TSCONFIG, TYPES } from "./types.ts";

/**
 * Writes a strategy that works as it is, its test, and what an editor needs, into the folder. Answers the strategy's
 * file name. Throws EngineFault and writes nothing when the name cannot be used or is taken.
 */
export function createStrategy(folder: string, name: string): string {
  if (!/^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/.test(name) || name.length > 40) {
    throw new EngineFault(
      "invalid",
      `The name "${name.slice(0, 60)}" cannot be a strategy's; use up to 40 small letters, digits and dashes, such as my-breakout.`,
      "name",
    );
  }
  const taken = ["ts", "mts", "js", "mjs"].map((end) => `${name}.${end}`);
  const there = [...taken, `${name}.test.ts`].find((file) => existsSync(join(folder, file)));
  if (there !== undefined) {
    throw new EngineFault(
      "conflict",
      `There is a ${there} in ${folder} already; choose another name.`,
      "name",
    );
  }
  const words = name.replaceAll(/[-_]/g, " ");
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  try {
    mkdirSync(folder, { recursive: true });
    // Ours to keep up to date; the project file is the user's once it is there.
    writeFileSync(join(folder, "tickdeck.d.ts"), TYPES);
    if (!existsSync(join(folder, "tsconfig.json")))
      writeFileSync(join(folder, "tsconfig.json"), TSCONFIG);
    writeFileSync(join(folder, `${name}.test.ts`), testText(name), { flag: "wx" });
    writeFileSync(join(folder, `${name}.ts`), strategyText(name, title), { flag: "wx" });
  } catch (error) {
    throw new EngineFault(
      "unavailable",
      `The strategy could not be written into ${folder}: ${messageOf(error)}`,
    );
  }
  return `${name}.ts`;
}
