import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { decimalText, money, sum } from "../../../../src-main/engine/money.ts";
import { reconcileOrders } from "../../../../src-main/engine/orders/reconcile.ts";
import type { Venue, VenueAnswer } from "../../../../src-main/engine/orders/types.ts";
import type { LedgerStore, StoredOrder } from "../../../../src-main/engine/store-port.ts";
import { openLedgerDb } from "../../../../src-main/store/ledger-db.ts";
import { CANDLE, insertBot, paperVenue, rooms, START } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "tickdeck-books-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const BOTS = ["1", "2", "3"];
const FATES = [
  "fill",
  "parts",
  "reject",
  "lost",
  "dropped",
  "crash-before",
  "crash-after",
] as const;
type Fate = (typeof FATES)[number];

/**
 * An exchange that loses answers. It is the truth: what it filled must be in the books, once. `fate` is what happens
 * to the next order: "lost" fills it and loses the answer, "dropped" never sees it.
 */
class Exchange implements Venue {
  readonly id = "exchange";
  fate: Fate = "fill";
  readonly truth = new Map<string, VenueAnswer>();
  readonly seen: string[] = [];
  readonly #paper = paperVenue();

  async submit(order: StoredOrder): Promise<VenueAnswer> {
    this.seen.push(order.clientOrderId);
    if (this.fate === "dropped") return { outcome: "unresolved", reason: "dropped" };
    const answer = await this.#answer(order);
    this.truth.set(order.clientOrderId, answer);
    return this.fate === "lost" ? { outcome: "unresolved", reason: "time-out" } : answer;
  }

  lookup(order: StoredOrder): Promise<VenueAnswer> {
    const known = this.truth.get(order.clientOrderId);
    if (known === undefined) return Promise.resolve({ outcome: "rejected", reason: "never seen" });
    // Fills come in another order and twice.
    if (known.outcome !== "confirmed") return Promise.resolve(known);
    return Promise.resolve({ ...known, fills: [...known.fills.toReversed(), ...known.fills] });
  }

  async #answer(order: StoredOrder): Promise<VenueAnswer> {
    if (this.fate === "reject") return { outcome: "rejected", reason: "refused" };
    const answer = await this.#paper.submit(order);
    const whole = answer.outcome === "confirmed" ? answer.fills[0] : undefined;
    if (this.fate !== "parts" || whole === undefined) return answer;
    // Seven tenths in two fills; the rest is never filled.
    const part = (share: string, index: number) => ({
      ...whole,
      fillId: `${whole.fillId}/${index}`,
      quantity: decimalText(money(whole.quantity).times(share)),
      fee: decimalText(money(whole.fee).times(share)),
    });
    return { outcome: "confirmed", fills: [part("0.4", 1), part("0.3", 2)] };
  }
}

class Killed extends Error {}

/** The process dies before it commits (`at` counts transactions from 1), or never for 0. */
function mortal(ledger: LedgerStore, life: { left: number }): LedgerStore {
  return {
    ...ledger,
    transaction: <T>(work: () => T): T =>
      ledger.transaction(() => {
        const result = work();
        life.left -= 1;
        if (life.left === 0) throw new Killed("killed");
        return result;
      }),
  };
}

const move = fc.record({
  bot: fc.constantFrom(...BOTS),
  fate: fc.constantFrom(...FATES),
  side: fc.constantFrom("long" as const, "short" as const),
  quantity: fc.integer({ min: 100, max: 9_999_999 }).map((units) => (units / 1000).toFixed(3)),
  price: fc.integer({ min: 1_000, max: 9_999_999 }).map((ticks) => ticks / 100),
  repeat: fc.boolean(),
});

