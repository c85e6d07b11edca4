import type {
  CallKind,
  Calls,
  FromProcess,
  LoadedStrategy,
  Sources,
  ToProcess,
  Trouble,
} from "./protocol.ts";
import { located } from "./protocol.ts";

/** A running process, as far as the host needs it. */
export interface StrategyProcess {
  send(message: ToProcess): void;
  /** Ends it at once; `onExit` follows. */
  kill(): void;
}

export interface ProcessEvents {
  readonly onMessage: (message: FromProcess) => void;
  /** Called once, however it ended; `detail` says how. */
  readonly onExit: (detail: string) => void;
}

/** Starts the process. Throws where it cannot be started. */
export type StartProcess = (events: ProcessEvents) => StrategyProcess;

export interface HostLimits {
  /** Until a new process is ready, ms. */
  readonly startMs: number;
  /** For loading a file, ms: everything outside of its functions runs then. */
  readonly loadMs: number;
  /** For one plan or decision, ms. */
  readonly callMs: number;
}

export const HOST_LIMITS: HostLimits = { startMs: 20_000, loadMs: 5000, callMs: 2000 };

/** The strategy's own code is at fault; the process goes on. */
export class StrategyError extends Error {
  override readonly name = "StrategyError";
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(located(trouble));
    this.trouble = trouble;
  }
}

/** The process was ended while it worked on this call. The next call starts a new one. */
export class StrategyStopped extends Error {
  override readonly name = "StrategyStopped";
}

/** A version of a strategy's code. */
export interface StrategyCode {
  readonly file: string;
  /** Changes whenever any of its files does. */
  readonly version: string;
  readonly sources: Sources;
}

type Body = {
  [K in CallKind]: { readonly kind: K; readonly file: string } & Calls[K]["ask"];
}[CallKind];

interface Waiting {
  readonly code: StrategyCode;
  readonly body: Body;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Running {
  readonly process: StrategyProcess;
  ready: boolean;
  /** Version of each file that this process has loaded. */
  readonly loaded: Map<string, string>;
  /** Why it is about to end, as far as it is known. */
  reason: string | null;
}

export interface HostParts {
  readonly start: StartProcess;
  readonly limits?: HostLimits;
  readonly onPrint: (file: string, text: string) => void;
  /** The process was ended because of `file`; null when it was not at work. */
  readonly onStopped: (file: string | null, reason: string) => void;
}

/**
 * The one process in which all strategies of the user run, and the queue before it. One call is with the process at a
 * time, so a deadline counts the time of that call alone, and whoever waits behind a hang waits in our memory: a
 * hang, a crash or a leak loses the one call it happened in, and the next goes to a fresh process. A process for each
 * strategy would cost some 80 MB each and buy nothing more.
 */
export class StrategyHost {
  readonly #parts: HostParts;
  readonly #limits: HostLimits;
  readonly #queue: Waiting[] = [];
  #running: Running | null = null;
  #flight: Waiting | null = null;
  #asked: { readonly id: number; readonly settle: (answer: FromProcess) => void } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #nextId = 1;
  #closed = false;
  /** How often a process was ended, since Tickdeck started. */
  stops = 0;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? HOST_LIMITS;
  }

  /** Loads the code anew. Rejects with StrategyError or StrategyStopped. */
  load(code: StrategyCode): Promise<LoadedStrategy> {
    return this.#call(code, { kind: "load", file: code.file, sources: code.sources });
  }

  /** Asks a strategy, which is loaded first where this process does not have it. Aborting gives up waiting. */
  call<K extends "plan" | "decide">(
    code: StrategyCode,
    kind: K,
    ask: Calls[K]["ask"],
    signal?: AbortSignal,
  ): Promise<Calls[K]["answer"]> {
    return this.#call(code, { kind, file: code.file, ...ask } as unknown as Body, signal);
  }

  /** Runs a test file. */
  test(code: StrategyCode): Promise<Calls["test"]["answer"]> {
    return this.#call(code, { kind: "test", file: code.file, sources: code.sources });
  }

  get alive(): boolean {
    return this.#running !== null;
  }

