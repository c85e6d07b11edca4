import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Venue } from "../../../../src-main/engine/orders/types.ts";
import { openLedgerDb } from "../../../../src-main/store/ledger-db.ts";
import type { LedgerDb } from "../../../../src-main/store/ledger-db.ts";
import {
  CANDLE,
  entry,
  exit,
  filled,
  insertBot,
  paperVenue,
  rooms,
  ScriptedVenue,
  START,
} from "./support.ts";

let ledger: LedgerDb;
beforeEach(() => {
  ledger = openLedgerDb(":memory:");
  insertBot(ledger, "1");
  insertBot(ledger, "2");
});
afterEach(() => {
  ledger.close();
});

const UNKNOWN = { outcome: "unresolved", reason: "time-out" } as const;
const NO = { outcome: "rejected", reason: "not enough balance" } as const;

describe("a round trip", () => {
  it("opens, closes and books the difference after fees", async () => {
    const { executor, portfolio, told } = rooms(
      ledger,
      new ScriptedVenue([filled("100"), filled("110")]),
    );
    const opened = await executor.open(entry("1"));
    expect(opened).toMatchObject({
      outcome: "confirmed",
      replayed: false,
      position: {
        state: "OPEN",
        quantity: "2",
        entryPrice: "100",
        stopPrice: "95",
        realisedPnl: "-0.1",
      },
    });
    expect(portfolio.account("1").position).toMatchObject({
      state: "OPEN",
      side: "long",
      quantity: 2,
    });
    const closed = await executor.close(exit("1"));
    expect(closed).toMatchObject({
      outcome: "confirmed",
      position: {
        state: "CLOSED",
        quantity: "0",
        realisedPnl: "19.8",
        fees: "0.2",
        exitReason: "at the middle band",
      },
    });
    expect(portfolio.account("1")).toMatchObject({
      equity: 1019.8,
      realisedPnl: 19.8,
      trades: 1,
      feesPaid: 0.2,
    });
    expect(told).toEqual(["1", "1", "1", "1"]);
  });

  it("sells short and buys back", async () => {
    const venue = new ScriptedVenue([filled("100"), filled("90")]);
    const { executor } = rooms(ledger, venue);
    await executor.open({ ...entry("1"), side: "short", stopPrice: 105 });
    const closed = await executor.close({ ...exit("1"), purpose: "stop" });
    expect(venue.submitted.map((order) => [order.side, order.purpose])).toEqual([
      ["sell", "entry"],
      ["buy", "stop"],
    ]);
    expect(closed).toMatchObject({ position: { state: "CLOSED", realisedPnl: "19.8" } });
  });

  it("has committed the intent when the venue is called", async () => {
    const seen: unknown[] = [];
    const paper = paperVenue();
    const spy: Venue = {
      id: "spy",
      submit: (order) => {
        seen.push([
          ledger.orders.get(order.clientOrderId)?.status,
          ledger.positions.openOf("1")?.state,
        ]);
        return paper.submit(order);
      },
      lookup: (order) => paper.lookup(order),
    };
    const { executor } = rooms(ledger, spy);
    await executor.open(entry("1"));
    await executor.close(exit("1"));
    expect(seen).toEqual([
      ["intent", "OPENING"],
      ["intent", "CLOSING"],
    ]);
  });
});

describe("the same order again", () => {
  it("gives the stored outcome and sends nothing", async () => {
    const venue = new ScriptedVenue([filled("100"), filled("110")]);
    const { executor, portfolio } = rooms(ledger, venue);
    await executor.open(entry("1"));
    expect(await executor.open({ ...entry("1"), quantity: "9", side: "short" })).toMatchObject({
      outcome: "confirmed",
      replayed: true,
      order: { quantity: "2", side: "buy" },
    });
    await executor.close(exit("1"));
    expect(await executor.close(exit("1"))).toMatchObject({ outcome: "confirmed", replayed: true });
    expect(await executor.open(entry("1"))).toMatchObject({ outcome: "confirmed", replayed: true });
    expect(venue.submitted).toHaveLength(2);
    expect(portfolio.account("1").trades).toBe(1);
  });

  it("keeps a rejected entry rejected on its candle, and enters on the next", async () => {
    const venue = new ScriptedVenue([NO, filled("100")]);
    const { executor, portfolio } = rooms(ledger, venue);
    expect(await executor.open(entry("1"))).toMatchObject({
      outcome: "rejected",
      reason: "not enough balance",
      position: {
        state: "CLOSED",
        quantity: "0",
        exitReason: "Entry rejected: not enough balance",
      },
    });
    expect(await executor.open(entry("1"))).toMatchObject({ outcome: "rejected", replayed: true });
    expect(portfolio.account("1")).toMatchObject({ trades: 0, equity: 1000 });
    expect(await executor.open(entry("1", START + CANDLE))).toMatchObject({ outcome: "confirmed" });
  });

  it("tries a rejected exit again under a new id, even on the same candle", async () => {
    const venue = new ScriptedVenue([filled("100"), NO, NO, filled("90")]);
    const { executor } = rooms(ledger, venue);
    await executor.open(entry("1"));
    expect(await executor.close(exit("1"))).toMatchObject({
      outcome: "rejected",
      position: { state: "CLOSING" },
    });
    expect(await executor.close(exit("1"))).toMatchObject({
      outcome: "rejected",
      position: { state: "CLOSING" },
    });
    expect(await executor.close(exit("1"))).toMatchObject({
      outcome: "confirmed",
      position: { state: "CLOSED" },
    });
    expect(new Set(venue.submitted.map((order) => order.clientOrderId)).size).toBe(4);
    expect(await executor.close(exit("1"))).toMatchObject({ outcome: "confirmed", replayed: true });
    expect(venue.submitted).toHaveLength(4);
  });
});

