import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { money } from "../../../../src-main/engine/money.ts";
import { evaluateEntry } from "../../../../src-main/engine/risk/evaluate.ts";
import { ENTRY_LAYERS } from "../../../../src-main/engine/risk/layers.ts";
import type { EntryProposal, RiskLayer } from "../../../../src-main/engine/risk/types.ts";
import { MARKET } from "../orders/support.ts";

const ENTRY: EntryProposal = {
  symbol: "SOL/USDT",
  side: "long",
  price: 100,
  stopPrice: 95,
  sizeFactor: 1,
  capital: 1000,
  positionShare: 0.2,
  realisedPnl: 0,
  market: MARKET,
  feeBps: 10,
  slippageMaxBps: 10,
};
const judge = (change: Partial<EntryProposal> = {}) =>
  evaluateEntry(ENTRY_LAYERS, { ...ENTRY, ...change });

describe("evaluateEntry", () => {
  it("sizes an entry from the bot's equity and tells what each layer saw", () => {
    expect(judge()).toEqual({
      allowed: true,
      quantity: "2",
      notional: "200",
      conditions: [
        { label: "Stop-loss", held: true, detail: "stop 95, 5.00 % from 100" },
        { label: "Size", held: true, detail: "2 SOL = 200.00 USDT, 20 % of 1000.00" },
        {
          label: "Cash",
          held: true,
          detail: "200.40 USDT with fee and slippage of 1000.00 at hand",
        },
      ],
    });
  });

  it.each<[string, Partial<EntryProposal>, string]>([
    ["the strategy's factor", { sizeFactor: 0.5 }, "1"],
    ["what was won", { realisedPnl: 500 }, "3"],
    ["what was lost", { realisedPnl: -500 }, "1"],
    ["the cap of a quarter", { positionShare: 1 }, "2.5"],
    ["the lot, downwards", { price: 99.7, stopPrice: 90 }, "2.006"],
    [
      "no lot known",
      { market: { ...MARKET, lotStep: null }, price: 300, stopPrice: 290 },
      "0.666666666666666666",
    ],
  ])("heeds %s", (_what, change, quantity) => {
    expect(judge(change)).toMatchObject({ allowed: true, quantity });
  });

  it.each<[string, string, Partial<EntryProposal>, RegExp]>([
    ["without a stop", "stop", { stopPrice: Number.NaN }, /no stop-loss \(NaN\)/],
    ["a stop of nothing", "stop", { stopPrice: 0 }, /no stop-loss/],
    [
      "a long with its stop above",
      "stop",
      { stopPrice: 101 },
      /101 of a long is not below the price 100/,
    ],
    ["a stop at the price", "stop", { stopPrice: 100 }, /not below/],
    [
      "a short with its stop below",
      "stop",
      { side: "short" },
      /95 of a short is not above the price 100/,
    ],
    ["without a price", "stop", { price: Number.NaN }, /price NaN is not above 0/],
    ["a wild size factor", "size", { sizeFactor: 1.5 }, /size factor is 1.5/],
    ["no share", "size", { positionShare: 0 }, /share is 0/],
    ["nothing left", "size", { realisedPnl: -1000 }, /0.00 USDT left of 1000/],
    ["under a lot", "size", { capital: 0.1 }, /less than one lot of 0.001 SOL/],
    [
      "under the smallest order",
      "size",
      { capital: 20 },
      /4.00 USDT is under the smallest order of 5 USDT/,
    ],
  ])("refuses %s", (_what, layer, change, reason) => {
    const verdict = judge(change);
    expect(verdict).toMatchObject({
      allowed: false,
      layer,
      reason: expect.stringMatching(reason) as string,
    });
    expect(verdict.conditions.at(-1)?.held).toBe(false);
    expect(verdict.conditions.slice(0, -1).every((condition) => condition.held)).toBe(true);
  });

  it("refuses what the bot's cash does not pay for", () => {
    const all: RiskLayer = {
      id: "all-in",
      judge: (entry) => ({
        verdict: "size",
        quantity: money(entry.capital).div(entry.price),
        condition: { label: "All in", held: true, detail: "" },
      }),
    };
    const cash = ENTRY_LAYERS.find(({ id }) => id === "cash");
    if (cash === undefined) throw new Error("no cash layer");
    expect(evaluateEntry([all, cash], ENTRY)).toMatchObject({
      allowed: false,
      layer: "cash",
      reason:
        "The bot's cash does not pay for it: 1002.00 USDT with fee and slippage of 1000.00 at hand.",
    });
    expect(evaluateEntry([cash], ENTRY)).toMatchObject({ allowed: false, layer: "cash" });
    expect(evaluateEntry([], ENTRY)).toMatchObject({
      allowed: false,
      reason: "No layer gave the entry a size.",
    });
  });

  it("takes the smallest size of all layers, in any order", () => {
    const sized = (id: string, quantity: number): RiskLayer => ({
      id,
      judge: () => ({
        verdict: "size",
        quantity: money(quantity),
        condition: { label: id, held: true, detail: "" },
      }),
    });
    expect(evaluateEntry([sized("a", 3), sized("b", 1), sized("c", 2)], ENTRY)).toMatchObject({
      quantity: "1",
    });
  });

  it("never risks more than a quarter of the equity, and always lands on the lot", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e5, noNaN: true }),
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-3, max: 1, noNaN: true }),
        fc.double({ min: 1e-3, max: 1, noNaN: true }),
        (price, capital, positionShare, sizeFactor) => {
          const verdict = judge({
            price,
            stopPrice: price / 2,
            capital,
            positionShare,
            sizeFactor,
          });
          if (!verdict.allowed) return;
          expect(money(verdict.notional).lte(money(capital).times(0.25))).toBe(true);
          expect(money(verdict.quantity).mod("0.001").isZero()).toBe(true);
        },
      ),
    );
  });
});
