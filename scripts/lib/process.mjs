/** Child processes and small file measures that every script needs. */
import { spawn } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} RunResult
 * @property {number} code exit code; 128 when a signal ended the process
 * @property {string} output standard output and standard error, in the order they came
 * @property {string} stdout standard output alone
 * @property {string | undefined} stopped why the watcher ended it, when it did
 */

/**
 * Runs a command to its end and keeps what it said. Never rejects for a failing command.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {(text: string) => void} [options.onOutput] each piece of output as it comes
 * @param {() => string | undefined} [options.watch] asked twice a second; a sentence ends the command
 * @returns {Promise<RunResult>}
 */
export function run(command, args, { cwd, env, onOutput, watch } = {}) {
  return new Promise((resolve) => {
    const windowsShim = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      shell: windowsShim,
      // Its own group, so that ending it ends its children too.
      detached: watch !== undefined && process.platform !== "win32",
    });
    let output = "";
    let stdout = "";
    /** @type {string | undefined} */
    let stopped;
    const end = () => {
      if (child.pid === undefined) return;
      try {
        if (process.platform === "win32") child.kill("SIGKILL");
        else process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended by itself in the meantime.
      }
    };
    const watcher =
      watch &&
      setInterval(() => {
        stopped = watch();
        if (stopped === undefined) return;
        clearInterval(watcher);
        end();
      }, 500);
    if (watch) process.once("exit", end);
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
      stdout += text;
      onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
      onOutput?.(text);
    });
    const finish = (/** @type {number} */ code) => {
      clearInterval(watcher);
      process.removeListener("exit", end);
      resolve({ code, output, stdout, stopped });
    };
    child.on("error", (error) => {
      output += error.message;
      finish(127);
    });
    child.on("close", (code) => finish(code ?? 128));
  });
}

/**
 * @param {string} path
 * @returns {number} bytes of all files below the path; 0 where there is none
 */
export function folderBytes(path) {
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return stat.size;
    return readdirSync(path).reduce((sum, name) => sum + folderBytes(join(path, name)), 0);
  } catch {
    // A file that moves while we look is counted the next time.
    return 0;
  }
}

/**
 * @param {string} output what a failed command said
 * @returns {string} its most telling part, for a one-line message
 */
export function tellingLine(output) {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const code = lines.map((line) => /(?:\w+ )?\bE[A-Z]{4,}\b.*/.exec(line)?.[0]).find(Boolean);
  const error = lines.find((line) => /\w*Error: /.test(line));
  return (code ?? error ?? lines.at(-1) ?? "no message").replace(/^\w*Error: /, "");
}
