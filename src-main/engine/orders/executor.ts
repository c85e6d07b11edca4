import type { Side } from "../../../src-preload/contract/bots.ts";
import type { Clock } from "../clock.ts";
import type { EngineEvents } from "../events.ts";
import { decimalText, money } from "../money.ts";
import { closingPosition, entrySide, exitSide, openingPosition } from "../portfolio/positions.ts";
import type { LedgerStore, StoredFill, StoredOrder, StoredPosition } from "../store-port.ts";
import { askVenue } from "./ask.ts";
import { clientOrderId, positionId } from "./client-order-id.ts";
import { commitAnswer, commitIntent, recorded } from "./journal.ts";
import type { Recorded } from "./journal.ts";
import type { Venue } from "./types.ts";

export interface OpenRequest {
  readonly botId: string;
  readonly symbol: string;
  readonly side: Side;
  /** Base currency, as evaluateEntry sized it. */
  readonly quantity: string;
  /** Quote currency. */
  readonly expectedPrice: number;
  readonly stopPrice: number;
  /** Open time of the closed candle decided on, ms UTC. */
  readonly candleTime: number;
  readonly reason: string;
  readonly signal?: AbortSignal;
}

export interface CloseRequest {
  readonly botId: string;
  readonly purpose: "exit" | "stop";
  /** Quote currency: the close, or the price of stopHit. */
  readonly expectedPrice: number;
  readonly candleTime: number;
  readonly reason: string;
  readonly signal?: AbortSignal;
}

/** What became of a request. `replayed` when the order had been answered before and nothing was sent. */
export type Execution =
  | {
      readonly outcome: "confirmed";
      readonly order: StoredOrder;
      readonly position: StoredPosition;
      readonly fills: readonly StoredFill[];
      readonly replayed: boolean;
    }
  | {
      readonly outcome: "rejected";
      readonly reason: string;
      readonly order: StoredOrder;
      readonly position: StoredPosition;
      readonly replayed: boolean;
    }
  | {
      readonly outcome: "unresolved";
      readonly reason: string;
      readonly order: StoredOrder;
      readonly position: StoredPosition;
    }
  /** Refused by us: nothing was written, nothing was sent. */
  | { readonly outcome: "denied"; readonly reason: string };

interface ExecutorParts {
  readonly ledger: LedgerStore;
  readonly venue: Venue;
  readonly clock: Clock;
  readonly events: {
    emit(name: "portfolio", event: EngineEvents["portfolio"]): void;
  };
  /** Hears of every committed change of a position; `price` is that of the fill, quote currency. */
  readonly portfolio: {
    apply(position: StoredPosition, price: number | null, time: number): void;
  };
  /** Hears of every committed intent before the venue does. */
  readonly onIntent?: (order: StoredOrder) => void;
}

/** Engine ms before each look-up of an order without an answer; after the last one it stays unresolved. */
const LOOKUP_PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;

const denied = (reason: string): Execution => ({ outcome: "denied", reason });

/** The sentence about a figure that is not above 0, or null. */
function faultOf(figures: Readonly<Record<string, string | number>>): string | null {
  for (const [name, value] of Object.entries(figures)) {
    try {
      if (money(value).gt(0)) continue;
    } catch {
      // Falls through to the sentence: not a number is not above 0 either.
    }
    return `The order's ${name} is ${value}; it must be above 0.`;
  }
  return null;
}

/**
 * Carries out entries and exits: the intent is committed with the position as OPENING or CLOSING, then the venue is
 * called, then the answer is committed with its fills and the position they make. A bot has one order under way at
 * most; while an outcome is unknown nothing else is sent for it.
 *
 * A rejected entry closes its position unfilled. A rejected exit leaves it CLOSING: positions only go forward; the
 * next `close` tries again under a new id.
 */
export class OrderExecutor {
  readonly #parts: ExecutorParts;
  /** Bots with a call under way. */
  readonly #busy = new Set<string>();

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Enters. The same bot, symbol and candle again gives the stored outcome. Throws only when the ledger does. */
  open(request: OpenRequest): Promise<Execution> {
    return this.#alone(request.botId, () => this.#open(request));
  }

