import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MARKET_MIGRATIONS, openMarketDb } from "../../../../src-main/store/market-db.ts";
import { SqliteTickStore } from "../../../../src-main/store/ticks.ts";
import { openDatabase } from "../../../../src-main/store/sqlite.ts";
import type { TickReport } from "../../../../src-preload/contract/ticks.ts";
import type { EngineEvent } from "../../../../src-preload/contract/schedule.ts";

function report(botId: string, fireTime: number, more: Partial<TickReport> = {}): TickReport {
  return {
    id: `${botId}@${fireTime}`,
    botId,
    botName: `Bot ${botId}`,
    symbol: "SOL/USDT",
    timeframe: "15m",
    strategy: "mean_reversion_bb",
    fireTime,
    lastFireTime: fireTime,
    fireCount: 1,
    outcome: "ran",
    result: "no_signal",
    startedAt: fireTime + 3,
    latenessMs: 3,
    realLatenessMs: 1,
    durationMs: 12,
    engineMs: 0.5,
    candleTime: fireTime - 900_000,
    price: 145.25,
    regime: "ranging",
    signal: null,
    confidence: null,
    reason: "No entry.",
    conditions: [],
    steps: [],
    clientOrderId: null,
    error: null,
    ...more,
  };
}

const missed = { outcome: "missed", result: "none", durationMs: 0, startedAt: null } as const;

describe("figures of the tick history", () => {
  it("gives marks by bot, oldest first, with rows that reach into the span", () => {
    const db = openMarketDb(":memory:");
    db.ticks.insert(report("a", 100, { ...missed, lastFireTime: 290, fireCount: 20 }));
    db.ticks.insert(report("a", 300));
    db.ticks.insert(report("b", 150, { ...missed, lastFireTime: 190, fireCount: 5 }));
    db.ticks.insert(report("b", 210, { latenessMs: 7, durationMs: 70, result: "entry" }));
    db.ticks.insert(report("b", 400));
    const { marks, truncated } = db.tickStats.marks({ from: 200, to: 400, limit: 10 });
    expect(truncated).toBe(false);
    expect(marks.get("a")).toEqual({
      fireTime: [100, 300],
      lastFireTime: [290, 300],
      fireCount: [20, 1],
      outcome: ["missed", "ran"],
      result: ["none", "no_signal"],
      latenessMs: [3, 3],
      durationMs: [0, 12],
    });
    expect(marks.get("b")).toMatchObject({
      fireTime: [210],
      latenessMs: [7],
      durationMs: [70],
      result: ["entry"],
    });
    const only = db.tickStats.marks({ from: 0, to: 1000, botIds: ["b", "nobody"], limit: 10 });
    expect([...only.marks.keys()]).toEqual(["b"]);
    expect(only.marks.get("b")?.fireTime).toEqual([150, 210, 400]);
    const few = db.tickStats.marks({ from: 0, to: 1000, limit: 2 });
    expect(few.truncated).toBe(true);
    expect([...few.marks].map(([id, { fireTime }]) => [id, fireTime])).toEqual([
      ["a", [300]],
      ["b", [400]],
    ]);
    db.close();
  });

  it("counts fire times by outcome and gives each bot's lateness and duration", () => {
    const db = openMarketDb(":memory:");
    for (let i = 0; i < 10; i += 1)
      db.ticks.insert(report("a", i, { latenessMs: i, durationMs: 2 * i }));
    db.ticks.insert(report("a", 20, { ...missed, fireCount: 4, lastFireTime: 23 }));
    db.ticks.insert(report("b", 5, { outcome: "skipped", result: "none" }));
    const spread = db.tickStats.spread({ from: 2, to: 30 });
    const a = spread.get("a");
    expect(a?.counts).toEqual({ ran: 8, missed: 4, coalesced: 0, skipped: 0, cancelled: 0 });
    expect([...(a?.lateness ?? [])].toSorted((x, y) => x - y)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...(a?.duration ?? [])].toSorted((x, y) => x - y)[0]).toBe(4);
    expect(spread.get("b")?.counts.skipped).toBe(1);
    expect(spread.get("b")?.lateness).toHaveLength(0);
    db.close();
  });

  it("reads a bot that seldom ticks in full where a long window is sampled", () => {
    const db = openMarketDb(":memory:");
    for (let i = 0; i < 30_000; i += 1) db.ticks.insert(report("often", i));
    for (let i = 0; i < 40; i += 1) db.ticks.insert(report("seldom", i * 700));
    const spread = db.tickStats.spread({ from: 0, to: 30_000 });
    expect(spread.get("often")?.counts.ran).toBe(30_000);
    expect(spread.get("often")?.duration.length).toBeLessThan(20_000);
    expect(spread.get("often")?.duration.length).toBeGreaterThan(10_000);
    expect(spread.get("seldom")?.duration).toHaveLength(40);
    db.close();
  });

  it("counts lateness in bins, of all bots and of one", () => {
    const db = openMarketDb(":memory:");
    for (const [i, latenessMs] of [0, 0.5, 1, 4.99, 5, 1000].entries())
      db.ticks.insert(report(i < 4 ? "a" : "b", i, { latenessMs }));
    db.ticks.insert(report("a", 99, missed));
    const query = { from: 0, to: 100, edges: [0, 1, 5] };
    expect(db.tickStats.lateness(query)).toEqual([2, 2, 2]);
    expect(db.tickStats.lateness({ ...query, botId: "b" })).toEqual([0, 0, 2]);
    expect(db.tickStats.lateness({ ...query, botId: "nobody" })).toEqual([0, 0, 0]);
    db.close();
  });

  it("gives the reasons of fire times that did not run, newest first", () => {
    const db = openMarketDb(":memory:");
    db.ticks.insert(
      report("a", 1, { ...missed, fireCount: 3, lastFireTime: 3, reason: "Found 70 s late." }),
    );
    db.ticks.insert(report("a", 5));
    db.ticks.insert(report("a", 6, { outcome: "skipped", result: "none", reason: "Busy." }));
    const { counts, rows } = db.tickStats.refusals({ from: 0, to: 10, limit: 5 });
    expect(Object.fromEntries(counts)).toEqual({ missed: 3, ran: 1, skipped: 1 });
    expect(rows).toEqual([
      { outcome: "skipped", count: 1, lastFireTime: 6, reason: "Busy." },
      { outcome: "missed", count: 3, lastFireTime: 3, reason: "Found 70 s late." },
    ]);
    expect(db.tickStats.refusals({ from: 0, to: 10, limit: 1 }).rows).toHaveLength(1);
    db.close();
  });

  it("gives a bot's last durations and all of a day's", () => {
    const db = openMarketDb(":memory:");
    for (let i = 0; i < 5; i += 1) db.ticks.insert(report("a", i, { durationMs: i * 10 }));
    db.ticks.insert(report("a", 3.5 * 2, missed));
    db.ticks.insert(report("b", 2, { durationMs: 99 }));
    expect(db.tickStats.durations("a", 4, 3)).toEqual([10, 20, 30]);
    expect(db.tickStats.durations("nobody", 4, 3)).toEqual([]);
    const day = db.tickStats.durationsOf({ from: 1, to: 4 });
    expect([...(day.get("a") ?? [])].toSorted((x, y) => x - y)).toEqual([10, 20, 30]);
    expect([...(day.get("b") ?? [])]).toEqual([99]);
    db.close();
  });
});

