import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { CandleService } from "../../../../src-main/engine/market/candle-service.ts";
import { columnsOf } from "../../../../src-main/engine/market/columns.ts";
import type { CandleAnswer } from "../../../../src-main/engine/market/types.ts";
import { openMarketDb, type MarketDb } from "../../../../src-main/store/market-db.ts";
import type { Timeframe } from "../../../../src-preload/contract/time.ts";
import { candleAt, gate, networkError, ScriptedExchange } from "./scripted-exchange.ts";

const STEP = 900_000;
/** 00:00:05 of a day: the candle of 23:45 has just closed. */
const NOW = Date.UTC(2024, 2, 1) + 5000;
const LAST = NOW - 5000 - STEP;
const SYMBOL = "SOL/USDT";

function desk(
  options: { now?: number; maxCandles?: number; db?: MarketDb; settleMs?: number } = {},
) {
  const clock = new VirtualClock(options.now ?? NOW);
  const exchange = new ScriptedExchange(clock, options.maxCandles);
  const db = options.db ?? openMarketDb(":memory:");
  const notes: string[] = [];
  const service = new CandleService({
    clock,
    exchange,
    store: db.candles,
    onNote: (note) => notes.push(note),
    ...(options.settleMs === undefined ? {} : { settleMs: options.settleMs }),
  });
  return { clock, exchange, db, notes, service };
}

const times = (answer: CandleAnswer): number[] => [...answer.candles.time];
const upTo = (last: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => last - (count - 1 - i) * STEP);

/** Lets engine time pass until the answer is there. */
async function passing<T>(clock: VirtualClock, promise: Promise<T>, ms = 10_000): Promise<T> {
  const settled = promise.catch(() => {});
  await clock.advance(ms);
  await settled;
  return promise;
}

