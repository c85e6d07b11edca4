/** Builds the app when its sources have changed since the last build. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { runTool } from "./tools.mjs";

const SOURCES = [
  "src-main",
  "src-preload",
  "src-renderer",
  "resources",
  "electron.vite.config.ts",
  "package.json",
  "package-lock.json",
  "tsconfig.base.json",
  "tsconfig.json",
  "tsconfig.web.json",
];
const stamp = join(root, "out", ".tickdeck-build");

/**
 * @param {object} [options]
 * @param {boolean} [options.force] build even when nothing has changed
 * @returns {Promise<{ built: boolean, output: string }>}
 * @throws {Error} with what the bundler said
 */
export async function buildApp({ force = false } = {}) {
  const digest = sourceDigest();
  const current = existsSync(stamp) && readFileSync(stamp, "utf8") === digest;
  if (current && !force && existsSync(join(root, "out", "main", "index.js"))) {
    return { built: false, output: "" };
  }
  const result = await runTool("electron-vite", ["build", "--logLevel", "warn"], {
    NODE_ENV: "production",
  });
  if (result.code !== 0) throw new Error(`The build failed:\n${result.output.trim()}`);
  mkdirSync(join(root, "out"), { recursive: true });
  writeFileSync(stamp, digest);
  return { built: true, output: result.output };
}

/** One hash over the path and the content of every file that the build reads. */
function sourceDigest() {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap(filesBelow).toSorted()) {
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

/**
 * @param {string} path relative to the root
 * @returns {string[]} the file itself, or all files below the folder
 */
function filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  try {
    return readdirSync(full, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() || entry.isFile() ? filesBelow(join(path, entry.name)) : [],
    );
  } catch {
    return [path];
  }
}
