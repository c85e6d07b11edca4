import type * as z from "zod";
import type {
  EquityPoint,
  OrderView,
  portfolioRequests,
  PositionView,
} from "../../../src-preload/contract/portfolio.ts";
import type { Cancel, Clock } from "../clock.ts";
import { messageOf } from "../fault.ts";
import { money, quotient, toNumber, ZERO } from "../money.ts";
import type { Decimal } from "../money.ts";
import type { EquityRow, FleetEquityRow, LedgerStore, StoredPosition } from "../store-port.ts";
import { botPosition, worthOf } from "./account.ts";
import type { BotAccount, ClosedTotals, Worth } from "./account.ts";
import { equityPoint, equityRow, evenTimes, fleetRow, thin } from "./equity.ts";
import { orderView, positionView } from "./views.ts";
import type { BotLabel } from "./views.ts";

type Query<K extends keyof typeof portfolioRequests> = z.infer<(typeof portfolioRequests)[K]>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/** Equity rows are marks that later ones replace: they wait this long, or for so many, to be committed together. */
const FLUSH_AFTER_MS = 60_000;
const FLUSH_AT_ROWS = 256;
/** Rows of one bot that a chart is thinned from: two years of hours. */
const CHART_ROWS = 20_000;

type Total = Omit<Worth, "fees">;

/** A bot's books in memory. */
interface Books {
  capital: Decimal;
  closed: ClosedTotals;
  /** The one that is not CLOSED. */
  position: StoredPosition | null;
  lastPrice: number | null;
  worth: Worth;
  /** Engine day that `dayBase` belongs to, and realised + unrealised as it began. */
  day: number;
  dayBase: Decimal;
  /** Last time a price or a fill was seen, and the last row that was made. */
  seenAt: number;
  row: EquityRow | null;
  /** Made anew when null. */
  view: BotAccount | null;
}

/**
 * The books of all bots, kept in memory so that a view costs nothing while nothing changed; rebuilt from the ledger by
 * `register`, changed by fills (`apply`) and last prices (`mark`). A bot has at most one equity row an hour and one
 * a fill; rows that say nothing new are left out. With them goes a row of the fleet's sum.
 */
export class Portfolio {
  readonly #ledger: LedgerStore;
  readonly #clock: Clock;
  readonly #describe: (botId: string) => BotLabel | undefined;
  readonly #books = new Map<string, Books>();
  /** Exact, so that adding and taking away leaves no trace. */
  #total: Total = { equity: ZERO, realised: ZERO, unrealised: ZERO, exposure: ZERO };
  #rows: EquityRow[] = [];
  /** The fleet as the first of them began to wait; a second row of it is made as they are committed. */
  #waiting: FleetEquityRow | null = null;
  readonly #checked = new Map<string, number>();
  readonly #onTrouble: (sentence: string) => void;
  /** The commit that is to come; `full` when so many rows wait that it comes at once. */
  #planned: { readonly full: boolean; readonly cancel: Cancel } | null = null;

  constructor(parts: {
    readonly ledger: LedgerStore;
    readonly clock: Clock;
    /** Name and strategy of a bot; undefined for one that was deleted. */
    readonly describe: (botId: string) => BotLabel | undefined;
    /** Told when a planned commit of marks fails. */
    readonly onTrouble: (sentence: string) => void;
  }) {
    this.#ledger = parts.ledger;
    this.#clock = parts.clock;
    this.#describe = parts.describe;
    this.#onTrouble = parts.onTrouble;
  }

