import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import type { LedgerStore } from "../../../../src-main/engine/store-port.ts";
import { openLedgerDb } from "../../../../src-main/store/ledger-db.ts";
import type { LedgerDb } from "../../../../src-main/store/ledger-db.ts";
import {
  CANDLE,
  entry,
  exit,
  filled,
  insertBot,
  rooms,
  ScriptedVenue,
  START,
} from "../orders/support.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let ledger: LedgerDb;
let clock: VirtualClock;
beforeEach(() => {
  ledger = openLedgerDb(":memory:");
  insertBot(ledger, "1");
  insertBot(ledger, "2", { name: "Other", capital: 500 });
  clock = new VirtualClock(START + 10 * HOUR);
});
afterEach(() => {
  ledger.close();
});
const start = (
  script: ConstructorParameters<typeof ScriptedVenue>[0] = [],
  of: LedgerStore = ledger,
) => rooms(of, new ScriptedVenue(script), clock);

describe("a bot's account", () => {
  it("begins flat with its capital", () => {
    expect(start().portfolio.account("1")).toEqual({
      position: {
        state: "FLAT",
        side: null,
        quantity: 0,
        entryPrice: null,
        entryTime: null,
        stopPrice: null,
        lastPrice: null,
        unrealisedPnl: 0,
      },
      equity: 1000,
      realisedPnl: 0,
      feesPaid: 0,
      trades: 0,
      pnlToday: 0,
      pnlTotal: 0,
    });
    expect(() => start().portfolio.account("9")).toThrow("Bot 9 has no books");
  });

  it("follows fills and last prices, for a short as for a long", async () => {
    const { executor, portfolio } = start([filled("100"), filled("100")]);
    await executor.open(entry("1"));
    await executor.open({ ...entry("2"), side: "short", stopPrice: 105 });
    for (const id of ["1", "2"]) portfolio.mark(id, 97, clock.now());
    expect(portfolio.account("1")).toMatchObject({
      position: { state: "OPEN", lastPrice: 97, unrealisedPnl: -6, stopPrice: 95 },
      equity: 993.9,
      realisedPnl: -0.1,
      pnlTotal: -6.1,
    });
    expect(portfolio.account("2")).toMatchObject({ position: { unrealisedPnl: 6 }, equity: 505.9 });
    expect(portfolio.fleet()).toEqual({
      equity: expect.closeTo(1499.8, 9) as number,
      pnlToday: expect.closeTo(-0.2, 9) as number,
      exposure: 388,
    });
  });

  it("is the same object until something changed", () => {
    const { portfolio } = start();
    const first = portfolio.account("1");
    expect(portfolio.account("1")).toBe(first);
    portfolio.mark("2", 5, clock.now());
    expect(portfolio.account("1")).toBe(first);
    portfolio.mark("1", 5, clock.now());
    expect(portfolio.account("1")).not.toBe(first);
  });

  it("takes over another capital and keeps the gains", async () => {
    const { executor, portfolio } = start([filled("100")]);
    await executor.open(entry("1"));
    portfolio.mark("1", 110, clock.now());
    portfolio.register({ id: "1", capital: 2000 });
    expect(portfolio.account("1")).toMatchObject({
      equity: 2019.9,
      pnlToday: 19.9,
      pnlTotal: 19.9,
    });
  });

  it("refuses a price that is none", () => {
    const { portfolio } = start();
    for (const price of [0, -1, Number.NaN, Infinity]) {
      expect(() => portfolio.mark("1", price, clock.now())).toThrow(/must be above 0/);
    }
  });
});

describe("today", () => {
  it("begins at 00:00 UTC with what the bot was worth then, also after a restart", async () => {
    const { executor, portfolio } = start([filled("100")]);
    await executor.open(entry("1"));
    portfolio.mark("1", 110, clock.now());
    await clock.advanceTo(START + DAY - 50 * 60_000);
    portfolio.mark("1", 115, clock.now());
    await clock.advanceTo(START + DAY - 60_000);
    portfolio.mark("1", 120, clock.now());
    expect(portfolio.account("1").pnlToday).toBe(39.9);
    await clock.advanceTo(START + DAY + 1000);
    expect(portfolio.account("1").pnlToday).toBe(0);
    portfolio.mark("1", 121, clock.now());
    expect(portfolio.account("1")).toMatchObject({ pnlToday: 2, pnlTotal: 41.9 });
    portfolio.flush();
    expect(start().portfolio.account("1")).toMatchObject({ pnlToday: 2, pnlTotal: 41.9 });
  });
});

