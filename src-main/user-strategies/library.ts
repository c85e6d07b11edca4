import type { ParamField, StrategyView } from "../../src-preload/contract/bots.ts";
import type {
  UserStrategiesView,
  UserStrategyView,
} from "../../src-preload/contract/strategies.ts";
import * as z from "zod";
import { builtInLibrary } from "../engine/strategies/library.ts";
import type {
  BotStrategy,
  Params,
  StrategyLibrary,
  StrategyPlan,
} from "../engine/strategies/library.ts";
import { parseParams } from "../engine/strategies/registry.ts";
import type { Decision, StrategyInput } from "../engine/strategies/types.ts";
import { decisionOf } from "./decision.ts";
import { isStrategyFile, readFolder, watchFolder } from "./folder.ts";
import type { FolderContent } from "./folder.ts";
import { HOST_LIMITS, StrategyError, StrategyHost, StrategyStopped } from "./host.ts";
import type { HostLimits, StartProcess, StrategyCode } from "./host.ts";
import { decideInput } from "./input.ts";
import { createStrategy } from "./template/create.ts";
import { located } from "./protocol.ts";
import type { Sources, Trouble } from "./protocol.ts";

/** A version of a file that lost its process so often in a row is left alone until it changes. */
const MOST_STOPS = 3;
const PREFIX = "user:";

interface Entry {
  readonly id: string;
  readonly file: string;
  /** As it was given to the process; null when it could not be read. */
  readonly code: StrategyCode | null;
  /** The file and all that it imports: a change of others does not concern it. Null until it was loaded. */
  imports: readonly string[] | null;
  /** Of this version or, while this one is not loaded, the one before. */
  view: StrategyView | null;
  trouble: Trouble | null;
  lastFault: string | null;
  /** Stops in a row. */
  stops: number;
  loading: Promise<void> | null;
  /** Answers by parameters and symbol, of this version. */
  readonly plans: Map<string, StrategyPlan>;
}

export interface UserStrategiesParts {
  /** Absolute path; made when strategies are watched. */
  readonly folder: string;
  readonly start: StartProcess;
  readonly limits?: HostLimits;
  readonly onNote: (level: "info" | "warn" | "error", reason: string) => void;
}

/** The folder of the user's own strategies, together with the built-in ones as one library for bots. */
export class UserStrategies implements StrategyLibrary {
  readonly #parts: UserStrategiesParts;
  readonly #builtIn = builtInLibrary();
  readonly #host: StrategyHost;
  readonly #entries = new Map<string, Entry>();
  readonly #bots = new Map<string, BotStrategy>();
  readonly #listeners = new Set<() => void>();
  #stopWatch: () => void = () => {};
  #content: FolderContent = { sources: {}, refused: {} };

