/** A display for machines that have none: Xvfb, and a message bus of its own. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./system-libraries.mjs";

const SCREEN = "1920x1200x24";
const START_TIMEOUT_MS = 15_000;

/**
 * @typedef {object} Display
 * @property {Record<string, string>} env variables for programs that use it
 * @property {() => void} close ends its processes
 */

/** @returns {boolean} whether windows can open on this machine as it is */
export function hasDisplay() {
  if (process.platform !== "linux") return true;
  return Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
}

/**
 * Starts a private virtual display. It ends with `close()` and, at the latest, with this process.
 *
 * @returns {Promise<Display>}
 * @throws {Error} one sentence, when Xvfb does not start
 */
export async function openVirtualDisplay() {
  const folder = mkdtempSync(join(tmpdir(), "tickdeck-display-"));
  /** @type {import("node:child_process").ChildProcess[]} */
  const children = [];
  const close = () => {
    process.removeListener("exit", close);
    for (const child of children.splice(0)) child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", close);
  try {
    const authority = join(folder, "authority");
    writeFileSync(authority, authorityEntry(), { mode: 0o600 });
    const xvfb = spawn(
      findProgram("Xvfb") ?? "Xvfb",
      [
        "-displayfd",
        "3",
        "-screen",
        "0",
        SCREEN,
        "-nolisten",
        "tcp",
        "-noreset",
        "-auth",
        authority,
      ],
      // A group of its own: Ctrl+C must reach the app first, not take the display from under it.
      { stdio: ["ignore", "ignore", "ignore", "pipe"], detached: true },
    );
    children.push(xvfb);
    const display = `:${await firstLine(xvfb, 3, "Xvfb")}`;
    /** @type {Record<string, string>} */
    const env = { DISPLAY: display, XAUTHORITY: authority, WAYLAND_DISPLAY: "" };
    const bus = process.env["DBUS_SESSION_BUS_ADDRESS"] ? undefined : findProgram("dbus-daemon");
    if (bus) {
      const daemon = spawn(bus, ["--session", "--nofork", "--nopidfile", "--print-address=3"], {
        stdio: ["ignore", "ignore", "ignore", "pipe"],
        detached: true,
      });
      children.push(daemon);
      env["DBUS_SESSION_BUS_ADDRESS"] = await firstLine(daemon, 3, "dbus-daemon");
    }
    return { env, close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * One record of an Xauthority file: any host, any display number, a random cookie.
 * Layout: Xau(3), lengths as big-endian 16 bits.
 */
function authorityEntry() {
  /** @param {Buffer} bytes */
  const counted = (bytes) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const anyHost = Buffer.from([0xff, 0xff]);
  const nothing = counted(Buffer.alloc(0));
  const name = counted(Buffer.from("MIT-MAGIC-COOKIE-1"));
  return Buffer.concat([anyHost, nothing, nothing, name, counted(randomBytes(16))]);
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} descriptor
 * @param {string} name
 * @returns {Promise<string>}
 */
function firstLine(child, descriptor, name) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => reject(new Error(`${name} did not start: ${why}.`));
    const timer = setTimeout(
      () => fail(`no answer in ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code) => fail(`it ended with code ${code}`));
    let text = "";
    child.stdio[descriptor]?.on("data", (/** @type {Buffer} */ chunk) => {
      text += chunk.toString();
      const [line, rest] = text.split("\n");
      if (rest === undefined || line === undefined) return;
      clearTimeout(timer);
      resolve(line.trim());
    });
  });
}
