import type { TradeStats } from "./types.ts";
import { tradeStats } from "./kelly.ts";

interface Stop {
  readonly botId: string;
  readonly symbol: string;
  readonly time: number;
}

/** Stops that are older than this are of no use to any limit, ms: the longest window and some. */
export const STOPS_KEPT_MS = 8 * 86_400_000;

/** Stops that were hit and PnLs of closed trades, newest last. Times are ms UTC on the engine's clock. */
export class StopLog {
  #stops: Stop[] = [];
  readonly #last = new Map<string, number>();
  readonly #pnls = new Map<string, number[]>();
  readonly #stats = new Map<string, { readonly window: number; readonly stats: TradeStats }>();
  readonly #read: (botId: string, limit: number) => readonly number[];

  /** `read` gives PnLs of a bot's newest closed trades from the ledger, oldest first. */
  constructor(read: (botId: string, limit: number) => readonly number[]) {
    this.#read = read;
  }

  stopped(stop: Stop): void {
    this.#stops = this.#stops.filter(({ time }) => time > stop.time - STOPS_KEPT_MS);
    this.#stops.push(stop);
    this.#last.set(stop.botId, Math.max(stop.time, this.#last.get(stop.botId) ?? stop.time));
  }

  /** A trade of the bot closed; `pnl` is quote currency after fees. */
  closed(botId: string, pnl: number): void {
    const known = this.#pnls.get(botId);
    // Not read yet: the ledger has it when it is.
    if (known === undefined) return;
    known.push(pnl);
    this.#stats.delete(botId);
  }

  /** When the bot's stop was hit last, or null. */
  lastStop(botId: string): number | null {
    return this.#last.get(botId) ?? null;
  }

  /** Stops in (from, now], of one symbol when it is given. */
  count(from: number, symbol?: string): number {
    return this.#stops.filter(
      (stop) => stop.time > from && (symbol === undefined || stop.symbol === symbol),
    ).length;
  }

  /** Symbols by their stops since `from`. */
  bySymbol(from: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { symbol, time } of this.#stops) {
      if (time > from) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    }
    return counts;
  }

  /** Of the bot's newest `window` closed trades. */
  trades(botId: string, window: number): TradeStats {
    const cached = this.#stats.get(botId);
    if (cached?.window === window) return cached.stats;
    let pnls = this.#pnls.get(botId);
    if (pnls === undefined || pnls.length < window) {
      pnls = [...this.#read(botId, window)];
      this.#pnls.set(botId, pnls);
    }
    if (pnls.length > window * 2) pnls.splice(0, pnls.length - window);
    const stats = tradeStats(pnls.slice(-window));
    this.#stats.set(botId, { window, stats });
    return stats;
  }

  forget(botId: string): void {
    this.#pnls.delete(botId);
    this.#stats.delete(botId);
    this.#last.delete(botId);
  }
}