describe("engine events", () => {
  const event = (from: number, to: number, more: Partial<EngineEvent> = {}): EngineEvent => ({
    kind: "sleep",
    from,
    to,
    botId: null,
    reason: "The machine slept.",
    detail: { deltaMs: to - from },
    ...more,
  });

  it("lists those that touch a span, newest first, by kind", () => {
    const db = openMarketDb(":memory:");
    const night = event(100, 900);
    const step = event(500, 500, { kind: "step" });
    const outlier = event(600, 600, { kind: "outlier", botId: "a", detail: { durationMs: 9 } });
    for (const one of [night, step, outlier]) db.engineEvents.insert(one);
    const kinds = ["sleep", "step"] as const;
    expect(db.engineEvents.list({ from: 400, to: 450, kinds, limit: 9 })).toEqual([night]);
    expect(db.engineEvents.list({ from: 0, to: 950, kinds, limit: 9 })).toEqual([night, step]);
    expect(db.engineEvents.list({ from: 0, to: 950, kinds, limit: 1 })).toEqual([night]);
    expect(db.engineEvents.list({ from: 901, to: 950, kinds, limit: 9 })).toEqual([]);
    expect(db.engineEvents.list({ from: 0, to: 99, kinds, limit: 9 })).toEqual([]);
    expect(db.engineEvents.list({ from: 0, to: 950, kinds: ["outlier"], limit: 9 })).toEqual([
      outlier,
    ]);
    db.close();
  });

  it("come to a market.db of the first version, whose ticks stay", () => {
    const folder = mkdtempSync(join(tmpdir(), "tickdeck-events-"));
    const file = join(folder, "market.db");
    const first = openDatabase({
      file,
      migrations: MARKET_MIGRATIONS.slice(0, 1),
      synchronous: "NORMAL",
    });
    new SqliteTickStore(first).insert(report("a", 100));
    first.close();
    const db = openMarketDb(file);
    db.engineEvents.insert(event(1, 2));
    expect(db.engineEvents.list({ from: 0, to: 9, kinds: ["sleep"], limit: 9 })).toHaveLength(1);
    expect(db.ticks.list({ limit: 9 })).toHaveLength(1);
    db.close();
    rmSync(folder, { recursive: true });
  });

  it("counts by bot and is pruned", () => {
    const db = openMarketDb(":memory:");
    for (const [i, botId] of ["a", "a", "b", null].entries())
      db.engineEvents.insert(event(i, i, { kind: "outlier", botId }));
    expect(Object.fromEntries(db.engineEvents.countByBot("outlier", { from: 1, to: 9 }))).toEqual({
      a: 1,
      b: 1,
    });
    expect(db.engineEvents.countByBot("creep", { from: 0, to: 9 }).size).toBe(0);
    expect(db.engineEvents.prune(2, 9)).toBe(2);
    expect(db.engineEvents.countByBot("outlier", { from: 0, to: 9 }).get("a")).toBeUndefined();
    db.close();
  });
});
