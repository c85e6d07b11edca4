import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMarketDb } from "../../../../src-main/store/market-db.ts";
import type {
  FireOutcome,
  TickReport,
  TickResult,
} from "../../../../src-preload/contract/ticks.ts";

const OUTCOMES: readonly FireOutcome[] = ["ran", "missed", "coalesced", "skipped", "cancelled"];

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
    reason: "No entry: the close is inside the bands.",
    conditions: [{ label: "below the lower band", held: false, detail: "145.25 < 141.10" }],
    steps: [{ step: "candles", ms: 0.1, note: "from memory" }],
    clientOrderId: null,
    error: null,
    ...more,
  };
}

describe("tick store", () => {
  it("lists the newest first, by bot, outcome, result and time, exactly as written", () => {
    const db = openMarketDb(":memory:");
    const all = [
      report("a", 100),
      report("b", 110, { result: "entry", signal: "long", confidence: 0.4 }),
      report("a", 200, { outcome: "missed", result: "none", fireCount: 3, lastFireTime: 400 }),
      report("b", 210, { result: "error", error: "no answer" }),
    ];
    for (const one of all) db.ticks.insert(one);
    expect(db.ticks.list({ limit: 10 })).toEqual(all.toReversed());
    expect(db.ticks.list({ limit: 1 })).toEqual([all[3]]);
    expect(db.ticks.list({ botId: "a", limit: 10 })).toEqual([all[2], all[0]]);
    expect(db.ticks.list({ outcomes: ["missed", "skipped"], limit: 10 })).toEqual([all[2]]);
    expect(db.ticks.list({ results: ["entry", "error"], before: 210, limit: 10 })).toEqual([
      all[1],
    ]);
    expect(db.ticks.list({ results: [], limit: 10 })).toEqual([]);
    expect(db.ticks.list({ botId: "nobody", limit: 10 })).toEqual([]);
    db.close();
  });

  it("rewrites a report of the same id and counts it once", () => {
    const db = openMarketDb(":memory:");
    db.ticks.insert(report("a", 100, { outcome: "cancelled", result: "none" }));
    db.ticks.insert(report("a", 100));
    db.ticks.insert(report("a", 100, { durationMs: 50 }));
    expect(db.ticks.list({ limit: 10 })).toEqual([report("a", 100, { durationMs: 50 })]);
    expect(db.ticks.lastOfEach().get("a")?.ran).toBe(1);
    db.ticks.insert(report("a", 100, { outcome: "missed", result: "none" }));
    expect(db.ticks.lastOfEach().get("a")?.ran).toBe(0);
    db.close();
  });

  it("knows each bot's last report, how often it ran and its last accounted fire time, after pruning as well", () => {
    const db = openMarketDb(":memory:");
    expect(db.ticks.lastFireTime("a")).toBeNull();
    for (let i = 1; i <= 5; i += 1) db.ticks.insert(report("a", i * 100));
    db.ticks.insert(
      report("a", 600, { outcome: "coalesced", result: "none", fireCount: 4, lastFireTime: 900 }),
    );
    db.ticks.insert(report("b", 50));
    expect(db.ticks.prune(400, 3) + db.ticks.prune(400, 3)).toBe(4);
    expect(db.ticks.list({ limit: 10 }).map(({ id }) => id)).toEqual(["a@600", "a@500", "a@400"]);
    const last = db.ticks.lastOfEach();
    expect(last.get("a")?.report.id).toBe("a@600");
    expect(last.get("a")?.ran).toBe(5);
    expect(last.has("b")).toBe(false);
    expect(db.ticks.lastFireTime("a")).toBe(900);
    expect(db.ticks.lastFireTime("b")).toBe(50);
    db.close();
  });

  it("takes percentiles by nearest rank within each bucket, and counts every fire time", () => {
    const tick = fc.record({
      bot: fc.constantFrom("a", "b", "c"),
      fireTime: fc.integer({ min: 0, max: 2000 }),
      outcome: fc.constantFrom(...OUTCOMES),
      result: fc.constantFrom<TickResult>("entry", "no_signal", "error"),
      fireCount: fc.integer({ min: 1, max: 4 }),
      durationMs: fc.integer({ min: 0, max: 90 }),
      latenessMs: fc.integer({ min: 0, max: 3000 }),
    });
    const ticks = fc.uniqueArray(tick, {
      selector: (t) => `${t.bot}@${t.fireTime}`,
      maxLength: 60,
    });
    fc.assert(
      fc.property(ticks, fc.option(fc.constantFrom("a", "b", "x")), (generated, botId) => {
        const db = openMarketDb(":memory:");
        const reports = generated.map(({ bot, fireTime, ...more }) => report(bot, fireTime, more));
        for (const one of reports) db.ticks.insert(one);
        const from = 100;
        const to = 1700;
        const buckets = 8;
        const query = { from, to, buckets, ...(botId === null ? {} : { botId }) };
        const within = reports.filter(
          (r) => r.fireTime >= from && r.fireTime < to && (botId === null || r.botId === botId),
        );
        const sum = (pick: (r: TickReport) => boolean): number =>
          within.filter(pick).reduce((n, r) => n + r.fireCount, 0);
        const answer = db.ticks.latency(query);
        expect(answer.total).toEqual({
          ran: sum((r) => r.outcome === "ran"),
          missed: sum((r) => r.outcome === "missed"),
          coalesced: sum((r) => r.outcome === "coalesced"),
          skipped: sum((r) => r.outcome === "skipped"),
          cancelled: sum((r) => r.outcome === "cancelled"),
          onTime: sum((r) => r.outcome === "ran" && r.result !== "error" && r.latenessMs < 1000),
          errors: sum((r) => r.result === "error"),
        });
        const rank = (values: number[], share: number): number =>
          values.toSorted((x, y) => x - y)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
        const expected = Array.from({ length: buckets }, (_, i) => {
          const ran = within.filter(
            (r) => r.outcome === "ran" && Math.floor((r.fireTime - from) / 200) === i,
          );
          const of = (values: number[]) => ({
            p50: rank(values, 0.5),
            p95: rank(values, 0.95),
            p99: rank(values, 0.99),
          });
          return {
            time: from + i * 200,
            ticks: ran.length,
            duration: of(ran.map((r) => r.durationMs)),
            lateness: of(ran.map((r) => r.latenessMs)),
          };
        });
        expect(answer.buckets).toEqual(expected.filter(({ ticks: count }) => count > 0));
        db.close();
      }),
      { numRuns: 60 },
    );
  });

  it("stays close to the true percentiles when it looks at a sample of a long window", () => {
    const db = openMarketDb(":memory:");
    const count = 60_000;
    for (let i = 0; i < count; i += 1)
      db.ticks.insert(report(`bot-${i % 45}`, i, { durationMs: (i * 7919) % 1000 }));
    const { buckets, total } = db.ticks.latency({ from: 0, to: count, buckets: 4 });
    expect(total.ran).toBe(count);
    expect(buckets).toHaveLength(4);
    for (const bucket of buckets) {
      expect(Math.abs(bucket.duration.p50 - 500)).toBeLessThan(30);
      expect(Math.abs(bucket.duration.p99 - 990)).toBeLessThan(8);
      expect(Math.abs(bucket.ticks - count / 4)).toBeLessThan(count / 40);
    }
    db.close();
  });
});
