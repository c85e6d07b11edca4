import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fallbackElectron } from "../../../scripts/lib/electron-fallback.mjs";
import { officialElectron } from "../../../scripts/lib/electron-official.mjs";
import { withLock } from "../../../scripts/lib/lock.mjs";
import { run } from "../../../scripts/lib/process.mjs";

const folders: string[] = [];
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "tickdeck-toolchain-"));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An npm package `electron` whose installer does what the given script says. */
const electronPackage = (version: string, install: string): string => {
  const folder = makeFolder();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version }));
  writeFileSync(
    join(folder, "install.js"),
    `const fs = require("fs"); process.chdir(__dirname); fs.appendFileSync("runs", "x");\n${install}`,
  );
  return folder;
};
const runsOf = (folder: string): number => readFileSync(join(folder, "runs"), "utf8").length;
const quiet = { log: () => {}, progress: () => {} };

describe("the Electron of package.json", () => {
  const unreachable =
    'console.error("Error: getaddrinfo ENOTFOUND example.invalid"); process.exit(1);';

  it("is taken from where its installer puts it, and not fetched again", async () => {
    const packageFolder = electronPackage(
      "45.0.0",
      'fs.mkdirSync("dist"); fs.writeFileSync("dist/version", "45.0.0"); fs.writeFileSync("dist/electron", ""); fs.writeFileSync("path.txt", "electron");',
    );
    const options = { ...quiet, packageFolder, cache: makeFolder() };
    const expected = join(packageFolder, "dist", "electron");
    expect((await officialElectron(options)).executable).toBe(expected);
    expect((await officialElectron(options)).executable).toBe(expected);
    expect(runsOf(packageFolder)).toBe(1);
  });

  it("says in one line why it cannot be had, and does not ask again for a day", async () => {
    const packageFolder = electronPackage("45.0.0", unreachable);
    const options = { ...quiet, packageFolder, cache: makeFolder() };
    expect(await officialElectron(options)).toEqual({
      version: "45.0.0",
      executable: undefined,
      reason: "getaddrinfo ENOTFOUND example.invalid",
    });
    expect((await officialElectron(options)).reason).toContain("ENOTFOUND");
    expect(runsOf(packageFolder)).toBe(1);
  });

  it("is asked for again when the day is over or another version is wanted", async () => {
    const cache = makeFolder();
    const packageFolder = electronPackage("45.0.0", unreachable);
    const memory = join(cache, "electron-45.0.0-unreachable.json");
    await officialElectron({ ...quiet, packageFolder, cache });
    const failure = JSON.parse(readFileSync(memory, "utf8")) as { at: number };
    writeFileSync(memory, JSON.stringify({ ...failure, at: failure.at - 25 * 3_600_000 }));
    await officialElectron({ ...quiet, packageFolder, cache });
    expect(runsOf(packageFolder)).toBe(2);
    writeFileSync(join(packageFolder, "package.json"), JSON.stringify({ version: "45.0.1" }));
    await officialElectron({ ...quiet, packageFolder, cache });
    expect(runsOf(packageFolder)).toBe(3);
  });
});

