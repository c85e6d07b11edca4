/**
 * `npm start`: brings everything that is missing, builds and opens Tickdeck. Runs on any Node ≥ 20
 * and needs nothing installed; every long step shows where it is, and a second start does nothing
 * twice.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { buildApp } from "./lib/build.mjs";
import { createReporter } from "./lib/console.mjs";
import { hasDisplay, openVirtualDisplay } from "./lib/display.mjs";
import { ensureElectron } from "./lib/electron-runtime.mjs";
import { installNode, installPackages } from "./lib/install.mjs";
import { root } from "./lib/paths.mjs";
import { sandboxWarning } from "./lib/sandbox.mjs";
import { ensureSystemLibraries } from "./lib/system-libraries.mjs";

const HELP = `npm start -- [OPTIONS]     installs what is missing, builds and opens Tickdeck

  --demo                 the demonstration: 45 paper bots on a synthetic market in time-lapse
                         (what opens unless --data-dir is given)
  --data-dir DIR         your own workspace: keep bots, orders and candles in DIR
  --speed N              time-lapse of the demonstration: N times faster than the wall
  --screenshot FILE      write a PNG of the window once bars move
  --quit-after SECONDS   drain and quit after that time
  --kill LEVEL           throw the kill switch of the data folder, running or not: entries (no
                         new ones), cancel (open orders too) or close (all positions too)
  --hidden               start in the tray, without a window
  --route PAGE           open a page: /schedule, /positions, /risk, /logs, /settings
  --theme dark|light     colours of this run
  --window-size WxH      e.g. 1280x800
  --help                 this text

Without a display Tickdeck runs on a virtual one: --screenshot shows what it looks like.
`;

/**
 * Complaints of Chromium and its libraries about services that a server does not have; nothing
 * depends on them.
 */
const NOISE = [
  /^\[\d+:\d+\/[\d.]+:(?:ERROR|WARNING):(?:[\w/]+\/)?(?:bus|object_proxy|libnotify_notification|viz_main_impl|gpu_init|vaapi_wrapper|gl_\w+|angle_platform_impl|command_buffer_proxy_impl)\.cc/,
  /^\(electron:\d+\): (?:libnotify|dconf|dbind|Gtk|GLib-GIO)-(?:WARNING|CRITICAL)/i,
  /^$/,
];
/** @param {string} line */
const isNoise = (line) => NOISE.some((pattern) => pattern.test(line));
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(HELP);
} else {
  const leave = () => process.exit(130);
  for (const signal of SIGNALS) process.on(signal, leave);
  try {
    const launch = await prepare();
    for (const signal of SIGNALS) process.removeListener(signal, leave);
    process.exitCode = await launch();
  } catch (error) {
    process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** @returns {Promise<() => Promise<number>>} opens the app; resolves with its exit code */
async function prepare() {
  const reporter = createReporter();
  const headless = !hasDisplay();
  await installPackages(reporter);
  await installNode(reporter);
  await ensureSystemLibraries(reporter, { headless });
  const electron = await reporter.phase("Electron", async () => {
    const value = await ensureElectron({ log: reporter.line, progress: reporter.progress });
    return { value, note: value.version };
  });
  await reporter.phase("Build", async () => {
    const { built } = await buildApp();
    return { value: undefined, note: built ? "built" : "up to date" };
  });
  const warning = sandboxWarning(electron.executable);
  if (warning) reporter.line(`! ${warning}`);
  const display = headless ? await openVirtualDisplay() : undefined;
  if (display) {
    reporter.line(
      `✓ Display            none here: Tickdeck runs on a virtual one (Xvfb ${display.env["DISPLAY"]}); ` +
        "see it with npm start -- --screenshot FILE",
    );
  }
  reporter.line("✓ Tickdeck           opens; Ctrl+C lets running ticks finish and quits");
  return async () => {
    try {
      return await open(
        electron.executable,
        [...electron.args, ...(display ? ["--disable-gpu"] : []), root, ...appArguments(args)],
        // On a virtual display nobody can answer a dialog.
        { ...process.env, ...(display ? { ...display.env, TICKDECK_UNATTENDED: "1" } : {}) },
      );
    } finally {
      display?.close();
    }
  };
}

/**
 * @param {string[]} given
 * @returns {string[]} what the app is told: without a data folder of one's own, to show its demonstration
 */
function appArguments(given) {
  const chosen = given.some((argument) => /^--(?:demo|data-dir)(?:=|$)/.test(argument));
  return chosen ? given : ["--demo", ...given];
}

/**
 * @param {string} executable
 * @param {string[]} electronArgs
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} exit code
 */
function open(executable, electronArgs, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, electronArgs, {
      // Relative paths in the options are meant from where the user typed them.
      cwd: process.env["INIT_CWD"] ?? process.cwd(),
      env,
      stdio: ["ignore", "inherit", "pipe"],
      // A group of its own: the terminal's Ctrl+C would arrive twice, and Chromium dies of the
      // second one instead of letting the app drain.
      detached: process.platform !== "win32",
    });
    const quit = () => child.kill("SIGTERM");
    for (const signal of SIGNALS) process.on(signal, quit);
    const orphaned = watchParent(quit);
    let rest = "";
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (!isNoise(line)) process.stderr.write(`${line}\n`);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(orphaned);
      if (!isNoise(rest)) process.stderr.write(rest);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/**
 * A signal to npm ends the shell between npm and this script, and the signal with it: under npm,
 * losing the parent is being told to quit.
 *
 * @param {() => void} quit
 * @returns {NodeJS.Timeout | undefined}
 */
function watchParent(quit) {
  if (process.env["npm_lifecycle_event"] !== "start" || process.platform === "win32")
    return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    quit();
  }, 500);
  return timer;
}
