import { AsyncLocalStorage } from "node:async_hooks";
import type { Exchange as CcxtExchange } from "ccxt";
import type { Clock } from "../engine/clock.ts";
import { ExchangeError, type Lane } from "../engine/exchange/port.ts";
import { RateBudget } from "../engine/exchange/rate-budget.ts";
import { toExchangeError } from "./ccxt-errors.ts";
import { loadExchangeClass, redirectUrls, spotOnly } from "./ccxt-load.ts";
import type { ExchangeId } from "./exchange-ids.ts";

/** Spot limits of Binance, weight a minute; its exchangeInfo then says the present one. */
const BINANCE_WEIGHT_PER_MINUTE = 6000;
/** Part of the limit that we use: the rest is for requests under way and other programs on this address. */
const SHARE_OF_LIMIT = 0.9;
const DEFAULT_RETRY_AFTER_MS = 60_000;
/** Engine ms before the second and the third try. */
const BACKOFF_MS = [500, 2000] as const;

interface CallContext {
  readonly signal: AbortSignal | undefined;
  readonly lane: Lane;
  /** HTTP status of the latest answer to this call. */
  status: number | null;
}

export interface SessionOptions {
  readonly id: ExchangeId;
  /** Normalised; null for the exchange's own. */
  readonly base: string | null;
  readonly clock: Clock;
  /** Real ms until a request counts as unanswered. */
  readonly timeoutMs: number;
  readonly onNote: (sentence: string) => void;
}

/** One ccxt exchange with its rate budget, deadlines, retries and clock; its futures sibling shares all of these. */
export class CcxtSession {
  readonly ccxt: CcxtExchange;
  readonly #options: SessionOptions;
  readonly #budget: RateBudget;
  /** Our weight for one unit of ccxt's cost. */
  readonly #weightPerCost: number;
  readonly #context = new AsyncLocalStorage<CallContext>();
  #sibling: Promise<CcxtExchange> | null = null;
  #sent = 0;
  #closed = false;

  static async open(options: SessionOptions): Promise<CcxtSession> {
    const Class = await loadExchangeClass(options.id);
    return new CcxtSession(options, new Class({}));
  }

