/**
 * The rules of the house as lint: who may import whom (docs/architecture.md), where time and
 * chance may come from, and what is wrong in any TypeScript. An override replaces a rule for its
 * files, it does not add to it: each room's entry is therefore whole.
 */
import { defineConfig } from "oxlint";

type Banned = {
  readonly regex: string;
  readonly message: string;
  readonly allowTypeImports?: boolean;
};

const electronNames = ["electron", "electron/main", "electron/renderer", "electron/common"];
const electron = electronNames.map((name) => ({
  name,
  message: "Electron belongs to src-main/desktop, src-main/index.ts and src-preload/index.ts.",
  allowTypeImports: true,
}));
const ccxt = { regex: "^ccxt(/|$)", message: "ccxt belongs to src-main/exchanges." };
const sqlite = { regex: "^better-sqlite3$", message: "better-sqlite3 belongs to src-main/store." };
const log = { regex: "^electron-log(/|$)", message: "electron-log belongs to src-main/logging." };
const window = { regex: "(^|/)src-renderer/", message: "Only the window imports the window." };
const bridge = {
  regex: "(^|/)src-preload/index",
  message: "Electron loads the bridge; nobody imports it.",
};
const desktop = {
  regex: "(^|/)desktop/",
  message: "Only src-main/index.ts and src-main/desktop import desktop.",
};

/** Rooms of src-main, and its composing files, that a room may not import. */
const rooms = (names: readonly string[], message: string): Banned[] => [
  { regex: `(^|/)(${names.join("|")})/`, message },
  { regex: "(^|/)(workspace|research-process)\\.ts$|^(\\.\\./)+index\\.ts$", message },
];

const ioModules = [
  ..."fs net http https http2 tls dgram dns child_process worker_threads cluster os".split(" "),
  ..."process timers perf_hooks sqlite inspector readline repl v8 vm".split(" "),
];
const engine: Banned[] = [
  ccxt,
  sqlite,
  log,
  window,
  bridge,
  {
    regex: `^(node:)?(${ioModules.join("|")})(/|$)`,
    message: "The engine does no I/O of its own: it comes in through a port.",
  },
  {
    regex:
      "(^|/)src-preload/contract/(app|bots|index|logs|market|metrics|portfolio|result|risk|schedule|strategies|ticks)\\.ts$",
    message:
      "The engine takes types from the contract, and values only from contract/time.ts and risk-limits.ts.",
    allowTypeImports: true,
  },
  ...rooms(
    [
      "desktop",
      "ipc",
      "exchanges",
      "store",
      "logging",
      "machines",
      "market-files",
      "metrics",
      "research",
      "user-strategies",
    ],
    "The engine imports only the engine.",
  ),
];
const pure: Banned[] = [
  {
    regex: "^node:",
    message: "Indicators, strategies, risk layers and the scheduler are pure: no Node modules.",
  },
  ...[
    "(^|/)(exchange|orders|portfolio|bots)/",
    "^\\.\\./(clock(-system|-virtual|-time-lapse|-timers)?|engine|queries|store-port)\\.ts$",
  ].map((regex) => ({
    regex,
    message:
      "Indicators, strategies, risk layers and the scheduler take only types from other rooms.",
    allowTypeImports: true,
  })),
];

const restrictImports = (
  patterns: Banned[],
  paths: typeof electron = electron,
): Record<string, ["error", { paths: typeof electron; patterns: Banned[] }]> => ({
  "eslint/no-restricted-imports": ["error", { paths, patterns }],
});

const timeComesIn = "Time comes in through Clock.";
const timeGlobals = ["Date", "performance", "setTimeout", "setInterval", "setImmediate"];

