/** Where things are: the project, its Node 24, and the cache of the user. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Node 24 of the npm package `node`, whatever Node the system has. */
export const projectNode = join(
  root,
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

/** @returns {string} a Node that runs today's tools: the project's, else this one */
export function toolNode() {
  return existsSync(projectNode) ? projectNode : process.execPath;
}

/**
 * @returns {string} folder for what is fetched once and shared by all checkouts of this user:
 *   `$TICKDECK_CACHE_DIR`, else the platform's cache folder
 */
export function cacheFolder() {
  const chosen = process.env["TICKDECK_CACHE_DIR"];
  if (chosen) return resolve(chosen);
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "tickdeck");
  if (process.platform === "win32") {
    return join(process.env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "tickdeck");
  }
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tickdeck");
}