  /** Ends the process; whoever waits is told so. */
  close(): void {
    this.#closed = true;
    const error = new StrategyStopped("Tickdeck is closing");
    for (const waiting of this.#queue.splice(0)) waiting.reject(error);
    this.#flight?.reject(error);
    this.#end("Tickdeck is closing");
  }

  #call<T>(code: StrategyCode, body: Body, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) {
        reject(new StrategyStopped("Tickdeck is closing"));
        return;
      }
      signal?.throwIfAborted();
      const waiting: Waiting = { code, body, resolve: resolve as (value: unknown) => void, reject };
      signal?.addEventListener(
        "abort",
        () => {
          const at = this.#queue.indexOf(waiting);
          if (at !== -1) this.#queue.splice(at, 1);
          reject(signal.reason);
        },
        { once: true },
      );
      this.#queue.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    if (this.#flight !== null || this.#closed) return;
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    this.#flight = waiting;
    this.#carry(waiting)
      .then(waiting.resolve, waiting.reject)
      .finally(() => {
        this.#flight = null;
        this.#next();
      });
  }

  async #carry({ code, body }: Waiting): Promise<unknown> {
    const running = this.#running?.ready === true ? this.#running : await this.#start();
    const { loadMs, callMs } = this.#limits;
    if (body.kind === "load" || body.kind === "test") {
      running.loaded.delete(code.file);
      const value = await this.#ask(running, body, loadMs, "loading it");
      if (body.kind === "load") running.loaded.set(code.file, code.version);
      return value;
    }
    if (running.loaded.get(code.file) !== code.version) {
      const load = { kind: "load", file: code.file, sources: code.sources } as const;
      await this.#ask(running, load, loadMs, "loading it");
      running.loaded.set(code.file, code.version);
    }
    return this.#ask(running, body, callMs, body.kind === "plan" ? "warmup and needs" : "decide");
  }

  #start(): Promise<Running> {
    return new Promise((resolve, reject) => {
      const fail = (detail: string): void =>
        reject(new StrategyStopped(`the process of your own strategies did not start: ${detail}`));
      let running: Running | null = null;
      const onMessage = (message: FromProcess): void => {
        if (running === null || running !== this.#running) return;
        if (message.kind === "ready") {
          running.ready = true;
          this.#watch(null);
          resolve(running);
        } else this.#heard(running, message);
      };
      const onExit = (detail: string): void => {
        // Ended by us and told to whom it concerns already.
        if (running === null || running !== this.#running) return;
        const reason = running.reason ?? detail;
        if (!running.ready) fail(reason);
        this.#end(reason);
      };
      try {
        running = {
          process: this.#parts.start({ onMessage, onExit }),
          ready: false,
          loaded: new Map(),
          reason: null,
        };
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
        return;
      }
      this.#running = running;
      this.#watch(this.#limits.startMs, () => {
        fail(`it was not ready within ${this.#limits.startMs / 1000} s`);
        this.#end("it was not ready in time");
      });
    });
  }

  #heard(running: Running, message: FromProcess): void {
    if (message.kind === "print") this.#parts.onPrint(message.file, message.text);
    else if (message.kind === "ending") {
      running.reason = message.reason;
      this.#end(message.reason);
    } else if (message.kind !== "ready" && message.id === this.#asked?.id)
      this.#asked.settle(message);
  }

  #ask(running: Running, body: Body, limitMs: number, what: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      const settle = (answer: FromProcess): void => {
        this.#asked = null;
        this.#watch(null);
        if (answer.kind === "answer") resolve(answer.value);
        else if (answer.kind === "trouble") reject(new StrategyError(answer.trouble));
        else if (answer.kind === "ending") reject(new StrategyStopped(answer.reason));
      };
      this.#asked = { id, settle };
      this.#watch(limitMs, () => {
        this.#end(`${what} took longer than ${limitMs / 1000} s; look for an endless loop`);
      });
      running.process.send({ ...body, id });
    });
  }

  /** Ends the process and the call that is with it. */
  #end(reason: string): void {
    const running = this.#running;
    this.#watch(null);
    this.#running = null;
    if (running === null) return;
    running.process.kill();
    if (!this.#closed) {
      this.stops += 1;
      this.#parts.onStopped(
        this.#asked === null ? null : (this.#flight?.code.file ?? null),
        reason,
      );
    }
    this.#asked?.settle({ kind: "ending", reason });
  }

  #watch(ms: number | null, late: () => void = () => {}): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = ms === null ? null : setTimeout(late, ms);
  }
}
