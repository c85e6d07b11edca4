import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOUR, START, configOf, dropDir, makeDir, openLife, withCandles } from "./harness.ts";
import type { Life } from "./harness.ts";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

describe("bots of a timeframe one after the other", () => {
  let dir: string;
  let life: Life;
  beforeEach(() => {
    dir = makeDir();
  });
  afterEach(() => {
    life.crash();
    dropDir(dir);
  });

  it("tick in their order, each with its own report, and an error or a hang in one never ends the next", async () => {
    const atWork = { now: 0, most: 0 };
    life = openLife({
      dir,
      scheduling: "by_timeframe",
      wrap: withCandles(async (target, ...args) => {
        if (args[0] === "ADA/USDT") throw new Error("ADA/USDT is down for maintenance.");
        atWork.now += 1;
        atWork.most = Math.max(atWork.most, atWork.now);
        await life.clock.sleep(args[0] === "XRP/USDT" ? 90_000 : 1000);
        atWork.now -= 1;
        return await target.fetchCandles(...args);
      }),
    });
    await life.engine.start();
    const symbols = ["SOL", "ADA", "XRP", "BTC", "ETH"];
    const ids = symbols.map(
      (base) =>
        life.engine.bots.create(
          configOf({
            name: base,
            symbol: `${base}/USDT`,
            schedule: { kind: "candle_close", offsetMs: 0 },
            runLimitMs: 10_000,
          }),
        ).id,
    );
    const { id: hourly } = life.engine.bots.create(
      configOf({
        name: "Hourly",
        timeframe: "1h",
        symbol: "LINK/USDT",
        schedule: { kind: "candle_close", offsetMs: 0 },
      }),
    );
    await life.clock.advance(HOUR - MINUTE);
    life.engine.bots.start([...ids, hourly]);
    await life.clock.advance(2 * MINUTE);
    const quarter = life.reports.filter((r) => r.timeframe === "15m");
    expect(quarter.map((r) => [r.botName, r.outcome, r.result === "error"])).toEqual([
      ["SOL", "ran", false],
      ["ADA", "ran", true],
      ["XRP", "cancelled", true],
      ["BTC", "ran", false],
      ["ETH", "ran", false],
    ]);
    // Each began when the one before was done; all have the one fire time.
    expect(new Set(quarter.map((r) => r.fireTime))).toEqual(new Set([START + HOUR]));
    expect(quarter.map((r) => Math.round(r.latenessMs / 1000))).toEqual([0, 1, 1, 11, 12]);
    // Another timeframe does not wait for them.
    expect(life.reports.find((r) => r.botId === hourly)?.latenessMs).toBe(0);
    expect(atWork.most).toBe(2);

    life.engine.bots.pause([ids[0] ?? ""]);
    life.reports.length = 0;
    await life.clock.advance(QUARTER);
    expect(life.reports.map((r) => r.botName)).toEqual(["ADA", "XRP", "BTC", "ETH"]);
  });
});
