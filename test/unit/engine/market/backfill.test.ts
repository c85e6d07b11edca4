import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { ExchangeError } from "../../../../src-main/engine/exchange/port.ts";
import { Backfill } from "../../../../src-main/engine/market/backfill.ts";
import { Findings } from "../../../../src-main/engine/market/findings.ts";
import { openMarketDb, type MarketDb } from "../../../../src-main/store/market-db.ts";
import type { BackfillView } from "../../../../src-preload/contract/data.ts";
import { candleAt, gate, networkError, ScriptedExchange } from "./scripted-exchange.ts";

const STEP = 900_000;
const DAY = 86_400_000;
const NOW = Date.UTC(2024, 2, 1) + 60_000;
const LAST = NOW - 60_000 - STEP;
const SYMBOL = "SOL/USDT";

function desk(options: { db?: MarketDb; maxCandles?: number; busy?: () => boolean } = {}) {
  const clock = new VirtualClock(NOW);
  const exchange = new ScriptedExchange(clock, options.maxCandles ?? 100);
  exchange.listedAt = NOW - 400 * DAY;
  // As a network does: never within the turn that asks.
  exchange.onAsk = async (candles) => {
    await new Promise(setImmediate);
    return candles;
  };
  const db = options.db ?? openMarketDb(":memory:");
  const notes: string[] = [];
  const refreshed: string[] = [];
  const onNote = (note: string): void => void notes.push(note);
  const backfill = new Backfill({
    clock,
    exchange,
    store: db.candles,
    findings: new Findings(db.findings, clock, (error) => onNote(String(error))),
    jobs: db.backfills,
    busy: options.busy ?? (() => false),
    refresh: (symbol, timeframe) => void refreshed.push(`${symbol} ${timeframe}`),
    symbols: () => new Set([SYMBOL, "BTC/USDT"]),
    onChanged: () => {},
    onNote,
  });
  return { clock, exchange, db, notes, refreshed, backfill };
}

type Desk = ReturnType<typeof desk>;
const order = (days: number, more: { verify?: boolean; symbols?: string[] } = {}) => ({
  symbols: more.symbols ?? [SYMBOL],
  timeframe: "15m" as const,
  from: LAST - days * DAY,
  verify: more.verify ?? false,
});
/** Turns of the event loop for the exchange, then engine time. */
async function pass(clock: VirtualClock, ms: number, turns = 2): Promise<void> {
  for (let i = 0; i < turns; i += 1) {
    await new Promise(setImmediate);
    await clock.advance(0);
  }
  await clock.advance(ms);
}
/** Turns of the event loop, and engine time where the work waits for it, until the job has come so far. */
async function until(
  { backfill, clock }: Pick<Desk, "backfill" | "clock">,
  enough: (job: BackfillView) => boolean,
  ms = 0,
): Promise<BackfillView> {
  for (let turn = 0; turn < 5000; turn += 1) {
    const [job] = backfill.list();
    if (job !== undefined && enough(job)) return job;
    await pass(clock, ms);
  }
  throw new Error(`It does not come so far: ${JSON.stringify(backfill.list()[0])}`);
}
const done = (job: BackfillView): boolean => job.state === "done";

