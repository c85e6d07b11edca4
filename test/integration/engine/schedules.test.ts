import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import type { Venue } from "../../../src-main/engine/orders/types.ts";
import { DAY, HOUR, START, configOf, dropDir, makeDir, openLife, withCandles } from "./harness.ts";
import type { Life, LifeOptions } from "./harness.ts";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

const cron = (expression: string, zone = "UTC"): BotConfig["schedule"] => ({
  kind: "cron",
  expression,
  zone,
});

describe("schedules of bots", () => {
  let dir: string;
  let life: Life;
  const open = async (options: Partial<LifeOptions> = {}): Promise<void> => {
    life = openLife({ dir, ...options });
    await life.engine.start();
  };
  const started = (change: Partial<BotConfig> = {}): string => {
    const { id } = life.engine.bots.create(configOf(change));
    expect(life.engine.bots.start([id]).refused).toEqual([]);
    return id;
  };
  const edit = (id: string, change: Partial<BotConfig>): void => {
    life.engine.bots.update(id, { ...life.engine.bots.get(id).config, ...change });
  };
  const ran = (): readonly number[] =>
    life.reports.filter((r) => r.outcome === "ran").map((r) => r.fireTime - START);
  beforeEach(() => {
    dir = makeDir();
  });
  afterEach(() => {
    life.crash();
    dropDir(dir);
  });

  it("ticks after the close of each candle, and by a calendar of a zone", async () => {
    await open({ at: START + 7 * MINUTE });
    started({ schedule: { kind: "candle_close", offsetMs: 5000 } });
    await life.clock.advanceTo(START + HOUR);
    expect(ran()).toEqual([15, 30, 45].map((m) => m * MINUTE + 5000));
    life.reports.length = 0;
    started({ name: "New York", schedule: cron("30 9 * * *", "America/New_York") });
    await life.clock.advanceTo(START + DAY);
    const names = life.reports.filter((r) => r.botName === "New York");
    expect(names.map((r) => r.fireTime - START)).toEqual([14.5 * HOUR]);
  });

  it("refuses a schedule that makes no sense with one sentence at its field, and changes nothing", async () => {
    await open();
    const id = started();
    const next = life.engine.bots.get(id).nextFireTime;
    const refusals: [Partial<BotConfig>, string, RegExp][] = [
      [{ schedule: cron("61 * * * *") }, "schedule.expression", /minute field "61" has 61; give 0/],
      [{ schedule: cron("* * *") }, "schedule.expression", /has 3 fields; give 5/],
      [{ schedule: cron("0 0 30 2 *") }, "schedule.expression", /no day of any year fits/],
      [{ schedule: cron("0 9 * * *", "Mars/Base") }, "schedule.zone", /zone "Mars\/Base".*IANA/],
      [
        { schedule: { kind: "candle_close", offsetMs: QUARTER } },
        "schedule.offsetMs",
        /is 900 s, but a 15m candle is over in 900 s; give less/,
      ],
      [{ endAt: START }, "endAt", /2024-03-01.* has passed; give a later one/],
    ];
    for (const [change, field, message] of refusals) {
      const refused = expect.objectContaining({ field, message: expect.stringMatching(message) });
      expect(() => life.engine.bots.create(configOf({ name: "New", ...change }))).toThrow(refused);
      expect(() => edit(id, change)).toThrow(refused);
      const { schedule } = change;
      if (schedule !== undefined)
        expect(() => life.engine.bots.previewSchedule({ schedule, timeframe: "15m" })).toThrow(
          refused,
        );
    }
    expect(life.engine.bots.list()).toHaveLength(1);
    expect(life.engine.bots.get(id).nextFireTime).toBe(next);
    expect(life.engine.bots.get(id).config.schedule).toEqual({ kind: "interval" });
  });

  it("previews the next five fire times, up to an end", async () => {
    await open({ at: START + MINUTE });
    const preview = (schedule: BotConfig["schedule"], endAt?: number): readonly number[] =>
      life.engine.bots
        .previewSchedule({ schedule, timeframe: "1h", ...(endAt === undefined ? {} : { endAt }) })
        .map((time) => time - START);
    expect(preview({ kind: "candle_close", offsetMs: 2000 })).toEqual(
      [1, 2, 3, 4, 5].map((h) => h * HOUR + 2000),
    );
    expect(preview(cron("0 */6 * * *"))).toEqual([6, 12, 18, 24, 30].map((h) => h * HOUR));
    expect(preview(cron("0 */6 * * *"), START + 12 * HOUR)).toEqual([6 * HOUR, 12 * HOUR]);
    expect(preview({ kind: "interval" })[0]).toBe(MINUTE);
  });

  it("takes an edited schedule up at once; the same trigger keeps its phase and what is paused stays so", async () => {
    await open();
    const id = started();
    await life.clock.advance(20 * MINUTE + 7);
    edit(id, { graceMs: 30 * MINUTE, runLimitMs: null, name: "Renamed" });
    expect(life.engine.bots.get(id).nextFireTime).toBe(START + 30 * MINUTE);
    edit(id, { schedule: { kind: "candle_close", offsetMs: 9000 } });
    expect(life.engine.bots.get(id).nextFireTime).toBe(START + 30 * MINUTE + 9000);
    life.engine.bots.pause([id]);
    edit(id, { schedule: cron("25 * * * *") });
    expect(life.engine.bots.get(id)).toMatchObject({ status: "paused", nextFireTime: null });
    await life.clock.advance(HOUR);
    expect(ran()).toEqual([0, QUARTER]);
    life.engine.bots.resume([id]);
    expect(life.engine.bots.get(id).nextFireTime).toBe(START + HOUR + 25 * MINUTE);
    edit(id, { schedule: { kind: "interval" } });
    expect(life.engine.bots.get(id).nextFireTime).toBe(life.clock.now());
  });

  it("owes nothing of a new schedule from before the edit, a crash later included", async () => {
    await open();
    const id = started({ timeframe: "4h" });
    await life.clock.advance(2 * HOUR);
    edit(id, { timeframe: "15m", schedule: cron("*/10 * * * *") });
    await life.clock.advance(5 * MINUTE);
    life.crash();
    await open({ at: START + 2 * HOUR + 6 * MINUTE });
    await life.clock.advanceTo(START + 2 * HOUR + 21 * MINUTE);
    expect(life.reports.map((r) => [r.outcome, r.fireTime - START])).toEqual([
      ["ran", 2 * HOUR + 10 * MINUTE],
      ["ran", 2 * HOUR + 20 * MINUTE],
    ]);
    life.crash();
    await open({ at: START + 2 * HOUR + 55 * MINUTE });
    await life.clock.advance(1);
    expect(life.reports.map((r) => [r.outcome, r.fireCount])).toEqual([
      ["coalesced", 2],
      ["missed", 1],
    ]);
  });

  it("gives each bot its own grace, and its heartbeat with it", async () => {
    await open();
    const patient = started({ name: "Patient", timeframe: "4h", graceMs: 30 * MINUTE });
    const strict = started({ name: "Strict", timeframe: "4h" });
    const endless = started({ name: "Endless", timeframe: "4h", graceMs: null });
    await life.clock.advance(MINUTE);
    life.reports.length = 0;
    life.clock.jump(4 * HOUR + 10 * MINUTE);
    life.engine.clockChanged({
      kind: "sleep",
      deltaMs: 4 * HOUR + 10 * MINUTE,
      at: life.clock.now(),
      source: "power",
    });
    await life.clock.advance(MINUTE);
    const outcomes = new Map(life.reports.map((r) => [r.botId, r.outcome]));
    expect([patient, strict, endless].map((id) => outcomes.get(id))).toEqual([
      "ran",
      "missed",
      "ran",
    ]);

    const due = life.engine.bots.get(patient).nextFireTime ?? 0;
    life.engine.bots.scheduler.pauseAll();
    await life.clock.advanceTo(due + 10 * MINUTE);
    expect(life.engine.bots.get(patient).healthReason).not.toMatch(/^Overdue/);
    expect(life.engine.bots.get(strict).healthReason).toMatch(/^Overdue/);
    expect(life.engine.bots.get(endless).healthReason).toMatch(/^Overdue/);
    await life.clock.advanceTo(due + 32 * MINUTE);
    expect(life.engine.bots.get(patient).healthReason).toMatch(/^Overdue/);
  });

  it("runs each late fire time where a bot does not coalesce", async () => {
    await open();
    const id = started({ coalesce: false, graceMs: null });
    await life.clock.advance(MINUTE);
    life.crash();
    await open({ at: START + HOUR + MINUTE });
    await life.clock.advance(MINUTE);
    expect(ran()).toEqual([1, 2, 3, 4].map((n) => n * QUARTER));
    // They all find the same candle; one decision on it is enough.
    const notes = life.reports.filter((r) => /No new candle/.test(r.reason));
    expect(notes).toHaveLength(
      life.reports.some((r) => r.result === "warming_up") ? 0 : life.reports.length - 1,
    );
    expect(life.engine.bots.get(id).health).not.toBe("overdue");
  });

  it("decides once on a candle, however often a calendar fires, and says so; the stop is still watched", async () => {
    await open();
    started({ schedule: cron("*/5 * * * *") });
    await life.clock.advanceTo(START + HOUR - 1);
    const byCandle = life.reports.map((r) => ({
      again: /^No new candle: the one of .* was decided on by an earlier tick\.$/.test(r.reason),
      result: r.result,
      steps: r.steps.map(({ step }) => step),
    }));
    expect(life.reports.every((r) => r.outcome === "ran")).toBe(true);
    // The bot starts at 00:00, so 00:00, 00:05, 00:10 see one candle, 00:15 … the next.
    expect(byCandle.map(({ again }) => again)).toEqual(
      Array.from({ length: 12 }, (_, i) => i % 3 !== 0),
    );
    expect(
      byCandle.filter(({ again }) => again).every(({ steps }) => !steps.includes("strategy")),
    ).toBe(true);
  });

  it("decides by the last candle that had closed at a calendar's fire time, however late it starts", async () => {
    await open();
    const schedule = cron("14,44 * * * *");
    const late = started({ name: "Late", schedule, graceMs: null });
    const plain = started({
      name: "Plain",
      schedule: { kind: "candle_close", offsetMs: 14 * MINUTE },
      graceMs: null,
    });
    await life.clock.advanceTo(START + 10 * MINUTE);
    life.clock.jump(10 * MINUTE);
    life.engine.clockChanged({
      kind: "sleep",
      deltaMs: 10 * MINUTE,
      at: life.clock.now(),
      source: "power",
    });
    await life.clock.advance(MINUTE);
    const candleOf = (id: string): number =>
      (life.reports.find((r) => r.botId === id)?.candleTime ?? 0) - START;
    expect(candleOf(late)).toBe(-QUARTER);
    expect(candleOf(plain)).toBe(0);
    const report = life.reports.find((r) => r.botId === late);
    expect(report?.result).not.toBe("warming_up");
  });

  it("cancels a tick at its run limit, says so, frees the bot, and touches no other", async () => {
    let hang = true;
    await open({
      hangs: true,
      wrap: withCandles((target, ...args) =>
        hang && args[0] === "DOGE/USDT" ? new Promise(() => {}) : target.fetchCandles(...args),
      ),
    });
    const stuck = started({ name: "Stuck", symbol: "DOGE/USDT", runLimitMs: 20_000 });
    const peer = started({ name: "Peer", symbol: "BTC/USDT" });
    await life.clock.advance(MINUTE);
    const of = (id: string) => life.reports.filter((r) => r.botId === id);
    expect(of(peer).map((r) => r.outcome)).toEqual(["ran"]);
    expect(of(stuck)).toEqual([
      expect.objectContaining({
        outcome: "cancelled",
        reason: "It ran longer than 20.0 s, so it was cancelled.",
      }),
    ]);
    expect(life.engine.status().runningTicks).toBe(0);
    expect(life.engine.bots.get(stuck)).toMatchObject({
      health: "error",
      healthReason: "Last tick failed: It ran longer than 20.0 s, so it was cancelled.",
    });
    hang = false;
    await life.clock.advance(QUARTER);
    expect(of(stuck).map((r) => r.outcome)).toEqual(["cancelled", "ran"]);
    expect(life.engine.bots.get(stuck).health).not.toBe("error");
  });

  it("keeps an order whose answer the run limit cut off, looks it up, and sends it once", async () => {
    const submitted: string[] = [];
    await open({
      hangs: true,
      venue: (paper): Venue => ({
        id: paper.id,
        lookup: (order, signal) => paper.lookup(order, signal),
        submit: async (order, signal) => {
          submitted.push(order.clientOrderId);
          if (submitted.length > 1) return await paper.submit(order, signal);
          // The exchange takes the order, and its answer never comes; nobody there listens to signals.
          await paper.submit(order);
          return await new Promise(() => {});
        },
      }),
    });
    life.engine.bots.createPreset(true);
    while (submitted.length === 0 && life.clock.now() < START + 10 * DAY)
      await life.clock.advance(QUARTER);
    const [order] = life.ledger.orders.list({ limit: 1 });
    if (order === undefined) throw new Error("No bot entered within ten days.");
    await life.clock.advance(5 * MINUTE);
    const cancelled = life.reports.filter((r) => r.outcome === "cancelled");
    expect(cancelled).toHaveLength(1);
    expect(cancelled[0]?.reason).toContain("ran longer than 2.0 min");
    const stored = life.ledger.orders.get(submitted[0] ?? "");
    expect(stored?.status).toBe("unresolved");
    await life.clock.advance(4 * HOUR);
    expect(life.ledger.orders.get(submitted[0] ?? "")?.status).toBe("confirmed");
    expect(life.ledger.orders.fills({ clientOrderId: submitted[0] ?? "" })).toHaveLength(1);
    expect(new Set(submitted).size).toBe(submitted.length);
  });

  it("begins after its start offset and stops by itself at its end date", async () => {
    await open();
    const interval = started({ startOffsetMs: 10 * MINUTE, endAt: START + 50 * MINUTE });
    const close = started({
      name: "Close",
      schedule: { kind: "candle_close", offsetMs: 1000 },
      startOffsetMs: 20 * MINUTE,
      endAt: START + HOUR + 1000,
    });
    expect(life.engine.bots.get(interval).nextFireTime).toBe(START + 10 * MINUTE);
    await life.clock.advance(12 * MINUTE);
    life.crash();
    // A start offset is counted from the start of the bot, not of the app.
    await open({ at: START + 12 * MINUTE });
    await life.clock.advanceTo(START + 3 * HOUR);
    const fires = (id: string): readonly number[] =>
      life.market.ticks
        .list({ botId: id, limit: 20 })
        .map((r) => (r.fireTime - START) / MINUTE)
        .toSorted((a, b) => a - b);
    expect(fires(interval)).toEqual([10, 25, 40]);
    expect(fires(close)).toEqual([30, 45, 60].map((m) => m + 1 / 60));
    expect(life.engine.bots.get(interval)).toMatchObject({
      status: "stopped",
      healthReason: "Stopped: its end date 2024-03-01 00:50 UTC has passed.",
    });
    expect(life.logs.filter((log) => /no fire time is left/.test(log.reason))).toHaveLength(2);
    expect(life.engine.bots.start([interval])).toEqual({
      done: 0,
      refused: [
        { id: interval, reason: expect.stringMatching(/end date .* comes before its first tick/) },
      ],
    });
    life.crash();
    await open({ at: START + DAY });
    expect(life.engine.bots.get(close).status).toBe("stopped");
  });

  it("accounts for what an end date found it asleep for, and then stops", async () => {
    await open();
    const id = started({ endAt: START + 50 * MINUTE });
    await life.clock.advance(MINUTE);
    life.crash();
    await open({ at: START + DAY });
    await life.clock.advance(1);
    expect(life.reports.map((r) => [r.outcome, r.fireCount])).toEqual([
      ["coalesced", 2],
      ["missed", 1],
    ]);
    expect(life.engine.bots.get(id).status).toBe("stopped");
  });

  it("can be given a later end date, or none, while it runs", async () => {
    await open();
    const id = started({ endAt: START + 20 * MINUTE });
    await life.clock.advance(MINUTE);
    const { endAt: _, ...endless } = life.engine.bots.get(id).config;
    life.engine.bots.update(id, endless);
    await life.clock.advance(HOUR);
    expect(ran()).toEqual([0, 1, 2, 3, 4].map((n) => n * QUARTER));
  });
});