export default defineConfig({
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  env: { es2024: true, node: true },
  ignorePatterns: ["node_modules", "out", "dist", "coverage", "test-results"],
  rules: {
    ...restrictImports([]),
    "eslint/eqeqeq": ["error", "always", { null: "ignore" }],
    "eslint/no-console": "error",
    "import/no-cycle": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/switch-exhaustiveness-check": "error",
    // Steps that must follow each other are the normal case here.
    "eslint/no-await-in-loop": "off",
    "eslint/no-shadow": "off",
    "eslint/no-underscore-dangle": "off",
    "import/no-named-as-default-member": "off",
    "import/no-unassigned-import": "off",
    "oxc/no-map-spread": "off",
    "promise/always-return": "off",
    // The compiler's noImplicitReturns knows exhaustive switches; this rule does not.
    "typescript/consistent-return": "off",
    "typescript/no-unsafe-type-assertion": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/no-array-reverse": "off",
    "unicorn/no-array-sort": "off",
    // A copy before a loop that lets listeners leave is no useless spread.
    "unicorn/no-useless-spread": "off",
    "unicorn/prefer-set-has": "off",
  },
  overrides: [
    {
      files: ["src-main/**"],
      rules: {
        ...restrictImports([window, bridge, desktop]),
        // Ports of processes and threads know no origin.
        "unicorn/require-post-message-target-origin": "off",
      },
    },
    {
      files: ["src-main/index.ts", "src-main/desktop/**"],
      rules: restrictImports([window, bridge], []),
    },
    {
      files: ["src-main/ipc/**"],
      rules: restrictImports([
        ccxt,
        sqlite,
        window,
        bridge,
        ...rooms(
          ["desktop", "exchanges"],
          "ipc imports the engine, research, store, logging and the contract.",
        ),
      ]),
    },
    {
      files: ["src-main/exchanges/**"],
      rules: restrictImports([
        sqlite,
        log,
        window,
        bridge,
        ...rooms(
          ["desktop", "ipc", "store", "logging", "research"],
          "exchanges imports the engine, the contract and ccxt.",
        ),
      ]),
    },
    {
      files: ["src-main/store/**"],
      rules: restrictImports([
        ccxt,
        log,
        window,
        bridge,
        ...rooms(
          ["desktop", "ipc", "exchanges", "logging", "research"],
          "store imports the engine, the contract and better-sqlite3.",
        ),
      ]),
    },
    {
      files: ["src-main/logging/**"],
      rules: restrictImports([
        ccxt,
        sqlite,
        window,
        bridge,
        ...rooms(
          ["desktop", "ipc", "exchanges", "store", "research"],
          "logging imports the engine, the contract and electron-log.",
        ),
      ]),
    },
    {
      files: ["src-main/market-files/**", "src-main/metrics/**", "src-main/user-strategies/**"],
      rules: restrictImports([
        ccxt,
        sqlite,
        log,
        window,
        bridge,
        ...rooms(
          ["desktop", "ipc", "exchanges", "store", "logging", "research"],
          "market-files, metrics and user-strategies import the engine, the contract and their own library.",
        ),
      ]),
    },
    {
      files: ["src-main/research/**"],
      rules: restrictImports([
        ccxt,
        sqlite,
        log,
        window,
        bridge,
        ...rooms(
          ["desktop", "ipc", "exchanges", "store", "logging"],
          "research imports the engine and the contract.",
        ),
      ]),
    },
    {
      files: ["src-main/engine/**"],
      rules: {
        ...restrictImports(engine),
        "eslint/no-restricted-globals": [
          "error",
          ...timeGlobals.map((name) => ({ name, message: timeComesIn })),
          { name: "process", message: "The engine knows no process: values come in as options." },
          { name: "fetch", message: "The engine does no I/O of its own." },
        ],
        "eslint/no-restricted-properties": [
          "error",
          {
            object: "Math",
            property: "random",
            message: "The engine is deterministic: random numbers come from a seed.",
          },
          ...timeGlobals.map((property) => ({
            object: "globalThis",
            property,
            message: timeComesIn,
          })),
        ],
      },
    },
    {
      files: ["indicators", "strategies", "risk", "scheduler"].map(
        (room) => `src-main/engine/${room}/**`,
      ),
      rules: restrictImports([...engine, ...pure]),
    },
    {
      files: ["src-main/engine/clock*.ts"],
      rules: { "eslint/no-restricted-globals": "off", "eslint/no-restricted-properties": "off" },
    },
    {
      files: ["src-preload/contract/**"],
      rules: restrictImports([
        { regex: "^node:", message: "The contract runs in the window too: no Node modules." },
        {
          regex: "(^|/)(src-main|src-renderer)/",
          message: "The contract imports nothing of ours.",
        },
      ]),
    },
    {
      files: ["src-preload/index.ts"],
      rules: restrictImports(
        [
          {
            regex: "(^|/)(src-main|src-renderer)/",
            message: "The bridge imports electron and the contract.",
          },
        ],
        [],
      ),
    },
    {
      files: ["src-renderer/**"],
      env: { browser: true, node: false },
      plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "react", "jsx-a11y"],
      rules: {
        ...restrictImports([
          {
            regex: "(^|/)src-main/",
            message: "The window talks to main through the contract and imports nothing of it.",
          },
          { regex: "(^|/)src-preload/index", message: "The window sees window.tickdeck." },
          { regex: "^node:", message: "The window has no Node." },
          ccxt,
          sqlite,
          log,
        ]),
        "eslint/no-restricted-globals": [
          "error",
          { name: "process", message: "The window has no Node." },
          { name: "require", message: "The window has no Node." },
        ],
        "react/exhaustive-deps": "error",
        "react/react-in-jsx-scope": "off",
        "react/rules-of-hooks": "error",
      },
    },
    {
      // Plain JavaScript that runs inside the fallback runtime.
      files: ["scripts/lib/fallback-app/**"],
      rules: { "eslint/no-restricted-imports": "off", "typescript/no-explicit-any": "off" },
    },
    { files: ["scripts/**", "bench/**"], rules: { "eslint/no-console": "off" } },
  ],
});