describe("after a restart", () => {
  it("has the same books, the last price included", async () => {
    const { executor, portfolio } = start([
      filled("100"),
      filled("110"),
      filled("100", ["0.7", "0.6"]),
    ]);
    await executor.open(entry("1"));
    await executor.close(exit("1"));
    await executor.open(entry("1", START + 2 * CANDLE));
    portfolio.mark("1", 103.37, clock.now() + HOUR);
    portfolio.stopChecked("1", START + 5 * CANDLE);
    portfolio.flush();
    const again = start().portfolio;
    expect(again.account("1")).toEqual(portfolio.account("1"));
    expect(again.position("1")).toMatchObject({ checkedCandle: START + 5 * CANDLE, state: "OPEN" });
  });

  it("counts a position at its entry price when no later price was kept", async () => {
    await start([filled("100")]).executor.open(entry("1"));
    expect(start().portfolio.account("1")).toMatchObject({
      position: { state: "OPEN", lastPrice: null, unrealisedPnl: 0 },
      equity: 999.9,
    });
  });
});

it("does not read a price from a row that was made before the last fill", async () => {
  const { executor, portfolio } = start([filled("100"), filled("104", ["1.5"])]);
  await executor.open(entry("1"));
  portfolio.mark("1", 103, clock.now());
  portfolio.flush();
  await executor.close(exit("1"));
  expect(start().portfolio.account("1").position).toMatchObject({
    state: "CLOSING",
    quantity: 0.5,
    lastPrice: null,
  });
});

describe("equity rows", () => {
  const rows = (id: string) =>
    ledger.equity.ofBot(id, 1000).map((row) => [row.time - START, row.equity]);

  it("are one an hour and one a fill, and none that says nothing new", async () => {
    const { executor, portfolio } = start([filled("100")]);
    for (let minute = 0; minute < 120; minute += 15) {
      await clock.advanceTo(START + 10 * HOUR + minute * 60_000);
      portfolio.mark("1", 100 + minute, clock.now());
    }
    await executor.open(entry("1"));
    for (let minute = 120; minute < 240; minute += 15) {
      await clock.advanceTo(START + 10 * HOUR + minute * 60_000);
      portfolio.mark("1", 100 + minute, clock.now());
    }
    portfolio.flush();
    expect(rows("1")).toEqual([
      [10 * HOUR, "1000"],
      [11.75 * HOUR, "999.9"],
      [12 * HOUR, "1239.9"],
      [13 * HOUR, "1359.9"],
    ]);
    expect(rows("2")).toEqual([[10 * HOUR, "500"]]);
  });

  it("are committed together between ticks, and wait when the ledger cannot be written", async () => {
    let broken = false;
    let commits = 0;
    const counting: LedgerStore = {
      ...ledger,
      transaction: (work) => {
        if (broken) throw new Error("disk full");
        commits += 1;
        return ledger.transaction(work);
      },
    };
    const { portfolio, troubles } = start([], counting);
    portfolio.register({ id: "1", capital: 1001 });
    portfolio.mark("1", 5, clock.now());
    broken = true;
    await clock.advance(61_000);
    expect(troubles).toEqual(["Equity rows could not be written to ledger.db and wait: disk full"]);
    broken = false;
    portfolio.mark("1", 5, clock.now());
    expect(commits).toBe(0);
    await clock.advance(61_000);
    expect(commits).toBe(1);
    portfolio.flush();
    expect(commits).toBe(1);
    expect(rows("1").at(-1)).toEqual([10 * HOUR, "1001"]);
  });
});

