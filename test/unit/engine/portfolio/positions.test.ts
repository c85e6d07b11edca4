import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { money, sum } from "../../../../src-main/engine/money.ts";
import {
  bookFills,
  closingPosition,
  entrySide,
  exitSide,
  openingPosition,
} from "../../../../src-main/engine/portfolio/positions.ts";
import type { StoredFill, StoredPosition } from "../../../../src-main/engine/store-port.ts";
import { START } from "../orders/support.ts";

const opening = (side: "long" | "short" = "long"): StoredPosition =>
  openingPosition({
    id: "p",
    botId: "1",
    symbol: "SOL/USDT",
    side,
    stopPrice: "95",
    openedAt: START,
    entryCandle: START,
    entryReason: "signal",
  });
const fill = (
  fillId: string,
  side: "buy" | "sell",
  quantity: string,
  price: string,
  fee = "0",
): StoredFill => ({
  fillId,
  clientOrderId: "o",
  botId: "1",
  positionId: "p",
  symbol: "SOL/USDT",
  side,
  quantity,
  price,
  fee,
  feeCurrency: "USDT",
  slippageBps: "0",
  time: START,
});
const ended = { now: START + 9, reason: "rejected" };

describe("bookFills", () => {
  it("averages the entry and books its fee", () => {
    const open = bookFills(
      opening(),
      [fill("a", "buy", "1", "100", "0.1"), fill("b", "buy", "2", "103", "0.2")],
      ended,
    );
    expect(open).toMatchObject({
      state: "OPEN",
      quantity: "3",
      entryPrice: "102",
      fees: "0.3",
      realisedPnl: "-0.3",
      closedAt: null,
    });
  });

  it("closes an entry that was never filled with its reason", () => {
    expect(bookFills(opening(), [], ended)).toMatchObject({
      state: "CLOSED",
      quantity: "0",
      closedAt: START + 9,
      exitReason: "rejected",
    });
  });

  it("does not let an average that has no end disturb the sum", () => {
    const entries = [fill("a", "buy", "1", "1"), fill("b", "buy", "2", "1.1")];
    const open = bookFills(opening(), entries, ended);
    expect(open.entryPrice).toBe("1.06666666666666666667");
    const closed = bookFills(
      closingPosition(open, "exit"),
      [...entries, fill("c", "sell", "3", "2")],
      ended,
    );
    expect(closed).toMatchObject({ state: "CLOSED", realisedPnl: "2.8", exitReason: "exit" });
  });

  it("refuses to close more than is held, and every step that the table does not have", () => {
    const open = bookFills(opening(), [fill("a", "buy", "1", "100")], ended);
    expect(() =>
      bookFills(
        closingPosition(open, ""),
        [fill("a", "buy", "1", "100"), fill("b", "sell", "2", "100")],
        ended,
      ),
    ).toThrow(/close more than it holds/);
    expect(() => closingPosition(opening(), "")).toThrow("cannot go from OPENING to CLOSING");
    expect(() =>
      bookFills(open, [fill("a", "buy", "1", "100"), fill("b", "sell", "1", "100")], ended),
    ).toThrow("cannot go from OPEN to CLOSED");
    const closed = bookFills(opening(), [], ended);
    expect(() => closingPosition(closed, "")).toThrow("cannot go from CLOSED to CLOSING");
  });
});

/** Decimal figures with up to 8 places. */
const figure = (max: number) =>
  fc.bigInt({ min: 1n, max: BigInt(max) * 100_000_000n }).map((units) => {
    const text = units.toString().padStart(9, "0");
    return `${text.slice(0, -8)}.${text.slice(-8)}`;
  });
const ARROWS = new Set(["OPENING→OPEN", "OPENING→CLOSED", "OPEN→CLOSING", "CLOSING→CLOSED"]);

describe("for any fills, doubled and in any order", () => {
  it("the books are the sum of the cash that moved, to the last digit, and only go along the arrows", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("long" as const, "short" as const),
        fc.array(fc.record({ quantity: figure(1000), price: figure(100_000), fee: figure(10) }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.nat({ max: 1_000_000 }), { minLength: 0, maxLength: 5 }),
        figure(100_000),
        fc.infiniteStream(fc.nat()),
        (side, parts, cuts, exitPrice, noise) => {
          const shuffled = <T>(items: readonly T[]): T[] =>
            [...items, ...items.filter(() => (noise.next().value ?? 0) % 2 === 0)]
              .map((item) => [noise.next().value ?? 0, item] as const)
              .toSorted((a, b) => a[0] - b[0])
              .map(([, item]) => item);
          const states: string[] = [];
          let position = opening(side);
          const to = (next: StoredPosition): void => {
            if (next.state !== position.state) states.push(`${position.state}→${next.state}`);
            position = next;
          };
          const entries = parts.map((part, index) =>
            fill(`e${index}`, entrySide(side), part.quantity, part.price, part.fee),
          );
          to(bookFills(position, shuffled(entries), ended));
          expect(position).toEqual(bookFills(opening(side), entries, ended));

          // The exit in parts: cut the quantity at random places.
          const total = sum(entries.map((entry) => entry.quantity));
          const marks = [...cuts.map((cut) => total.times(cut).div(1_000_000)), total].toSorted(
            (a, b) => a.cmp(b),
          );
          const all = [...entries];
          let from = money(0);
          for (const [index, mark] of marks.entries()) {
            const quantity = mark.minus(from);
            from = mark;
            if (quantity.isZero()) continue;
            all.push(
              fill(`x${index}`, exitSide(side), quantity.toFixed(), exitPrice, "0.00000001"),
            );
            to(closingPosition(position, "exit"));
            to(bookFills(position, shuffled(all), ended));
            // Whatever is held: realised + unrealised is the cash that moved plus what is held at a price.
            const sign = side === "long" ? 1 : -1;
            const price = money(exitPrice);
            const unrealised = price
              .minus(position.entryPrice ?? 0)
              .times(position.quantity)
              .times(sign);
            const worth = cash(all).plus(price.times(position.quantity).times(sign));
            const error = unrealised.plus(position.realisedPnl).minus(worth).abs();
            // Averages are kept to 20 places.
            expect(error.lt("1e-9")).toBe(true);
          }
          expect(position.state).toBe("CLOSED");
          expect(money(position.realisedPnl).eq(cash(all))).toBe(true);
          expect(states.every((state) => ARROWS.has(state))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Σ sells − Σ buys − fees. */
const cash = (fills: readonly StoredFill[]) =>
  sum(
    fills.map((of) =>
      money(of.price)
        .times(of.quantity)
        .times(of.side === "sell" ? 1 : -1)
        .minus(of.fee),
    ),
  );