  /** Reads a bot's books from the ledger; for one that is known already, only its capital (quote currency) is taken over. */
  register(bot: { readonly id: string; readonly capital: number }): void {
    const capital = money(bot.capital);
    const known = this.#books.get(bot.id);
    const now = this.#clock.now();
    if (known !== undefined) {
      known.capital = capital;
      known.seenAt = Math.max(known.seenAt, now);
      this.#changed(known);
      this.#makeRow(bot.id, known, now);
      return;
    }
    const totals = this.#ledger.positions.totals(bot.id);
    const closed = {
      realised: money(totals.realisedPnl),
      fees: money(totals.fees),
      trades: totals.trades,
    };
    const position = this.#ledger.positions.openOf(bot.id);
    const row = this.#ledger.equity.before(bot.id, Infinity);
    const base = this.#ledger.equity.before(bot.id, dayOf(now) * DAY_MS);
    const lastPrice = priceOf(row, closed, position);
    const books: Books = {
      capital,
      closed,
      position,
      lastPrice,
      worth: worthOf(capital, closed, position, lastPrice),
      day: dayOf(now),
      dayBase: base === null ? ZERO : money(base.realised).plus(base.unrealised),
      seenAt: row?.time ?? now,
      row,
      view: null,
    };
    this.#books.set(bot.id, books);
    this.#total = plus(this.#total, books.worth, 1);
    if (row === null) this.#makeRow(bot.id, books, now);
  }

  /** Forgets a bot; its trades stay in the ledger. */
  remove(botId: string): void {
    const books = this.#books.get(botId);
    if (books === undefined) return;
    this.#rows.push(equityRow(botId, this.#clock.now(), books.worth));
    this.#books.delete(botId);
    this.#total = plus(this.#total, books.worth, -1);
    this.flush();
  }

  /** The same object until something of it changed. Throws for a bot that was not registered. */
  account(botId: string): BotAccount {
    const books = this.#bookOf(botId);
    this.#roll(botId, books, this.#clock.now());
    books.view ??= viewOf(books);
    return books.view;
  }

  /** The bot's position that is not CLOSED, with the last candle on which its stop was checked; null when flat. */
  position(botId: string): StoredPosition | null {
    return this.#books.get(botId)?.position ?? null;
  }

  /** Takes the last price (quote currency) seen at engine `time`, ms UTC. Throws for a price that is not above 0. */
  mark(botId: string, price: number, time: number): void {
    if (!(price > 0 && Number.isFinite(price))) {
      throw new RangeError(`The last price of bot ${botId} is ${price}; it must be above 0.`);
    }
    const books = this.#bookOf(botId);
    this.#roll(botId, books, time);
    books.seenAt = Math.max(books.seenAt, time);
    if (books.lastPrice !== price) {
      books.lastPrice = price;
      // What a flat bot is worth does not hang on a price.
      if (books.position === null) books.view = null;
      else this.#changed(books);
    }
    if (books.row === null || Math.floor(time / HOUR_MS) > Math.floor(books.row.time / HOUR_MS)) {
      this.#makeRow(botId, books, time);
    }
    this.#flushWhenDue(time);
  }

  /** The stop held in every candle up to the one that opened at `candleTime`, ms UTC. */
  stopChecked(botId: string, candleTime: number): void {
    const books = this.#bookOf(botId);
    if (books.position === null || candleTime <= books.position.checkedCandle) return;
    books.position = { ...books.position, checkedCandle: candleTime };
    this.#checked.set(books.position.id, candleTime);
  }

  /** Takes over a position as the ledger has it now; `price` is that of its last fill, if there is one. */
  apply(position: StoredPosition, price: number | null, time: number): void {
    const books = this.#books.get(position.botId);
    if (books === undefined) return;
    this.#roll(position.botId, books, time);
    books.seenAt = Math.max(books.seenAt, time);
    if (price !== null) books.lastPrice = price;
    if (position.state !== "CLOSED") {
      const checkedCandle = Math.max(
        position.checkedCandle,
        books.position?.id === position.id ? books.position.checkedCandle : 0,
      );
      books.position = { ...position, checkedCandle };
    } else if (books.position?.id === position.id) {
      books.position = null;
      this.#checked.delete(position.id);
      books.closed = {
        realised: books.closed.realised.plus(position.realisedPnl),
        fees: books.closed.fees.plus(position.fees),
        trades: books.closed.trades + (position.entryPrice === null ? 0 : 1),
      };
    }
    this.#changed(books);
    if (price !== null) this.#makeRow(position.botId, books, time);
    this.#flushWhenDue(time);
  }

