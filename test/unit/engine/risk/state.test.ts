import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RiskEventView } from "../../../../src-preload/contract/risk.ts";
import { RISK_DEFAULTS } from "../../../../src-preload/contract/risk-limits.ts";
import { columnsOf } from "../../../../src-main/engine/market/columns.ts";
import { ExchangeError } from "../../../../src-main/engine/exchange/port.ts";
import type { Exchange } from "../../../../src-main/engine/exchange/port.ts";
import { SyntheticExchange } from "../../../../src-main/engine/exchange/synthetic-exchange.ts";
import { watchExchange } from "../../../../src-main/engine/exchange/watched-exchange.ts";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { Breakers } from "../../../../src-main/engine/risk/breakers.ts";
import { CorrelationBook } from "../../../../src-main/engine/risk/correlation-book.ts";
import { deadManAt, deadManSentence } from "../../../../src-main/engine/risk/dead-man.ts";
import { EquityWatch } from "../../../../src-main/engine/risk/equity-watch.ts";
import { StopLog } from "../../../../src-main/engine/risk/stop-log.ts";
import { openLedgerDb } from "../../../../src-main/store/ledger-db.ts";
import { START } from "../orders/support.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A bot's worth by its capital, gain, and gain of the day. */
const worth = (capital: number, gain = 0, today = gain) => ({
  equity: capital + gain,
  pnlTotal: gain,
  pnlToday: today,
});