  constructor(parts: UserStrategiesParts) {
    this.#parts = parts;
    this.#host = new StrategyHost({
      start: parts.start,
      limits: parts.limits ?? HOST_LIMITS,
      onPrint: (file, text) => parts.onNote("info", `${file} printed: ${text}`),
      onStopped: (file, reason) =>
        parts.onNote(
          "warn",
          `The process of your own strategies was ended${file === null ? "" : ` because of ${file}`}: ${reason}. The next tick starts a new one.`,
        ),
    });
  }

  /** Reads the folder, begins to load what is there, and follows its changes. */
  start(): void {
    this.#read();
    this.#stopWatch = watchFolder(this.#parts.folder, () => this.#read());
  }

  /** Follows no changes any more and ends the process. */
  close(): void {
    this.#stopWatch();
    this.#host.close();
  }

  get(id: string): BotStrategy | undefined {
    if (!id.startsWith(PREFIX)) return this.#builtIn.get(id);
    const known = this.#bots.get(id);
    if (known !== undefined) return known;
    const made = this.#botStrategy(id);
    this.#bots.set(id, made);
    return made;
  }

  views(): readonly StrategyView[] {
    const own = [...this.#entries.values()].flatMap(({ view }) => (view === null ? [] : [view]));
    return [...this.#builtIn.views(), ...own.toSorted((a, b) => (a.title < b.title ? -1 : 1))];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the window shows of the folder. */
  list(): UserStrategiesView {
    const files = [...this.#entries.values()].map(
      ({ id, file, view, trouble, loading, lastFault }): UserStrategyView => ({
        id,
        file,
        title: view?.title ?? null,
        state: trouble !== null ? "broken" : loading === null ? "ready" : "loading",
        trouble,
        lastFault,
      }),
    );
    return {
      folder: this.#parts.folder,
      files: files.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
      stops: this.#host.stops,
    };
  }

  /** Loads every file anew, also those that did not change. Resolves when all are loaded or refused. */
  async reload(): Promise<UserStrategiesView> {
    this.#entries.clear();
    this.#read();
    await this.settled();
    return this.list();
  }

  /** Writes a starting point into the folder; answers its file name. Throws EngineFault. */
  create(name: string): string {
    const file = createStrategy(this.#parts.folder, name);
    this.#read();
    return file;
  }

  /** Resolves once no file is being loaded. */
  async settled(): Promise<void> {
    for (const entry of [...this.#entries.values()]) await entry.loading;
  }

  #read(): void {
    this.#content = readFolder(this.#parts.folder);
    const { sources, refused } = this.#content;
    const files = [...Object.keys(sources), ...Object.keys(refused)].filter(isStrategyFile);
    const ids = new Map<string, string[]>();
    for (const file of files) {
      const id = idOf(file);
      ids.set(id, [...(ids.get(id) ?? []), file]);
    }
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
    for (const [id, [file, other]] of ids) {
      if (file === undefined) continue;
      const refusal =
        other === undefined
          ? (refused[file] ?? null)
          : `${file} and ${other} would have the same name; rename one of them`;
      this.#take(id, file, sources, refusal);
    }
    this.#changed();
  }

  /** Loads a file unless it is known as it is now. */
  #take(id: string, file: string, sources: Sources, refusal: string | null): void {
    const known = this.#entries.get(id);
    if (known !== undefined && refusal === null && isSame(known, file, sources)) return;
    const code = refusal === null ? codeOf(file, sources) : null;
    const entry: Entry = {
      id,
      file,
      code,
      imports: null,
      view: known?.view ?? null,
      trouble: refusal === null ? null : { message: refusal, file, line: null, column: null },
      lastFault: null,
      stops: 0,
      loading: null,
      plans: new Map(),
    };
    this.#entries.set(id, entry);
    if (code !== null) entry.loading = this.#load(entry, code);
  }

  async #load(entry: Entry, code: StrategyCode): Promise<void> {
    try {
      const { view, files } = await this.#host.load(code);
      entry.view = view;
      entry.imports = files;
      this.#parts.onNote("info", `Strategy ${entry.file} was loaded.`);
    } catch (error) {
      entry.trouble = troubleIn(error, entry.file);
      this.#parts.onNote("error", `Strategy ${located(entry.trouble)}`);
    }
    entry.loading = null;
    if (this.#entries.get(entry.id) === entry) this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #botStrategy(id: string): BotStrategy {
    return {
      id,
      check: (raw) => {
        const view = this.#entries.get(id)?.view ?? null;
        const problem = this.#problem(id);
        if (view !== null && problem === null)
          return parseParams({ title: view.title, params: schemaOf(view.fields) }, raw);
        return {
          ok: false,
          field: "",
          message: problem ?? `${id} is still being loaded; try again in a moment.`,
        };
      },
      restore: (raw) => ({ ok: true, value: { ...raw } }),
      problem: () => this.#problem(id),
      plan: (params, symbol, signal) => this.#plan(id, params, symbol, signal),
      decide: (input, signal) => this.#decide(id, input, signal),
    };
  }

  #problem(id: string): string | null {
    const entry = this.#entries.get(id);
    const name = id.slice(PREFIX.length);
    if (entry === undefined)
      return `Strategy ${name} is not in the strategies folder any more; put its file back or choose another strategy.`;
    if (entry.trouble !== null)
      return `Strategy ${name} does not load: ${located(entry.trouble)}. The bot does not trade until that is mended; its stop-loss is still watched.`;
    if (entry.stops >= MOST_STOPS)
      return `Strategy ${name} was stopped ${entry.stops} times in a row and is left alone until its file changes: ${entry.lastFault ?? ""}.`;
    return null;
  }

  async #ready(id: string): Promise<Entry & { readonly code: StrategyCode }> {
    await this.#entries.get(id)?.loading;
    const entry = this.#entries.get(id);
    const problem = this.#problem(id);
    if (problem !== null || entry === undefined || entry.code === null)
      throw new Error(problem ?? `Strategy ${id} cannot be asked.`);
    return entry as Entry & { readonly code: StrategyCode };
  }

  async #plan(
    id: string,
    params: Params,
    symbol: string,
    signal: AbortSignal,
  ): Promise<StrategyPlan> {
    const entry = await this.#ready(id);
    const key = JSON.stringify([params, symbol]);
    const known = entry.plans.get(key);
    if (known !== undefined) return known;
    const plan = await this.#guarded(entry, () =>
      this.#host.call(entry.code, "plan", { params, symbol }, signal),
    );
    // A few bots share a file; parameters that were edited leave their old answers behind.
    if (entry.plans.size >= 1000) entry.plans.clear();
    entry.plans.set(key, plan);
    return plan;
  }

  async #decide(id: string, input: StrategyInput<Params>, signal: AbortSignal): Promise<Decision> {
    const entry = await this.#ready(id);
    const plan = await this.#plan(id, input.params, input.symbol, signal);
    return this.#guarded(entry, async () => {
      const answer = await this.#host.call(
        entry.code,
        "decide",
        { input: decideInput({ ...input, params: plan.params }, plan.needs) },
        signal,
      );
      const close = input.candles.close[input.candles.length - 1] ?? Number.NaN;
      return decisionOf(answer, close, input.allowShort);
    });
  }

  /** Does a call, keeps what came of it for the window, and says whose fault a failure was. */
  async #guarded<T>(entry: Entry, call: () => Promise<T>): Promise<T> {
    const before = entry.lastFault;
    try {
      const value = await call();
      entry.stops = 0;
      entry.lastFault = null;
      if (before !== null) this.#changed();
      return value;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const stopped = error instanceof StrategyStopped;
      if (stopped) entry.stops += 1;
      if (stopped || !(error instanceof DOMException)) entry.lastFault = reason;
      if (before !== entry.lastFault) this.#changed();
      throw new Error(
        stopped
          ? `Strategy ${entry.file} was stopped and this tick is lost: ${reason}.`
          : `Strategy ${error instanceof StrategyError ? "" : `${entry.file}: `}${reason}`,
        { cause: error },
      );
    }
  }
}

