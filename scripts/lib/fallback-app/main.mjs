/**
 * Does for a folder on the command line what Electron's own default app does: takes its name and
 * version from package.json and runs its `main`. The runtime that this lies in has no default app.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { app, utilityProcess } from "electron";

const require = createRequire(import.meta.url);
require("./redirect.cjs");

const given = process.argv.slice(1).find((argument) => !argument.startsWith("-"));
if (given === undefined) {
  process.stderr.write("No app folder was given: electron FOLDER [OPTIONS].\n");
  app.exit(1);
} else {
  await start(resolve(given));
}

/** @param {string} folder */
async function start(folder) {
  Object.defineProperty(process, "defaultApp", { value: true, enumerable: true });
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  // The setters of version and app path are what the default app uses; they are not in the types.
  const internal = /** @type {any} */ (app);
  if (manifest.version) internal.setVersion(manifest.version);
  if (manifest.productName ?? manifest.name) app.setName(manifest.productName ?? manifest.name);
  internal.setDesktopName(manifest.desktopName ?? `${app.getName()}.desktop`);
  internal.setAppPath(folder);
  // A utility process starts at its own script: give it the same modules first.
  const fork = utilityProcess.fork.bind(utilityProcess);
  utilityProcess.fork = (modulePath, args = [], options = {}) =>
    fork(join(import.meta.dirname, "utility.mjs"), [modulePath, ...args], options);
  const main = resolve(folder, manifest.main ?? "index.js");
  await import(pathToFileURL(main).href);
}
