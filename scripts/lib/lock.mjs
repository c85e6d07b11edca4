/** One process at a time: a lock folder that dies with its owner. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 250;
const OWNERLESS_AFTER_MS = 10_000;

/**
 * Runs the work while no other process holds the same lock; waits for one that does. A lock whose
 * owner has died is taken over.
 *
 * @template T
 * @param {string} path folder that is the lock
 * @param {() => void} onWait called once when another process holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  let waiting = false;
  while (!tryTake(path)) {
    if (abandoned(path)) {
      rmSync(path, { recursive: true, force: true });
      continue;
    }
    if (!waiting) onWait();
    waiting = true;
    await sleep(LOOK_EVERY_MS);
  }
  const release = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** @param {string} path */
function tryTake(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
  writeFileSync(join(path, "pid"), String(process.pid));
  return true;
}

/** @param {string} path */
function abandoned(path) {
  try {
    const pid = Number(readFileSync(join(path, "pid"), "utf8"));
    if (pid > 0) {
      process.kill(pid, 0);
      return false;
    }
  } catch (error) {
    if (isCode(error, "ESRCH")) return true;
    if (isCode(error, "EPERM")) return false;
  }
  // Taken but not yet signed: give the owner a moment to write its id.
  try {
    return Date.now() - statSync(path).mtimeMs > OWNERLESS_AFTER_MS;
  } catch {
    return false;
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function isCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}
