import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RISK_DEFAULTS } from "../../../../src-preload/contract/risk-limits.ts";
import { money } from "../../../../src-main/engine/money.ts";
import { correlationMultiplier } from "../../../../src-main/engine/risk/correlation-layer.ts";
import { evaluateEntry } from "../../../../src-main/engine/risk/evaluate.ts";
import { halfKelly, tradeStats } from "../../../../src-main/engine/risk/kelly.ts";
import { ENTRY_LAYERS } from "../../../../src-main/engine/risk/layers.ts";
import type { OpenExposure, Surroundings } from "../../../../src-main/engine/risk/types.ts";
import { START } from "../orders/support.ts";
import { breaker, proposal, QUARTER } from "./make.ts";

const judge = (change: Partial<Surroundings> = {}) => evaluateEntry(ENTRY_LAYERS, proposal(change));
const limits = (change: Partial<typeof RISK_DEFAULTS>) => ({
  limits: { ...RISK_DEFAULTS, ...change },
});
const held = (botId: string, symbol: string, value: number): OpenExposure => ({
  botId,
  symbol,
  side: "long",
  value,
});

describe("the layers in calm surroundings", () => {
  it("judge in the stated order and say what each saw", () => {
    const verdict = judge();
    expect(verdict).toMatchObject({ allowed: true, quantity: "2" });
    expect(verdict.conditions.map(({ label }) => label)).toEqual([
      "Kill switch",
      "Stop-loss",
      "Size",
      "Correlation",
      "Exposure",
      "Daily loss",
      "Bot drawdown",
      "Portfolio drawdown",
      "System",
      "Cooldown",
      "Stop-loss guard",
      "Pair lock",
      "Cash",
    ]);
    expect(verdict.conditions.every((condition) => condition.held)).toBe(true);
  });

  it("let only stop, size and cash speak where a bot is judged alone", () => {
    const { around: _, ...alone } = proposal();
    const verdict = evaluateEntry(ENTRY_LAYERS, alone);
    expect(verdict.conditions.map(({ label }) => label)).toEqual(["Stop-loss", "Size", "Cash"]);
  });
});