describe("candle service", () => {
  it("answers with the newest closed candles, never the open one, and asks for exactly those", async () => {
    const { service, exchange, db, notes } = desk();
    const answer = await service.closed(SYMBOL, "15m", 200);
    expect(times(answer)).toEqual(upTo(LAST, 200));
    expect(answer).toMatchObject({ stale: false, expectedLast: LAST, note: "" });
    expect(answer.candles.close.at(-1)).toBe(candleAt(LAST, STEP).close);
    expect(exchange.asked).toEqual([[SYMBOL, "15m", LAST - 999 * STEP, 1000]]);
    expect(db.candles.range(SYMBOL, "15m")).toEqual({
      first: LAST - 999 * STEP,
      last: LAST,
      count: 1000,
    });
    expect(notes).toEqual([]);
  });

  it("fetches each closed candle once, however many bots ask at once and later", async () => {
    const { service, exchange, clock } = desk();
    await Promise.all([200, 50, 900, 1, 200].map((count) => service.closed(SYMBOL, "15m", count)));
    expect(exchange.asked).toHaveLength(1);
    for (let tick = 1; tick <= 4; tick += 1) {
      await clock.advance(STEP);
      const answers = await Promise.all(
        [200, 50, 900].map((count) => service.closed(SYMBOL, "15m", count)),
      );
      for (const answer of answers) expect(answer.candles.time.at(-1)).toBe(LAST + tick * STEP);
      await service.closed(SYMBOL, "15m", 300);
      // The three before it are asked for again, to notice a revision.
      expect(exchange.asked.at(-1)).toEqual([SYMBOL, "15m", LAST + (tick - 3) * STEP, 4]);
    }
    expect(service.stats()).toEqual({ requests: 5, minimum: 5 });
  });

  it("goes on from the store after a restart and asks only for what is missing", async () => {
    const first = desk();
    await first.service.closed(SYMBOL, "15m", 200);
    const later = desk({ db: first.db, now: NOW + 7 * STEP });
    const answer = await later.service.closed(SYMBOL, "15m", 900);
    expect(times(answer)).toEqual(upTo(LAST + 7 * STEP, 900));
    expect(later.exchange.asked).toEqual([[SYMBOL, "15m", LAST - 2 * STEP, 10]]);
    const again = desk({ db: first.db, now: NOW + 7 * STEP });
    expect(times(await again.service.closed(SYMBOL, "15m", 900))).toEqual(
      upTo(LAST + 7 * STEP, 900),
    );
    expect(again.exchange.asked).toEqual([]);
    expect(again.service.stats()).toEqual({ requests: 0, minimum: 0 });
  });

  it("fetches long histories and long sleeps in pages", async () => {
    const { service, exchange, clock } = desk({ maxCandles: 100 });
    expect(times(await service.closed(SYMBOL, "15m", 250))).toEqual(upTo(LAST, 250));
    expect(exchange.asked.map(([, , since, limit]) => [(LAST - since) / STEP, limit])).toEqual([
      [299, 100],
      [199, 100],
      [99, 100],
    ]);
    clock.jump(250 * STEP);
    expect(times(await service.closed(SYMBOL, "15m", 400))).toEqual(upTo(LAST + 250 * STEP, 400));
    expect(exchange.asked).toHaveLength(6);
    expect(service.stats()).toEqual({ requests: 6, minimum: 6 });
  });

  it("fetches older candles when a later bot needs more, and stores them in front", async () => {
    const { service, exchange, db } = desk({ maxCandles: 100 });
    const early = await service.closed(SYMBOL, "15m", 100);
    const before = [...early.candles.close];
    expect(times(await service.closed(SYMBOL, "15m", 150))).toEqual(upTo(LAST, 150));
    expect(exchange.asked).toHaveLength(2);
    expect([...early.candles.close]).toEqual(before);
    expect(db.candles.range(SYMBOL, "15m")?.count).toBe(200);
    expect(service.stats()).toEqual({ requests: 2, minimum: 2 });
  });

  it("never overwrites what it handed out, over thousands of candles", async () => {
    const { service, clock } = desk();
    const held: { answer: CandleAnswer; copy: number[] }[] = [];
    for (let tick = 0; tick < 3000; tick += 1) {
      const answer = await service.closed(SYMBOL, "15m", 40);
      if (tick % 100 === 0) held.push({ answer, copy: times(answer) });
      await clock.advance(STEP);
    }
    for (const { answer, copy } of held) {
      expect(times(answer)).toEqual(copy);
      expect(copy).toEqual(upTo(answer.expectedLast, 40));
    }
    expect(service.stats()).toEqual({ requests: 3000, minimum: 3000 });
  });

  it("tries again for a candle that is late, and takes it when it comes", async () => {
    const { service, exchange, clock, notes } = desk();
    await service.closed(SYMBOL, "15m", 10);
    clock.jump(STEP);
    exchange.lacks.add(LAST + STEP);
    exchange.onAsk = async (candles) => {
      if (exchange.asked.length === 3) exchange.lacks.clear();
      return candles;
    };
    const answer = await passing(clock, service.closed(SYMBOL, "15m", 10));
    expect(answer.stale).toBe(false);
    expect(times(answer)).toEqual(upTo(LAST + STEP, 10));
    expect(service.stats()).toEqual({ requests: 4, minimum: 2 });
    expect(notes).toEqual([]);
  });

  it("says stale when the candle does not come, asks no more for a while, and accepts a real gap once", async () => {
    const { service, exchange, clock, notes } = desk();
    await service.closed(SYMBOL, "15m", 10);
    clock.jump(STEP);
    exchange.lacks.add(LAST + STEP);
    const answer = await passing(clock, service.closed(SYMBOL, "15m", 10));
    expect(answer.stale).toBe(true);
    expect(answer.expectedLast).toBe(LAST + STEP);
    expect(times(answer)).toEqual(upTo(LAST, 10));
    expect(answer.note).toBe(
      "the candle of 2024-03-01 00:00 UTC is missing; the newest is that of 2024-02-29 23:45 UTC",
    );
    expect(notes).toEqual([`SOL/USDT 15m: ${answer.note}`]);
    expect(exchange.asked).toHaveLength(5);
    expect((await service.closed(SYMBOL, "15m", 10)).stale).toBe(true);
    expect(exchange.asked).toHaveLength(5);
    await clock.advance(60_000);
    expect((await passing(clock, service.closed(SYMBOL, "15m", 10))).stale).toBe(true);
    expect(exchange.asked).toHaveLength(9);

    await clock.advanceTo(NOW + 2 * STEP);
    const next = await service.closed(SYMBOL, "15m", 3);
    expect(next.stale).toBe(false);
    expect(times(next)).toEqual([LAST - STEP, LAST, LAST + 2 * STEP]);
    expect(notes.slice(1)).toEqual([
      "SOL/USDT 15m: the exchange has no candle for one candle (2024-03-01 00:00 UTC); kept as a gap",
    ]);
    const asked = exchange.asked.length;
    await service.closed(SYMBOL, "15m", 900);
    expect(exchange.asked).toHaveLength(asked);
  });

  it("makes up for gaps with older candles and knows where a young symbol begins", async () => {
    const gappy = desk({ maxCandles: 50 });
    for (let i = 5; i < 25; i += 1) gappy.exchange.lacks.add(LAST - i * STEP);
    const answer = await gappy.service.closed(SYMBOL, "15m", 50);
    expect(answer.candles.length).toBe(50);
    expect(gappy.notes).toEqual([
      "SOL/USDT 15m: the exchange has no candle for 20 candles (2024-02-29 17:45 UTC to 2024-02-29 22:30 UTC); kept as a gap",
    ]);
    const young = desk();
    young.exchange.listedAt = LAST - 29 * STEP;
    const few = await young.service.closed(SYMBOL, "15m", 200);
    expect(few.stale).toBe(false);
    expect(times(few)).toEqual(upTo(LAST, 30));
    const asked = young.exchange.asked.length;
    expect(asked).toBeLessThanOrEqual(2);
    await young.service.closed(SYMBOL, "15m", 200);
    expect(young.exchange.asked).toHaveLength(asked);
  });

  it("refuses unsound candles, says so, and never stores them", async () => {
    const { service, exchange, db, notes } = desk();
    const bad = LAST - 3 * STEP;
    exchange.onAsk = async (candles) =>
      candles.map((c) => (c.time === bad ? { ...c, high: c.low - 1 } : c));
    const answer = await service.closed(SYMBOL, "15m", 10);
    expect(times(answer)).not.toContain(bad);
    expect(answer.candles.length).toBe(10);
    expect(notes[0]).toMatch(
      /^SOL\/USDT 15m: refused the candle of time \d+: its high 9\d+ is below its low 9\d+$|refused/,
    );
    expect([...db.candles.read(SYMBOL, "15m", 0, NOW).time]).not.toContain(bad);
  });

  it("rejects when the exchange does not answer, keeps what it has, and tries anew for the next caller", async () => {
    const { service, exchange, clock } = desk();
    await service.closed(SYMBOL, "15m", 10);
    clock.jump(STEP);
    const { onAsk } = exchange;
    exchange.onAsk = () => Promise.reject(networkError());
    const both = await Promise.allSettled([
      service.closed(SYMBOL, "15m", 10),
      service.closed(SYMBOL, "15m", 20),
    ]);
    for (const one of both)
      expect(one).toMatchObject({ status: "rejected", reason: { kind: "network" } });
    expect(exchange.asked).toHaveLength(2);
    exchange.onAsk = () => Promise.reject(new TypeError("x is not a function"));
    await expect(service.closed(SYMBOL, "15m", 10)).rejects.toMatchObject({
      name: "ExchangeError",
      kind: "bad_answer",
    });
    exchange.onAsk = onAsk;
    expect(times(await service.closed(SYMBOL, "15m", 10))).toEqual(upTo(LAST + STEP, 10));
    expect(service.stats()).toEqual({ requests: 4, minimum: 2 });
  });

  it("lets one caller give up without harm to the others, and stops the request when all have", async () => {
    const { service, exchange } = desk();
    const slow = gate();
    let seen: AbortSignal | undefined;
    exchange.onAsk = async (candles, signal) => {
      seen = signal;
      await slow.opened;
      return candles;
    };
    const [one, two] = [new AbortController(), new AbortController()];
    const first = service.closed(SYMBOL, "15m", 10, one.signal);
    const second = service.closed(SYMBOL, "15m", 10, two.signal);
    one.abort(new Error("drained"));
    await expect(first).rejects.toThrow("drained");
    expect(seen?.aborted).toBe(false);
    slow.open();
    expect((await second).candles.length).toBe(10);
    expect(exchange.asked).toHaveLength(1);

    const third = new AbortController();
    const never = gate();
    exchange.onAsk = async (candles, signal) => {
      seen = signal;
      await never.opened;
      return candles;
    };
    const alone = service.closed("ADA/USDT", "15m", 10, third.signal);
    await Promise.resolve();
    third.abort(new Error("drained"));
    await expect(alone).rejects.toThrow("drained");
    expect(seen?.aborted).toBe(true);
    exchange.onAsk = async (candles) => candles;
    expect((await service.closed("ADA/USDT", "15m", 10)).candles.length).toBe(10);
    await expect(service.closed(SYMBOL, "15m", 10, third.signal)).rejects.toThrow("drained");
  });

  it("waits until a candle has settled when told to", async () => {
    const { service, exchange, clock } = desk({ now: NOW - 4500, settleMs: 2000 });
    const pending = service.closed(SYMBOL, "15m", 10);
    await clock.advance(1400);
    expect(exchange.asked).toEqual([]);
    const answer = await passing(clock, pending, 200);
    expect(answer.candles.time.at(-1)).toBe(LAST);
    expect(clock.now()).toBe(NOW - 2900);
  });

  it("works from memory when the store cannot be written", async () => {
    const { db, service, notes, clock } = desk();
    await service.closed(SYMBOL, "15m", 10);
    db.close();
    clock.jump(STEP);
    expect(times(await service.closed(SYMBOL, "15m", 10))).toEqual(upTo(LAST + STEP, 10));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^SOL\/USDT 15m: stored candles could not be written/);
  });

  it("fetches anew, into a cleared store, what is damaged there", async () => {
    const { db } = desk();
    await desk({ db }).service.closed(SYMBOL, "15m", 10);
    const broken: MarketDb = {
      ...db,
      candles: {
        range: (...series) => db.candles.range(...series),
        append: (...more) => db.candles.append(...more),
        prepend: (...more) => db.candles.prepend(...more),
        merge: (...more) => db.candles.merge(...more),
        coverage: () => db.candles.coverage(),
        gaps: (...series) => db.candles.gaps(...series),
        settleGap: (...gap) => db.candles.settleGap(...gap),
        clear: (...series) => db.candles.clear(...series),
        read: () => {
          throw new Error("Stored candles are damaged.");
        },
      },
    };
    const { service, exchange, notes } = desk({ db: broken });
    expect(times(await service.closed(SYMBOL, "15m", 200))).toEqual(upTo(LAST, 200));
    expect(exchange.asked).toHaveLength(1);
    expect(notes).toEqual([
      "SOL/USDT 15m: stored candles could not be read, so they are fetched anew: Stored candles are damaged.",
    ]);
    expect(db.candles.range(SYMBOL, "15m")).toEqual({
      first: LAST - 999 * STEP,
      last: LAST,
      count: 1000,
    });
  });

  it("refuses a count that is no count", async () => {
    const { service } = desk();
    for (const count of [0, -1, 1.5, Number.NaN]) {
      await expect(service.closed(SYMBOL, "15m", count)).rejects.toThrow(
        /ask for a whole number from 1 up/,
      );
    }
  });

  it("gives the same candles whatever was asked before, with requests equal to the minimum while nothing fails", async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 5 * STEP }),
      asks: fc.array(
        fc.record({
          symbol: fc.constantFrom("SOL/USDT", "ADA/USDT"),
          timeframe: fc.constantFrom<Timeframe>("15m", "1h"),
          count: fc.integer({ min: 1, max: 180 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      restart: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const db = openMarketDb(":memory:");
        let now = NOW;
        let at = desk({ db, now, maxCandles: 60 });
        for (const { wait, asks, restart } of steps) {
          now += wait;
          if (restart) {
            const { requests, minimum } = at.service.stats();
            expect(requests).toBe(minimum);
            at = desk({ db, now, maxCandles: 60 });
          }
          at.clock.jump(now - at.clock.now());
          const answers = await Promise.all(
            asks.map(({ symbol, timeframe, count }) => at.service.closed(symbol, timeframe, count)),
          );
          for (const [i, { timeframe, count }] of asks.entries()) {
            const length = timeframe === "1h" ? 4 * STEP : STEP;
            const last = Math.floor(now / length) * length - length;
            const answer = answers[i];
            expect(answer?.stale).toBe(false);
            expect(answer?.candles.length).toBe(count);
            expect(answer?.candles.time[0]).toBe(last - (count - 1) * length);
            expect(answer?.candles.time.at(-1)).toBe(last);
            expect(answer?.candles.close.at(-1)).toBe(candleAt(last, length).close);
          }
        }
        expect(at.notes).toEqual([]);
        const { requests, minimum } = at.service.stats();
        expect(requests).toBe(minimum);
        db.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("what the candle service tells", () => {
  function watched() {
    const told: unknown[][] = [];
    const clock = new VirtualClock(NOW);
    const exchange = new ScriptedExchange(clock);
    const db = openMarketDb(":memory:");
    const service = new CandleService({
      clock,
      exchange,
      store: db.candles,
      onNote: () => {},
      watcher: {
        onClosed: (...args) => void told.push(["closed", ...args]),
        onGap: (...args) => void told.push(["gap", ...args]),
        onRevised: (...args) => void told.push(["revised", ...args]),
        onRefused: (...args) => void told.push(["refused", ...args]),
        onLate: (...args) => void told.push(["late", ...args]),
      },
    });
    return { told, clock, exchange, db, service };
  }

  it("notices a candle that came with other figures later: told, replaced in memory and store, views handed out stay", async () => {
    const { told, clock, exchange, db, service } = watched();
    const before = await service.closed(SYMBOL, "15m", 50);
    expect(told).toEqual([["closed", SYMBOL, "15m"]]);
    const old = candleAt(LAST, STEP);
    const revised = { ...old, close: old.close + 0.5 };
    exchange.onAsk = async (candles) =>
      candles.map((candle) => (candle.time === LAST ? revised : candle));
    await clock.advance(STEP);
    told.length = 0;
    const after = await service.closed(SYMBOL, "15m", 50);
    expect(exchange.asked).toHaveLength(2);
    expect(told).toEqual([
      ["revised", SYMBOL, "15m", [{ before: old, after: revised }]],
      ["closed", SYMBOL, "15m"],
    ]);
    expect(after.candles.close.at(-2)).toBe(revised.close);
    expect(db.candles.read(SYMBOL, "15m", LAST, LAST + 1).close[0]).toBe(revised.close);
    expect(before.candles.close.at(-1)).toBe(old.close);
    await clock.advance(STEP);
    told.length = 0;
    await service.closed(SYMBOL, "15m", 50);
    expect(told).toEqual([["closed", SYMBOL, "15m"]]);
  });

  it("refuses a wrong revision and keeps what it has", async () => {
    const { told, clock, exchange, service } = watched();
    await service.closed(SYMBOL, "15m", 50);
    const old = candleAt(LAST, STEP);
    exchange.onAsk = async (candles) =>
      candles.map((candle) => (candle.time === LAST ? { ...old, high: 1 } : candle));
    await clock.advance(STEP);
    told.length = 0;
    const answer = await service.closed(SYMBOL, "15m", 50);
    expect(told.map(([what]) => what)).toEqual(["refused", "closed"]);
    expect(answer.candles.high.at(-2)).toBe(old.high);
  });

  it("tells of a late candle once, and of a gap", async () => {
    const { told, clock, exchange, service } = watched();
    await service.closed(SYMBOL, "15m", 50);
    exchange.lacks.add(LAST + STEP);
    await clock.advance(STEP);
    told.length = 0;
    const stale = await passing(clock, service.closed(SYMBOL, "15m", 50));
    expect(stale.stale).toBe(true);
    await passing(clock, service.closed(SYMBOL, "15m", 50));
    expect(told).toEqual([["late", SYMBOL, "15m", LAST + STEP]]);
    // The first ask, three tries, and no more until it is worth it.
    expect(exchange.asked).toHaveLength(5);
    clock.jump(STEP);
    told.length = 0;
    await service.closed(SYMBOL, "15m", 50);
    expect(told.map(([what]) => what)).toEqual(["gap", "closed"]);
  });

  it("takes what a backfill wrote behind its back into the same view of the world", async () => {
    const { clock, exchange, db, service, told } = watched();
    exchange.lacks.add(LAST - 3 * STEP);
    expect((await service.closed(SYMBOL, "15m", 10)).candles.time[6]).not.toBe(LAST - 3 * STEP);
    db.candles.merge(SYMBOL, "15m", columnsOf([candleAt(LAST - 3 * STEP, STEP)]));
    service.refresh(SYMBOL, "15m");
    expect(times(await service.closed(SYMBOL, "15m", 10))).toEqual(upTo(LAST, 10));
    // A backfill that was quicker with the newest candle is no failure of the store.
    clock.jump(STEP);
    db.candles.merge(SYMBOL, "15m", columnsOf([candleAt(LAST + STEP, STEP)]));
    told.length = 0;
    expect(times(await service.closed(SYMBOL, "15m", 10))).toEqual(upTo(LAST + STEP, 10));
    expect(told.map(([what]) => what)).toEqual(["closed"]);
  });
});
