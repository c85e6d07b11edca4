import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");

interface Planted {
  readonly file: string;
  readonly code: string;
}

interface Finding {
  readonly code: string;
  readonly filename: string;
  readonly message: string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Lints the planted files at their paths with the project's own configuration. */
const lint = (planted: readonly Planted[]): Finding[] => {
  const folder = mkdtempSync(join(tmpdir(), "tickdeck-lint-"));
  folders.push(folder);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const name of ["oxlint.config.ts", "tsconfig.json", "tsconfig.base.json", "package.json"]) {
    copyFileSync(join(root, name), join(folder, name));
  }
  for (const { file, code } of planted) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format", "json"], {
    cwd: folder,
    encoding: "utf8",
  });
  return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics;
};

const imports = "eslint(no-restricted-imports)";
const globals = "eslint(no-restricted-globals)";
const properties = "eslint(no-restricted-properties)";

const use = (specifier: string): string =>
  `import { x } from "${specifier}";\nexport const y = x;\n`;
const useType = (specifier: string): string =>
  `import type { X } from "${specifier}";\nexport type Y = X;\n`;

/** file, code, the rule that must find it */
const breaches: readonly (readonly [string, string, string])[] = [
  ["src-main/engine/engine.ts", use("electron"), imports],
  ["src-main/engine/engine.ts", use("ccxt"), imports],
  ["src-main/engine/engine.ts", use("ccxt/js/src/binance.js"), imports],
  ["src-main/engine/engine.ts", use("better-sqlite3"), imports],
  ["src-main/engine/engine.ts", use("../user-strategies/library.ts"), imports],
  ["src-main/engine/engine.ts", use("../metrics/metric-hub.ts"), imports],
  ["src-main/metrics/x.ts", use("ccxt"), imports],
  ["src-main/metrics/x.ts", use("../store/market-db.ts"), imports],
  ["src-main/user-strategies/x.ts", use("electron"), imports],
  ["src-main/user-strategies/x.ts", use("../ipc/host.ts"), imports],
  ["src-main/engine/engine.ts", use("electron-log/node"), imports],
  ["src-main/engine/engine.ts", use("node:fs"), imports],
  ["src-main/engine/engine.ts", use("node:timers/promises"), imports],
  ["src-main/engine/engine.ts", use("../store/bots.ts"), imports],
  ["src-main/engine/engine.ts", use("../workspace.ts"), imports],
  ["src-main/engine/bots/manager.ts", use("../../desktop/window.ts"), imports],
  ["src-main/engine/bots/manager.ts", use("../../exchanges/ccxt-exchange.ts"), imports],
  ["src-main/engine/bots/manager.ts", use("../../ipc/bots.ts"), imports],
  ["src-main/engine/bots/manager.ts", use("../../logging/log.ts"), imports],
  ["src-main/engine/bots/manager.ts", use("../../research/sweep.ts"), imports],
  ["src-main/engine/bots/manager.ts", use("../../../src-preload/contract/bots.ts"), imports],
  ["src-main/engine/bots/manager.ts", use("../../../src-renderer/app/theme.ts"), imports],
  ["src-main/engine/strategies/a.ts", use("../exchange/paper-venue.ts"), imports],
  ["src-main/engine/indicators/a.ts", use("../clock.ts"), imports],
  ["src-main/engine/indicators/a.ts", use("node:crypto"), imports],
  ["src-main/engine/risk/a.ts", use("../orders/journal.ts"), imports],
  ["src-main/engine/scheduler/a.ts", use("../clock-system.ts"), imports],
  ["src-main/exchanges/a.ts", use("../store/bots.ts"), imports],
  ["src-main/exchanges/a.ts", use("better-sqlite3"), imports],
  ["src-main/exchanges/a.ts", use("electron"), imports],
  ["src-main/store/a.ts", use("ccxt"), imports],
  ["src-main/store/a.ts", use("../ipc/bots.ts"), imports],
  ["src-main/logging/a.ts", use("better-sqlite3"), imports],
  ["src-main/logging/a.ts", use("../store/bots.ts"), imports],
  ["src-main/market-files/a.ts", use("../store/candles.ts"), imports],
  ["src-main/engine/market/a.ts", use("../../market-files/table.ts"), imports],
  ["src-main/research/a.ts", use("../store/candles.ts"), imports],
  ["src-main/ipc/a.ts", use("electron"), imports],
  ["src-main/ipc/a.ts", use("../desktop/window.ts"), imports],
  ["src-main/ipc/a.ts", use("../exchanges/ccxt-exchange.ts"), imports],
  ["src-main/workspace.ts", use("electron"), imports],
  ["src-main/workspace.ts", use("./desktop/window.ts"), imports],
  ["src-main/index.ts", use("../src-renderer/app/theme.ts"), imports],
  ["src-main/desktop/a.ts", use("../../src-preload/index.ts"), imports],
  ["src-preload/contract/a.ts", use("electron"), imports],
  ["src-preload/contract/a.ts", use("node:fs"), imports],
  ["src-preload/contract/a.ts", use("../../src-main/engine/events.ts"), imports],
  ["src-preload/index.ts", use("../src-main/index.ts"), imports],
  ["src-renderer/features/fleet/a.ts", use("../../../src-main/engine/events.ts"), imports],
  ["src-renderer/features/fleet/a.ts", useType("../../../src-main/engine/events.ts"), imports],
  ["src-renderer/features/fleet/a.ts", use("../../../src-preload/index.ts"), imports],
  ["src-renderer/features/fleet/a.ts", use("node:path"), imports],
  ["src-renderer/features/fleet/a.ts", use("electron"), imports],
  ["src-renderer/features/fleet/a.ts", "export const y = process.env;\n", globals],
  ["src-main/engine/a.ts", "export const y = Date.now();\n", globals],
  ["src-main/engine/a.ts", "export const y = new Date();\n", globals],
  ["src-main/engine/a.ts", "export const y = performance.now();\n", globals],
  ["src-main/engine/a.ts", "export const y = process.pid;\n", globals],
  ["src-main/engine/a.ts", "setTimeout(() => {}, 1);\n", globals],
  ["src-main/engine/bots/a.ts", "setInterval(() => {}, 1);\n", globals],
  ["src-main/engine/bots/a.ts", "setImmediate(() => {});\n", globals],
  ["src-main/engine/bots/a.ts", "export const y = fetch;\n", globals],
  ["src-main/engine/bots/a.ts", "export const y = Math.random();\n", properties],
  ["src-main/engine/bots/a.ts", "export const y = globalThis.Date;\n", properties],
  ["bench/a.ts", use("electron"), imports],
  [
    "src-main/store/a.ts",
    "export const y = (x: any): unknown => x;\n",
    "typescript(no-explicit-any)",
  ],
  [
    "src-main/store/a.ts",
    "export const y = (x?: number): number => x!;\n",
    "typescript(no-non-null-assertion)",
  ],
  [
    "src-renderer/app/A.tsx",
    'import { useState } from "react";\nexport function A(p: { on: boolean }) {\n  if (p.on) useState(1);\n  return null;\n}\n',
    "react-hooks(rules-of-hooks)",
  ],
];