it("whatever is lost, repeated or killed: the books are what the exchange did, once, to the last digit", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 25 }), async (moves) => {
      run += 1;
      const file = join(folder, `${run}.db`);
      const exchange = new Exchange();
      const clock = new VirtualClock(START);
      const life = { left: 0 };
      let ledger = openLedgerDb(file);
      for (const bot of BOTS) insertBot(ledger, bot);
      let house = rooms(mortal(ledger, life), exchange, clock);
      const ids = new Map<string, string>();
      try {
        for (const [index, { bot, fate, side, quantity, price, repeat }] of moves.entries()) {
          const candleTime = START + index * CANDLE;
          await clock.advanceTo(candleTime + CANDLE);
          exchange.fate = fate;
          if (fate === "crash-before") life.left = 1;
          if (fate === "crash-after") life.left = 2;
          const act = async (): Promise<unknown> => {
            const wanted = { botId: bot, expectedPrice: price, candleTime, reason: "r" };
            return ledger.positions.openOf(bot) === null
              ? await house.executor.open({
                  ...wanted,
                  symbol: "SOL/USDT",
                  side,
                  quantity,
                  stopPrice: side === "long" ? price / 2 : price * 2,
                })
              : await house.executor.close({ ...wanted, purpose: "exit" });
          };
          // An unresolved order's pauses need the clock to go on.
          const doing = act().catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error;
          });
          await clock.advance(60_000);
          await doing;
          life.left = 0;
          if (fate.startsWith("crash")) {
            ledger.close();
            ledger = openLedgerDb(file);
            await reconcileOrders({ ledger, venue: exchange, clock });
            house = rooms(mortal(ledger, life), exchange, clock);
          }
          if (repeat) {
            const sent = exchange.seen.length;
            exchange.fate = "reject";
            const [last] = ledger.orders.list({ botId: bot, limit: 1 });
            if (last?.purpose === "entry" && last.candleTime === candleTime) {
              await house.executor.open({
                botId: bot,
                symbol: "SOL/USDT",
                side,
                quantity: "1",
                expectedPrice: 1,
                stopPrice: 1,
                candleTime,
                reason: "again",
              });
              expect(exchange.seen.length).toBe(sent);
            }
          }
          for (const order of ledger.orders.list({ limit: 1000 })) {
            expect(ids.get(order.clientOrderId) ?? order.positionId).toBe(order.positionId);
            ids.set(order.clientOrderId, order.positionId);
          }
        }

        // Nothing was sent twice, and no outcome is open.
        expect(new Set(exchange.seen).size).toBe(exchange.seen.length);
        expect(ledger.orders.open()).toEqual([]);
        // Every fill of the exchange is in the books once, and no other.
        const real = [...exchange.truth.values()].flatMap((answer) =>
          answer.outcome === "confirmed" ? answer.fills : [],
        );
        const booked = BOTS.flatMap((botId) => ledger.orders.fills({ botId }));
        expect(booked.map((fill) => fill.fillId).toSorted()).toEqual(
          real.map((fill) => fill.fillId).toSorted(),
        );
        // Closed: Σ sells − Σ buys − fees, to the last digit.
        const cash = (fills: typeof real) =>
          sum(
            fills.map((fill) =>
              money(fill.price)
                .times(fill.quantity)
                .times(fill.side === "sell" ? 1 : -1)
                .minus(fill.fee),
            ),
          );
        for (const position of ledger.positions.closed({ limit: 1000 })) {
          expect(position.realisedPnl).toBe(
            decimalText(cash([...ledger.orders.fills({ positionId: position.id })])),
          );
        }
        // Σ equity = capital + cash that moved + what is held at its last price.
        for (const botId of BOTS) {
          house.portfolio.mark(botId, 123.45, clock.now());
          const held = ledger.positions.openOf(botId);
          const value = money(held?.quantity ?? 0)
            .times(123.45)
            .times(held?.side === "short" ? -1 : 1);
          const fills = [...ledger.orders.fills({ botId })];
          expect(house.portfolio.account(botId).equity).toBeCloseTo(
            money(1000).plus(cash(fills)).plus(value).toNumber(),
            6,
          );
        }
        // The same books from the file alone.
        house.portfolio.flush();
        const before = BOTS.map((botId) => house.portfolio.account(botId));
        ledger.close();
        ledger = openLedgerDb(file);
        const { portfolio } = rooms(ledger, exchange, clock);
        for (const botId of BOTS) portfolio.mark(botId, 123.45, clock.now());
        expect(BOTS.map((botId) => portfolio.account(botId))).toEqual(before);
      } finally {
        ledger.close();
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