describe("a backfill", () => {
  it("fetches from the day on, newest first, with no gap at any time", async () => {
    const it = desk();
    it.backfill.start();
    const { started, refused } = it.backfill.order(order(10));
    expect([started.length, refused]).toEqual([1, []]);
    const job = await until(it, done);
    expect(job).toMatchObject({ state: "done", progress: 1, added: 961, changed: 0, refused: 0 });
    expect(job.reason).toBe("961 candles added.");
    const { candles } = it.db;
    expect(candles.range(SYMBOL, "15m")).toEqual({
      first: LAST - 10 * DAY,
      last: LAST,
      count: 961,
    });
    const all = candles.read(SYMBOL, "15m", 0, NOW);
    expect(all.close[500]).toBe(candleAt(all.time[500] ?? 0, STEP).close);
    // One to find the beginning, then ten pages.
    expect(it.exchange.asked).toHaveLength(11);
    const pages = it.exchange.asked.slice(1).map(([, , since]) => since);
    expect(pages).toEqual(pages.toSorted((a, b) => b - a));
    expect(candles.gaps(SYMBOL, "15m")).toEqual([]);
  });

  it("asks only for what is not held: forward, back, and nothing when all is there", async () => {
    const it = desk();
    it.backfill.start();
    it.backfill.order(order(3));
    await until(it, done);
    it.exchange.asked.length = 0;
    it.clock.jump(10 * STEP);
    it.backfill.order(order(5));
    const job = await until(it, (each) => each.id === 2 && done(each));
    expect(job.added).toBe(10 + 2 * 96);
    expect(it.exchange.asked.slice(1)).toEqual([
      [SYMBOL, "15m", LAST + STEP, 10],
      [SYMBOL, "15m", LAST - 3 * DAY - 100 * STEP, 100],
      [SYMBOL, "15m", LAST - 5 * DAY, 92],
    ]);
    it.exchange.asked.length = 0;
    it.backfill.order(order(5));
    await until(it, (each) => each.id === 3 && done(each));
    expect(it.exchange.asked).toHaveLength(1);
  });

  it("never stores the open candle", async () => {
    const it = desk();
    it.backfill.start();
    it.backfill.order({ ...order(1), timeframe: "1h" });
    await until(it, done);
    expect(it.db.candles.range(SYMBOL, "1h")?.last).toBe(NOW - 60_000 - 3_600_000);
  });

  it("begins where the exchange begins, and says so", async () => {
    const it = desk();
    it.exchange.listedAt = LAST - 2 * DAY;
    it.backfill.start();
    it.backfill.order(order(300));
    const job = await until(it, done);
    expect(job.added).toBe(193);
    expect(job.reason).toBe("193 candles added. The exchange's first is of 2024-02-27.");
    expect(it.exchange.asked).toHaveLength(3);
  });

  it("pauses after the page under way, goes on where it was, and counts what came meanwhile", async () => {
    const it = desk();
    it.backfill.start();
    it.backfill.order(order(10));
    await until(it, (job) => job.added >= 300);
    it.backfill.pause([1]);
    await pass(it.clock, 3_600_000);
    const held = it.db.candles.range(SYMBOL, "15m")?.count ?? 0;
    const [paused] = it.backfill.list();
    expect(paused).toMatchObject({ state: "paused", reason: expect.stringMatching(/^Paused\. /) });
    expect(held).toBeLessThan(500);
    const asked = it.exchange.asked.length;
    await pass(it.clock, 3_600_000);
    expect(it.exchange.asked).toHaveLength(asked);
    it.backfill.resume([1]);
    await until(it, done);
    const again = it.exchange.asked.slice(asked).map(([, , since]) => since);
    expect(Math.max(...again)).toBeLessThanOrEqual(LAST + 8 * STEP);
    expect(it.db.candles.gaps(SYMBOL, "15m")).toEqual([]);
  });

  it("is cancelled for good, and what came stays", async () => {
    const it = desk();
    it.backfill.start();
    it.backfill.order(order(10));
    await until(it, (job) => job.added >= 100);
    it.backfill.cancel([1]);
    await pass(it.clock, 1000);
    expect(it.backfill.list()[0]).toMatchObject({ state: "cancelled" });
    const { count } = it.db.candles.range(SYMBOL, "15m") ?? { count: 0 };
    expect(count).toBeGreaterThan(0);
    it.backfill.resume([1]);
    await pass(it.clock, 60_000);
    expect(it.db.candles.range(SYMBOL, "15m")?.count).toBe(count);
    it.backfill.clear();
    expect(it.backfill.list()).toEqual([]);
    expect(() => it.backfill.pause([1])).toThrow(
      "There is no backfill 1; it may have been cleared.",
    );
  });

  it("goes on after a restart, and a paused one stays paused", async () => {
    const first = desk();
    first.backfill.start();
    first.backfill.order(order(10, { symbols: [SYMBOL, "BTC/USDT"] }));
    first.backfill.pause([2]);
    const running = (each: Desk) => each.backfill.list().find(({ id }) => id === 1);
    for (let turn = 0; (running(first)?.added ?? 0) < 300; turn += 1) {
      if (turn > 1000) throw new Error("It does not come so far.");
      await pass(first.clock, 0);
    }
    await first.backfill.stop();
    expect(running(first)?.state).toBe("running");
    const count = first.db.candles.range(SYMBOL, "15m")?.count ?? 0;
    expect(count).toBeLessThan(961);

    const second = desk({ db: first.db });
    second.backfill.start();
    for (let turn = 0; running(second)?.state !== "done"; turn += 1) {
      if (turn > 1000) throw new Error("It does not end.");
      await pass(second.clock, 0);
    }
    expect(second.db.candles.range(SYMBOL, "15m")?.count).toBe(961);
    expect(running(second)?.added).toBe(961);
    expect(second.exchange.asked.length).toBe(Math.ceil((961 - count) / 100));
    expect(second.backfill.list()[0]).toMatchObject({ id: 2, state: "paused" });
  });

  it("waits and tries again when the exchange does not answer, then says so and can be resumed", async () => {
    const it = desk();
    let failures = 2;
    it.exchange.onAsk = async (candles) => {
      failures -= 1;
      if (failures >= 0) throw networkError();
      return candles;
    };
    it.backfill.start();
    it.backfill.order(order(2));
    await until(it, done, 10_000);
    failures = 100;
    it.backfill.order(order(4));
    const failed = await until(it, ({ state }) => state === "failed", 60_000);
    expect(failed.reason).toMatch(
      /Scripted did not answer; try again\. Resume to go on from here\./,
    );
    failures = 0;
    it.backfill.resume([failed.id]);
    await until(it, (job) => job.id === failed.id && done(job), 10_000);
    expect(it.db.candles.gaps(SYMBOL, "15m")).toEqual([]);
  });

  it("fails at once, with the exchange's sentence, where trying again cannot help", async () => {
    const it = desk();
    it.exchange.onAsk = async () => {
      throw new ExchangeError("refused", "Scripted has no SOL/USDT any more.");
    };
    it.backfill.start();
    it.backfill.order(order(2));
    const job = await until(it, ({ state }) => state === "failed");
    expect(job.reason).toMatch(/^Scripted has no SOL\/USDT any more\./);
    expect(it.exchange.asked).toHaveLength(1);
  });

  it("waits while a tick is at work", async () => {
    let busy = true;
    const it = desk({ busy: () => busy });
    it.backfill.start();
    it.backfill.order(order(1));
    await pass(it.clock, 2000);
    expect(it.exchange.asked).toEqual([]);
    busy = false;
    await until(it, done, 50);
  });

  it("refuses what it cannot do, by name, and starts the rest", () => {
    const it = desk();
    const { started, refused } = it.backfill.order(
      order(2, { symbols: ["NO/SUCH", SYMBOL, SYMBOL] }),
    );
    expect(started.map(({ symbol }) => symbol)).toEqual([SYMBOL]);
    expect(refused).toEqual([
      {
        symbol: "NO/SUCH",
        reason: "Scripted has no spot market NO/SUCH; choose one that it lists.",
      },
    ]);
    expect(it.backfill.order(order(5)).refused[0]?.reason).toMatch(
      /is being fetched already \(number 1, queued\)/,
    );
    expect(() => it.backfill.order({ ...order(2), from: NOW + DAY })).toThrow(
      /The first day must lie between 2009-01-03 and/,
    );
    expect(() => it.backfill.order({ ...order(2), from: 0 })).toThrow(/2009-01-03/);
  });
});

