import { posix } from "node:path";
import { SourceTextModule, SyntheticModule, createContext, runInContext } from "node:vm";
import type { Context, Module } from "node:vm";
import { transformSync } from "amaro";
import type { Sources } from "../protocol.ts";
import { PlacedError, syntaxError } from "./trouble.ts";

/**
 * Takes chance and the clock out of a context: with them the same candles could give another decision. A date of a
 * given time stays.
 */
const PURE = `(() => {
  const refuse = (name) => { throw new Error(name + " is not to be had in a strategy: the same candles must give the same decision. Use input.time for the time."); };
  Math.random = () => refuse("Math.random");
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, as) => given.length === 0 ? refuse("new Date()") : Reflect.construct(target, given, as),
    apply: () => refuse("Date()"),
    get: (target, key, as) => key === "now" ? () => refuse("Date.now") : Reflect.get(target, key, as),
  });
  RealDate.prototype.constructor = globalThis.Date;
  for (const name of ["SharedArrayBuffer", "Atomics", "WebAssembly", "WeakRef", "FinalizationRegistry"]) delete globalThis[name];
})()`;

type Exports = Readonly<Record<string, unknown>>;

/** A context of its own, with the language and `console`, and none of Node. */
function makeContext(print: (text: string) => void): Context {
  const context = createContext(
    {},
    { codeGeneration: { strings: false, wasm: false }, name: "strategy" },
  );
  const say = (...parts: readonly unknown[]): void => print(parts.map(String).join(" "));
  runInContext(PURE, context);
  runInContext(
    "(console) => { globalThis.console = console; }",
    context,
  )(Object.freeze({ log: say, info: say, warn: say, error: say, debug: say }));
  return context;
}

/** Source text without its types, everything at its place. Throws the syntax error with its place. */
function stripped(file: string, source: string): string {
  if (!/\.m?ts$/.test(file)) return source;
  try {
    return transformSync(source, { mode: "strip-only", filename: file }).code;
  } catch (thrown) {
    throw syntaxError(file, thrown);
  }
}

/** The file that `specifier` means in `from`, as a path of `sources`. */
function resolved(specifier: string, from: string, sources: Sources): string {
  const path = posix.normalize(posix.join(posix.dirname(from), specifier));
  const found = [path, `${path}.ts`, `${path}.js`].find((each) => Object.hasOwn(sources, each));
  if (found !== undefined && /^\.\.?\//.test(specifier)) return found;
  const line = sources[from]?.split("\n").findIndex((text) => text.includes(specifier)) ?? -1;
  throw new PlacedError(
    /^\.\.?\//.test(specifier)
      ? `there is no file "${specifier}" in the strategies folder`
      : `"${specifier}" cannot be imported: a strategy imports "tickdeck" and files of its own folder ("./helper.ts")`,
    { file: from, line: line < 0 ? null : line + 1, column: null },
  );
}

export interface LoadedModule {
  readonly exports: Exports;
  /** The file and all that it imports. */
  readonly files: readonly string[];
}

/**
 * Links and runs `entry` of `sources` in a context of its own. `given` are the modules that it may import by name.
 * Rejects with what the code threw, or a PlacedError.
 */
export async function loadModule(
  entry: string,
  sources: Sources,
  given: Readonly<Record<string, Exports>>,
  print: (text: string) => void,
): Promise<LoadedModule> {
  const context = makeContext(print);
  const modules = new Map<string, Module>();
  const synthetic = (name: string, exports: Exports): Module => {
    const module = new SyntheticModule(
      Object.keys(exports),
      () => {
        for (const [key, value] of Object.entries(exports)) module.setExport(key, value);
      },
      { context, identifier: name },
    );
    return module;
  };
  const open = (file: string): Module =>
    new SourceTextModule(stripped(file, sources[file] ?? ""), {
      context,
      identifier: file,
      importModuleDynamically: () => {
        throw new Error("a strategy has no import(): write its imports at the top of the file");
      },
    });
  const once = (name: string, make: () => Module): Module => {
    const known = modules.get(name) ?? make();
    modules.set(name, known);
    return known;
  };
  const root = once(entry, () => open(entry));
  await root.link((specifier, from) => {
    const exports = given[specifier];
    if (exports !== undefined) return once(specifier, () => synthetic(specifier, exports));
    const file = resolved(specifier, from.identifier, sources);
    return once(file, () => open(file));
  });
  await root.evaluate();
  return {
    exports: root.namespace as Exports,
    files: [...modules.keys()].filter((name) => Object.hasOwn(sources, name)),
  };
}
