import type { Exchange as CcxtExchange } from "ccxt";
import { TIMEFRAMES, type Timeframe } from "../../src-preload/contract/time.ts";
import type { Clock } from "../engine/clock.ts";
import {
  ExchangeError,
  type Exchange,
  type Lane,
  type MetricPoint,
} from "../engine/exchange/port.ts";
import type { Candle, Market, MetricName } from "../engine/market/types.ts";
import { isExchangeId, normalBaseUrl } from "./ccxt-load.ts";
import { readMetric } from "./ccxt-metrics.ts";
import { CcxtSession } from "./ccxt-session.ts";

export { listExchangeIds } from "./ccxt-load.ts";

export interface CcxtExchangeOptions {
  /** ccxt id, one of listExchangeIds(). */
  readonly id: string;
  /** Replaces scheme and host of the API, keeping its paths; null for the exchange's own. */
  readonly baseUrl: string | null;
  readonly clock: Clock;
  /** One sentence whenever the exchange made us wait or stop. */
  readonly onNote?: (sentence: string) => void;
  /** Real ms until a request counts as unanswered; 10,000 unless told. */
  readonly timeoutMs?: number;
}

/** ccxt's precision modes as its base class numbers them. */
const DECIMAL_PLACES = 2;
const TICK_SIZE = 4;
/** Most candles a request where ccxt does not know the exchange's own limit. */
const DEFAULT_MAX_CANDLES = 500;

/** One ccxt instance with everything that its users share. */
class SharedCcxt {
  readonly session: CcxtSession;
  #markets: Promise<ReadonlyMap<string, Market>> | null = null;

  constructor(session: CcxtSession) {
    this.session = session;
  }

  /** One load for all callers: it belongs to none of them, so no caller's signal ends it. */
  markets(): Promise<ReadonlyMap<string, Market>> {
    this.#markets ??= this.#load().catch((error: unknown) => {
      this.#markets = null;
      throw error;
    });
    return this.#markets;
  }

  async #load(): Promise<ReadonlyMap<string, Market>> {
    const { ccxt } = this.session;
    // reload: ccxt keeps the promise of a failed first load for ever.
    const loaded = await this.session.call("its markets", undefined, () => ccxt.loadMarkets(true));
    const markets = new Map<string, Market>();
    for (const market of Object.values(loaded)) {
      if (market === undefined || market.spot !== true || market.active === false) continue;
      markets.set(market.symbol, {
        symbol: market.symbol,
        base: market.base,
        quote: market.quote,
        tickSize: stepOf(ccxt, market.precision?.price),
        lotStep: stepOf(ccxt, market.precision?.amount),
        minNotional: decimalOf(ccxt, market.limits?.cost?.min),
      });
    }
    return markets;
  }
}

interface InUse {
  readonly opening: Promise<SharedCcxt>;
  readonly listeners: Set<(sentence: string) => void>;
  users: number;
}

/** Instances in use, by clock and then by id, base URL and time-out. */
const inUse = new WeakMap<Clock, Map<string, InUse>>();

/**
 * The public spot data of one ccxt exchange. Everyone who asks for the same id and base URL on the same clock shares one
 * instance, one rate budget and one set of markets until the last of them has closed it. Asks the network nothing.
 * Rejects with ExchangeError: "unsupported" for an unknown id, "refused" for a bad base URL.
 */
export async function createCcxtExchange(options: CcxtExchangeOptions): Promise<Exchange> {
  const { id, clock, timeoutMs = 10_000 } = options;
  if (!isExchangeId(id)) {
    throw new ExchangeError(
      "unsupported",
      `"${id}" is not an exchange with public spot candles that Tickdeck can use; choose one of the list, for example binance, kraken or okx.`,
    );
  }
  const base = options.baseUrl === null ? null : normalBaseUrl(options.baseUrl);

  const ofClock = inUse.get(clock) ?? new Map<string, InUse>();
  inUse.set(clock, ofClock);
  const key = `${id} ${base ?? ""} ${timeoutMs}`;
  let entry = ofClock.get(key);
  if (entry === undefined) {
    const listeners = new Set<(sentence: string) => void>();
    const onNote = (sentence: string): void => {
      for (const listener of listeners) listener(sentence);
    };
    const opening = CcxtSession.open({ id, base, clock, timeoutMs, onNote }).then(
      (session) => new SharedCcxt(session),
    );
    entry = { opening, listeners, users: 0 };
    ofClock.set(key, entry);
  }
  const shared = entry;
  // Counted before anything is awaited: whoever closes meanwhile must see this user.
  shared.users += 1;
  const leave = (): boolean => {
    shared.users -= 1;
    if (shared.users > 0) return false;
    if (ofClock.get(key) === shared) ofClock.delete(key);
    return true;
  };
  let instance: SharedCcxt;
  try {
    instance = await shared.opening;
  } catch (cause) {
    leave();
    throw new ExchangeError(
      "unsupported",
      `The code for ${id} could not be loaded; install Tickdeck again.`,
      { cause },
    );
  }
  const listener = options.onNote && ((sentence: string): void => options.onNote?.(sentence));
  if (listener !== undefined) shared.listeners.add(listener);
  return new SharedExchange(instance, clock, async () => {
    if (listener !== undefined) shared.listeners.delete(listener);
    if (leave()) await instance.session.close();
  });
}

