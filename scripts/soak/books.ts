import type { LedgerStore, StoredFill, StoredOrder } from "../../src-main/engine/store-port.ts";
import type { VenueRecord } from "./remembering-venue.ts";

/** What the audit of the books comes to; all but the counts must be 0 in a sound run. */
export interface BooksAudit {
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  /** Orders of one bot, purpose and candle beyond the first that was not rejected; in the ledger or at the venue. */
  readonly duplicateIntents: number;
  /** Quote currency: sum of all differences between what the books say and what follows from fills and venue. */
  readonly imbalance: number;
  /** The first few findings, one sentence each. */
  readonly findings: readonly string[];
}

const ALL = Number.MAX_SAFE_INTEGER;
/** Digits after the point of one figure; a product of two has twice as many. */
const PLACES = 24;
const FINDINGS = 10;

/** A decimal text as a whole number of 10^-places. Exact, and not the engine's own arithmetic. */
function fixed(text: string, places = 2 * PLACES): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null || (match[3]?.length ?? 0) > places)
    throw new RangeError(`"${text}" is not a decimal of at most ${places} places.`);
  const digits = BigInt(`${match[2]}${(match[3] ?? "").padEnd(places, "0")}`);
  return match[1] === "-" ? -digits : digits;
}

const valueOf = (fill: Pick<StoredFill, "price" | "quantity">): bigint =>
  fixed(fill.price, PLACES) * fixed(fill.quantity, PLACES);
const distance = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);
const keyOf = (order: StoredOrder): string =>
  `${order.botId} ${order.symbol} ${order.purpose} ${order.candleTime}`;
/** What both witnesses must say alike of a fill. */
const wordsOf = (fill: Omit<StoredFill, "botId" | "positionId">): string =>
  [fill.clientOrderId, fill.side, fill.quantity, fill.price, fill.fee, fill.feeCurrency].join(" ");

class Audit {
  readonly findings: string[] = [];
  imbalance = 0n;
  duplicates = 0;

  find(sentence: string): void {
    if (this.findings.length < FINDINGS) this.findings.push(sentence);
  }

  equal(what: string, books: bigint, truth: bigint): void {
    if (books === truth) return;
    this.imbalance += distance(books, truth);
    this.find(`${what}: the books say ${books}, the fills ${truth} (in 1e-${2 * PLACES}).`);
  }

  once(where: string, orders: Iterable<StoredOrder>): void {
    const seen = new Set<string>();
    for (const order of orders) {
      if (order.status === "rejected") continue;
      const key = keyOf(order);
      if (seen.has(key)) {
        this.duplicates += 1;
        this.find(`${where}: ${order.clientOrderId} is a second order of ${key}.`);
      }
      seen.add(key);
    }
  }
}

/** Cash that the fills of one position brought, its fees, and what is left of the base currency. */
function cashOf(fills: readonly StoredFill[]): { cash: bigint; fees: bigint; base: bigint } {
  let cash = 0n;
  let fees = 0n;
  let base = 0n;
  for (const fill of fills) {
    const sign = fill.side === "buy" ? 1n : -1n;
    cash -= sign * valueOf(fill);
    base += sign * fixed(fill.quantity);
    fees += fixed(fill.fee);
  }
  return { cash: cash - fees, fees, base };
}

/** Audits the ledger against its own fills and against the venue's record. Every order must be settled by now. */
export function auditBooks(
  ledger: LedgerStore,
  venue: VenueRecord,
  botIds: readonly string[],
): BooksAudit {
  const audit = new Audit();
  const taken = new Map<string, string>();
  for (const { answer } of venue.orders.values()) {
    if (answer.outcome !== "confirmed") continue;
    for (const fill of answer.fills) taken.set(fill.fillId, wordsOf(fill));
  }
  audit.once(
    "Venue",
    [...venue.orders.values()].map(({ order, answer }) => ({
      ...order,
      status: answer.outcome === "rejected" ? ("rejected" as const) : ("confirmed" as const),
    })),
  );
  audit.duplicates += venue.resubmitted;
  const count = { orders: 0, fills: 0, trades: 0 };
  for (const botId of botIds) {
    const orders = ledger.orders.list({ botId, limit: ALL });
    const fills = ledger.orders.fills({ botId });
    count.orders += orders.length;
    count.fills += fills.length;
    audit.once("Ledger", orders);
    for (const fill of fills) {
      if (taken.get(fill.fillId) !== wordsOf(fill)) {
        audit.imbalance += valueOf(fill);
        audit.find(`Fill ${fill.fillId} of bot ${botId} is not what the venue did.`);
      }
      taken.delete(fill.fillId);
    }
    count.trades += auditPositions(ledger, botId, fills, audit);
  }
  for (const id of taken.keys()) {
    const [, , quantity = "0", price = "0"] = (taken.get(id) ?? "").split(" ");
    audit.imbalance += valueOf({ quantity, price });
    audit.find(`Fill ${id} of the venue is not in the ledger.`);
  }
  return {
    ...count,
    duplicateIntents: audit.duplicates,
    imbalance: Number(audit.imbalance) / 10 ** (2 * PLACES),
    findings: audit.findings,
  };
}

/** Every position from its fills, their sums, and the bot's last equity row; the number of closed positions. */
function auditPositions(
  ledger: LedgerStore,
  botId: string,
  fills: readonly StoredFill[],
  audit: Audit,
): number {
  const byPosition = new Map<string, StoredFill[]>();
  for (const fill of fills) {
    const known = byPosition.get(fill.positionId);
    if (known === undefined) byPosition.set(fill.positionId, [fill]);
    else known.push(fill);
  }
  const closed = ledger.positions.closed({ botId, limit: ALL });
  let realised = 0n;
  for (const position of closed) {
    const { cash, fees, base } = cashOf(byPosition.get(position.id) ?? []);
    audit.equal(`PnL of position ${position.id}`, fixed(position.realisedPnl), cash);
    audit.equal(`Fees of position ${position.id}`, fixed(position.fees), fees);
    audit.equal(`What is left of position ${position.id}`, fixed(position.quantity), base);
    realised += cash;
  }
  audit.equal(
    `Realised sum of bot ${botId}`,
    fixed(ledger.positions.totals(botId).realisedPnl),
    realised,
  );
  const open = ledger.positions.openOf(botId);
  if (open !== null) {
    const { fees, base } = cashOf(byPosition.get(open.id) ?? []);
    const held = fixed(open.quantity);
    audit.equal(`Quantity of position ${open.id}`, open.side === "long" ? held : -held, base);
    audit.equal(`Fees of position ${open.id}`, fixed(open.fees), fees);
    realised -= fees;
  }
  const row = ledger.equity.before(botId, Number.POSITIVE_INFINITY);
  if (row !== null) audit.equal(`Last equity row of bot ${botId}`, fixed(row.realised), realised);
  return closed.length;
}
