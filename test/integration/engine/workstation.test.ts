import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { referenceFleet } from "../../../src-main/engine/bots/presets.ts";
import type { Exchange } from "../../../src-main/engine/exchange/port.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { DAY, HOUR, START, dropDir, makeDir, openLife } from "./harness.ts";
import type { Life, LifeOptions } from "./harness.ts";

const MINUTE = 60_000;

describe("the engine on a workstation", () => {
  let dir: string;
  let life: Life;
  const open = async (options: Partial<LifeOptions> = {}): Promise<void> => {
    life = openLife({ dir, ...options });
    await life.engine.start();
  };
  const slept = (deltaMs: number): void => {
    life.engine.clockChanged({ kind: "sleep", deltaMs, at: life.clock.now(), source: "power" });
  };
  const startFleet = (): readonly string[] => {
    life.engine.bots.createPreset(true);
    return life.engine.bots.list().map((bot) => bot.id);
  };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  };
  beforeEach(() => {
    dir = makeDir();
  });
  afterEach(() => {
    life.crash();
    dropDir(dir);
  });

  it("marks a night's sleep on the timeline, with what it cost, and no bot is red for it", async () => {
    await open();
    startFleet();
    await life.clock.advance(HOUR + 1);
    life.clock.jump(8 * HOUR);
    slept(8 * HOUR);
    await life.clock.advance(HOUR);
    const now = life.clock.now();
    const { lanes, events, truncated } = life.engine.schedule.timeline({
      from: now - 3 * HOUR,
      to: now + 4 * HOUR,
    });
    expect(truncated).toBe(false);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      kind: "sleep",
      botId: null,
      from: START + HOUR + 1,
      to: START + 9 * HOUR + 1,
      detail: { deltaMs: 8 * HOUR },
    });
    expect(lanes).toHaveLength(45);
    for (const { botId, marks, coming } of lanes) {
      const bot = life.engine.bots.get(botId);
      const every = { "15m": 15 * MINUTE, "1h": HOUR, "4h": 4 * HOUR }[
        bot.config.timeframe as "1h"
      ];
      // The row that the sleep swallowed began before the window and is in it all the same.
      if (every < 4 * HOUR) expect(marks.outcome).toContain("coalesced");
      expect(marks.fireTime).toEqual(marks.fireTime.toSorted((a, b) => a - b));
      expect(coming[0]).toBe(bot.nextFireTime);
      expect(coming).toHaveLength((4 * HOUR) / every);
      expect(bot.healthReason).not.toMatch(/^Overdue:/);
    }
    expect(life.logs.filter((log) => log.event === "heartbeat")).toEqual([]);
  });

  it("runs what a short sleep delayed one bot after the other, after the look at orders and clock", async () => {
    const order: string[] = [];
    await open({
      wrap: (exchange: Exchange) =>
        new Proxy(exchange, {
          get(target, key) {
            if (key === "clockOffset")
              return async () => {
                await life.clock.sleep(3_000);
                order.push("clock");
                return 0;
              };
            const value: unknown = Reflect.get(target, key, target);
            return typeof value === "function" ? value.bind(target) : value;
          },
        }),
    });
    startFleet();
    await life.clock.advance(15 * MINUTE - 1);
    order.length = 0;
    life.reports.length = 0;
    life.events.on("tick", () => order.push("tick"));
    // Every 15 m bot falls due within these 50 s, and is found in time by its grace.
    life.clock.jump(50_000);
    slept(50_000);
    const woke = life.clock.now();
    await life.clock.advance(10 * MINUTE);
    expect(order[0]).toBe("clock");
    expect(order.filter((what) => what === "clock")).toHaveLength(1);
    const late = life.reports.filter((report) => report.fireTime < woke);
    expect(late.length).toBeGreaterThan(10);
    expect(late.every((report) => report.outcome === "ran")).toBe(true);
    expect(late.every((report) => (report.startedAt ?? 0) >= woke + 3_000)).toBe(true);
    const starts = late.map((report) => report.startedAt ?? 0).toSorted((a, b) => a - b);
    for (const [i, start] of starts.entries())
      if (i > 0) expect(start - (starts[i - 1] ?? 0)).toBeGreaterThanOrEqual(2000);
    expect(life.logs.filter((log) => log.event === "heartbeat")).toEqual([]);
  });

  it("is not silent after a start for which the wall was set back, and fires no slot twice", async () => {
    await open({ at: START + 300 * DAY });
    const [config] = referenceFleet();
    if (config === undefined) throw new Error("The reference fleet is empty.");
    const schedules = [{ kind: "interval" }, { kind: "candle_close", offsetMs: 5000 }] as const;
    const ids = schedules.map(
      (schedule) => life.engine.bots.create({ ...config, name: schedule.kind, schedule }).id,
    );
    life.engine.bots.start(ids);
    await life.clock.advance(HOUR);
    life.crash();
    // The wall was wrong by most of a year; now it is right.
    await open({ at: START });
    await life.clock.advance(HOUR);
    for (const id of ids) {
      const fires = life.reports.filter((r) => r.botId === id && r.outcome === "ran");
      expect(fires.length).toBeGreaterThanOrEqual(3);
      expect(new Set(fires.map((r) => r.fireTime)).size).toBe(fires.length);
    }
    expect(life.logs.some((log) => /set back while Tickdeck did not run/.test(log.reason))).toBe(
      true,
    );
  });

  it("looks the exchange's clock up after a sleep and warns when it is far off", async () => {
    let offset = 0;
    let asked = 0;
    await open({
      wrap: (exchange: Exchange) =>
        new Proxy(exchange, {
          get(target, key) {
            if (key === "clockOffset")
              return async () => {
                asked += 1;
                return offset;
              };
            const value: unknown = Reflect.get(target, key, target);
            return typeof value === "function" ? value.bind(target) : value;
          },
        }),
    });
    await settle();
    expect(asked).toBe(1);
    offset = -4200;
    slept(HOUR);
    await settle();
    expect(asked).toBe(2);
    expect(life.engine.status().exchange.clockOffsetMs).toBe(-4200);
    expect(life.logs.at(-1)?.reason).toMatch(/is 4\.2 s behind this machine's; set this/);
    expect(life.logs.some((log) => log.event === "sleep" && log.level === "warn")).toBe(true);
  });

  it("settles an order whose answer a sleep swallowed before anything else, and only once", async () => {
    await open();
    startFleet();
    while (life.ledger.positions.open().length === 0 && life.clock.now() < START + 5 * DAY)
      await life.clock.advance(15 * MINUTE);
    const position = life.ledger.positions.open()[0];
    if (position === undefined) throw new Error("No bot entered within five days.");
    const [entry] = life.ledger.orders.list({ positionId: position.id, limit: 1 });
    if (entry === undefined) throw new Error("The position has no order.");
    // The machine fell asleep between the intent of the exit and its answer.
    life.ledger.transaction(() => {
      life.ledger.positions.update({ ...position, state: "CLOSING", exitReason: "Test." });
      life.ledger.orders.insertIntent({
        ...entry,
        clientOrderId: "td-x1",
        purpose: "exit",
        side: entry.side === "buy" ? "sell" : "buy",
        quantity: position.quantity,
        status: "intent",
        answeredAt: null,
        createdAt: life.clock.now(),
      });
    });
    slept(HOUR);
    slept(HOUR);
    await settle();
    expect(life.ledger.orders.open()).toEqual([]);
    expect(life.ledger.orders.get("td-x1")?.status).toBe("confirmed");
    expect(life.ledger.orders.fills({ clientOrderId: "td-x1" })).toHaveLength(1);
    expect(life.engine.bots.get(position.botId).position.state).toBe("FLAT");
  });

  it("does not let an exchange that hangs keep the engine", async () => {
    let aborted = false;
    let calls = 0;
    await open({
      wrap: (exchange: Exchange) =>
        new Proxy(exchange, {
          get(target, key) {
            if (key === "clockOffset")
              return (signal?: AbortSignal) => {
                calls += 1;
                if (calls === 1) return Promise.resolve(0);
                return new Promise((_, reject) => {
                  signal?.addEventListener("abort", () => {
                    aborted = true;
                    reject(signal.reason as Error);
                  });
                });
              };
            const value: unknown = Reflect.get(target, key, target);
            return typeof value === "function" ? value.bind(target) : value;
          },
        }),
    });
    await settle();
    startFleet();
    slept(HOUR);
    await life.clock.advance(MINUTE);
    expect(aborted).toBe(true);
    expect(life.logs.some((log) => /could not be looked at within 10 s/.test(log.reason))).toBe(
      true,
    );
    expect(life.reports.length).toBeGreaterThan(20);
  });

  it("makes a bot red when the scheduler is stuck, and says so once", async () => {
    await open();
    const ids = startFleet();
    const id = ids[0] ?? "";
    await life.clock.advance(10 * MINUTE);
    const due = life.engine.bots.get(id).nextFireTime ?? 0;
    life.engine.bots.scheduler.pauseAll();
    await life.clock.advanceTo(due + 59_000);
    expect(life.engine.bots.get(id).health).not.toBe("overdue");
    await life.clock.advanceTo(due + 5 * MINUTE);
    expect(life.engine.bots.get(id)).toMatchObject({ health: "overdue" });
    expect(life.engine.bots.get(id).healthReason).toMatch(/^Overdue: a tick was due 5\.0 min ago/);
    expect(life.engine.status().bots.error).toBeGreaterThan(0);
    const ofBot = life.logs.filter((log) => log.event === "heartbeat" && log.botId === id);
    expect(ofBot.map((log) => log.level)).toEqual(["warn"]);
    life.engine.bots.scheduler.resumeAll();
    await life.clock.advance(HOUR);
    expect(life.engine.bots.get(id).health).not.toBe("overdue");
    expect(
      life.engine.schedule.timeline({ from: START, to: due + HOUR, botIds: [id] }).events,
    ).toEqual([expect.objectContaining({ kind: "heartbeat", botId: id, from: due })]);
  });

  const planted = (botId: string, fireTime: number, durationMs: number): TickReport => ({
    id: `${botId}@${fireTime}`,
    botId,
    botName: "Test bot",
    symbol: "BTC/USDT",
    timeframe: "1h",
    strategy: "mean_reversion_bb",
    fireTime,
    lastFireTime: fireTime,
    fireCount: 1,
    outcome: "ran",
    result: "no_signal",
    startedAt: fireTime + 2,
    latenessMs: 2,
    realLatenessMs: 2,
    durationMs,
    engineMs: 1,
    candleTime: null,
    price: null,
    regime: null,
    signal: null,
    confidence: null,
    reason: "No entry.",
    conditions: [],
    steps: [],
    clientOrderId: null,
    error: null,
  });

  it("warns of a creep once a day, a restart included, and shows it in the health", async () => {
    await open();
    const [config] = referenceFleet();
    if (config === undefined) throw new Error("The reference fleet is empty.");
    const creeping = life.engine.bots.create({ ...config, name: "Creeping" }).id;
    const steady = life.engine.bots.create({ ...config, name: "Steady" }).id;
    for (let hour = 0; hour < 14 * 24; hour += 1) {
      const time = START - 14 * DAY + hour * HOUR;
      const wobble = 1 + 0.1 * Math.sin(hour * 7.3);
      life.market.ticks.insert(planted(creeping, time, 40 * wobble * (1 + (0.3 * hour) / 336)));
      life.market.ticks.insert(planted(steady, time, 40 * wobble));
    }
    await life.clock.advance(30 * MINUTE);
    const warnings = (): readonly unknown[] => life.logs.filter((log) => log.event === "creep");
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatchObject({ botId: creeping, level: "warn" });
    const health = life.engine.schedule.health({ windowMs: 7 * DAY });
    expect(health.bots.find((bot) => bot.botId === creeping)?.creep?.growthPct).toBeGreaterThan(20);
    expect(health.bots.find((bot) => bot.botId === steady)?.creep).toBeNull();
    expect(health.total.ticks).toBe(2 * (7 * 24 - 1) + 1 - 1);
    life.crash();
    life = openLife({ dir, at: START + HOUR });
    await life.engine.start();
    await life.clock.advance(HOUR);
    expect(warnings()).toEqual([]);
    expect(
      life.engine.schedule.health({ windowMs: DAY }).bots.find((bot) => bot.botId === creeping)
        ?.creep,
    ).not.toBeNull();
    await life.clock.advance(DAY);
    expect(warnings()).toHaveLength(1);
  });

  it("keeps every outlier and warns once of a row of them", async () => {
    await open();
    const [config] = referenceFleet();
    if (config === undefined) throw new Error("The reference fleet is empty.");
    const { id } = life.engine.bots.create({ ...config, name: "Test bot" });
    for (let i = 0; i < 60; i += 1) life.market.ticks.insert(planted(id, START - DAY + i, 30));
    const { events } = life;
    for (const [i, ms] of [400, 500, 30, 600].entries()) {
      const report = planted(id, START + i, ms);
      life.market.ticks.insert(report);
      events.emit("tick", report);
    }
    expect(life.logs.filter((log) => log.event === "outlier")).toHaveLength(2);
    await life.clock.advance(1000);
    const health = life.engine.schedule.health({ windowMs: HOUR });
    expect(health.bots[0]).toMatchObject({ outliers: 3, ticks: 4 });
    expect(health.total).toMatchObject({ outliers: 3, duration: { p50: 400, p95: 600, p99: 600 } });
  });

  it("groups reasons that differ in their figures only, and counts lateness", async () => {
    await open();
    const [config] = referenceFleet();
    if (config === undefined) throw new Error("The reference fleet is empty.");
    const { id } = life.engine.bots.create({ ...config, name: "Test bot" });
    const bad = (time: number, reason: string, fireCount = 1): TickReport => ({
      ...planted(id, time, 0),
      outcome: "missed",
      result: "none",
      fireCount,
      lastFireTime: time + fireCount - 1,
      reason,
    });
    for (const one of [
      bad(START - 300, "Found 75.0 s late, beyond the grace time of 60.0 s.", 3),
      bad(START - 200, "Found 1.5 h late, beyond the grace time of 60.0 s."),
      bad(START - 100, "Other."),
      planted(id, START - 50, 1),
    ])
      life.market.ticks.insert(one);
    const { outcomes } = life.engine.schedule.reasons({ windowMs: HOUR });
    expect(outcomes.find((o) => o.outcome === "missed")).toEqual({
      outcome: "missed",
      count: 5,
      reasons: [
        {
          reason: "Found 1.5 h late, beyond the grace time of 60.0 s.",
          count: 4,
          lastFireTime: START - 200,
        },
        { reason: "Other.", count: 1, lastFireTime: START - 100 },
      ],
    });
    expect(outcomes.find((o) => o.outcome === "ran")).toEqual({
      outcome: "ran",
      count: 1,
      reasons: [],
    });
    const { edges, counts } = life.engine.schedule.histogram({ windowMs: HOUR });
    expect(counts[edges.indexOf(2)]).toBe(1);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(1);
  });
});