const lawful: readonly (readonly [string, string])[] = [
  ["src-main/index.ts", use("electron")],
  ["src-main/index.ts", use("./desktop/window.ts")],
  ["src-main/desktop/a.ts", use("electron")],
  ["src-main/desktop/a.ts", use("../workspace.ts")],
  ["src-main/workspace.ts", use("./exchanges/ccxt-exchange.ts")],
  ["src-main/exchanges/a.ts", use("ccxt")],
  ["src-main/exchanges/a.ts", use("../engine/exchange/port.ts")],
  ["src-main/store/a.ts", use("better-sqlite3")],
  ["src-main/logging/a.ts", use("electron-log/node")],
  ["src-main/market-files/a.ts", use("csv-parse")],
  ["src-main/ipc/a.ts", use("../store/bots.ts")],
  ["src-main/ipc/a.ts", useType("electron")],
  ["src-main/engine/engine.ts", use("./exchange/paper-venue.ts")],
  ["src-main/engine/bots/a.ts", useType("../../../src-preload/contract/bots.ts")],
  ["src-main/engine/bots/a.ts", use("../../../src-preload/contract/time.ts")],
  ["src-main/engine/scheduler/a.ts", useType("../clock.ts")],
  ["src-main/engine/strategies/a.ts", use("../indicators/ema.ts")],
  ["src-main/engine/clock-system.ts", "export const y = Date.now() + performance.now();\n"],
  ["src-preload/index.ts", use("electron")],
  ["src-renderer/state/a.ts", use("../../src-preload/contract/bots.ts")],
];

/** Files that a rule names; any other case may have a name of its own in its folder. */
const named = new Set(["src-main/index.ts", "src-main/workspace.ts", "src-preload/index.ts"]);

/** Lints all cases in as few runs as they need and gives each its own findings. */
const plant = (cases: readonly (readonly [string, string, ...string[]])[]): Finding[][] => {
  const runs: (Planted & { readonly at: number })[][] = [];
  cases.forEach(([path, code], at) => {
    const file = named.has(path) ? path : path.replace(/\.(tsx?)$/, `-${at}.$1`);
    let run = runs.find((planted) => planted.every((other) => other.file !== file));
    if (run === undefined) runs.push((run = []));
    run.push({ file, code, at });
  });
  const found: Finding[][] = [];
  for (const run of runs) {
    const findings = lint(run);
    for (const { file, at } of run) {
      found[at] = findings.filter(({ filename }) => filename === file);
    }
  }
  return found;
};

const firstLine = (code: string): string => code.slice(0, code.indexOf("\n"));

describe("the import table", () => {
  const inBreach = plant(breaches);
  it.each(breaches.map(([file, code, rule], at) => [rule, file, firstLine(code), at] as const))(
    "%s finds in %s: %s",
    (rule, _file, _line, at) => {
      expect(inBreach[at]?.map(({ code }) => code)).toContain(rule);
    },
  );

  const inOrder = plant(lawful);
  it.each(lawful.map(([file, code], at) => [file, firstLine(code), at] as const))(
    "allows in %s: %s",
    (_file, _line, at) => {
      const restricted = inOrder[at]?.filter(({ code }) => code.includes("no-restricted"));
      expect(restricted).toEqual([]);
    },
  );
});
