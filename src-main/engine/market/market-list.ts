import * as z from "zod";
import type { Exchange } from "../exchange/port.ts";
import { messageOf } from "../fault.ts";
import type { LedgerStore } from "../store-port.ts";
import type { Market } from "./types.ts";

const step = z.string().nullable();
const storedSchema = z.array(
  z.object({
    symbol: z.string(),
    base: z.string(),
    quote: z.string(),
    tickSize: step,
    lotStep: step,
    minNotional: step,
  }),
);

/**
 * Symbols with their steps and limits. Kept in the ledger as last seen, so that orders can be reconciled and
 * positions shown while the exchange cannot be reached.
 */
export class MarketList {
  readonly #exchange: Exchange;
  readonly #values: LedgerStore["values"];
  readonly #onNote: (reason: string) => void;
  #markets: ReadonlyMap<string, Market>;
  #loading: Promise<void> | null = null;
  #loaded = false;

  constructor(exchange: Exchange, values: LedgerStore["values"], onNote: (reason: string) => void) {
    this.#exchange = exchange;
    this.#values = values;
    this.#onNote = onNote;
    const stored = storedSchema.safeParse(values.get(this.#key()));
    this.#markets = new Map(
      stored.success ? stored.data.map((market) => [market.symbol, market]) : [],
    );
  }

  /** As last seen; undefined for a symbol the exchange does not have or has not told yet. */
  readonly get = (symbol: string): Market | undefined => this.#markets.get(symbol);

  /** All known symbols, sorted. */
  symbols(): readonly string[] {
    return [...this.#markets.keys()].toSorted();
  }

  /** Asks the exchange once; rejects with ExchangeError and may then be called again. */
  async load(signal?: AbortSignal): Promise<void> {
    if (this.#loaded) return;
    this.#loading ??= this.#ask(signal).finally(() => {
      this.#loading = null;
    });
    await this.#loading;
  }

  /** The same, but content with what is stored when the exchange cannot be reached. */
  async tryLoad(): Promise<boolean> {
    try {
      await this.load();
      return true;
    } catch (error) {
      this.#onNote(`Markets of ${this.#exchange.label} could not be read: ${messageOf(error)}`);
      return false;
    }
  }

  #key(): string {
    return `markets:${this.#exchange.id}`;
  }

  async #ask(signal?: AbortSignal): Promise<void> {
    this.#markets = await this.#exchange.markets(signal);
    this.#loaded = true;
    const list = [...this.#markets.values()];
    // Written only when changed: a ledger commit waits for the disk.
    if (JSON.stringify(list) !== JSON.stringify(this.#values.get(this.#key())))
      this.#values.set(this.#key(), list);
  }
}
