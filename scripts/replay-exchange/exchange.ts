import { Decimal } from "decimal.js";
import { setTimeout as pause } from "node:timers/promises";
import type { Trading } from "./account-routes.ts";
import { ApiError } from "./api-error.ts";
import type { ServerClock } from "./clock.ts";
import type { SymbolRules } from "./exchange-info.ts";
import { spoil } from "./bad-candles.ts";
import { FaultInjector, parseFaults, type Fault, type FaultRule } from "./faults.ts";
import { WeightLimiter, type Charge } from "./limits.ts";
import { OrderBook } from "./order-book.ts";
import { optionalInteger, required, type ApiRequest } from "./request.ts";
import { ROUTES, type Route } from "./routes.ts";
import type { MarketSource } from "./source.ts";
import { Stats } from "./stats.ts";

/** Binance's limit for futures data, weight a minute. */
const FUTURES_WEIGHT_LIMIT = 2400;
const API_KEY = /^[A-Za-z0-9_-]{1,128}$/;
const MAX_RECV_WINDOW_MS = 60_000;
const AHEAD_MS = 1000;

export interface IncomingCall {
  readonly method: string;
  readonly path: string;
  /** Query and form body together. */
  readonly params: URLSearchParams;
  readonly apiKey: string | null;
}

/** What goes back: an answer, or nothing at all. */
export type Reply =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly kind: "drop" }
  | { readonly kind: "hang" };

export interface ExchangeOptions {
  readonly clock: ServerClock;
  readonly source: MarketSource;
  readonly rules: ReadonlyMap<string, SymbolRules>;
  readonly seed: number;
  readonly faults: readonly FaultRule[];
  readonly weightLimit: number;
  readonly balances: Readonly<Record<string, string>>;
  /** The only key that is let in; null lets in every well-formed one. */
  readonly apiKey: string | null;
  /** Distance from bid to ask, bps of the price. */
  readonly spreadBps: number;
}

export type ReplayStats = ReturnType<ReplayExchange["stats"]>;

/** The exchange behind the HTTP server: rate limits, faults, authentication and the endpoints, on one clock. */
export class ReplayExchange {
  readonly clock: ServerClock;
  readonly #stats = new Stats();
  readonly #faults: FaultInjector;
  readonly #limits: { readonly spot: WeightLimiter; readonly futures: WeightLimiter };
  readonly #trading: Trading;
  readonly #apiKey: string | null;

