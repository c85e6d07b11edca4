/** What Electron needs from a Linux system besides itself. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, tellingLine } from "./process.mjs";

/** Shared library → the Debian package that has it. */
const LIBRARIES = /** @type {const} */ ([
  ["libgtk-3.so.0", "libgtk-3-0"],
  ["libnss3.so", "libnss3"],
  ["libgbm.so.1", "libgbm1"],
  ["libasound.so.2", "libasound2"],
  ["libatk-bridge-2.0.so.0", "libatk-bridge2.0-0"],
  ["libcups.so.2", "libcups2"],
  ["libdrm.so.2", "libdrm2"],
  ["libXcomposite.so.1", "libxcomposite1"],
  ["libXdamage.so.1", "libxdamage1"],
  ["libXrandr.so.2", "libxrandr2"],
  ["libxkbcommon.so.0", "libxkbcommon0"],
  ["libpango-1.0.so.0", "libpango-1.0-0"],
  ["libnotify.so.4", "libnotify4"],
  ["libXss.so.1", "libxss1"],
  ["libXtst.so.6", "libxtst6"],
  ["libsecret-1.so.0", "libsecret-1-0"],
]);
/** Program → package; only for a machine without a display. */
const HEADLESS_PROGRAMS = /** @type {const} */ ([
  ["Xvfb", "xvfb"],
  ["dbus-daemon", "dbus"],
]);
/** Program → package; only for the tests. */
const TEST_PROGRAMS = /** @type {const} */ ([["redis-server", "redis-server"]]);

/**
 * Installs the missing system libraries where that is allowed.
 *
 * @param {import("./console.mjs").Reporter} reporter
 * @param {object} options
 * @param {boolean} options.headless whether the app will run on a virtual display
 * @param {boolean} [options.tests] whether the tests will run
 * @returns {Promise<void>}
 * @throws {Error} with the exact command to run, when something is missing and may not be installed
 */
export async function ensureSystemLibraries(reporter, { headless, tests = false }) {
  if (process.platform !== "linux") return;
  await reporter.phase("System libraries", async () => {
    const missing = await missingPackages(headless, tests);
    if (missing.length === 0) return { value: undefined, note: "all there" };
    if (!existsSync("/etc/debian_version") || !findProgram("apt-get")) {
      throw new Error(
        `These libraries are missing (named as Debian names them): ${missing.join(" ")}. ` +
          "Install them with the package manager of this system and start again.",
      );
    }
    await installWithApt(missing, reporter);
    const still = await missingPackages(headless, tests);
    if (still.length > 0) {
      throw new Error(`apt-get succeeded, but these are still missing: ${still.join(" ")}.`);
    }
    return { value: undefined, note: `installed ${missing.join(" ")}` };
  });
}

/**
 * @param {string} name
 * @returns {string | undefined} path of a program on the PATH or among the system's own
 */
export function findProgram(name) {
  return [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/bin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * @param {boolean} headless
 * @param {boolean} tests
 * @returns {Promise<string[]>} Debian package names
 */
async function missingPackages(headless, tests) {
  /** @type {string[]} */
  const missing = [];
  const ldconfig = findProgram("ldconfig");
  if (ldconfig) {
    const { stdout } = await run(ldconfig, ["-p"]);
    const known = new Set(stdout.split("\n").map((line) => line.trim().split(" ")[0]));
    missing.push(...LIBRARIES.filter(([file]) => !known.has(file)).map(([, name]) => name));
  }
  const programs = [...(headless ? HEADLESS_PROGRAMS : []), ...(tests ? TEST_PROGRAMS : [])];
  missing.push(...programs.filter(([file]) => !findProgram(file)).map(([, name]) => name));
  return missing;
}

/**
 * @param {string[]} missing
 * @param {import("./console.mjs").Reporter} reporter
 */
async function installWithApt(missing, reporter) {
  const isRoot = process.getuid?.() === 0;
  const command = `apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  const advice = isRoot ? command.replace("sudo ", "") : `sudo ${command}`;
  const mayInstall =
    isRoot || (findProgram("sudo") && (await run("sudo", ["-n", "true"])).code === 0);
  if (!mayInstall) {
    throw new Error(
      `Some system libraries are missing. Install them and start again:\n\n  ${advice}\n`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  /** @param {string[]} args */
  const apt = async (args) => {
    const [program, before] = isRoot
      ? ["apt-get", []]
      : ["sudo", ["-n", "--preserve-env=DEBIAN_FRONTEND", "apt-get"]];
    const result = await run(program, [...before, ...args], {
      env,
      onOutput: (text) => {
        const line = text.split("\n").findLast((part) => /^(Get:|Unpacking|Setting up)/.test(part));
        if (line) reporter.progress(`apt-get: ${line.slice(0, 80)}`);
      },
    });
    if (result.code !== 0) {
      throw new Error(
        `apt-get ${args[0]} failed (${tellingLine(result.output)}). Run this yourself and start again:\n\n  ${advice}\n`,
      );
    }
  };
  reporter.line(`  System libraries: installing ${missing.join(" ")}`);
  await apt(["update"]);
  const names = new Set((await run("apt-cache", ["pkgnames"])).stdout.split("\n"));
  // Since the change to 64-bit time some packages carry a suffix.
  const present = missing.map((name) => (names.has(`${name}t64`) ? `${name}t64` : name));
  await apt(["install", "-y", "--no-install-recommends", ...present]);
}
