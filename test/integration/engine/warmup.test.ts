import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { referenceFleet } from "../../../src-main/engine/bots/presets.ts";
import type { Exchange } from "../../../src-main/engine/exchange/port.ts";
import { strategyOf } from "../../../src-main/engine/strategies/registry.ts";
import { HOUR, START, dropDir, makeDir, openLife } from "./harness.ts";
import type { Life } from "./harness.ts";

const LENGTH = HOUR / 4;
/** Closed candles that the coin has at the start. */
const LISTED = 50;

/** The same market, where every coin was listed a short while ago. */
function listedLately(exchange: Exchange): Exchange {
  const fetchCandles: Exchange["fetchCandles"] = async (symbol, timeframe, since, ...rest) =>
    exchange.fetchCandles(symbol, timeframe, Math.max(since, START - LISTED * LENGTH), ...rest);
  return new Proxy(exchange, {
    get(target, key) {
      if (key === "fetchCandles") return fetchCandles;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("a bot on a coin that is new", () => {
  let dir: string;
  let life: Life;
  beforeEach(async () => {
    dir = makeDir();
    life = openLife({ dir, wrap: listedLately });
    await life.engine.start();
  });
  afterEach(() => {
    life.crash();
    dropDir(dir);
  });

  it("says that it is warming up and how far it is, trades nothing, and then begins", async () => {
    const config = referenceFleet().find(({ strategy }) => strategy === "momentum_rsi_macd");
    const strategy = strategyOf("momentum_rsi_macd");
    if (config === undefined || strategy === undefined) throw new Error("no such bot");
    const need = strategy.warmup(config.params);
    const { id } = life.engine.bots.create(config);
    life.engine.bots.start([id]);
    await life.clock.advance(10 * LENGTH + 1000);

    const first = life.reports[0];
    expect(first).toMatchObject({
      result: "warming_up",
      reason: `Warming up, ${LISTED} of ${need} closed candles.`,
      conditions: [
        { label: "Warmed up", held: false, detail: `${LISTED} of ${need} closed candles` },
      ],
      signal: null,
    });
    expect(life.engine.bots.get(id)).toMatchObject({
      health: "warming_up",
      healthReason: `Warming up, ${LISTED + 10} of ${need} closed candles.`,
    });

    await life.clock.advance((need - LISTED - 11) * LENGTH);
    expect(life.reports).toHaveLength(need - LISTED);
    expect(life.ledger.orders.list({ limit: 10 })).toEqual([]);

    await life.clock.advance(11 * LENGTH);
    const results = life.reports.map(({ result }) => result);
    expect(results.slice(0, need - LISTED)).toEqual(Array(need - LISTED).fill("warming_up"));
    expect(results.slice(need - LISTED)).not.toContain("warming_up");
    expect(results.length).toBeGreaterThan(need - LISTED);
    expect(life.engine.bots.get(id)?.health).toBe("on_time");
  });
});
