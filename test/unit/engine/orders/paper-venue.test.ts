import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PaperVenue } from "../../../../src-main/engine/exchange/paper-venue.ts";
import type { StoredOrder } from "../../../../src-main/engine/store-port.ts";
import { MARKET, START } from "./support.ts";

const ORDER: StoredOrder = {
  clientOrderId: "td-e1",
  botId: "1",
  positionId: "p",
  symbol: "SOL/USDT",
  side: "buy",
  purpose: "entry",
  quantity: "2.0009",
  expectedPrice: "100",
  status: "intent",
  reason: "",
  candleTime: START,
  createdAt: START + 7,
  answeredAt: null,
};
const venue = (
  settings = { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
  market: typeof MARKET | undefined = MARKET,
) => new PaperVenue({ settings: () => settings, market: () => market });

async function fillOf(order: StoredOrder, of = venue()) {
  const answer = await of.submit(order);
  const fill = answer.outcome === "confirmed" ? answer.fills[0] : undefined;
  if (fill === undefined) throw new Error(JSON.stringify(answer));
  return fill;
}

describe("PaperVenue", () => {
  it("fills whole, on the lot, at a price on the tick, with the fee on the traded value", async () => {
    const fixed = venue({ slippageMinBps: 5, slippageMaxBps: 5, feeBps: 10 });
    expect(await fillOf(ORDER, fixed)).toEqual({
      fillId: "td-e1-1",
      clientOrderId: "td-e1",
      symbol: "SOL/USDT",
      side: "buy",
      quantity: "2",
      price: "100.05",
      fee: "0.2001",
      feeCurrency: "USDT",
      slippageBps: "5",
      time: START + 7,
    });
    expect(await fillOf({ ...ORDER, side: "sell" }, fixed)).toMatchObject({
      price: "99.95",
      slippageBps: "5",
    });
    expect(await fillOf({ ...ORDER, expectedPrice: "100.001" }, fixed)).toMatchObject({
      price: "100.06",
    });
  });

  it("draws the slippage from the order's own id, within the settings, always against us", async () => {
    const wide = new PaperVenue({
      settings: () => ({ slippageMinBps: 2, slippageMaxBps: 10, feeBps: 0 }),
      market: () => ({ ...MARKET, tickSize: null }),
    });
    const seen: number[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.uuid(),
        fc.constantFrom("buy" as const, "sell" as const),
        async (id, side) => {
          const order = { ...ORDER, clientOrderId: id, side };
          const fill = await fillOf(order, wide);
          seen.push(Number(fill.slippageBps));
          expect(Number(fill.slippageBps)).toBeGreaterThanOrEqual(2);
          expect(Number(fill.slippageBps)).toBeLessThanOrEqual(10);
          expect(side === "buy" ? Number(fill.price) > 100 : Number(fill.price) < 100).toBe(true);
          expect(await wide.lookup(order)).toEqual(await wide.submit(order));
        },
      ),
    );
    expect(Math.max(...seen) - Math.min(...seen)).toBeGreaterThan(4);
  });

  it("rejects an entry under one lot or under the smallest order", async () => {
    expect(await venue().submit({ ...ORDER, quantity: "0.0009" })).toEqual({
      outcome: "rejected",
      reason: "0.0009 SOL is under one lot (0.001).",
    });
    expect(await venue().submit({ ...ORDER, quantity: "0.04" })).toMatchObject({
      outcome: "rejected",
      reason: expect.stringContaining("under the smallest order of 5 USDT") as string,
    });
    expect(await venue().submit({ ...ORDER, side: "sell", expectedPrice: "0.001" })).toMatchObject({
      outcome: "rejected",
      reason: expect.stringContaining("under one tick") as string,
    });
  });

  it("fills an exit whole, however small: no position is stuck below a limit", async () => {
    const fill = await fillOf({ ...ORDER, purpose: "stop", side: "sell", quantity: "0.0000123" });
    expect(fill.quantity).toBe("0.0000123");
  });

  it("does not take an unknown market for an answer", async () => {
    const none = new PaperVenue({
      settings: () => ({ slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 }),
      market: () => undefined,
    });
    const failing = new PaperVenue({
      settings: () => ({ slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 }),
      market: () => Promise.reject(new Error("no connection")),
    });
    expect(await none.submit(ORDER)).toMatchObject({ outcome: "unresolved" });
    expect(await failing.lookup(ORDER)).toEqual({
      outcome: "unresolved",
      reason: "The steps of SOL/USDT cannot be read: no connection",
    });
  });
});
