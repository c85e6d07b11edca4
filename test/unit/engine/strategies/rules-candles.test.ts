import { describe, expect, it } from "vitest";
import type { Decision } from "../../../../src-main/engine/strategies/types.ts";
import { atEnd, held, path, rise, strategy, worldOf, zigzag } from "./cases.ts";
import type { Ask } from "./market.ts";

describe("mean_reversion_bb", () => {
  const id = "mean_reversion_bb";
  // A quiet market that drops (or jumps) out of its band within two candles: no trend yet.
  const drop = worldOf(id, path([498, zigzag(0.002)], [2, rise(-0.012)]));
  const jump = worldOf(id, path([498, zigzag(0.002)], [2, rise(0.012)]));
  const quiet = worldOf(id, path([500, zigzag(0.002)]));

  it("buys below the lower band, with the stop at 2 × ATR and numbers in its words", () => {
    const decision = atEnd(id, drop);
    expect(decision).toMatchObject({ action: "enter", side: "long", sizeFactor: 1 });
    expect(decision.reason).toMatch(
      /^long: close [\d.]+ < lower band [\d.]+, RSI [\d.]+ < 35, ADX [\d.]+ ≤ 25 .*; stop [\d.]+ \(2 × ATR [\d.]+\)$/,
    );
    expect(decision.conditions.map((condition) => condition.held)).toEqual([true, true, true]);
  });

  it("is surer the farther the close is from the mean", () => {
    const farther = atEnd(id, worldOf(id, path([498, zigzag(0.002)], [2, rise(-0.03)])));
    const near = atEnd(id, drop);
    if (near.action !== "enter" || farther.action !== "enter") throw new Error("no entries");
    expect(farther.confidence).toBeGreaterThan(near.confidence);
    expect(near.confidence).toBeGreaterThanOrEqual(0.5);
  });

  it("doubles the stop's distance with its multiple", () => {
    const once = atEnd(id, drop, { params: { stopAtr: 1 } });
    const twice = atEnd(id, drop, { params: { stopAtr: 2 } });
    if (once.action !== "enter" || twice.action !== "enter") throw new Error("no entries");
    const close = drop.candles.close.at(-1) ?? 0;
    expect(close - twice.stopPrice).toBeCloseTo(2 * (close - once.stopPrice), 9);
  });

  it("shorts above the upper band only where shorting is allowed", () => {
    expect(atEnd(id, jump, { allowShort: true })).toMatchObject({ action: "enter", side: "short" });
    const refused = atEnd(id, jump);
    expect(refused.action).toBe("hold");
    expect(refused.reason).toMatch(
      /^no entry: short signal \(close .*\), but shorting is off for this bot$/,
    );
    expect(refused.conditions.at(-1)).toMatchObject({ label: "Shorting allowed", held: false });
  });

  it("does not buy against a strong trend", () => {
    const falling = worldOf(id, path([440, zigzag(0.002)], [59, rise(-0.002)], [1, rise(-0.02)]));
    const decision = atEnd(id, falling);
    expect(decision.action).toBe("hold");
    expect(decision.reason).toMatch(
      /^no entry: ADX [\d.]+ > 25 with close below the 50 mean [\d.]+$/,
    );
    expect(decision.conditions.map((condition) => condition.held)).toEqual([true, true, false]);
  });

  it("says where the close is when it does nothing", () => {
    expect(atEnd(id, quiet).reason).toMatch(
      /^no entry: close [\d.]+ is inside the bands [\d.]+–[\d.]+$/,
    );
  });

  it("leaves at the middle band", () => {
    expect(atEnd(id, drop, { position: held("long") }).action).toBe("hold");
    expect(atEnd(id, jump, { position: held("long") })).toMatchObject({ action: "exit" });
    expect(atEnd(id, drop, { position: held("short") })).toMatchObject({ action: "exit" });
    expect(atEnd(id, jump, { position: held("short") }).reason).toMatch(
      /^holding short: close [\d.]+ > middle band [\d.]+, stop 200$/,
    );
  });
});

describe.each(["momentum_rsi_macd", "momentum_rsi_macd_4h"])("%s", (id) => {
  // A long fall, and a turn that brings the RSI over 50 while the histogram is above 0.
  const fall = path([400, zigzag(0.001)], [60, rise(-0.001)]);
  const turned = [...Array(40).keys()].map((count) =>
    atEnd(id, worldOf(id, [...fall, ...path([count + 1, rise(0.003)])])),
  );
  const crossing = turned.findIndex((decision) =>
    decision.conditions.some(({ label, held: yes }) => label.startsWith("RSI crosses") && yes),
  );

  it("enters on the crossing candle and on no other", () => {
    expect(crossing).toBeGreaterThan(0);
    expect(turned.filter(({ conditions }) => conditions[0]?.held === true)).toHaveLength(1);
    const decision = turned[crossing];
    const above = decision?.conditions.every((condition) => condition.held);
    expect(decision?.action).toBe(above === true ? "enter" : "hold");
    expect(decision?.conditions.slice(1, 3).map((condition) => condition.held)).toEqual([
      true,
      true,
    ]);
  });

  it("leaves when the histogram changes its sign", () => {
    const up = worldOf(id, [...fall, ...path([20, rise(0.003)])]);
    const down = worldOf(id, [...fall, ...path([40, rise(0.003)], [20, rise(-0.003)])]);
    expect(atEnd(id, up, { position: held("long") }).action).toBe("hold");
    expect(atEnd(id, down, { position: held("long") })).toMatchObject({ action: "exit" });
    expect(atEnd(id, up, { position: held("short") }).reason).toMatch(
      /^exit short: MACD histogram [\d.]+ > 0$/,
    );
    expect(atEnd(id, down, { position: held("short") }).action).toBe("hold");
  });
});