const idOf = (file: string): string => `${PREFIX}${file.replace(/\.\w+$/, "")}`;

/** All texts: exact, and no dearer than reading them was. */
const versionOf = (files: readonly string[], sources: Sources): string =>
  JSON.stringify(files.map((file) => [file, sources[file] ?? null]));

const codeOf = (file: string, sources: Sources): StrategyCode => ({
  file,
  version: versionOf(Object.keys(sources), sources),
  sources,
});

/** Whether all that a strategy imports is as it was; of one that did not load, all files of the folder. */
function isSame({ code, imports }: Entry, file: string, sources: Sources): boolean {
  if (code === null || code.file !== file) return false;
  const files = imports ?? [...new Set([...Object.keys(code.sources), ...Object.keys(sources)])];
  return versionOf(files, code.sources) === versionOf(files, sources);
}

function troubleIn(error: unknown, file: string): Trouble {
  if (error instanceof StrategyError) return error.trouble;
  const message = error instanceof Error ? error.message : String(error);
  return { message, file, line: null, column: null };
}

/** The parameters' schema as far as a form knows it; the strategy's own schema judges again at every tick. */
function schemaOf(fields: readonly ParamField[]): z.ZodObject {
  return z.strictObject(Object.fromEntries(fields.map((field) => [field.key, fieldSchema(field)])));
}

function fieldSchema(field: ParamField): z.ZodType {
  const meta = { title: field.label, description: field.help, unit: field.unit };
  if (field.kind === "boolean")
    return z
      .boolean()
      .default(field.default === true)
      .meta(meta);
  if (field.kind === "choice") {
    return z
      .enum([...(field.choices ?? [])])
      .default(String(field.default))
      .meta(meta);
  }
  let number = field.kind === "integer" ? z.int() : z.number();
  if (field.min !== undefined) number = number.min(field.min);
  if (field.max !== undefined) number = number.max(field.max);
  return number.default(Number(field.default)).meta({ ...meta, step: field.step });
}