describe("a refusal", () => {
  const away = (state: Surroundings["deadMan"]) => ({ deadMan: state });
  it.each<[string, string, Partial<Surroundings>, RegExp]>([
    [
      "while the kill switch is on",
      "kill",
      { kill: { level: "close", since: START, by: "tray", note: "", left: 0 } },
      /kill switch is on \(all positions closed.*thrown by the tray at 2024-03-01 00:00 UTC/,
    ],
    [
      "with as many positions as may be",
      "exposure",
      {
        ...limits({ maxOpenPositions: 1 }),
        open: [held("b", "XRP/USDT", 1)],
        correlation: () => 0,
      },
      /1 positions are open and the limit is 1/,
    ],
    ["after too many orders", "exposure", { ordersInMinute: 30 }, /30 orders .* limit is 30/],
    [
      "with no room in the symbol",
      "exposure",
      { ...limits({ correlationFloor: 1 }), open: [held("b", "SOL/USDT", 2500)] },
      /25 % in SOL\/USDT \(2500\.00 open\) leaves no room/,
    ],
    [
      "with too little room for an order",
      "exposure",
      { ...limits({ correlationFloor: 1 }), open: [held("b", "SOL/USDT", 2497)] },
      /leaves 3\.00 USDT, under the smallest order of 5 USDT/,
    ],
    [
      "with no gross room",
      "exposure",
      { ...limits({ correlationFloor: 1 }), open: [held("b", "XRP/USDT", 10_000)] },
      /100 % gross exposure \(10000\.00 open\) leaves no room/,
    ],
    [
      "after the bot's loss of the day",
      "daily_loss",
      { bot: { dayLossPct: 10, drawdownPct: 0 } },
      /bot lost 10\.00 % today; the limit is 10 %/,
    ],
    [
      "after the portfolio's loss of the day",
      "daily_loss",
      { portfolio: { dayLossPct: 5.5, drawdownPct: 0 } },
      /portfolio lost 5\.50 % today; the limit is 5 %/,
    ],
    [
      "for the rest of a day whose loss was won back",
      "daily_loss",
      { breakers: [breaker({ kind: "daily_loss", until: START + 1 })] },
      /The limit was reached\. It ends at/,
    ],
    [
      "far below the bot's peak",
      "bot_breaker",
      { bot: { dayLossPct: 0, drawdownPct: 20 } },
      /20\.00 % below its peak; the limit is 20 %/,
    ],
    [
      "until a bot's breaker is reset",
      "bot_breaker",
      { breakers: [breaker({ kind: "bot_drawdown", scope: "b" })] },
      /Reset it on the Risk page/,
    ],
    [
      "far below the portfolio's peak",
      "portfolio_halt",
      { portfolio: { dayLossPct: 0, drawdownPct: 15 } },
      /portfolio is 15\.00 % below its peak/,
    ],
    [
      "on an old candle",
      "system",
      { candleClosedAt: START - QUARTER - 60_001 },
      /closed 1\.1 candles ago; the limit is 1/,
    ],
    [
      "with a clock that is off",
      "system",
      { clockOffsetMs: -1001 },
      /-1001 ms from this machine's/,
    ],
    ["with an exchange in trouble", "system", { exchangeFailures: 10 }, /10 requests .* failed/],
    [
      "soon after a stall",
      "system",
      { stall: { at: START - 59_999, ms: 2000 } },
      /stood still for 2\.0 s; entries wait 60 s/,
    ],
    ["of a trader who is away", "system", away("no_entries"), /checked in for 24 hours/],
    ["of a trader who is away for long", "system", away("stopped"), /checked in for 48 hours/],
    [
      "in a cooldown",
      "cooldown",
      { cooldownUntil: START + 1 },
      /Its stop was hit; it enters again from/,
    ],
    ["by the guard", "stop_guard", { breakers: [breaker({ kind: "stop_guard" })] }, /limit was/],
    [
      "of a locked pair",
      "pair_lock",
      { breakers: [breaker({ kind: "pair_lock", scope: "SOL/USDT" })] },
      /limit was/,
    ],
  ])("comes %s", (_what, layer, change, reason) => {
    const verdict = judge(change);
    expect(verdict).toMatchObject({
      allowed: false,
      layer,
      reason: expect.stringMatching(reason) as string,
    });
    expect(verdict.conditions.at(-1)?.held).toBe(false);
  });

  it.each<[string, Partial<Surroundings>]>([
    [
      "just inside each limit",
      { bot: { dayLossPct: 9.99, drawdownPct: 19.99 }, exchangeFailures: 9 },
    ],
    ["at the reminder", away("reminder")],
    ["without a dead man's switch", away(null)],
    ["when the clock's offset is not known", { clockOffsetMs: null }],
    ["on a tick at the very end of its candle", { candleClosedAt: START - QUARTER }],
    ["when the cooldown is over", { cooldownUntil: START }],
    ["when the stall is past", { stall: { at: START - 60_000, ms: 9000 } }],
    ["after a short stall", { stall: { at: START, ms: 1999 } }],
    ["with trouble switched off", { ...limits({ exchangeFailures: 0 }), exchangeFailures: 99 }],
  ])("does not come %s", (_what, change) => {
    expect(judge(change).allowed).toBe(true);
  });
});

describe("half-Kelly", () => {
  it("is half of W − (1 − W) / R", () => {
    // Worked by hand: W = 0.6, R = 2: f = 0.6 − 0.4 / 2 = 0.4.
    const stats = tradeStats([...Array<number>(6).fill(20), ...Array<number>(4).fill(-10)]);
    expect(halfKelly(stats)).toBeCloseTo(0.2, 12);
    expect(halfKelly(tradeStats([]))).toBeNull();
    expect(halfKelly(tradeStats([5, 5]))).toBe(0.5);
    expect(halfKelly(tradeStats([-5]))).toBeLessThan(0);
    expect(tradeStats([0])).toEqual({ trades: 1, wins: 0, averageWin: 0, averageLoss: 0 });
  });

  it("makes an entry smaller from the 30th trade on, never larger", () => {
    const trades = (n: number, winShare: number) =>
      tradeStats(Array.from({ length: n }, (_, i) => (i < n * winShare ? 10 : -10)));
    expect(judge({ trades: trades(29, 0.5) })).toMatchObject({ quantity: "2" });
    // W = 0.6, R = 1: half-Kelly is 10 %.
    expect(judge({ trades: trades(30, 0.6) })).toMatchObject({ quantity: "1" });
    expect(judge({ trades: trades(30, 1) })).toMatchObject({ quantity: "2" });
    expect(judge({ trades: trades(30, 0) })).toMatchObject({ quantity: "0.1" });
    expect(judge({ ...limits({ kellyMinPct: 0 }), trades: trades(30, 0) })).toMatchObject({
      allowed: false,
      layer: "size",
      reason: expect.stringContaining("no edge") as string,
    });
    expect(judge({ ...limits({ kellyAfterTrades: 0 }), trades: trades(30, 0) })).toMatchObject({
      quantity: "2",
    });
  });
});

describe("the correlation multiplier", () => {
  const of = (change: Partial<Surroundings>, side: "long" | "short" = "long") =>
    correlationMultiplier(proposal(change, { side }));
  it("is a quarter against a full exposure that moves as the entry does, and 1 against none", () => {
    expect(of({ open: [] })).toBe(1);
    expect(of({ open: [held("b", "SOL/USDT", 2500)] })).toBe(0.25);
    expect(of({ open: [held("b", "XRP/USDT", 2500)], correlation: () => 1 })).toBe(0.25);
    expect(of({ open: [held("b", "XRP/USDT", 2500)], correlation: () => 0.5 })).toBe(0.625);
    expect(of({ open: [held("b", "XRP/USDT", 250)], correlation: () => 1 })).toBeCloseTo(0.925, 12);
    expect(of({ open: [held("b", "XRP/USDT", 2500)], correlation: () => -1 })).toBe(1);
    expect(of({ open: [held("b", "XRP/USDT", 2500)], correlation: () => 1 }, "short")).toBe(1);
  });
  it("takes an unknown correlation for a full one", () => {
    expect(of({ open: [held("b", "XRP/USDT", 2500)], correlation: () => null })).toBe(0.25);
  });
});

const exposures = fc.array(
  fc.record({
    botId: fc.string({ minLength: 1, maxLength: 4 }),
    symbol: fc.constantFrom("SOL/USDT", "XRP/USDT", "BTC/USDT"),
    side: fc.constantFrom("long" as const, "short" as const),
    value: fc.double({ min: 0, max: 5000, noNaN: true }),
  }),
  { maxLength: 12 },
);
const worlds = fc.record({
  open: exposures,
  rho: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
  equity: fc.double({ min: 1, max: 1e6, noNaN: true }),
  floor: fc.double({ min: 0.25, max: 1, noNaN: true }),
  pnls: fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 60 }),
  share: fc.double({ min: 0.01, max: 1, noNaN: true }),
  price: fc.double({ min: 0.01, max: 1000, noNaN: true }),
});