class SharedExchange implements Exchange {
  readonly id: string;
  readonly label: string;
  readonly maxCandles: number;
  readonly timeframes: ReadonlySet<Timeframe>;
  readonly #shared: SharedCcxt;
  readonly #clock: Clock;
  #release: (() => Promise<void>) | null;

  constructor(shared: SharedCcxt, clock: Clock, release: () => Promise<void>) {
    const { ccxt, label } = shared.session;
    this.id = ccxt.id;
    this.label = label;
    this.#shared = shared;
    this.#clock = clock;
    this.#release = release;
    const limit: unknown = ccxt.features?.["spot"]?.["fetchOHLCV"]?.limit;
    this.maxCandles = typeof limit === "number" && limit > 0 ? limit : DEFAULT_MAX_CANDLES;
    this.timeframes = new Set(TIMEFRAMES.filter((timeframe) => timeframe in ccxt.timeframes));
  }

  markets(signal?: AbortSignal): Promise<ReadonlyMap<string, Market>> {
    return this.#call("its markets", signal, () => this.#shared.markets());
  }

  async fetchCandles(
    symbol: string,
    timeframe: Timeframe,
    since: number,
    limit: number,
    signal?: AbortSignal,
    lane: Lane = "data",
  ): Promise<readonly Candle[]> {
    const what = `${symbol} ${timeframe} candles`;
    if (!this.timeframes.has(timeframe)) {
      throw new ExchangeError(
        "unsupported",
        `${this.label} has no ${timeframe} candles; choose one of ${[...this.timeframes].join(", ")}.`,
      );
    }
    const markets = await this.markets(signal);
    if (!markets.has(symbol)) {
      throw new ExchangeError(
        "refused",
        `${this.label} has no spot market ${symbol}; choose one that it lists.`,
      );
    }
    const wanted = Math.min(limit, this.maxCandles);
    const { session } = this.#shared;
    const rows = await this.#call(what, signal, () =>
      session.call(
        what,
        signal,
        () => session.ccxt.fetchOHLCV(symbol, timeframe, since, wanted),
        lane,
      ),
    );
    const candles = rows.map((row) => candleOf(row)).filter((candle) => !(candle.time < since));
    return candles.slice(0, wanted);
  }

  async fetchMetric(
    name: MetricName,
    symbol: string | null,
    since: number,
    signal?: AbortSignal,
  ): Promise<readonly MetricPoint[]> {
    return this.#call(`${name} of ${symbol ?? "the market"}`, signal, () =>
      readMetric(this.#shared.session, this.#clock, name, symbol, since, signal),
    );
  }

  async clockOffset(signal?: AbortSignal): Promise<number> {
    const { session } = this.#shared;
    let sentAt = 0;
    const server = await this.#call("its time", signal, () =>
      session.call("its time", signal, () => {
        sentAt = this.#clock.now();
        return session.ccxt.fetchTime();
      }),
    );
    if (typeof server !== "number" || !Number.isFinite(server)) {
      throw new ExchangeError(
        "bad_answer",
        `${this.label} did not tell its time; its clock cannot be compared.`,
      );
    }
    // The answer was written half a round trip ago.
    return server - (sentAt + this.#clock.now()) / 2;
  }

  usage(): { readonly requests: number; readonly budgetUsed: number | null } {
    return this.#shared.session.usage();
  }

  async close(): Promise<void> {
    const release = this.#release;
    this.#release = null;
    await release?.();
  }

  /** Ends the caller's wait when its signal does, and refuses after close(). */
  async #call<T>(what: string, signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
    if (this.#release === null) {
      throw new ExchangeError(
        "refused",
        `${this.label} was closed before it was asked for ${what}.`,
      );
    }
    if (signal === undefined) return ask();
    const cancelled = (): ExchangeError =>
      new ExchangeError("network", `The question to ${this.label} for ${what} was cancelled.`, {
        cause: signal.reason,
      });
    if (signal.aborted) throw cancelled();
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(cancelled());
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([ask(), aborted]);
    } finally {
      if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
    }
  }
}

/** A missing value becomes NaN, so that the integrity check refuses the candle rather than reading it as zero. */
function candleOf(row: readonly unknown[]): Candle {
  const at = (index: number): number => {
    const value = row[index];
    return typeof value === "number" ? value : Number.NaN;
  };
  return { time: at(0), open: at(1), high: at(2), low: at(3), close: at(4), volume: at(5) };
}

/** A step as a decimal string; null where the exchange gives significant digits or nothing. */
function stepOf(ccxt: CcxtExchange, precision: number | undefined): string | null {
  if (ccxt.precisionMode === TICK_SIZE) return decimalOf(ccxt, precision);
  if (ccxt.precisionMode === DECIMAL_PLACES && precision !== undefined) {
    return ccxt.parsePrecision(String(precision)) ?? null;
  }
  return null;
}

function decimalOf(ccxt: CcxtExchange, value: number | undefined): string | null {
  if (value === undefined || !Number.isFinite(value) || value <= 0) return null;
  return ccxt.numberToString(value) ?? null;
}
