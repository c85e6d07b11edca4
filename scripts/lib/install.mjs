/** The npm packages of package-lock.json, and the Node 24 that one of them brings. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectNode, root } from "./paths.mjs";
import { run, tellingLine } from "./process.mjs";

const modules = join(root, "node_modules");
const stamp = join(modules, ".tickdeck-install");

/**
 * Installs the packages when they are missing or the lock file has changed.
 *
 * @param {import("./console.mjs").Reporter} reporter
 * @returns {Promise<void>}
 * @throws {Error} one sentence, with what npm said
 */
export async function installPackages(reporter) {
  await reporter.phase("npm packages", async () => {
    const lock = readFileSync(join(root, "package-lock.json"), "utf8");
    const digest = createHash("sha256").update(lock).digest("hex");
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) {
      return { value: undefined, note: "up to date" };
    }
    const wanted = lockedPackages(lock);
    if (isInstalled(wanted)) {
      writeFileSync(stamp, digest);
      return { value: undefined, note: "up to date" };
    }
    const required = [...wanted].filter(([, entry]) => !entry.optional).map(([path]) => path);
    const result = await run(
      "npm",
      // Without the packages' own scripts: the only one needed is node's, and it is run below.
      ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
      {
        cwd: root,
        watch: () => {
          const there = required.filter((path) => existsSync(join(root, path, "package.json")));
          reporter.progress(`npm packages: ${there.length} of ${required.length} unpacked`);
          return undefined;
        },
      },
    );
    if (result.code !== 0) {
      throw new Error(`npm ci failed in ${root}:\n${result.output.trim()}`);
    }
    writeFileSync(stamp, digest);
    return { value: undefined, note: `installed ${required.length}` };
  });
}

/**
 * Makes sure that the project's own Node is there and starts.
 *
 * @param {import("./console.mjs").Reporter} reporter
 * @returns {Promise<void>}
 * @throws {Error} one sentence, with what its installer said
 */
export async function installNode(reporter) {
  await reporter.phase("Node", async () => {
    let version = await nodeVersion();
    if (version === undefined) {
      const onOutput = () => reporter.progress("Node: fetching");
      // Also links the command, which `npm ci` skips while the binary is not there.
      const result = await run("npm", ["rebuild", "node", "--loglevel=error"], {
        cwd: root,
        onOutput,
      });
      version = await nodeVersion();
      if (version === undefined) {
        throw new Error(
          `Node for ${process.platform} ${process.arch} could not be installed by npm: ${tellingLine(result.output)}`,
        );
      }
    }
    return { value: undefined, note: version };
  });
}

/** @returns {Promise<string | undefined>} what the project's Node says of itself */
async function nodeVersion() {
  if (!existsSync(projectNode)) return undefined;
  const result = await run(projectNode, ["--version"]);
  return result.code === 0 ? result.stdout.trim() : undefined;
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockEntry
 */

/**
 * @param {string} text of a lock file
 * @returns {Map<string, LockEntry>} entries by path, without the project itself
 */
function lockedPackages(text) {
  /** @type {{ packages: Record<string, LockEntry> }} */
  const { packages } = JSON.parse(text);
  return new Map(Object.entries(packages).filter(([path]) => path !== ""));
}

/**
 * npm writes its own record of what it has installed at the end of an install: with the same
 * versions in it nothing needs to be done, whoever ran npm.
 *
 * @param {Map<string, LockEntry>} wanted
 */
function isInstalled(wanted) {
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = lockedPackages(readFileSync(record, "utf8"));
  return [...wanted].every(([path, entry]) => {
    const found = installed.get(path);
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}