it("momentum_rsi_macd buys the turn that momentum_rsi_macd_4h refuses below its 200 mean", () => {
  const steps = path([300, zigzag(0.001)], [160, rise(-0.003)]);
  const tried = [...Array(40).keys()].map((count) => [...steps, ...path([count + 1, rise(0.002)])]);
  const bought = tried.find((each) => {
    const decision = atEnd("momentum_rsi_macd", worldOf("momentum_rsi_macd", each));
    return decision.action === "enter";
  });
  if (bought === undefined) throw new Error("the turn is not bought at all");
  const refused = atEnd("momentum_rsi_macd_4h", worldOf("momentum_rsi_macd_4h", bought));
  expect(refused.reason).toMatch(/^no entry: close [\d.]+ ≤ 200 mean [\d.]+$/);
});

describe("correlation_regime", () => {
  const id = "correlation_regime";
  const noise = (i: number): number => ((i * 7919) % 13) / 4000 - 0.0015;
  const other = (i: number): number => ((i * 104_729) % 17) / 5000 - 0.0016;
  const leaderUp = path([700, (i) => noise(i) + 0.001]);
  const leaderDown = path([700, (i) => noise(i) - 0.001]);
  const apartSteps = path([700, other]);
  const both = (steps: readonly number[], leader: readonly number[], ask: Ask = {}): Decision =>
    atEnd(id, worldOf(id, steps, { leader }), { allowShort: true, ...ask });

  it("follows Bitcoin's momentum while the correlation is high", () => {
    expect(both(leaderUp, leaderUp)).toMatchObject({ action: "enter", side: "long" });
    expect(both(leaderDown, leaderDown)).toMatchObject({ action: "enter", side: "short" });
    expect(both(leaderUp, leaderUp).reason).toMatch(
      /correlation with BTC\/USDT 1 > 0.75, BTC\/USDT EMA 20 [\d.]+ > EMA 50 [\d.]+/,
    );
  });

  it("trades its own reversion while the correlation is low", () => {
    const dropped = [...apartSteps.slice(0, 699), -0.03];
    expect(both(apartSteps, leaderUp).action).toBe("hold");
    expect(both(dropped, leaderUp)).toMatchObject({ action: "enter", side: "long" });
    expect(both([...apartSteps.slice(0, 699), 0.03], leaderUp)).toMatchObject({
      action: "enter",
      side: "short",
    });
    expect(both(dropped, leaderUp, { position: held("long") }).action).toBe("hold");
    expect(both(dropped, leaderUp, { position: held("short") }).reason).toMatch(
      /^exit short: z-score of 20 -[\d.]+ ≤ 0$/,
    );
  });

  it("does not enter in between, and leaves when it gets there", () => {
    const half = leaderUp.map((step, i) => 0.5 * step + 0.5 * other(i));
    expect(both(half, leaderUp).reason).toMatch(
      /^no entry: correlation with BTC\/USDT 0\.\d+ is between 0.4 and 0.75$/,
    );
    expect(both(half, leaderUp, { position: held("long") })).toMatchObject({ action: "exit" });
  });

  it("leaves when Bitcoin's momentum turns", () => {
    expect(both(leaderUp, leaderUp, { position: held("long") }).action).toBe("hold");
    expect(both(leaderDown, leaderDown, { position: held("long") }).action).toBe("exit");
  });

  it("without Bitcoin's candles, or with older ones, it does nothing and says so", () => {
    expect(atEnd(id, worldOf(id, leaderUp)).reason).toBe(
      "no entry: candles of BTC/USDT are missing",
    );
    expect(both(leaderUp, leaderUp.slice(0, 699)).reason).toBe(
      "no entry: the last candle of BTC/USDT is not the one of ALT/USDT",
    );
    expect(both(leaderUp, leaderUp.slice(0, 100)).reason).toBe(
      "no entry: warming up: BTC/USDT has 100 of 684 closed candles",
    );
    expect(atEnd(id, worldOf(id, leaderUp), { position: held("long") }).reason).toMatch(
      /^holding long with its stop: candles of BTC\/USDT are missing/,
    );
  });

  it("pairs candles by their time: a hole in one series does not shift the returns", () => {
    const world = worldOf(id, leaderUp, { leader: leaderUp });
    const leader = world.references.get("BTC/USDT");
    if (leader === undefined) throw new Error("no leader");
    const keep = (column: Float64Array): Float64Array => column.filter((_, i) => i !== 680);
    const holed = {
      length: leader.length - 1,
      time: keep(leader.time),
      open: keep(leader.open),
      high: keep(leader.high),
      low: keep(leader.low),
      close: keep(leader.close),
      volume: keep(leader.volume),
    };
    const decision = atEnd(id, { ...world, references: new Map([["BTC/USDT", holed]]) });
    expect(decision.conditions[0]?.detail).toBe("correlation with BTC/USDT 1 > 0.75");
  });

  it("Bitcoin is its own leader and needs no reference", () => {
    const params = strategy(id).params.parse({});
    expect(strategy(id).needs(params, "BTC/USDT").references).toEqual([]);
    expect(strategy(id).needs(params, "ETH/USDC").references).toEqual(["BTC/USDC"]);
    const world = { ...worldOf(id, leaderUp), symbol: "BTC/USDT" };
    expect(atEnd(id, world)).toMatchObject({ action: "enter", side: "long" });
  });
});
