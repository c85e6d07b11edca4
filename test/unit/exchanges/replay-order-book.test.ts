import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderBook } from "../../../scripts/replay-exchange/order-book.ts";
import type { SymbolRules } from "../../../scripts/replay-exchange/exchange-info.ts";

const rules: SymbolRules = {
  id: "BTCUSDT",
  base: "BTC",
  quote: "USDT",
  tickSize: new Decimal("0.01"),
  stepSize: new Decimal("0.001"),
  minQty: new Decimal("0.001"),
  maxQty: new Decimal("9000"),
  minNotional: new Decimal("5"),
  entry: {},
};

const MINUTE = 60_000;

/** Balances that the list of fills explains, from the start. */
function explained(book: OrderBook, start: string): { base: Decimal; quote: Decimal } {
  const total = { base: new Decimal(0), quote: new Decimal(start) };
  for (const trade of book.trades("BTCUSDT")) {
    const value = trade.quantity.times(trade.price);
    const sign = trade.isBuyer ? 1 : -1;
    total.base = total.base.plus(trade.quantity.times(sign));
    total.quote = total.quote.minus(value.times(sign));
    if (trade.commissionAsset === "BTC") total.base = total.base.minus(trade.commission);
    else total.quote = total.quote.minus(trade.commission);
  }
  return total;
}

describe("the replay exchange's order book", () => {
  it("never loses or makes money: balances are what the fills explain, and none is negative", () => {
    const step = fc.record({
      side: fc.constantFrom("BUY" as const, "SELL" as const),
      type: fc.constantFrom("MARKET" as const, "LIMIT" as const, "LIMIT_MAKER" as const),
      timeInForce: fc.constantFrom("GTC" as const, "IOC" as const, "FOK" as const),
      quantity: fc.integer({ min: 1, max: 3000 }),
      offset: fc.integer({ min: -300, max: 300 }),
      price: fc.integer({ min: 5_000, max: 15_000 }),
      spread: fc.integer({ min: 1, max: 50 }),
      cancels: fc.boolean(),
      clientId: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = new OrderBook({ USDT: "500" });
        for (const [index, each] of steps.entries()) {
          const now = index * MINUTE;
          const cents = (amount: number): Decimal => new Decimal(amount).div(100);
          const before = JSON.stringify([book.account.balances(), book.orders]);
          const quote = {
            bid: cents(each.price - each.spread),
            ask: cents(each.price + each.spread),
          };
          try {
            book.place(
              {
                symbol: "BTCUSDT",
                side: each.side,
                type: each.type,
                timeInForce: each.type === "LIMIT" ? each.timeInForce : "GTC",
                quantity: new Decimal(each.quantity).div(1000),
                quoteQuantity: null,
                price: each.type === "MARKET" ? null : cents(each.price + each.offset),
                clientOrderId: `id-${each.clientId}`,
              },
              rules,
              quote,
              now,
            );
          } catch {
            expect(JSON.stringify([book.account.balances(), book.orders])).toBe(before);
          }
          const [first] = book.open();
          if (each.cancels && first !== undefined) book.cancel(first, rules, now);
          const bar = {
            open: each.price / 100,
            high: each.price / 100 + 2,
            low: each.price / 100 - 2,
          };
          const candle = { time: now, ...bar, close: bar.open, volume: 1 };
          for (const order of book.open()) book.match(order, rules, [candle], MINUTE);

          const balances = new Map(book.account.balances().map((row) => [row.asset, row]));
          const { base, quote: cash } = explained(book, "500");
          for (const [asset, total] of [
            ["BTC", base],
            ["USDT", cash],
          ] as const) {
            const row = balances.get(asset) ?? { free: "0", locked: "0" };
            expect(Number(row.free)).toBeGreaterThanOrEqual(0);
            expect(Number(row.locked)).toBeGreaterThanOrEqual(0);
            expect(new Decimal(row.free).plus(row.locked).toFixed(7)).toBe(total.toFixed(7));
          }
        }
        const locked = book.account.balances().map((row) => new Decimal(row.locked));
        if (book.open().length === 0) expect(locked.every((each) => each.isZero())).toBe(true);
      }),
    );
  });
});
