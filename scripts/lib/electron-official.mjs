/** The Electron of package.json, from its own release host (or the mirror that the user has set). */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { megabytes } from "./console.mjs";
import { cacheFolder, root, toolNode } from "./paths.mjs";
import { folderBytes, run, tellingLine } from "./process.mjs";

const STALL_MS = 20_000;
const REMEMBER_FAILURE_MS = 24 * 60 * 60 * 1000;

/**
 * @typedef {object} OfficialElectron
 * @property {string} version the version that package.json asks for
 * @property {string | undefined} executable set when it is there
 * @property {string | undefined} reason one line that says why it is not
 */

/**
 * Brings the runtime of the npm package `electron`. A download that fails or makes no progress for
 * 20 s is given up, and not tried again for a day (unless a mirror setting changes).
 *
 * @param {object} options
 * @param {(text: string) => void} options.log one finished line
 * @param {(text: string) => void} options.progress where a long step is
 * @param {string} [options.packageFolder] the npm package `electron`
 * @param {string} [options.cache] folder for the memory of failures
 * @returns {Promise<OfficialElectron>}
 */
export async function officialElectron({
  log,
  progress,
  packageFolder = join(root, "node_modules", "electron"),
  cache = cacheFolder(),
}) {
  const version = readVersion(packageFolder);
  const present = installedExecutable(packageFolder, version);
  if (present) return { version, executable: present, reason: undefined };

  const memory = join(cache, `electron-${version}-unreachable.json`);
  const source = downloadSettings();
  const known = recentFailure(memory, source);
  if (known) return { version, executable: undefined, reason: known };

  log(`  Electron ${version}: downloading`);
  const scratch = join(cache, `electron-${version}-download-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  const dist = join(packageFolder, "dist");
  let bytes = -1;
  let lastProgressAt = Date.now();
  const result = await run(toolNode(), [join(packageFolder, "install.js")], {
    // The download is written below the temporary folder first: its growth is the progress.
    env: {
      ...process.env,
      TMPDIR: scratch,
      TEMP: scratch,
      TMP: scratch,
      ELECTRON_GET_NO_PROGRESS: "1",
    },
    watch: () => {
      const now = folderBytes(scratch) + folderBytes(dist);
      if (now !== bytes) {
        bytes = now;
        lastProgressAt = Date.now();
        if (bytes > 0) progress(`Electron ${version}: ${megabytes(bytes)}`);
      }
      if (Date.now() - lastProgressAt < STALL_MS) return undefined;
      return `no progress for ${STALL_MS / 1000} s`;
    },
  });
  rmSync(scratch, { recursive: true, force: true });

  const executable = installedExecutable(packageFolder, version);
  if (executable) {
    rmSync(memory, { force: true });
    return { version, executable, reason: undefined };
  }
  const reason = result.stopped ?? tellingLine(result.output);
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, JSON.stringify({ at: Date.now(), source, reason }));
  return { version, executable: undefined, reason };
}

/** @param {string} packageFolder */
function readVersion(packageFolder) {
  const file = join(packageFolder, "package.json");
  if (!existsSync(file)) {
    throw new Error("The npm package electron is missing: run `npm ci` in the project's folder.");
  }
  return String(JSON.parse(readFileSync(file, "utf8")).version);
}

/**
 * @param {string} packageFolder
 * @param {string} version
 */
function installedExecutable(packageFolder, version) {
  try {
    const distFolder = process.env["ELECTRON_OVERRIDE_DIST_PATH"] ?? join(packageFolder, "dist");
    const found = readFileSync(join(distFolder, "version"), "utf8").trim().replace(/^v/, "");
    const executable = join(distFolder, readFileSync(join(packageFolder, "path.txt"), "utf8"));
    return found === version && existsSync(executable) ? executable : undefined;
  } catch {
    return undefined;
  }
}

/** The settings that decide where a download goes: another answer makes an old failure void. */
function downloadSettings() {
  return Object.entries(process.env)
    .filter(([name]) => /^(npm_config_)?electron_|^(https?|all)_proxy$/i.test(name))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(" ");
}

/**
 * @param {string} memory file
 * @param {string} source
 * @returns {string | undefined}
 */
function recentFailure(memory, source) {
  try {
    const failure = JSON.parse(readFileSync(memory, "utf8"));
    const age = Date.now() - failure.at;
    if (failure.source !== source || age < 0 || age > REMEMBER_FAILURE_MS) return undefined;
    return `${failure.reason} (tried ${Math.max(1, Math.round(age / 60_000))} min ago)`;
  } catch {
    return undefined;
  }
}
