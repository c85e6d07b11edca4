import * as z from "zod";
import { describe, expect, it } from "vitest";
import { standardCandles } from "../../../bench/backtest/standard-candles.ts";
import { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import { SyntheticExchange } from "../../../src-main/engine/exchange/synthetic-exchange.ts";
import { sliceColumns } from "../../../src-main/engine/market/columns.ts";
import { knownSeries } from "../../../src-main/engine/market/metric-service.ts";
import type { Strategy, StrategyInput } from "../../../src-main/engine/strategies/types.ts";
import { BotRunner } from "../../../src-main/research/bot-run.ts";
import { chooseStrategy } from "../../../src-main/research/catalogue.ts";
import { strategyDecider } from "../../../src-main/research/deciders.ts";
import { loadHistory } from "../../../src-main/research/load-history.ts";
import { backtestRulesSchema } from "../../../src-preload/contract/research.ts";
import { historyOf, requestOf } from "./requests.ts";

const QUARTER = 900_000;
const candles = standardCandles(60);
const START = candles.time[0] ?? 0;

/** A strategy that only looks, and keeps what it was shown. */
function watcher(warmup: number) {
  const seen: StrategyInput<unknown>[] = [];
  const strategy: Strategy = {
    id: "watcher",
    title: "Watcher",
    summary: "",
    source: "",
    rules: { entry: "", exit: "", stop: "", confidence: "" },
    defaultTimeframe: "15m",
    params: z.object({}),
    needs: () => ({ references: ["ETH/USDT"], metrics: ["nupl"], metricWindowMs: 5 * QUARTER }),
    warmup: () => warmup,
    decide(input) {
      seen.push(input);
      return { action: "hold", reason: "", conditions: [] };
    },
  };
  return { strategy, seen };
}

describe("what a strategy of the per-candle form is shown", () => {
  it("is the last candles of its warm-up, never one that came later", () => {
    const { strategy, seen } = watcher(10);
    const history = historyOf(candles);
    new BotRunner(history, strategyDecider(strategy, {}, history, false), {
      botId: "1",
      rules: backtestRulesSchema.parse({}),
      first: 0,
      end: 60,
    }).run();
    // Nothing is decided before the warm-up is there.
    expect(seen).toHaveLength(51);
    seen.forEach((input, at) => {
      expect(input.candles).toHaveLength(10);
      expect(input.candles.time.at(-1)).toBe(candles.time[at + 9]);
      expect(input.time).toBe((candles.time[at + 9] ?? 0) + QUARTER);
      expect(input.reference("BTC/USDT")).toBe(input.candles);
    });
  });

  it("has references that end with the same candle, or none", () => {
    const { strategy } = watcher(10);
    const other = {
      ...sliceColumns(candles, 0, 59),
      time: candles.time.slice(0, 59).map((time, i) => (i < 40 ? time : time + QUARTER)),
    };
    const history = historyOf(candles, { references: new Map([["ETH/USDT", other]]) });
    const { strategy: looking, seen } = watcher(10);
    const decider = strategyDecider(looking, {}, history, false);
    for (const index of [4, 39, 40, 41]) decider.decide(index, null);
    expect(seen.map((input) => input.reference("ETH/USDT")?.length ?? null)).toStrictEqual([
      5,
      10,
      null,
      10,
    ]);
    expect(seen[3]?.reference("ETH/USDT")?.time.at(-1)).toBe(candles.time[41]);
    expect(seen[0]?.reference("SOL/USDT")).toBeNull();
    expect(strategy.id).toBe("watcher");
  });

  it("has metrics of its window that were known by the close, or none", () => {
    const known = [2, 10, 11, 20].map((at) => START + at * QUARTER);
    const series = {
      length: 4,
      time: Float64Array.from(known),
      value: Float64Array.from([1, 2, 3, 4]),
    };
    const history = historyOf(candles, { metrics: new Map([["nupl", series]]) });
    const { strategy, seen } = watcher(1);
    const decider = strategyDecider(strategy, {}, history, false);
    // Candle 9 closes at the very instant from which the second value may be known.
    for (const index of [0, 8, 9, 15, 30]) decider.decide(index, null);
    const values = seen.map((input) => {
      const found = input.metric("nupl");
      return found === null ? null : [...found.value];
    });
    expect(values).toStrictEqual([null, null, [2], [3], null]);
    expect(seen[0]?.metric("funding_rate")).toBeNull();
  });
});

describe("published points", () => {
  const DAY = 86_400_000;
  it("are known from the next day on when they are daily, and once a span", () => {
    const found = knownSeries("nupl", [
      { time: 0, value: 1 },
      { time: 3_600_000, value: 9 },
      { time: DAY, value: Number.NaN },
      { time: 2 * DAY, value: 3 },
      { time: DAY, value: 4 },
    ]);
    expect([...found.time]).toStrictEqual([DAY, 3 * DAY]);
    expect([...found.value]).toStrictEqual([1, 3]);
  });
});

describe("the history of a request", () => {
  const to = Date.UTC(2024, 5, 1);
  const load = (over: Readonly<Record<string, unknown>>) => {
    const request = requestOf({ from: to - 86_400_000, to, ...over });
    const exchange = new SyntheticExchange({ clock: new VirtualClock(to), seed: 3 });
    return loadHistory(exchange, request, chooseStrategy(request.strategy, request.params));
  };

  it("holds the span, a warm-up before it, and all that the strategy reads", async () => {
    const found = await load({
      strategy: "correlation_regime",
      symbol: "ETH/USDT",
      timeframe: "4h",
    });
    const { strategy, params } = chooseStrategy("correlation_regime", {});
    const need = strategy.warmup(params);
    const before = found.candles.time.filter((time) => time < to - 86_400_000).length;
    expect(before).toBeGreaterThanOrEqual(need);
    expect(found.candles.time.at(-1)).toBe(to - 4 * 3_600_000);
    expect(found.references.get("BTC/USDT")?.length).toBe(found.candles.length);
    const leverage = await load({ strategy: "leverage_composite", timeframe: "1h" });
    expect([...leverage.metrics.keys()]).toStrictEqual([
      "open_interest",
      "funding_rate",
      "long_short_ratio",
    ]);
    expect(leverage.funding).toBeNull();
  });

  it("holds shorter candles and funding when the rules ask for them", async () => {
    const found = await load({ rules: { fineTimeframe: "5m", funding: true } });
    expect(found.fine?.length).toBe(288);
    expect(found.funding?.length).toBeGreaterThanOrEqual(3);
  });

  it("of a symbol that is not traded is refused in a sentence", async () => {
    await expect(load({ symbol: "ZZZ/USDT" })).rejects.toThrow(
      "Synthetic market does not trade ZZZ/USDT; choose another symbol.",
    );
  });
});