  /** Sums over all registered bots, quote currency. */
  fleet(): { readonly equity: number; readonly pnlToday: number; readonly exposure: number } {
    let pnlToday = 0;
    for (const botId of this.#books.keys()) pnlToday += this.account(botId).pnlToday;
    return {
      equity: toNumber(this.#total.equity),
      pnlToday,
      exposure: toNumber(this.#total.exposure),
    };
  }

  /** Open positions at their last price, quote currency; an entry under way has no value yet. */
  exposures(): readonly {
    readonly botId: string;
    readonly symbol: string;
    readonly side: StoredPosition["side"];
    readonly value: number;
  }[] {
    return [...this.#books].flatMap(([botId, { position, worth }]) =>
      position === null
        ? []
        : [
            {
              botId,
              symbol: position.symbol,
              side: position.side,
              value: toNumber(worth.exposure),
            },
          ],
    );
  }

  /** Commits waiting rows. They stay waiting when the ledger cannot be written, and the error goes to the caller. */
  flush(): void {
    this.#unplan();
    if (this.#rows.length === 0 && this.#checked.size === 0) return;
    this.#ledger.transaction(() => {
      for (const row of this.#rows) this.#ledger.equity.insert(row);
      if (this.#waiting !== null) this.#ledger.equity.insertFleet(this.#waiting);
      this.#ledger.equity.insertFleet(fleetRow(this.#clock.now(), this.#total));
      for (const [id, candleTime] of this.#checked)
        this.#ledger.positions.setChecked(id, candleTime);
    });
    this.#rows = [];
    this.#waiting = null;
    this.#checked.clear();
  }

  /** Open ones first, each kind newest first. */
  positionsView(query: Query<"portfolio:positions">): readonly PositionView[] {
    const { state, botId, limit } = query;
    const open =
      state === "closed"
        ? []
        : this.#ledger.positions
            .open()
            .filter((position) => botId === undefined || position.botId === botId)
            .toReversed()
            .slice(0, limit);
    const left = limit - open.length;
    const closed =
      state === "open" || left === 0
        ? []
        : this.#ledger.positions.closed({ ...(botId === undefined ? {} : { botId }), limit: left });
    return [
      ...open.map((position) =>
        positionView(
          position,
          this.#label(position.botId),
          this.#books.get(position.botId)?.lastPrice ?? null,
        ),
      ),
      ...closed.map((position) => positionView(position, this.#label(position.botId), null)),
    ];
  }

  /** Newest first. */
  ordersView(query: Query<"portfolio:orders">): readonly OrderView[] {
    const { botId, positionId, limit } = query;
    const orders = this.#ledger.orders.list({
      ...(botId === undefined ? {} : { botId }),
      ...(positionId === undefined ? {} : { positionId }),
      limit,
    });
    return orders.map((order) =>
      orderView(
        order,
        this.#label(order.botId),
        order.status === "confirmed"
          ? this.#ledger.orders.fills({ clientOrderId: order.clientOrderId })
          : [],
      ),
    );
  }

  /** Oldest first; the last point is now. */
  equityView(query: Query<"portfolio:equity">): readonly EquityPoint[] {
    this.flush();
    const now = this.#clock.now();
    const { botId, points } = query;
    if (botId !== undefined) {
      const rows = this.#ledger.equity.ofBot(botId, CHART_ROWS).filter((row) => row.time < now);
      const books = this.#books.get(botId);
      const live = books === undefined ? [] : [equityPoint(equityRow(botId, now, books.worth))];
      return [...thin(rows, points - live.length).map(equityPoint), ...live];
    }
    const range = this.#ledger.equity.range();
    if (range === null) return [];
    const past = evenTimes(range.first, now, points).slice(0, -1);
    return [
      ...this.#ledger.equity.fleetAt(past).map(equityPoint),
      equityPoint(fleetRow(now, this.#total)),
    ];
  }

  #bookOf(botId: string): Books {
    const books = this.#books.get(botId);
    if (books === undefined) throw new Error(`Bot ${botId} has no books; register it first.`);
    return books;
  }

  #label(botId: string): BotLabel {
    return this.#describe(botId) ?? { name: `deleted bot ${botId}`, strategy: "" };
  }

  #changed(books: Books): void {
    this.#total = plus(this.#total, books.worth, -1);
    books.worth = worthOf(books.capital, books.closed, books.position, books.lastPrice);
    this.#total = plus(this.#total, books.worth, 1);
    books.view = null;
  }

  /** On a new UTC day: what the bot was worth at its last sight of the old one is the new day's start, kept as a row. */
  #roll(botId: string, books: Books, now: number): void {
    const day = dayOf(now);
    if (day <= books.day) return;
    books.dayBase = books.worth.realised.plus(books.worth.unrealised);
    books.day = day;
    books.view = null;
    if (dayOf(books.seenAt) < day) this.#makeRow(botId, books, books.seenAt);
  }

  /** Lets a row wait for the next commit, unless it says what the last one said. */
  #makeRow(botId: string, books: Books, time: number): void {
    const row = equityRow(botId, time, books.worth);
    const last = books.row;
    if (
      last !== null &&
      last.equity === row.equity &&
      last.realised === row.realised &&
      last.exposure === row.exposure
    ) {
      return;
    }
    books.row = row;
    this.#rows.push(row);
  }

  /** Plans the next commit: between ticks, so that none of them waits for the disk on account of its marks. */
  #flushWhenDue(time: number): void {
    if (this.#rows.length === 0) return;
    this.#waiting ??= fleetRow(time, this.#total);
    const full = this.#rows.length >= FLUSH_AT_ROWS;
    if (this.#planned !== null && (this.#planned.full || !full)) return;
    this.#unplan();
    const at = this.#clock.now() + (full ? 0 : FLUSH_AFTER_MS);
    this.#planned = { full, cancel: this.#clock.at(at, () => this.#flushPlanned(), "fire") };
  }

  /** What cannot be committed waits on, and the next mark plans another try. */
  #flushPlanned(): void {
    this.#planned = null;
    try {
      this.flush();
    } catch (error) {
      this.#onTrouble(
        `Equity rows could not be written to ledger.db and wait: ${messageOf(error)}`,
      );
    }
  }

  #unplan(): void {
    this.#planned?.cancel();
    this.#planned = null;
  }
}