  constructor(options: ExchangeOptions) {
    this.clock = options.clock;
    this.#apiKey = options.apiKey;
    this.#faults = new FaultInjector(options.seed, parseFaults(options.faults));
    this.#limits = {
      spot: new WeightLimiter(options.weightLimit),
      futures: new WeightLimiter(FUTURES_WEIGHT_LIMIT),
    };
    this.#trading = {
      venue: {
        source: options.source,
        rules: options.rules,
        stats: this.#stats,
        weightLimits: { spot: options.weightLimit, futures: FUTURES_WEIGHT_LIMIT },
        halfSpread: new Decimal(options.spreadBps).div(20_000),
      },
      book: new OrderBook(options.balances),
    };
  }

  /** Replaces all fault rules. Throws UsageError and changes nothing where the list is wrong. */
  setFaults(rules: unknown): void {
    this.#faults.replace(parseFaults(rules));
  }

  async handle(call: IncomingCall): Promise<Reply> {
    this.#stats.request(call.method, call.path);
    const reply = await this.#reply(call);
    this.#stats.answer(reply.kind === "answer" ? reply.status : "none");
    return reply;
  }

  /** Counts since the start or the last reset; orders are all that there ever were. */
  stats() {
    const { book } = this.#trading;
    const counted = (status: string): number =>
      book.orders.filter((order) => order.status === status).length;
    const weights = { spot: this.#limits.spot.stats(), futures: this.#limits.futures.stats() };
    return {
      now: this.clock.now(),
      mode: this.clock.mode,
      ...this.#stats.report(),
      weights,
      violations: weights.spot.violations + weights.futures.violations,
      faults: this.#faults.struck,
      orders: {
        total: book.orders.length,
        open: counted("NEW"),
        filled: counted("FILLED"),
        canceled: counted("CANCELED"),
        expired: counted("EXPIRED"),
        duplicatesRefused: book.duplicatesRefused,
      },
    };
  }

  resetStats(): void {
    this.#stats.reset();
    this.#limits.spot.resetStats();
    this.#limits.futures.resetStats();
  }

  async #reply(call: IncomingCall): Promise<Reply> {
    const { method, path, params } = call;
    const route = ROUTES.get(`${method} ${path}`);
    if (route === undefined) {
      return answer(404, { msg: `The replay exchange does not serve ${method} ${path}.` });
    }
    const charge = this.#limits[route.pool].charge(route.weight(params), this.clock.now());
    const headers = {
      "x-mbx-used-weight": String(charge.used),
      "x-mbx-used-weight-1m": String(charge.used),
    };
    try {
      this.#admit(charge);
      const fault = this.#faults.draw(method, path, params.get("symbol"));
      if (fault?.kind === "drop") return { kind: "drop" };
      if (fault?.kind === "timeout") return { kind: "hang" };
      if (fault !== null) await this.#strikeBefore(fault);
      const body = await this.#answerBody(route, call);
      if (fault?.kind === "5xx-after") return answer(503, UNKNOWN_EXECUTION, headers);
      if (fault?.kind === "candles")
        return answer(200, spoil(body, fault.what, fault.span), headers);
      if (fault?.kind === "malformed") {
        const text = JSON.stringify(body);
        return {
          kind: "answer",
          status: 200,
          headers,
          body: `${text.slice(0, Math.ceil(text.length / 2))}<html>`,
        };
      }
      return answer(200, body, headers);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const retry: Record<string, string> =
        error.retryAfterSeconds === undefined
          ? {}
          : { "retry-after": String(error.retryAfterSeconds) };
      return answer(
        error.status,
        { code: error.code, msg: error.message },
        { ...headers, ...retry },
      );
    }
  }

  async #answerBody(route: Route, call: IncomingCall): Promise<unknown> {
    // Only now: what a delay held back sees the market of the time it is answered.
    const request: ApiRequest = { params: call.params, now: this.clock.now() };
    if (route.security !== "none") this.#authenticate(route.security, call, request);
    return route.handle(this.#trading, request);
  }

  #admit(charge: Charge): void {
    if (charge.verdict === "limited") {
      throw new ApiError(
        429,
        -1003,
        "Too much request weight used; current limit is exceeded. Please use WebSocket Streams for live updates to avoid polling the API.",
        charge.retryAfterSeconds,
      );
    }
    if (charge.verdict === "banned") throw banned(charge.bannedUntil, charge.retryAfterSeconds);
  }

  async #strikeBefore(fault: Fault): Promise<void> {
    if (fault.kind === "delay") await pause(fault.ms);
    if (fault.kind === "429") {
      throw new ApiError(429, -1003, "Too many requests.", fault.retryAfterSeconds);
    }
    if (fault.kind === "418") {
      throw banned(this.clock.now() + fault.retryAfterSeconds * 1000, fault.retryAfterSeconds);
    }
    if (fault.kind === "-1021") {
      throw new ApiError(400, -1021, "Timestamp for this request is outside of the recvWindow.");
    }
    if (fault.kind === "5xx-before") {
      throw new ApiError(
        503,
        -1001,
        "Internal error; unable to process your request. Please try again.",
      );
    }
  }

  #authenticate(security: "key" | "signed", call: IncomingCall, { params, now }: ApiRequest): void {
    const { apiKey } = call;
    if (apiKey === null || !API_KEY.test(apiKey)) {
      throw new ApiError(401, -2014, "API-key format invalid.");
    }
    if (this.#apiKey !== null && apiKey !== this.#apiKey) {
      throw new ApiError(401, -2015, "Invalid API-key, IP, or permissions for action.");
    }
    if (security === "key") return;
    const timestamp = Number(required(params, "timestamp"));
    required(params, "signature");
    const window = optionalInteger(params, "recvWindow") ?? 5000;
    if (window > MAX_RECV_WINDOW_MS)
      throw new ApiError(400, -1131, "recvWindow must be less than 60000.");
    if (!Number.isFinite(timestamp)) {
      throw new ApiError(
        400,
        -1100,
        "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'.",
      );
    }
    if (timestamp >= now + AHEAD_MS) {
      throw new ApiError(
        400,
        -1021,
        "Timestamp for this request was 1000ms ahead of the server's time.",
      );
    }
    if (now - timestamp > window) {
      throw new ApiError(400, -1021, "Timestamp for this request is outside of the recvWindow.");
    }
  }
}

const UNKNOWN_EXECUTION = {
  code: -1007,
  msg: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
};

const banned = (until: number, retryAfterSeconds: number): ApiError =>
  new ApiError(
    418,
    -1003,
    `Way too much request weight used; IP banned until ${until}. Please use WebSocket Streams for live updates to avoid bans.`,
    retryAfterSeconds,
  );

const answer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  kind: "answer",
  status,
  headers,
  body: JSON.stringify(body),
});