describe("the fallback runtime", () => {
  it("refuses an archive without the pinned checksum and keeps nothing of it", async () => {
    const cache = makeFolder();
    const download = (folder: string): Promise<string> => {
      const archive = join(folder, "archive.tgz");
      writeFileSync(archive, "something else");
      return Promise.resolve(archive);
    };
    await expect(fallbackElectron({ ...quiet, cache, download })).rejects.toThrow(
      /does not have the pinned checksum; nothing of it is kept/,
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  it("rebuilds a cache that lacks a file", async () => {
    const cache = makeFolder();
    const home = join(cache, "electron-33.2.1-1");
    mkdirSync(home);
    writeFileSync(join(home, "electron"), "cut short");
    writeFileSync(
      join(home, "tickdeck-manifest.json"),
      JSON.stringify({ files: [["electron", 186_276_400]] }),
    );
    const said: string[] = [];
    const download = (): Promise<string> => Promise.reject(new Error("the registry is away"));
    const options = { log: (line: string) => said.push(line), progress: () => {}, cache, download };
    await expect(fallbackElectron(options)).rejects.toThrow(/the registry is away/);
    expect(said.join()).toContain("damaged, building it again");
  });

  it("takes a whole cache as it is and puts the starter of this checkout in it", async () => {
    const cache = makeFolder();
    const home = join(cache, "electron-33.2.1-1");
    mkdirSync(join(home, "resources", "app"), { recursive: true });
    writeFileSync(join(home, "electron"), "whole");
    writeFileSync(
      join(home, "tickdeck-manifest.json"),
      JSON.stringify({ files: [["electron", 5]] }),
    );
    writeFileSync(join(home, "resources", "app", "main.mjs"), "of an older checkout");
    const download = (): Promise<string> => Promise.reject(new Error("not needed"));
    const executable = await fallbackElectron({ ...quiet, cache, download });
    expect(executable).toBe(join(home, "electron"));
    const starter = readFileSync(join(home, "resources", "app", "main.mjs"), "utf8");
    expect(starter).toContain("utilityProcess");
    expect(existsSync(join(home, "resources", "app", "redirect.cjs"))).toBe(true);
  });
});

describe("the lock", () => {
  it("lets one in at a time", async () => {
    const path = join(makeFolder(), "lock");
    const events: string[] = [];
    const enter = (name: string): Promise<void> =>
      withLock(
        path,
        () => events.push(`${name} waits`),
        async () => {
          events.push(`${name} in`);
          await new Promise((done) => setImmediate(done));
          events.push(`${name} out`);
        },
      );
    await Promise.all([enter("a"), enter("b")]);
    expect(events).toEqual(["a in", "b waits", "a out", "b in", "b out"]);
    expect(existsSync(path)).toBe(false);
  });

  it("is taken over from an owner that has died", async () => {
    const path = join(makeFolder(), "lock");
    const owner = spawn(process.execPath, ["-e", ""]);
    await new Promise((done) => owner.once("close", done));
    mkdirSync(path);
    writeFileSync(join(path, "pid"), String(owner.pid));
    const waited: string[] = [];
    const value = await withLock(
      path,
      () => waited.push("waited"),
      () => Promise.resolve("in"),
    );
    expect([value, waited]).toEqual(["in", []]);
  });
});

describe("a watched command", () => {
  it("is ended with its children when the watcher says so", async () => {
    const file = join(makeFolder(), "pid");
    const grandchild = `require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000);`;
    const script = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}], { stdio: "inherit" }); setInterval(() => {}, 1000);`;
    const result = await run(process.execPath, ["-e", script], {
      watch: () =>
        existsSync(file) && readFileSync(file, "utf8") !== "" ? "no progress" : undefined,
    });
    // The grandchild holds the output open: we only get here when it has ended as well.
    expect(result.stopped).toBe("no progress");
  });
});

describe("the commands", () => {
  const root = join(import.meta.dirname, "../../..");

  it("npm start -- --help prints the options and starts nothing", async () => {
    const result = await run(process.execPath, [join(root, "scripts/start.mjs"), "--help"]);
    expect(result.code).toBe(0);
    for (const flag of [
      "--demo",
      "--data-dir",
      "--speed",
      "--screenshot",
      "--quit-after",
      "--hidden",
    ]) {
      expect(result.output).toContain(flag);
    }
  });

  it("npm test refuses a step that does not exist, and names those that do", async () => {
    const result = await run(process.execPath, [join(root, "scripts/test.mjs"), "units"]);
    expect(result.code).toBe(2);
    expect(result.output).toBe(
      'There is no step "units": use format, lint, typecheck, deadcode, unit, build, e2e.\n',
    );
  });
});