describe("parts", () => {
  it("takes a partly filled entry as it is, and closes the rest of a partly filled exit", async () => {
    const venue = new ScriptedVenue([
      filled("100", ["0.5", "1"]),
      filled("110", ["1"]),
      filled("120"),
    ]);
    const { executor, portfolio } = rooms(ledger, venue);
    expect(await executor.open(entry("1"))).toMatchObject({
      position: { state: "OPEN", quantity: "1.5" },
    });
    expect(await executor.close(exit("1"))).toMatchObject({
      position: { state: "CLOSING", quantity: "0.5", exitPrice: "110", realisedPnl: "9.7" },
    });
    expect(await executor.close(exit("1"))).toMatchObject({
      // 1 × 110 + 0.5 × 120 − 1.5 × 100 − 4 × 0.1
      position: { state: "CLOSED", quantity: "0", realisedPnl: "19.6" },
    });
    expect(venue.submitted.at(-1)?.quantity).toBe("0.5");
    expect(portfolio.account("1").equity).toBe(1019.6);
  });

  it("closes the position of an entry that ended without a fill", async () => {
    const { executor, portfolio } = rooms(ledger, new ScriptedVenue([filled("100", [])]));
    expect(await executor.open(entry("1"))).toMatchObject({
      outcome: "confirmed",
      position: { state: "CLOSED", exitReason: "Entry ended without a fill." },
    });
    expect(portfolio.account("1").trades).toBe(0);
  });
});