describe("gaps", () => {
  it("are asked for again; what the exchange has not is marked real, found and kept", async () => {
    const it = desk();
    const hole = LAST - 30 * STEP;
    it.exchange.lacks.add(hole).add(hole + STEP);
    it.exchange.lacks.add(LAST - 200 * STEP);
    it.backfill.start();
    it.backfill.order(order(3));
    const job = await until(it, done);
    expect(job.reason).toBe("286 candles added, 3 missing in 2 gaps.");
    expect(it.db.candles.gaps(SYMBOL, "15m")).toEqual([
      { from: LAST - 200 * STEP, to: LAST - 199 * STEP, real: true, checkedAt: NOW },
      { from: hole, to: hole + 2 * STEP, real: true, checkedAt: NOW },
    ]);
    expect(it.exchange.asked.filter(([, , since]) => since === hole)).toHaveLength(1);
    expect(it.db.findings.list({ kinds: ["gap"], limit: 9 }).rows).toHaveLength(2);
    // Real ones are not asked for any more.
    it.exchange.asked.length = 0;
    it.backfill.order(order(3));
    await until(it, (each) => each.id === 2 && done(each));
    expect(it.exchange.asked).toHaveLength(1);
    // But a comparison goes over them, and takes what has come since.
    it.exchange.lacks.clear();
    it.backfill.order(order(3, { verify: true }));
    const compared = await until(it, (each) => each.id === 3 && done(each));
    expect(compared.added).toBe(3);
    expect(it.db.candles.gaps(SYMBOL, "15m")).toEqual([]);
  });

  it("that a tick leaves are asked for a minute later, and again when that fails", async () => {
    const it = desk();
    it.backfill.start();
    const { candles } = it.db;
    candles.append(SYMBOL, "15m", [
      candleAt(LAST - 5 * STEP, STEP),
      candleAt(LAST - 2 * STEP, STEP),
    ]);
    it.backfill.gapFound(SYMBOL, "15m");
    await pass(it.clock, 59_000);
    expect(it.exchange.asked).toEqual([]);
    await pass(it.clock, 2000);
    await pass(it.clock, 0, 5);
    expect(candles.gaps(SYMBOL, "15m")).toEqual([]);
    expect(candles.range(SYMBOL, "15m")?.count).toBe(4);
    expect(it.refreshed).toEqual([`${SYMBOL} 15m`]);
  });

  it("stay open where the exchange has something wrong", async () => {
    const it = desk();
    const bad = LAST - 30 * STEP;
    it.exchange.onAsk = async (candles) =>
      candles.map((candle) => (candle.time === bad ? { ...candle, high: candle.low - 1 } : candle));
    it.backfill.start();
    it.backfill.order(order(1));
    const job = await until(it, done);
    expect(job).toMatchObject({ added: 96, refused: 2 });
    expect(it.db.candles.gaps(SYMBOL, "15m")).toMatchObject([{ from: bad, real: false }]);
    const { rows } = it.db.findings.list({ kinds: [], limit: 9 });
    expect(rows).toMatchObject([{ kind: "wrong_order", candleTime: bad, count: 2, before: null }]);
    expect(rows[0]?.reason).toMatch(/^Refused: its high .* is below its low/);
  });
});

