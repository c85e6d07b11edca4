import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import { DAY, HOUR, START, configOf, dropDir, makeDir, openLife } from "./harness.ts";
import type { Life } from "./harness.ts";

const MINUTES_15 = 900_000;

describe("bots", () => {
  let dir: string;
  let life: Life;
  beforeEach(async () => {
    dir = makeDir();
    life = openLife({ dir });
    await life.engine.start();
  });
  afterEach(() => {
    life.crash();
    dropDir(dir);
  });

  it("refuses a configuration with one sentence that names the field, and stores nothing", () => {
    const refusals: [BotConfig, string, RegExp][] = [
      [
        configOf({ strategy: "astrology" }),
        "strategy",
        /astrology.*choose one of mean_reversion_bb/,
      ],
      [configOf({ params: { notThere: 1 } }), "params.notThere", /notThere/],
    ];
    for (const [config, field, message] of refusals) {
      expect(() => life.engine.bots.create(config)).toThrow(
        expect.objectContaining({ field, message: expect.stringMatching(message) }),
      );
    }
    life.engine.bots.create(configOf());
    expect(() => life.engine.bots.create(configOf())).toThrow(/Another bot is called "Test bot"/);
    expect(life.ledger.bots.list()).toHaveLength(1);
  });

  it("starts, pauses, resumes and stops; a pause keeps the phase, and a restart keeps all of it", async () => {
    const { id } = life.engine.bots.create(configOf());
    await life.clock.advance(1234);
    expect(life.engine.bots.start([id])).toEqual({ done: 1, refused: [] });
    const anchor = START + 1234;
    await life.clock.advanceTo(START + HOUR);
    expect(life.reports.map((r) => r.fireTime)).toEqual(
      [0, 1, 2, 3].map((n) => anchor + n * MINUTES_15),
    );

    expect(life.engine.bots.pause([id]).done).toBe(1);
    await life.clock.advanceTo(START + 2 * HOUR);
    expect(life.reports).toHaveLength(4);
    expect(life.engine.bots.get(id)).toMatchObject({
      status: "paused",
      health: "paused",
      nextFireTime: null,
    });
    life.crash();

    life = openLife({ dir, at: START + 2 * HOUR });
    await life.engine.start();
    await life.clock.advanceTo(START + 3 * HOUR);
    expect(life.reports.filter((r) => r.outcome === "ran")).toHaveLength(0);
    expect(life.engine.bots.resume([id]).done).toBe(1);
    await life.clock.advanceTo(START + 3 * HOUR + MINUTES_15);
    const ran = life.reports.filter((r) => r.outcome === "ran");
    expect(ran.map((r) => r.fireTime)).toEqual([anchor + 12 * MINUTES_15]);

    expect(life.engine.bots.stop([id]).done).toBe(1);
    await life.clock.advance(DAY);
    expect(life.reports.filter((r) => r.outcome === "ran")).toHaveLength(1);
    expect(life.engine.bots.stop([id])).toEqual({
      done: 0,
      refused: [{ id, reason: "It is stopped already." }],
    });
  });

  it("edits take effect with the next tick, and an id is never given twice", async () => {
    const first = life.engine.bots.create(configOf());
    const copy = life.engine.bots.create({ ...first.config, name: "Test bot (2)" });
    life.engine.bots.start([copy.id]);
    await life.clock.advance(1000);
    life.engine.bots.update(copy.id, { ...copy.config, timeframe: "1h" });
    await life.clock.advanceTo(START + 2 * HOUR + 1);
    expect(life.reports.map((r) => r.fireTime)).toEqual([START, START + HOUR, START + 2 * HOUR]);
    expect(life.engine.bots.delete([first.id, copy.id, "99"])).toEqual({
      done: 2,
      refused: [{ id: "99", reason: "There is no such bot." }],
    });
    expect(life.engine.bots.list()).toEqual([]);
    expect(life.engine.bots.create(configOf()).id).not.toBe(first.id);
  });

  it("keeps a bot that holds a position from being deleted or moved to another symbol until it is closed by hand", async () => {
    life.engine.bots.createPreset(true);
    while (
      life.engine.bots.list().every((bot) => bot.position.state === "FLAT") &&
      life.clock.now() < START + 5 * DAY
    ) {
      await life.clock.advance(MINUTES_15);
    }
    const holder = life.engine.bots.list().find((bot) => bot.position.state === "OPEN");
    if (holder === undefined) throw new Error("No bot entered within five days.");
    expect(life.engine.bots.delete([holder.id]).refused[0]?.reason).toContain("holds a position");
    const other = holder.config.symbol === "BTC/USDT" ? "ETH/USDT" : "BTC/USDT";
    expect(() => life.engine.bots.update(holder.id, { ...holder.config, symbol: other })).toThrow(
      /once the position is closed/,
    );
    expect(life.engine.bots.get(holder.id).config).toEqual(holder.config);

    const flat = life.engine.bots.list().find((bot) => bot.position.state === "FLAT");
    if (flat === undefined) throw new Error("Every bot entered.");
    expect(await life.engine.bots.closePositions([holder.id, flat.id])).toEqual({
      done: 1,
      refused: [{ id: flat.id, reason: "It holds no position." }],
    });
    const closed = life.engine.bots.get(holder.id);
    expect(closed.position.state).toBe("FLAT");
    expect(closed.trades).toBe(holder.trades + 1);
    expect(life.ledger.positions.closed({ botId: holder.id, limit: 1 })[0]?.exitReason).toBe(
      "Closed by hand.",
    );
    expect(life.engine.bots.delete([holder.id]).done).toBe(1);
  });

  it("drains: running ticks finish, nothing starts afterwards", async () => {
    life.engine.bots.createPreset(true);
    await life.clock.advance(10_000);
    const before = life.reports.length;
    const report = await life.engine.stop();
    expect(report.aborted).toEqual([]);
    await life.clock.advance(DAY);
    expect(life.reports.length).toBe(before);
    expect(life.engine.status()).toMatchObject({ phase: "stopped", runningTicks: 0 });
  });
});
