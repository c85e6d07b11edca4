/**
 * `npm test`: every check of the project, in order, on a fresh clone as well. A failing step is
 * printed and the next one runs. The last line is `N passed, N failed`: tests, and one for each
 * static step.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp } from "./lib/build.mjs";
import { createReporter, seconds } from "./lib/console.mjs";
import { openVirtualDisplay } from "./lib/display.mjs";
import { ensureElectron } from "./lib/electron-runtime.mjs";
import { installNode, installPackages } from "./lib/install.mjs";
import { ensureSystemLibraries, findProgram } from "./lib/system-libraries.mjs";
import { runTool } from "./lib/tools.mjs";

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {string} note what the step says of itself
 * @property {string} output printed when it failed
 */

const reporter = createReporter();
const scratch = mkdtempSync(join(tmpdir(), "tickdeck-test-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

/** @type {Record<string, () => Promise<Outcome>>} */
const steps = {
  format: () => staticStep("oxfmt", ["--check"]),
  lint: () => staticStep("oxlint", ["--deny-warnings"]),
  typecheck: () =>
    staticStep(
      "tsc",
      ["--noEmit", "-p", "tsconfig.json"],
      ["--noEmit", "-p", "tsconfig.web.json"],
      ["--noEmit", "-p", "tsconfig.e2e.json"],
    ),
  deadcode: () => staticStep("knip", ["--no-progress"]),
  unit: unitTests,
  build: async () => {
    try {
      await buildApp({ force: true });
      return { passed: 1, failed: 0, note: "", output: "" };
    } catch (error) {
      return { passed: 0, failed: 1, note: "", output: messageOf(error) };
    }
  },
  e2e: endToEnd,
};

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} wanted names of steps; none for all
 * @returns {Promise<number>} exit code
 */
async function main(wanted) {
  const unknown = wanted.find((name) => !(name in steps));
  if (unknown !== undefined) {
    process.stderr.write(`There is no step "${unknown}": use ${Object.keys(steps).join(", ")}.\n`);
    return 2;
  }
  const names = Object.keys(steps).filter((name) => wanted.length === 0 || wanted.includes(name));
  let passed = 0;
  let failed = 0;
  try {
    await installPackages(reporter);
    await installNode(reporter);
    for (const name of names) {
      const startedAt = Date.now();
      const outcome = await attempt(steps[name] ?? endToEnd);
      const mark = outcome.failed === 0 ? "✓" : "✗";
      const note = outcome.note === "" ? "" : `${outcome.note} `;
      if (outcome.failed > 0) reporter.line(outcome.output.trimEnd());
      reporter.line(`${mark} ${name.padEnd(18)} ${note}(${seconds(Date.now() - startedAt)})`);
      passed += outcome.passed;
      failed += outcome.failed;
    }
  } catch (error) {
    reporter.line(`✗ ${messageOf(error)}`);
    failed += 1;
  }
  reporter.line(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** @param {() => Promise<Outcome>} step */
async function attempt(step) {
  try {
    return await step();
  } catch (error) {
    return { passed: 0, failed: 1, note: "", output: messageOf(error) };
  }
}

/**
 * @param {string} tool
 * @param {...string[]} calls argument lists; all must succeed
 * @returns {Promise<Outcome>}
 */
async function staticStep(tool, ...calls) {
  let output = "";
  let failed = 0;
  for (const args of calls) {
    const result = await runTool(tool, args);
    if (result.code === 0) continue;
    failed = 1;
    output += result.output;
  }
  return { passed: 1 - failed, failed, note: "", output };
}

/**
 * Runs one vitest project and counts by its own report.
 *
 * @param {string} project
 * @param {Record<string, string>} env
 * @returns {Promise<Outcome>}
 */
async function tests(project, env) {
  const file = join(scratch, `${project}.json`);
  let done = 0;
  const result = await runTool(
    "vitest",
    [
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
    ],
    { ...env, NO_COLOR: "1" },
    (text) => {
      done += text.split("\n").filter((line) => line.startsWith(" ✓ ")).length;
      reporter.progress(`${project}: ${done} files passed`);
    },
  );
  const { passed, failed, skipped } = readReport(file);
  // A file that cannot be loaded, or an error outside of a test, fails no test of its own.
  const outside = failed === 0 && result.code !== 0 ? 1 : 0;
  const note = [`${passed} tests`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", ");
  return { passed, failed: failed + outside, note, output: result.output };
}

/** @param {string} file */
function readReport(file) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    return {
      passed: Number(report.numPassedTests),
      failed: Number(report.numFailedTests),
      skipped: Number(report.numPendingTests),
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function systemLibraries() {
  return ensureSystemLibraries(reporter, { headless: process.platform === "linux", tests: true });
}

/** Some of them talk to servers that Debian has; where those may not be installed, they are skipped and the last step says so. */
async function unitTests() {
  await systemLibraries().catch(() => undefined);
  return await tests("unit", {});
}

/** Real Electron, on a virtual display where there can be one. */
async function endToEnd() {
  const virtual = process.platform === "linux";
  await systemLibraries();
  await reporter.phase("Electron", async () => {
    const { version } = await ensureElectron({ log: reporter.line, progress: reporter.progress });
    return { value: undefined, note: version };
  });
  await buildApp();
  const display = virtual && findProgram("Xvfb") ? await openVirtualDisplay() : undefined;
  try {
    return await tests("e2e", display?.env ?? {});
  } finally {
    display?.close();
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