describe("a revised candle", () => {
  it("replaces the stored one and is found with both figures", async () => {
    const it = desk();
    it.backfill.start();
    it.backfill.order(order(2));
    await until(it, done);
    const time = LAST - 50 * STEP;
    it.exchange.onAsk = async (candles) =>
      candles.map((candle) => (candle.time === time ? { ...candle, volume: 6 } : candle));
    it.backfill.order(order(2, { verify: true }));
    const job = await until(it, (each) => each.id === 2 && done(each));
    expect(job).toMatchObject({ added: 0, changed: 1, reason: "0 candles added, 1 revised." });
    expect(it.db.candles.read(SYMBOL, "15m", time, time + 1).volume[0]).toBe(6);
    const [found] = it.db.findings.list({ kinds: ["revised"], limit: 9 }).rows;
    expect(found).toMatchObject({
      candleTime: time,
      reason: "The exchange revised it: volume 5 → 6. The new figures are kept.",
      before: { volume: 5 },
      after: { volume: 6 },
    });
    expect(it.refreshed.length).toBeGreaterThan(0);
  });

  it("does not stop a page from being stored when the last one is paused away", async () => {
    const it = desk();
    const wait = gate();
    it.exchange.onAsk = async (candles) => {
      await wait.opened;
      return candles;
    };
    it.backfill.start();
    it.backfill.order(order(1));
    it.backfill.pause([1]);
    wait.open();
    await pass(it.clock, 100);
    expect(it.backfill.list()[0]?.state).toBe("paused");
    it.backfill.resume([1]);
    await until(it, done);
    expect(it.db.candles.range(SYMBOL, "15m")?.count).toBe(97);
  });
});