describe("whatever surrounds an entry", () => {
  it("no layer raises its size, and none lets it beyond a limit", () => {
    fc.assert(
      fc.property(worlds, ({ open, rho, equity, floor, pnls, share, price }) => {
        const entry = proposal(
          {
            open,
            correlation: () => rho,
            equity,
            trades: tradeStats(pnls),
            ...limits({ correlationFloor: floor }),
          },
          { positionShare: share, price, stopPrice: price / 2 },
        );
        const sizes: number[] = [];
        const watched = ENTRY_LAYERS.map((layer) => ({
          ...layer,
          judge: (...args: Parameters<typeof layer.judge>) => {
            const verdict = layer.judge(...args);
            if (verdict?.verdict === "size") {
              sizes.push(verdict.quantity.toNumber());
              const before = args[1];
              if (before !== null) expect(verdict.quantity.lte(before)).toBe(true);
            }
            return verdict;
          },
        }));
        const verdict = evaluateEntry(watched, entry);
        if (!verdict.allowed) return;
        const notional = money(verdict.notional);
        const sum = (of: readonly OpenExposure[]) =>
          of.reduce((total, { value }) => total + value, 0);
        const inSymbol = sum(open.filter(({ symbol }) => symbol === "SOL/USDT"));
        expect(money(verdict.quantity).toNumber()).toBe(Math.min(...sizes));
        expect(notional.lte(250)).toBe(true);
        expect(notional.toNumber() + inSymbol).toBeLessThanOrEqual(equity * 0.25 * (1 + 1e-12));
        expect(notional.toNumber() + sum(open)).toBeLessThanOrEqual(equity * (1 + 1e-12));
        expect(notional.gte(5)).toBe(true);
        expect(money(verdict.quantity).mod("0.001").isZero()).toBe(true);
      }),
    );
  });

  it("the same entry gets the same verdict, and the order of what is open does not matter", () => {
    fc.assert(
      fc.property(worlds, ({ open, equity }) => {
        // Whole values: sums of binary numbers hang on their order in the last digit.
        const whole = open.map((exposure) => ({ ...exposure, value: Math.round(exposure.value) }));
        const one = judge({ open: whole, equity, correlation: () => 0.5 });
        expect(judge({ open: whole, equity, correlation: () => 0.5 })).toEqual(one);
        expect(judge({ open: whole.toReversed(), equity, correlation: () => 0.5 })).toEqual(one);
      }),
    );
  });

  it("the multiplier stays between the floor and 1", () => {
    fc.assert(
      fc.property(worlds, ({ open, rho, equity, floor }) => {
        const m = correlationMultiplier(
          proposal({
            open,
            equity,
            correlation: () => rho,
            ...limits({ correlationFloor: floor }),
          }),
        );
        expect(m).toBeGreaterThanOrEqual(floor - 1e-12);
        expect(m).toBeLessThanOrEqual(1);
      }),
    );
  });
});