describe("EquityWatch", () => {
  const two = () => {
    const watch = new EquityWatch(new Map());
    watch.observe("a", worth(1000), START);
    watch.observe("b", worth(1000), START);
    watch.ready(START, 0, null);
    return watch;
  };

  it("follows the peak up and tells how far below it a bot and the portfolio are", () => {
    const watch = two();
    watch.observe("a", worth(1000, 200), START);
    watch.observe("a", worth(1000, -40), START);
    expect(watch.bot("a")).toMatchObject({ equity: 960, peak: 1200 });
    expect(watch.bot("a").drawdownPct).toBeCloseTo(20, 9);
    expect(watch.portfolio()).toMatchObject({ equity: 1960, peak: 2200 });
    expect(watch.portfolio().drawdownPct).toBeCloseTo((240 / 2200) * 100, 9);
    expect(watch.portfolio().dayLossPct).toBeCloseTo(2, 9);
  });

  it("takes new capital for no gain and taken capital for no loss", () => {
    const watch = two();
    watch.observe("a", worth(1000, -100), START);
    const { drawdownPct } = watch.bot("a");
    const before = watch.portfolio().drawdownPct;
    watch.observe("a", worth(5000, -100), START);
    expect(watch.bot("a").drawdownPct).toBeCloseTo(drawdownPct, 9);
    expect(watch.portfolio().drawdownPct).toBeCloseTo(before, 9);
    watch.observe("a", worth(500, -100), START);
    expect(watch.bot("a").drawdownPct).toBeCloseTo(drawdownPct, 9);
    watch.observe("c", worth(700), START);
    expect(watch.portfolio().drawdownPct).toBeCloseTo(before, 9);
    watch.forget("b");
    expect(watch.portfolio().drawdownPct).toBeCloseTo(before, 9);
  });

  it("keeps its peaks through a restart, and a reset begins anew", () => {
    const watch = two();
    watch.observe("a", worth(1000, 200), START);
    watch.observe("a", worth(1000, 0), START);
    const kept = new Map(watch.takeUnsaved().map(({ scope, peak }) => [scope, peak]));
    expect(kept).toEqual(
      new Map([
        ["a", 1200],
        ["b", 1000],
        ["", 2200],
      ]),
    );
    expect(watch.takeUnsaved()).toEqual([]);
    const again = new EquityWatch(kept);
    again.observe("a", worth(1000, 0), START);
    again.observe("b", worth(1000, 0), START);
    again.ready(START, 0, 2000);
    expect(again.bot("a").peak).toBe(1200);
    expect(again.portfolio().peak).toBe(2200);
    again.resetPeak("a");
    again.resetPeak("");
    expect(again.bot("a").drawdownPct).toBe(0);
    expect(again.portfolio().drawdownPct).toBe(0);
  });

  it("does not take a bot that cannot be loaded for a loss", () => {
    const watch = new EquityWatch(new Map([["", 2200]]));
    watch.observe("a", worth(1000, 100), START);
    watch.ready(START, 0, 2000);
    expect(watch.portfolio()).toMatchObject({ equity: 1100, peak: 1100, drawdownPct: 0 });
  });

  it("begins each UTC day without a loss", () => {
    const watch = two();
    watch.observe("a", worth(1000, -100), START);
    expect(watch.bot("a").dayLossPct).toBeCloseTo(10, 9);
    watch.observe("b", worth(1000), START + DAY);
    expect(watch.bot("a").dayLossPct).toBe(0);
    expect(watch.portfolio().dayLossPct).toBe(0);
    watch.observe("a", worth(1000, -190, -90), START + DAY);
    expect(watch.bot("a").dayLossPct).toBeCloseTo(10, 9);
    watch.forgiveDay("a", START + DAY);
    expect(watch.bot("a").dayLossPct).toBe(0);
    watch.observe("a", worth(1000, -199, -99), START + DAY);
    expect(watch.bot("a").dayLossPct).toBeCloseTo(1, 6);
  });

  it("is never above 100 %, never below 0, and 0 at a new peak, whatever comes", () => {
    const steps = fc.array(
      fc.record({
        bot: fc.constantFrom("a", "b", "c"),
        capital: fc.integer({ min: 100, max: 10_000 }),
        gain: fc.integer({ min: -90, max: 500 }),
        gone: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (row) => {
        const watch = two();
        for (const { bot, capital, gain, gone } of row) {
          if (gone) watch.forget(bot);
          else watch.observe(bot, worth(capital, gain), START);
          for (const { drawdownPct, dayLossPct } of [watch.bot(bot), watch.portfolio()]) {
            expect(drawdownPct).toBeGreaterThanOrEqual(0);
            expect(drawdownPct).toBeLessThanOrEqual(100);
            expect(dayLossPct).toBeGreaterThanOrEqual(0);
          }
          const { equity, peak } = watch.portfolio();
          expect(peak).toBeGreaterThanOrEqual(equity * (1 - 1e-9));
        }
      }),
    );
  });
});

describe("deadManAt", () => {
  const at = (hours: number) => deadManAt(START, START + hours * HOUR, RISK_DEFAULTS);
  it("has four states, each with what comes next", () => {
    expect(at(0)).toEqual({
      state: "ok",
      lastCheckIn: START,
      next: { state: "reminder", at: START + 20 * HOUR },
    });
    expect(at(19.99).state).toBe("ok");
    expect(at(20)).toMatchObject({ state: "reminder", next: { state: "no_entries" } });
    expect(at(24)).toMatchObject({ state: "no_entries", next: { state: "stopped" } });
    expect(at(48)).toMatchObject({ state: "stopped", next: null });
  });
  it("says each but the first in a sentence", () => {
    expect(deadManSentence("ok", RISK_DEFAULTS)).toBeNull();
    expect(deadManSentence("reminder", RISK_DEFAULTS)).toContain("20 hours");
    expect(deadManSentence("no_entries", RISK_DEFAULTS)).toContain("24 hours");
    expect(deadManSentence("stopped", RISK_DEFAULTS)).toContain("keep their stops");
    expect(deadManSentence("stopped", { ...RISK_DEFAULTS, deadManStop: "close" })).toContain(
      "all positions are closed",
    );
  });
});

describe("Breakers", () => {
  const trip = (change: object = {}) => ({
    kind: "pair_lock" as const,
    scope: "SOL/USDT",
    trippedAt: START,
    until: START + HOUR,
    reason: "Four stops.",
    ...change,
  });
  it("are in the ledger with their history, end by themselves or by a reset, and survive a restart", () => {
    const ledger = openLedgerDb(":memory:");
    const told: RiskEventView[] = [];
    const breakers = new Breakers(ledger.risk, (event) => told.push(event));
    breakers.trip(trip());
    breakers.trip({ ...trip(), kind: "bot_drawdown", scope: "7", until: null });
    expect(breakers.has("pair_lock", "SOL/USDT")).toBe(true);
    const again = new Breakers(ledger.risk, (event) => told.push(event));
    expect(again.list(START).map(({ id }) => id)).toEqual(["bot_drawdown:7", "pair_lock:SOL/USDT"]);
    expect(again.list(START + HOUR).map(({ id }) => id)).toEqual(["bot_drawdown:7"]);
    expect(again.reset("bot_drawdown:7", START + HOUR, "Looked into it")?.scope).toBe("7");
    expect(again.reset("bot_drawdown:7", START + HOUR, "Twice")).toBeNull();
    expect(new Breakers(ledger.risk, () => undefined).list(START)).toEqual([]);
    expect(ledger.risk.events(10).map(({ action, note }) => [action, note])).toEqual([
      ["reset", "Looked into it"],
      ["ended", ""],
      ["tripped", ""],
      ["tripped", ""],
    ]);
    expect(told).toHaveLength(4);
    ledger.close();
  });
  it("are longer, never shorter, by a second trip", () => {
    const ledger = openLedgerDb(":memory:");
    const breakers = new Breakers(ledger.risk, () => undefined);
    breakers.trip(trip());
    expect(breakers.trip(trip({ until: START + 1 })).until).toBe(START + HOUR);
    expect(breakers.trip(trip({ until: START + 2 * HOUR })).until).toBe(START + 2 * HOUR);
    expect(breakers.trip(trip({ until: null })).until).toBeNull();
    expect(breakers.list(START)).toHaveLength(1);
    breakers.forget("SOL/USDT", START);
    expect(breakers.list(START)).toEqual([]);
    ledger.close();
  });
});

describe("CorrelationBook", () => {
  const candles = (closes: readonly number[], from = 0) =>
    columnsOf(
      closes.map((close, i) => ({
        time: START + (from + i) * HOUR,
        open: close,
        high: close,
        low: close,
        close,
        volume: 1,
      })),
    );
  const wave = (n: number, phase = 0) =>
    Array.from({ length: n }, (_, i) => 100 + 10 * Math.sin(i + phase));

  it("knows what moves together, apart, and what it cannot know", () => {
    const book = new CorrelationBook();
    const up = wave(101);
    book.observe("A", "1h", candles(up));
    book.observe("B", "1h", candles(up.map((close) => close * 3)));
    book.observe("C", "1h", candles(up.map((close) => 10_000 / close)));
    book.observe("D", "4h", candles(up));
    book.observe("E", "1h", candles(up.slice(0, 20)));
    expect(book.correlation("A", "A", 100)).toBe(1);
    expect(book.correlation("A", "B", 100, "1h")).toBeCloseTo(1, 9);
    expect(book.correlation("A", "C", 100)).toBeLessThan(-0.99);
    expect(book.correlation("C", "A", 100)).toBe(book.correlation("A", "C", 100));
    expect(book.correlation("A", "D", 100)).toBeNull();
    expect(book.correlation("A", "E", 100)).toBeNull();
    expect(book.symbols()).toEqual(["A", "B", "C", "D", "E"]);
  });

  it("compares candles of one time, gaps or not, and changes with a new candle only", () => {
    const book = new CorrelationBook();
    const closes = wave(120);
    book.observe("A", "1h", candles(closes));
    const gap = candles(closes);
    const kept = [...Array(120).keys()].filter((i) => i % 7 !== 3);
    book.observe("B", "1h", {
      ...gap,
      length: kept.length,
      time: gap.time.filter((_, i) => i % 7 !== 3),
      close: gap.close.filter((_, i) => i % 7 !== 3),
    });
    expect(book.correlation("A", "B", 100)).toBeCloseTo(1, 9);
    const other = wave(120, 2).map((close, i) => close + i);
    book.observe("B", "1h", candles(other));
    expect(book.correlation("A", "B", 100)).toBeCloseTo(1, 9);
    book.observe("B", "1h", candles([...other, 300]));
    expect(book.correlation("A", "B", 100)).toBeLessThan(0.9);
  });
});

describe("StopLog", () => {
  it("counts stops of the fleet and of a symbol, and reads trades once", () => {
    const reads: string[] = [];
    const log = new StopLog((botId) => {
      reads.push(botId);
      return [10, -5];
    });
    log.stopped({ botId: "1", symbol: "A", time: 10 });
    log.stopped({ botId: "2", symbol: "A", time: 20 });
    log.stopped({ botId: "1", symbol: "B", time: 30 });
    expect([log.count(0), log.count(10), log.count(0, "A")]).toEqual([3, 2, 2]);
    expect(log.bySymbol(0)).toEqual(
      new Map([
        ["A", 2],
        ["B", 1],
      ]),
    );
    expect(log.lastStop("1")).toBe(30);
    expect(log.lastStop("3")).toBeNull();
    expect(log.trades("1", 2)).toMatchObject({ trades: 2, wins: 1 });
    log.closed("1", 7);
    expect(log.trades("1", 2)).toMatchObject({ trades: 2, wins: 1, averageWin: 7 });
    expect(reads).toEqual(["1"]);
  });
});

describe("watchExchange", () => {
  it("hears of failures of the exchange and of nothing else, and changes no answer", async () => {
    const real = new SyntheticExchange({ clock: new VirtualClock(START), seed: 1 });
    let failures = 0;
    let kind: ExchangeError["kind"] = "network";
    const failing: Exchange = watchExchange(
      Object.assign(Object.create(real) as Exchange, {
        clockOffset: () => Promise.reject(new ExchangeError(kind, "no")),
        markets: () => real.markets(),
      }),
      () => {
        failures += 1;
      },
    );
    await expect(failing.clockOffset()).rejects.toThrow("no");
    kind = "unsupported";
    await expect(failing.clockOffset()).rejects.toThrow("no");
    expect((await failing.markets()).size).toBeGreaterThan(0);
    expect(failures).toBe(1);
    expect(watchExchange(real, () => undefined).id).toBe("synthetic");
  });
});