  /**
   * Closes the bot's position, OPEN or CLOSING. The same purpose and candle again gives the stored outcome, unless that
   * left the position open. Throws only when the ledger does.
   */
  close(request: CloseRequest): Promise<Execution> {
    return this.#alone(request.botId, () => this.#close(request));
  }

  /** The bot's order whose outcome is not known, or null. */
  pending(botId: string): StoredOrder | null {
    return this.#parts.ledger.orders.openOf(botId);
  }

  /**
   * Looks the bot's open order up, with pauses, up to six times in about half a minute of engine time; an abort ends
   * the pauses. Null when there is none.
   */
  async resolve(botId: string, signal?: AbortSignal): Promise<Execution | null> {
    if (this.pending(botId) === null) return null;
    return await this.#alone(botId, async () => {
      const order = this.pending(botId);
      if (order === null) return denied("The order was settled meanwhile.");
      return await this.#lookup(order, [0, ...LOOKUP_PAUSES_MS], signal);
    });
  }

  /** Takes the bot's open order back, or learns what became of it. Null when there is none. */
  async cancel(botId: string, signal?: AbortSignal): Promise<Execution | null> {
    if (this.pending(botId) === null) return null;
    return await this.#alone(botId, async () => {
      const order = this.pending(botId);
      if (order === null) return denied("The order was settled meanwhile.");
      const { ledger, venue, clock } = this.#parts;
      if (venue.cancel === undefined) return await this.#lookup(order, [0], signal);
      const answer = await askVenue(
        () => venue.cancel?.(order, signal) ?? venue.lookup(order, signal),
      );
      const result = commitAnswer(ledger, order.clientOrderId, answer, clock.now());
      this.#tell(result.position, result.fills);
      return this.#executionOf(result, false);
    });
  }

  async #alone(botId: string, work: () => Promise<Execution>): Promise<Execution> {
    if (this.#busy.has(botId)) return denied("Another order of this bot is on its way.");
    this.#busy.add(botId);
    try {
      return await work();
    } finally {
      this.#busy.delete(botId);
    }
  }

  async #open(request: OpenRequest): Promise<Execution> {
    const { ledger, clock } = this.#parts;
    const { botId, symbol, side, quantity, expectedPrice, stopPrice, candleTime, reason } = request;
    const id = clientOrderId({ botId, symbol, purpose: "entry", candleTime });
    const stored = ledger.orders.get(id);
    if (stored !== null) return await this.#again(stored, request.signal);
    const fault = faultOf({ quantity, price: expectedPrice, stop: stopPrice });
    if (fault !== null) return denied(fault);
    const refusal = this.#refusal(botId, request.signal);
    if (refusal !== null) return refusal;
    const held = ledger.positions.openOf(botId);
    if (held !== null)
      return denied(`The bot has a position already (${held.symbol}, ${held.state}).`);
    const position = openingPosition({
      id: positionId(botId, candleTime),
      botId,
      symbol,
      side,
      stopPrice: decimalText(money(stopPrice)),
      openedAt: clock.now(),
      entryCandle: candleTime,
      entryReason: reason,
    });
    if (ledger.positions.get(position.id) !== null) {
      return denied("The bot has entered on this candle already; it enters once a candle.");
    }
    return await this.#send(
      {
        clientOrderId: id,
        botId,
        positionId: position.id,
        symbol,
        side: entrySide(side),
        purpose: "entry",
        quantity: decimalText(money(quantity)),
        expectedPrice: decimalText(money(expectedPrice)),
        status: "intent",
        reason,
        candleTime,
        createdAt: position.openedAt,
        answeredAt: null,
      },
      position,
      request.signal,
    );
  }

  async #close(request: CloseRequest): Promise<Execution> {
    const { ledger, clock } = this.#parts;
    const { botId, purpose, expectedPrice, candleTime, reason } = request;
    const position = ledger.positions.openOf(botId);
    if (position === null) return this.#closedBefore(request);
    const { symbol } = position;
    let id = "";
    for (let attempt = 0; ; attempt += 1) {
      id = clientOrderId({ botId, symbol, purpose, candleTime, attempt });
      const stored = ledger.orders.get(id);
      if (stored === null) break;
      if (stored.status === "intent" || stored.status === "unresolved") {
        return await this.#again(stored, request.signal);
      }
    }
    const fault = faultOf({ price: expectedPrice });
    if (fault !== null) return denied(fault);
    const refusal = this.#refusal(botId, request.signal);
    if (refusal !== null) return refusal;
    return await this.#send(
      {
        clientOrderId: id,
        botId,
        positionId: position.id,
        symbol,
        side: exitSide(position.side),
        purpose,
        quantity: position.quantity,
        expectedPrice: decimalText(money(expectedPrice)),
        status: "intent",
        reason,
        candleTime,
        createdAt: clock.now(),
        answeredAt: null,
      },
      closingPosition(position, reason),
      request.signal,
    );
  }

  /** The exit of this purpose and candle that closed the bot's last position, when this is that tick again. */
  #closedBefore(request: CloseRequest): Execution {
    const { ledger } = this.#parts;
    const [last] = ledger.orders.list({ botId: request.botId, limit: 1 });
    if (
      last?.status === "confirmed" &&
      last.purpose === request.purpose &&
      last.candleTime === request.candleTime
    ) {
      return this.#executionOf(recorded(ledger, last), true);
    }
    return denied("The bot has no position to close.");
  }

  #refusal(botId: string, signal: AbortSignal | undefined): Execution | null {
    const open = this.pending(botId);
    if (open !== null) {
      return denied(
        `The outcome of order ${open.clientOrderId} (${open.purpose} ${open.symbol}) is not known; nothing is sent until it is.`,
      );
    }
    return signal?.aborted === true
      ? denied("The tick was ended before the order was placed.")
      : null;
  }

  async #send(
    order: StoredOrder,
    position: StoredPosition,
    signal: AbortSignal | undefined,
  ): Promise<Execution> {
    const { ledger, venue, clock } = this.#parts;
    commitIntent(ledger, order, position);
    this.#parts.onIntent?.(order);
    this.#tell(position, null);
    const answer = await askVenue(() => venue.submit(order, signal), signal);
    const result = commitAnswer(ledger, order.clientOrderId, answer, clock.now());
    this.#tell(result.position, result.fills);
    if (result.order.status !== "unresolved") return this.#executionOf(result, false);
    return await this.#lookup(result.order, LOOKUP_PAUSES_MS, signal);
  }

  /** The stored outcome of an order that is asked for again; one without an outcome is looked up. */
  async #again(stored: StoredOrder, signal: AbortSignal | undefined): Promise<Execution> {
    if (stored.status === "intent" || stored.status === "unresolved") {
      return await this.#lookup(stored, [0, ...LOOKUP_PAUSES_MS], signal);
    }
    return this.#executionOf(recorded(this.#parts.ledger, stored), true);
  }

  async #lookup(
    order: StoredOrder,
    pauses: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<Execution> {
    const { ledger, venue, clock } = this.#parts;
    let result = recorded(ledger, order);
    for (const pause of pauses) {
      try {
        if (pause > 0) await clock.sleep(pause, signal);
      } catch (error) {
        if (signal?.aborted === true) break;
        throw error;
      }
      const answer = await askVenue(() => venue.lookup(order, signal), signal);
      result = commitAnswer(ledger, order.clientOrderId, answer, clock.now());
      this.#tell(result.position, result.fills);
      if (result.order.status !== "unresolved") break;
    }
    return this.#executionOf(result, false);
  }

  #tell(position: StoredPosition, fills: readonly StoredFill[] | null): void {
    const { portfolio, events, clock } = this.#parts;
    const last = fills?.at(-1);
    portfolio.apply(position, last === undefined ? null : Number(last.price), clock.now());
    events.emit("portfolio", { botId: position.botId });
  }

  #executionOf({ order, position, fills }: Recorded, replayed: boolean): Execution {
    const { status, reason } = order;
    if (status === "confirmed") return { outcome: status, order, position, fills, replayed };
    if (status === "rejected") return { outcome: status, reason, order, position, replayed };
    if (status === "denied") return denied(reason);
    return {
      outcome: "unresolved",
      reason: status === "intent" ? "The order was committed and has no answer yet." : reason,
      order,
      position,
    };
  }
}