describe("views", () => {
  it("show positions, open ones first, with the bot's name", async () => {
    const { executor, portfolio } = start([
      filled("100"),
      filled("110"),
      filled("100"),
      filled("90"),
    ]);
    await executor.open(entry("1"));
    await executor.close(exit("1"));
    await executor.open(entry("1", START + 4 * CANDLE));
    await executor.open({ ...entry("2"), side: "short", stopPrice: 105 });
    portfolio.mark("1", 101, clock.now());
    const all = portfolio.positionsView({ state: "all", limit: 10 });
    expect(all.map((row) => [row.botName, row.state, row.realisedPnl])).toEqual([
      ["Other", "OPEN", -0.1],
      ["Sol", "OPEN", -0.1],
      ["Sol", "CLOSED", 19.8],
    ]);
    expect(all[1]).toMatchObject({
      lastPrice: 101,
      exposure: 202,
      unrealisedPnl: 2,
      strategy: "mean_reversion_bb",
    });
    expect(all[2]).toMatchObject({
      lastPrice: null,
      exposure: 0,
      unrealisedPnl: 0,
      exitPrice: 110,
    });
    expect(portfolio.positionsView({ state: "open", botId: "2", limit: 10 })).toHaveLength(1);
    expect(portfolio.positionsView({ state: "closed", limit: 10 })).toHaveLength(1);
    expect(portfolio.positionsView({ state: "all", limit: 2 })).toHaveLength(2);
  });

  it("show orders with all their fills as one", async () => {
    const { executor, portfolio } = start([
      filled("100", ["0.5", "1.5"]),
      { outcome: "rejected", reason: "no" },
    ]);
    await executor.open(entry("1"));
    await executor.close(exit("1"));
    ledger.positions.openOf("1");
    const [rejected, confirmed] = portfolio.ordersView({ limit: 10 });
    expect(rejected).toMatchObject({
      purpose: "exit",
      status: "rejected",
      reason: "no",
      fill: null,
    });
    expect(confirmed).toMatchObject({
      botName: "Sol",
      quantity: 2,
      fill: { price: 100, fee: 0.2, feeCurrency: "USDT", slippageBps: 0 },
    });
    expect(portfolio.ordersView({ botId: "2", limit: 10 })).toEqual([]);
    expect(
      portfolio.ordersView({ positionId: confirmed?.positionId ?? "", limit: 10 }),
    ).toHaveLength(2);
  });

  it("show equity of a bot and of the fleet up to now, thinned", async () => {
    const { executor, portfolio } = start([filled("100")]);
    await executor.open(entry("1"));
    for (let hour = 1; hour <= 40; hour += 1) {
      await clock.advanceTo(START + (10 + hour) * HOUR);
      portfolio.mark("1", 100 + hour, clock.now());
    }
    await clock.advance(60_000);
    const bot = portfolio.equityView({ botId: "1", points: 11 });
    expect(bot).toHaveLength(11);
    expect(bot.at(-1)).toEqual({
      time: clock.now(),
      equity: 1079.9,
      realised: -0.1,
      unrealised: 80,
      exposure: 280,
    });
    const fleet = portfolio.equityView({ points: 5 });
    expect(fleet).toHaveLength(5);
    expect(fleet[0]?.equity).toBe(1500);
    expect(fleet.at(-1)?.equity).toBe(1579.9);
    expect(fleet.map((point) => point.time)).toEqual(
      [...fleet.map((point) => point.time)].toSorted((a, b) => a - b),
    );
  });

  it("forget a removed bot but keep its trades", async () => {
    const { executor, portfolio } = start([filled("100"), filled("110")]);
    await executor.open(entry("1"));
    await executor.close(exit("1"));
    await clock.advance(HOUR);
    ledger.bots.remove("1");
    portfolio.remove("1");
    expect(portfolio.fleet().equity).toBe(500);
    expect(portfolio.positionsView({ state: "all", limit: 9 })[0]?.botName).toBe("deleted bot 1");
    await clock.advance(HOUR);
    const curve = portfolio.equityView({ points: 5 }).map((point) => point.equity);
    expect(curve).toEqual([1500, 1519.8, 500, 500, 500]);
    expect(portfolio.equityView({ botId: "1", points: 5 }).at(-1)?.equity).toBe(1019.8);
  });
});