const plus = (total: Total, worth: Worth, sign: 1 | -1): Total => ({
  equity: total.equity.plus(worth.equity.times(sign)),
  realised: total.realised.plus(worth.realised.times(sign)),
  unrealised: total.unrealised.plus(worth.unrealised.times(sign)),
  exposure: total.exposure.plus(worth.exposure.times(sign)),
});

/** The price behind a last row that was made with the same fills: its exposure by the quantity held. */
function priceOf(
  row: EquityRow | null,
  closed: ClosedTotals,
  position: StoredPosition | null,
): number | null {
  if (row === null || position === null || position.entryPrice === null) return null;
  const sameFills = closed.realised.plus(position.realisedPnl).eq(row.realised);
  if (!sameFills || money(row.exposure).isZero()) return null;
  return toNumber(quotient(money(row.exposure), money(position.quantity)));
}

function viewOf(books: Books): BotAccount {
  const { worth } = books;
  const gain = worth.realised.plus(worth.unrealised);
  return {
    position: botPosition(books.position, books.lastPrice, worth.unrealised),
    equity: toNumber(worth.equity),
    realisedPnl: toNumber(worth.realised),
    feesPaid: toNumber(worth.fees),
    trades: books.closed.trades,
    pnlToday: toNumber(gain.minus(books.dayBase)),
    pnlTotal: toNumber(gain),
  };
}