  private constructor(options: SessionOptions, ccxt: CcxtExchange) {
    this.#options = options;
    this.ccxt = ccxt;
    const costPerMinute = 60_000 / Math.max(1, ccxt.rateLimit ?? 1000);
    const binance = options.id === "binance";
    const limit = binance ? BINANCE_WEIGHT_PER_MINUTE : costPerMinute;
    this.#weightPerCost = limit / costPerMinute;
    this.#budget = new RateBudget({
      clock: options.clock,
      name: this.label,
      weightPerMinute: limit * SHARE_OF_LIMIT,
      // Binance counts a minute's weight; elsewhere the pace is that of ccxt's own throttle.
      ...(binance ? {} : { burst: 1 }),
      onNote: options.onNote,
    });
    spotOnly(ccxt);
    this.#adapt(ccxt, true);
    if (binance) this.#readLimitFromExchangeInfo(ccxt);
  }

  get label(): string {
    return typeof this.ccxt.name === "string" ? this.ccxt.name : this.ccxt.id;
  }

  /**
   * Runs one read-only question. Network faults and 5xx are retried twice with a pause of engine time, nothing else is.
   * Rejects with ExchangeError only.
   */
  async call<T>(
    what: string,
    signal: AbortSignal | undefined,
    ask: () => Promise<T>,
    lane: Lane = "data",
  ): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      const context: CallContext = { signal, lane, status: null };
      try {
        if (this.#closed) {
          throw new ExchangeError(
            "refused",
            `${this.label} was closed before it was asked for ${what}.`,
          );
        }
        signal?.throwIfAborted();
        return await this.#context.run(context, ask);
      } catch (error) {
        const failure = this.#failure(error, what, context);
        const pause = BACKOFF_MS[attempt];
        if (failure.kind !== "network" || pause === undefined || signal?.aborted === true)
          throw failure;
        try {
          await this.#options.clock.sleep(pause, signal);
        } catch (cause) {
          throw this.#cancelled(what, cause);
        }
      }
    }
  }

  /** The exchange class that has the perpetual futures' public data, for Binance. Loaded once, on first need. */
  futures(): Promise<CcxtExchange> {
    this.#sibling ??= (async () => {
      const Class = await loadExchangeClass("binanceusdm");
      const sibling = new Class({});
      this.#adapt(sibling, false);
      return sibling;
    })();
    return this.#sibling;
  }

  usage(): { readonly requests: number; readonly budgetUsed: number } {
    return { requests: this.#sent, budgetUsed: this.#budget.usage().share };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const sibling = await this.#sibling?.catch(() => null);
    await Promise.all([this.ccxt.close(), sibling?.close()]);
  }

  #failure(error: unknown, what: string, context: CallContext): ExchangeError {
    if (context.signal?.aborted === true) return this.#cancelled(what, error);
    return toExchangeError(error, { exchange: this.label, what, status: context.status });
  }

  #cancelled(what: string, cause: unknown): ExchangeError {
    return new ExchangeError(
      "network",
      `The question to ${this.label} for ${what} was cancelled.`,
      { cause },
    );
  }

  /**
   * Puts engine time, our budget and our deadline in the place of ccxt's own. Only the spot API's count of used
   * weight is heeded (`spot`): futures are counted apart by the exchange.
   */
  #adapt(exchange: CcxtExchange, spot: boolean): void {
    const { clock, base, timeoutMs } = this.#options;
    exchange.timeout = timeoutMs;
    // The last answer would keep megabytes of exchangeInfo in memory.
    exchange.enableLastHttpResponse = false;
    exchange.enableLastResponseHeaders = false;
    if (exchange.options["fetchCurrencies"] === true) exchange.options["fetchCurrencies"] = false;
    exchange.milliseconds = () => clock.now();
    exchange.seconds = () => Math.floor(clock.now() / 1000);
    exchange.microseconds = () => clock.now() * 1000;
    exchange.now = () => clock.now();
    if (base !== null) {
      exchange.urls["api"] = redirectUrls(exchange.urls["api"], base) as Record<string, string>;
      exchange.hostname = new URL(base).host;
    }
    exchange.throttle = (cost) => {
      const context = this.#context.getStore();
      return this.#budget.acquire(
        (cost ?? 1) * this.#weightPerCost,
        context?.signal,
        context?.lane,
      );
    };

    const fetchRest = exchange.fetch.bind(exchange);
    exchange.fetch = (url, method, headers, body) =>
      this.#bounded(exchange, () => fetchRest(url, method, headers, body));

    const onRest = exchange.onRestResponse.bind(exchange);
    exchange.onRestResponse = (status, ...rest) => {
      this.#readAnswer(Number(status), rest[3], spot);
      return onRest(status, ...rest);
    };
  }

  /** ccxt's own time-out ends when the headers have come; this one covers the body, and the caller's signal. */
  async #bounded(exchange: CcxtExchange, send: () => Promise<unknown>): Promise<unknown> {
    this.#sent += 1;
    const signal = this.#context.getStore()?.signal;
    const ends = AbortSignal.timeout(this.#options.timeoutMs);
    const both = signal === undefined ? ends : AbortSignal.any([ends, signal]);
    let onAbort: (() => void) | undefined;
    const ended = new Promise<never>((_, reject) => {
      onAbort = () =>
        reject(
          new ExchangeError(
            "network",
            `${this.label} did not answer within ${this.#options.timeoutMs / 1000} s; check the connection, it is asked again later.`,
          ),
        );
      both.addEventListener("abort", onAbort, { once: true });
    });
    try {
      const answer = await Promise.race([send(), ended]);
      // ccxt hands on a body that is not JSON as text, and would take its letters for candles.
      if (typeof answer === "string") {
        throw new ExchangeError(
          "bad_answer",
          `${this.label} answered something that is not JSON (${exchange.id}, ${answer.length} characters); check that the API base URL is an exchange's.`,
        );
      }
      return answer;
    } finally {
      if (onAbort !== undefined) both.removeEventListener("abort", onAbort);
    }
  }

  #readAnswer(status: number, headers: unknown, spot: boolean): void {
    const context = this.#context.getStore();
    if (context !== undefined) context.status = status;
    const read = (name: string): number => {
      if (typeof headers !== "object" || headers === null) return Number.NaN;
      const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
      return found === undefined ? Number.NaN : Number(found[1]);
    };
    if (spot) this.#budget.observe(read("x-mbx-used-weight-1m"));
    if (status !== 429 && status !== 418) return;
    const seconds = read("retry-after");
    const wait = seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_AFTER_MS;
    if (status === 418) this.#budget.ban(wait);
    else this.#budget.pause(wait);
  }

  #readLimitFromExchangeInfo(exchange: CcxtExchange): void {
    const target = exchange as CcxtExchange & {
      publicGetExchangeInfo: (params?: object) => Promise<unknown>;
    };
    const ask = target.publicGetExchangeInfo.bind(target);
    target.publicGetExchangeInfo = async (params) => {
      const answer = await ask(params);
      const limit = weightLimitOf(answer);
      if (limit !== null) this.#budget.setLimit(limit * SHARE_OF_LIMIT);
      return answer;
    };
  }
}

/** REQUEST_WEIGHT for one minute of a Binance exchangeInfo answer. */
function weightLimitOf(answer: unknown): number | null {
  if (typeof answer !== "object" || answer === null || !("rateLimits" in answer)) return null;
  if (!Array.isArray(answer.rateLimits)) return null;
  for (const entry of answer.rateLimits as readonly Record<string, unknown>[]) {
    const minute = entry["interval"] === "MINUTE" && Number(entry["intervalNum"]) === 1;
    if (entry["rateLimitType"] === "REQUEST_WEIGHT" && minute) return Number(entry["limit"]);
  }
  return null;
}
