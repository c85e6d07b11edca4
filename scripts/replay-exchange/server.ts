import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";
import { UsageError } from "./api-error.ts";
import { ServerClock } from "./clock.ts";
import { readRecordedSymbols, symbolRules } from "./exchange-info.ts";
import { ReplayExchange, type ReplayStats } from "./exchange.ts";
import type { FaultRule } from "./faults.ts";
import { FileSource } from "./file-source.ts";
import type { MarketSource } from "./source.ts";
import { SyntheticSource } from "./synthetic-source.ts";

/** Binance's limit since August 2023, weight a minute. */
const DEFAULT_WEIGHT_LIMIT = 6000;
const MAX_BODY_BYTES = 64 * 1024;

export interface ReplayOptions {
  /** Folder with candles/, metrics/ and exchange/; null for none. */
  readonly data: string | null;
  /** Serve the built-in synthetic market where the folder has no candles. */
  readonly synthetic?: boolean;
  /** Where the clock begins, ms UTC. */
  readonly from: number;
  /** Replayed ms for one real ms; 1 unless told. Without effect on a manual clock. */
  readonly speed?: number;
  /** The clock stands until setNow() or POST /control/clock moves it. */
  readonly manualClock?: boolean;
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Of the fault draws and the synthetic market; 1 unless told. */
  readonly seed?: number;
  readonly faults?: readonly FaultRule[];
  /** Weight a minute above which it answers 429. */
  readonly weightLimit?: number;
  /** Free balances by asset, decimal strings; 100,000 USDT unless told. */
  readonly balances?: Readonly<Record<string, string>>;
  /** The only API key that is let in; every well-formed one unless told. */
  readonly apiKey?: string;
  /** Distance from bid to ask in bps; 2 unless told. */
  readonly spreadBps?: number;
}

export interface RunningReplay {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** What is served, in words. */
  readonly description: string;
  /** The exchange's time, ms UTC. */
  readonly now: () => number;
  /** Moves a manual clock forward (never back) and returns its time. Throws UsageError on a scaled clock. */
  readonly setNow: (time: number) => number;
  /** Replaces all fault rules. Throws UsageError. */
  readonly setFaults: (rules: readonly FaultRule[]) => void;
  readonly stats: () => ReplayStats;
  readonly resetStats: () => void;
  /** Resolves when the server is down, by close() or by POST /control/shutdown. */
  readonly closed: Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Starts the replay exchange on 127.0.0.1. Rejects with UsageError where there is nothing to serve or the port cannot be
 * had.
 */
export async function startReplayExchange(options: ReplayOptions): Promise<RunningReplay> {
  const { from, seed = 1 } = options;
  const source = await openSource(options, seed);
  const recorded =
    options.data === null ? new Map<string, never>() : readRecordedSymbols(options.data);
  const exchange = new ReplayExchange({
    clock: new ServerClock(from, options.manualClock === true ? null : (options.speed ?? 1)),
    source,
    rules: await symbolRules(source, recorded, from),
    seed,
    faults: options.faults ?? [],
    weightLimit: options.weightLimit ?? DEFAULT_WEIGHT_LIMIT,
    balances: options.balances ?? { USDT: "100000" },
    apiKey: options.apiKey ?? null,
    spreadBps: options.spreadBps ?? 2,
  });

  const setNow = (time: number): number => {
    if (exchange.clock.mode === "scaled") {
      throw new UsageError(
        "This replay exchange runs on its own clock; start it with --manual-clock to set the time.",
      );
    }
    return exchange.clock.set(time);
  };
  let close = (): Promise<void> => Promise.resolve();
  const server = createServer((request, response) => {
    serve(exchange, { setNow, shutdown: () => void close() }, request, response).catch(
      (error: unknown) => {
        console.error("The replay exchange failed on", request.method, request.url, error);
        // A fault of the server's own must not look like an answer of the exchange.
        response.destroy();
      },
    );
  });
  // Longer than clients keep idle connections, or they would meet one that is just being closed.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new UsageError(
          `Port ${options.port ?? 0} cannot be used (${cause.message}); choose another with --port.`,
          {
            cause,
          },
        ),
      );
    });
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  close = () => {
    server.close();
    server.closeAllConnections();
    return closed;
  };
  // listen() has succeeded on a port, so the address is not a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    description: source.description,
    now: () => exchange.clock.now(),
    setNow,
    setFaults: (rules) => exchange.setFaults(rules),
    stats: () => exchange.stats(),
    resetStats: () => exchange.resetStats(),
    closed,
    close: () => close(),
  };
}

async function openSource(options: ReplayOptions, seed: number): Promise<MarketSource> {
  const { data, synthetic = false } = options;
  if (data !== null && FileSource.has(data)) return new FileSource(data);
  if (synthetic) return SyntheticSource.open(options.from, seed);
  throw new UsageError(
    data === null
      ? "There is nothing to serve; give --data a folder with recorded candles, or --synthetic."
      : `${data} holds no candles (candles/SYMBOL-15m.csv.gz); give --data another folder, or --synthetic.`,
  );
}

interface Control {
  readonly setNow: (time: number) => number;
  readonly shutdown: () => void;
}

async function serve(
  exchange: ReplayExchange,
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const method = request.method ?? "GET";
  const body = await readBody(request);
  if (url.pathname.startsWith("/control/")) {
    answerControl(exchange, control, `${method} ${url.pathname}`, body, response);
    return;
  }
  const params = url.searchParams;
  for (const [name, value] of new URLSearchParams(body)) params.set(name, value);
  const key = request.headers["x-mbx-apikey"];
  const apiKey = typeof key === "string" ? key : null;
  const reply = await exchange.handle({ method, path: url.pathname, params, apiKey });
  if (reply.kind === "hang") return;
  if (reply.kind === "drop") {
    request.socket.destroy();
    return;
  }
  response.writeHead(reply.status, {
    "content-type": "application/json;charset=UTF-8",
    ...reply.headers,
  });
  response.end(reply.body);
}

const clockSchema = z.object({ now: z.number().positive() });

function answerControl(
  exchange: ReplayExchange,
  control: Control,
  route: string,
  body: string,
  response: ServerResponse,
): void {
  const send = (status: number, answer: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  };
  try {
    if (route === "GET /control/clock") {
      send(200, { now: exchange.clock.now(), mode: exchange.clock.mode });
    } else if (route === "POST /control/clock") {
      const wanted = clockSchema.safeParse(parseJson(body));
      if (!wanted.success) throw new UsageError('Send {"now": MS}, a time in ms since 1970 UTC.');
      send(200, { now: control.setNow(wanted.data.now) });
    } else if (route === "POST /control/faults") {
      exchange.setFaults(parseJson(body));
      send(200, { ok: true });
    } else if (route === "GET /control/stats") {
      send(200, exchange.stats());
    } else if (route === "POST /control/reset-stats") {
      exchange.resetStats();
      send(200, { ok: true });
    } else if (route === "POST /control/shutdown") {
      response.once("finish", control.shutdown);
      send(200, { ok: true });
    } else {
      send(404, { error: `There is no ${route}; see docs/replay-exchange.md.` });
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    send(400, { error: error.message });
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UsageError("The body is not JSON; send JSON as docs/replay-exchange.md shows.");
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("The request body is larger than 64 KiB.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
