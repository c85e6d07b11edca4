import { timeframeMs, type Timeframe } from "../../../src-preload/contract/time.ts";
import type { Clock } from "../clock.ts";
import { ExchangeError, type Exchange } from "../exchange/port.ts";
import { messageOf } from "../fault.ts";
import { columnsOf } from "./columns.ts";
import type { Findings } from "./findings.ts";
import { judgeCandles } from "./integrity.ts";
import type { Candle, CandleStore } from "./types.ts";

/** Most candles asked in one request. */
const PAGE = 1000;
/** Engine ms for which a candle must have been closed. */
const SETTLED_MS = 5_000;
/** Engine ms before a request that failed is sent again. */
const AGAIN_MS = [5_000, 30_000, 120_000, 600_000] as const;
/** Ticks at work go first: looked at this often, and for so long at most, engine ms. */
const LOOK_MS = 50;
const GIVE_WAY_MS = 5_000;

export interface HistoryParts {
  readonly clock: Clock;
  readonly exchange: Exchange;
  readonly store: CandleStore;
  readonly findings: Findings;
  /** Whether a tick is at work. */
  readonly busy: () => boolean;
  /** Candles of a series were written behind the candle service's back. */
  readonly refresh: (symbol: string, timeframe: Timeframe) => void;
}

export interface Fetched {
  readonly requests: number;
  readonly added: number;
  readonly changed: number;
  readonly refused: number;
}

/** Stored history, fetched behind the ticks: every request waits for ticks at work and is the last in the rate budget. */
export class History {
  readonly #parts: HistoryParts;
  /** Candles that one page spans at most. */
  readonly page: number;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
    this.page = Math.max(1, Math.min(PAGE, parts.exchange.maxCandles));
  }

  /** Open time of the newest candle that has closed for certain, also by a clock that is somewhat behind ours; ms UTC. */
  newest(timeframe: Timeframe): number {
    const length = timeframeMs(timeframe);
    return Math.floor((this.#parts.clock.now() - SETTLED_MS) / length) * length - length;
  }

  /** Open time of the first candle that the exchange has from `from` on; null when it tells of none. */
  async first(
    symbol: string,
    timeframe: Timeframe,
    from: number,
    signal: AbortSignal,
  ): Promise<number | null> {
    const length = timeframeMs(timeframe);
    const [candle] = await this.#ask(symbol, timeframe, from, 1, signal);
    const time = candle?.time ?? Number.NaN;
    return time >= from ? Math.floor(time / length) * length : null;
  }

  /**
   * Fetches the candles with open times from `from` to `to`, at most a page, and puts what is sound into the store.
   * An answer that stops short is asked to go on, so that a lower limit of the exchange makes no gap. Rejects with
   * ExchangeError after some tries, and with the signal's reason when aborted; what came before is kept.
   */
  async fetch(
    symbol: string,
    timeframe: Timeframe,
    from: number,
    to: number,
    signal: AbortSignal,
  ): Promise<Fetched> {
    const { store, findings, refresh } = this.#parts;
    const length = timeframeMs(timeframe);
    let [requests, added, changed, refused] = [0, 0, 0, 0];
    let cursor = from;
    const sound: Candle[] = [];
    while (cursor <= to) {
      const candles = await this.#ask(
        symbol,
        timeframe,
        cursor,
        (to - cursor) / length + 1,
        signal,
      );
      requests += 1;
      const wanted = candles.filter(({ time }) => !(time < cursor) && !(time > to));
      const after = cursor - length;
      const judged = judgeCandles(wanted, { length, now: to + length, after });
      for (const candle of judged.accepted) sound.push(candle);
      refused += judged.refused.length;
      findings.refused(symbol, timeframe, judged.refused);
      const reached = candles.at(-1)?.time ?? Number.NaN;
      if (!(reached >= cursor)) break;
      cursor = Math.floor(reached / length) * length + length;
    }
    if (sound.length > 0) {
      const result = store.merge(symbol, timeframe, columnsOf(sound));
      added = result.added;
      changed = result.changed.length;
      findings.revised(symbol, timeframe, result.changed);
      if (added + changed > 0) refresh(symbol, timeframe);
    }
    return { requests, added, changed, refused };
  }

  /** Engine ms pass. Not as work: time-lapse must not take a pause here for a tick's. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(signal.reason as Error);
      };
      const cancel = clock.at(
        clock.now() + ms,
        () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
        "fire",
      );
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  async #ask(
    symbol: string,
    timeframe: Timeframe,
    since: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly Candle[]> {
    const { exchange } = this.#parts;
    for (let attempt = 0; ; attempt += 1) {
      await this.#giveWay(signal);
      try {
        const candles = await exchange.fetchCandles(
          symbol,
          timeframe,
          since,
          limit,
          signal,
          "backfill",
        );
        signal.throwIfAborted();
        return candles;
      } catch (error) {
        signal.throwIfAborted();
        const final =
          error instanceof ExchangeError &&
          (error.kind === "refused" || error.kind === "unsupported");
        const wait = AGAIN_MS[attempt];
        if (final || wait === undefined) {
          throw error instanceof ExchangeError
            ? error
            : new ExchangeError("bad_answer", messageOf(error), { cause: error });
        }
        await this.pause(wait, signal);
      }
    }
  }

  /** Always a turn of the event loop: an exchange that answers at once must not hold up everything else. */
  async #giveWay(signal: AbortSignal): Promise<void> {
    await this.pause(0, signal);
    for (let waited = 0; waited < GIVE_WAY_MS && this.#parts.busy(); waited += LOOK_MS)
      await this.pause(LOOK_MS, signal);
  }
}