describe("an outcome that is not known", () => {
  it("is looked up with pauses until it is known, and nothing is sent twice", async () => {
    const venue = new ScriptedVenue([
      new Error("connection lost"),
      UNKNOWN,
      UNKNOWN,
      filled("100"),
    ]);
    const { executor, clock } = rooms(ledger, venue);
    const running = executor.open(entry("1"));
    await clock.advance(6_999);
    expect(venue.lookedUp).toHaveLength(2);
    expect(executor.pending("1")?.status).toBe("unresolved");
    await clock.advance(1);
    expect(await running).toMatchObject({ outcome: "confirmed", position: { state: "OPEN" } });
    expect(venue.submitted).toHaveLength(1);
    expect(executor.pending("1")).toBeNull();
  });

  it("stays unknown after a bounded time; the bot sends nothing until resolve knows", async () => {
    const venue = new ScriptedVenue([]);
    const { executor, clock, portfolio } = rooms(ledger, venue);
    const running = executor.open(entry("1"));
    await clock.advance(60_000);
    expect(await running).toMatchObject({ outcome: "unresolved", position: { state: "OPENING" } });
    expect(portfolio.account("1").position.state).toBe("OPENING");
    const other = await executor.open(entry("1", START + CANDLE));
    expect(other).toMatchObject({ outcome: "denied" });
    expect(await executor.close(exit("1"))).toMatchObject({
      outcome: "denied",
      reason: expect.stringContaining("is not known; nothing is sent until it is") as string,
    });
    expect(venue.submitted).toHaveLength(1);
  });

  it("is settled by resolve, which does not wait before its first look", async () => {
    const script = new ScriptedVenue([UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, NO]);
    const { executor, clock } = rooms(ledger, script);
    const running = executor.open(entry("1"));
    await clock.advance(60_000);
    await running;
    expect(await executor.resolve("1")).toMatchObject({
      outcome: "rejected",
      position: { state: "CLOSED" },
    });
    expect(await executor.resolve("1")).toBeNull();
  });

  it("is looked up by one caller at a time", async () => {
    const { executor, clock } = rooms(
      ledger,
      new ScriptedVenue([
        ...Array.from({ length: 7 }, () => UNKNOWN),
        filled("100"),
        filled("100"),
      ]),
    );
    const running = executor.open(entry("1"));
    await clock.advance(60_000);
    await running;
    const both = Promise.all([executor.resolve("1"), executor.resolve("1")]);
    await clock.advance(60_000);
    expect(await both).toMatchObject([
      { outcome: "confirmed" },
      { outcome: "denied", reason: "Another order of this bot is on its way." },
    ]);
  });

  it("ends its pauses when the tick is aborted, and keeps the order open", async () => {
    const abort = new AbortController();
    const { executor, clock } = rooms(ledger, new ScriptedVenue([UNKNOWN]));
    const running = executor.open({ ...entry("1"), signal: abort.signal });
    await clock.advance(10);
    abort.abort(new Error("drain"));
    expect(await running).toMatchObject({ outcome: "unresolved", reason: "time-out" });
    expect(ledger.orders.open()).toHaveLength(1);
  });

  it.each([
    ["of another order", { clientOrderId: "td-other" }, /belongs to another order/],
    ["of the other side", { side: "sell" as const }, /is a sell of SOL\/USDT/],
    ["of more than was ordered", { quantity: "2.1" }, /2.1 filled of 2 ordered/],
    ["of nothing", { quantity: "0" }, /not above 0/],
    ["with a figure that is none", { price: "n/a" }, /not a number/],
    ["with a fee in another currency", { feeCurrency: "BNB" }, /in BNB, the books are in USDT/],
  ])("so is a fill %s", async (_what, change, reason) => {
    const venue = new ScriptedVenue([
      (order) => {
        const answer = filled("100")(order);
        return answer.outcome === "confirmed"
          ? { ...answer, fills: answer.fills.map((fill) => ({ ...fill, ...change })) }
          : answer;
      },
    ]);
    const { executor, clock } = rooms(ledger, venue);
    const running = executor.open(entry("1"));
    await clock.advance(1);
    expect(ledger.orders.open()[0]).toMatchObject({
      status: "unresolved",
      reason: expect.stringMatching(reason) as string,
    });
    expect(ledger.orders.fills({ botId: "1" })).toEqual([]);
    await clock.advance(60_000);
    await running;
  });
});

describe("refused by us: nothing written, nothing sent", () => {
  const untouched = (venue: ScriptedVenue): void => {
    expect(venue.submitted).toEqual([]);
    expect(ledger.orders.list({ limit: 9 })).toEqual([]);
    expect(ledger.positions.count()).toBe(0);
  };

  it.each([
    ["a quantity of nothing", { quantity: "0" }, "The order's quantity is 0; it must be above 0."],
    ["no stop", { stopPrice: Number.NaN }, "The order's stop is NaN; it must be above 0."],
    ["a price below zero", { expectedPrice: -1 }, "The order's price is -1; it must be above 0."],
  ])("%s", async (_what, change, reason) => {
    const venue = new ScriptedVenue([]);
    expect(await rooms(ledger, venue).executor.open({ ...entry("1"), ...change })).toEqual({
      outcome: "denied",
      reason,
    });
    untouched(venue);
  });

  it("an aborted tick and an exit without a position", async () => {
    const venue = new ScriptedVenue([]);
    const { executor } = rooms(ledger, venue);
    expect(await executor.open({ ...entry("1"), signal: AbortSignal.abort() })).toMatchObject({
      outcome: "denied",
    });
    expect(await executor.close(exit("1"))).toEqual({
      outcome: "denied",
      reason: "The bot has no position to close.",
    });
    untouched(venue);
  });

  it("a second position, a second entry on one candle, two calls at once; another bot is not concerned", async () => {
    const { executor } = rooms(ledger, paperVenue());
    const [first, second, other] = await Promise.all([
      executor.open(entry("1")),
      executor.open(entry("1", START + CANDLE)),
      executor.open(entry("2")),
    ]);
    expect([first.outcome, second.outcome, other.outcome]).toEqual([
      "confirmed",
      "denied",
      "confirmed",
    ]);
    expect(await executor.open(entry("1", START + CANDLE))).toEqual({
      outcome: "denied",
      reason: "The bot has a position already (SOL/USDT, OPEN).",
    });
    await executor.close(exit("1"));
    expect(await executor.open({ ...entry("1"), symbol: "ETH/USDT" })).toMatchObject({
      outcome: "denied",
      reason: expect.stringContaining("entered on this candle already") as string,
    });
  });
});
