import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserStrategies } from "../../../src-main/user-strategies/library.ts";
import { startNodeProcess } from "../../../src-main/user-strategies/node-process.ts";
import { STRATEGY_LIMITS } from "../../../src-main/user-strategies/protocol.ts";
import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import { HOUR, dropDir, makeDir, openLife } from "./harness.ts";
import type { Life } from "./harness.ts";

/** Buys at once with this stop, as a share of the close. */
const buys = (stop: number): string => `
import { defineStrategy, fields, newest, z } from "tickdeck";
export default defineStrategy({
  title: "Buys",
  params: z.strictObject({ period: fields.period("Period", "Candles.", 20) }),
  needs: () => ({ references: ["ETH/USDT"], metrics: ["nupl"], metricWindowMs: 40 * 86_400_000 }),
  warmup: (params) => params.period,
  decide(input) {
    const nupl = newest(input.metric("nupl").value);
    const eth = newest(input.reference("ETH/USDT").close);
    if (input.position !== null) return { action: "hold", reason: \`NUPL \${nupl}, ETH \${eth}\` };
    return { action: "enter", side: "long", confidence: 1, stopPrice: newest(input.candles.close) * ${stop}, reason: \`flat, NUPL \${nupl}, ETH \${eth}\` };
  },
});`;

const config: BotConfig = {
  name: "Mine",
  strategy: "user:buys",
  symbol: "BTC/USDT",
  timeframe: "15m",
  capital: 1000,
  positionShare: 0.2,
  allowShort: false,
  schedule: { kind: "interval" },
  graceMs: 60_000,
  coalesce: true,
  runLimitMs: 120_000,
  params: {},
};

describe("the engine with strategies of the user's own, in their real process", () => {
  let dir: string;
  let folder: string;
  let life: Life;
  let library: UserStrategies;
  const open = async (): Promise<void> => {
    library = new UserStrategies({
      folder,
      start: startNodeProcess(STRATEGY_LIMITS),
      onNote: () => {},
    });
    life = openLife({ dir, strategies: library });
    library.start();
    await library.settled();
    await life.engine.start();
  };
  const close = (): void => {
    life.crash();
    library.close();
  };
  beforeEach(() => {
    dir = makeDir();
    folder = join(dir, "strategies");
    mkdirSync(folder);
    writeFileSync(join(folder, "buys.ts"), buys(0.9995));
  });
  afterEach(() => {
    close();
    dropDir(dir);
  });

  it("trades on candles, references and metrics; the same twice gives the same ticks", async () => {
    const told: string[] = [];
    for (const again of [false, true]) {
      if (again) {
        close();
        dropDir(dir);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "buys.ts"), buys(0.9995));
      }
      await open();
      const { id, config: stored } = life.engine.bots.create(config);
      expect(stored.params).toEqual({ period: 20 });
      life.engine.bots.start([id]);
      await life.clock.advance(6 * HOUR);
      const lines = life.reports.map(({ fireTime, result, reason, signal, price }) =>
        JSON.stringify([fireTime, result, reason, signal, price]),
      );
      expect(lines).toHaveLength(25);
      told.push(lines.join("\n"));
    }
    expect(told[0]).toMatch(/"entry"/);
    expect(told[0]).toMatch(/NUPL 0\.\d+, ETH \d+/);
    expect(told[1]).toBe(told[0]);
  });

  it("closes a position at its stop though the strategy does not load, and the bot says why it is red", async () => {
    await open();
    const { id } = life.engine.bots.create(config);
    life.engine.bots.start([id]);
    await life.clock.advance(HOUR / 60);
    expect(life.reports.at(-1)?.result).toBe("entry");
    writeFileSync(join(folder, "buys.ts"), "\nnot a strategy");
    await library.reload();
    expect(life.engine.bots.get(id)).toMatchObject({
      health: "error",
      healthReason: expect.stringMatching(/buys\.ts:2:.*stop-loss is still watched/),
    });
    await life.clock.advance(12 * HOUR);
    const stopped = life.reports.find(({ result }) => result === "exit");
    expect(stopped?.reason).toMatch(/^Stop-loss .* was touched/);
    const after = life.reports.filter(({ result }) => result === "error");
    expect(after.length).toBeGreaterThan(20);
    expect(after.at(-1)?.reason).toMatch(/does not load: buys\.ts:2/);
    expect(() => life.engine.bots.update(id, { ...config, capital: 5 })).toThrow(/does not load/);
  });

  it("keeps a bot whose file is gone over a restart, and goes on when it is back", async () => {
    await open();
    const { id } = life.engine.bots.create(config);
    life.engine.bots.start([id]);
    close();
    rmSync(join(folder, "buys.ts"));
    await open();
    expect(life.engine.bots.get(id).healthReason).toMatch(/not in the strategies folder any more/);
    await life.clock.advance(HOUR);
    expect(life.reports.every(({ result }) => result === "error")).toBe(true);
    writeFileSync(join(folder, "buys.ts"), buys(0.9));
    await library.reload();
    await life.clock.advance(HOUR);
    expect(life.reports.at(-1)?.result).toBe("hold");
    expect(life.reports.some(({ result }) => result === "entry")).toBe(true);
  });

  it("refuses a bot of a strategy that is not there or with parameters out of range", async () => {
    await open();
    const { bots } = life.engine;
    expect(() => bots.create({ ...config, strategy: "user:none" })).toThrow(
      /not in the strategies folder/,
    );
    expect(() => bots.create({ ...config, params: { period: 1 } })).toThrow(/Period is 1/);
    expect(() => bots.create({ ...config, strategy: "none" })).toThrow(/"none" is unknown/);
    expect(bots.list()).toEqual([]);
  });
});
