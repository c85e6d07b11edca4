import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf } from "../../../src-main/engine/market/columns.ts";
import type { Candle } from "../../../src-main/engine/market/types.ts";
import type { Decision, HeldPosition } from "../../../src-main/engine/strategies/types.ts";
import { BotRunner } from "../../../src-main/research/bot-run.ts";
import { columnDecider } from "../../../src-main/research/deciders.ts";
import type { History } from "../../../src-main/research/history.ts";
import { columnRulesOf, runStrategy } from "../../../src-main/research/run.ts";
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from "../../../src-main/research/signals.ts";
import { fillCosts, simulateColumns } from "../../../src-main/research/simulate.ts";
import { emptyTrades } from "../../../src-main/research/trades.ts";
import { firstTouch } from "../../../src-main/research/touch.ts";
import { chooseStrategy } from "../../../src-main/research/catalogue.ts";
import { backtestRulesSchema } from "../../../src-preload/contract/research.ts";
import { historyOf, requestOf, STANDARD_RULES } from "./requests.ts";

const QUARTER = 900_000;
type Bar = readonly [open: number, high: number, low: number, close: number];
const candlesOf = (bars: readonly Bar[], length = QUARTER) =>
  columnsOf(
    bars.map(([open, high, low, close], i): Candle => ({
      time: i * length,
      open,
      high,
      low,
      close,
      volume: 1,
    })),
  );
const flat = (price: number): Bar => [price, price, price, price];

/** Enters on the first candle and leaves on the one named. */
const plan = (side: "long" | "short", stopPrice: number, leaveAt: number) => ({
  warmup: 1,
  decide: (index: number, position: HeldPosition | null): Decision => {
    if (position === null && index === 0) {
      return {
        action: "enter",
        side,
        confidence: 1,
        stopPrice,
        sizeFactor: 1,
        reason: "in",
        conditions: [],
      };
    }
    const action = position !== null && index >= leaveAt ? "exit" : "hold";
    return { action, reason: action, conditions: [] };
  },
});

const FREE = { feeBps: 0, slippage: { kind: "bps", bps: 0 }, capital: 1000 } as const;

function runOne(
  bars: readonly Bar[],
  decider: ReturnType<typeof plan>,
  rules: Readonly<Record<string, unknown>> = {},
  over: Partial<History> = {},
) {
  const candles = candlesOf(bars);
  return new BotRunner(historyOf(candles, over), decider, {
    botId: "1",
    rules: backtestRulesSchema.parse({ ...FREE, allowShort: true, ...rules }),
    first: 0,
    end: candles.length,
  }).run();
}

describe("an exact run", () => {
  it("sizes as a bot does and fills on the close that decided", () => {
    const { trades, equity } = runOne(
      [flat(100), flat(110), flat(120)],
      plan("long", 90, 1),
    );
    expect(trades).toMatchObject([
      { side: "long", entry: 0, exit: 1, entryPrice: "100", exitPrice: "110", quantity: "2.5", pnl: "25", reason: "signal" },
    ]);
    expect([...equity]).toStrictEqual([1000, 1025, 1025]);
  });

  it("fills at the next open when told so", () => {
    const bars: Bar[] = [flat(100), [102, 112, 101, 110], [120, 121, 119, 119]];
    const { trades } = runOne(bars, plan("long", 90, 1), { timing: "next_open" });
    expect(trades).toMatchObject([{ entry: 1, exit: 2, entryPrice: "102", exitPrice: "120" }]);
  });

  it("stops at the stop, at the open after a gap, and from the entry candle on only where it fills at the open", () => {
    const touched = runOne([flat(100), [100, 101, 89, 95]], plan("long", 90, 9));
    expect(touched.trades).toMatchObject([{ exitPrice: "90", reason: "stop", exit: 1 }]);
    const gapped = runOne([flat(100), [85, 86, 84, 85]], plan("long", 90, 9));
    expect(gapped.trades).toMatchObject([{ exitPrice: "85", reason: "stop" }]);
    // The decision candle itself went below before its close: that was before the entry.
    const before = runOne([[100, 100, 80, 100], flat(100)], plan("long", 90, 9));
    expect(before.trades).toMatchObject([{ reason: "end", exitPrice: "100" }]);
    const short = runOne([flat(100), [115, 116, 114, 115]], plan("short", 110, 9));
    expect(short.trades).toMatchObject([{ exitPrice: "115", reason: "stop", pnl: "-37.5" }]);
  });

  it("refuses through the risk layers what they refuse, and counts it", () => {
    const wrongSide = runOne([flat(100), flat(100)], plan("long", 101, 9));
    expect(wrongSide.trades).toHaveLength(0);
    expect([...wrongSide.refused]).toStrictEqual([["stop", 1]]);
    const market = { ...historyOf(candlesOf([])).market, minNotional: "5000" };
    const small = runOne([flat(100), flat(100)], plan("long", 90, 9), {}, { market });
    expect([...small.refused]).toStrictEqual([["size", 1]]);
    const venue = runOne(
      [flat(100), flat(100)],
      plan("long", 90, 9),
      { sizing: { kind: "notional", amount: 10 } },
      { market },
    );
    expect([...venue.refused]).toStrictEqual([["venue", 1]]);
  });

  it("charges a fee a side and slips by a share of the candle's range", () => {
    const bars: Bar[] = [[100, 110, 90, 100], [100, 110, 90, 100]];
    const { trades } = runOne(bars, plan("long", 50, 1), {
      feeBps: 10,
      slippage: { kind: "range", share: 0.1 },
      sizing: { kind: "notional", amount: 102 },
    });
    // 10 % of 20 on each side: in at 102, out at 98; fees 0.102 and 0.098.
    expect(trades).toMatchObject([{ entryPrice: "102", exitPrice: "98", quantity: "1", fees: "0.2", pnl: "-4.2", slippage: "4" }]);
  });

  it("takes profit by a limit that does not slip, at a better open too", () => {
    const rules = { takeProfit: 0.05, slippage: { kind: "bps", bps: 100 } };
    const at = runOne([flat(100), [101, 108, 100, 107]], plan("long", 50, 9), rules);
    expect(at.trades).toMatchObject([{ entryPrice: "101", exitPrice: "106.05", reason: "target" }]);
    const better = runOne([flat(100), [110, 111, 109, 110]], plan("long", 50, 9), rules);
    expect(better.trades).toMatchObject([{ exitPrice: "110", reason: "target" }]);
  });

  it("pays and charges shorts the funding that falls due while they are open", () => {
    const funding = {
      length: 3,
      time: Float64Array.from([QUARTER, 2 * QUARTER, 9 * QUARTER]),
      value: Float64Array.from([0.5, 0.01, 0.5]),
    };
    const bars = [flat(100), flat(100), flat(100), flat(100)];
    const rules = { funding: true };
    // Entered at the close of the first candle, which is when the first payment was due: not paid.
    const short = runOne(bars, plan("short", 110, 2), rules, { funding });
    expect(short.trades).toMatchObject([{ funding: "2.5", pnl: "0" }]);
    expect(short.equity.at(-1)).toBe(1002.5);
    const long = runOne(bars, plan("long", 90, 2), rules, { funding });
    expect(long.trades).toMatchObject([{ funding: "0" }]);
    const off = runOne(bars, plan("short", 110, 2), {}, { funding });
    expect(off.trades).toMatchObject([{ funding: "0" }]);
  });

  it("closes what is open at the last close and says so", () => {
    const { trades } = runOne([flat(100), flat(103)], plan("long", 90, 9));
    expect(trades).toMatchObject([{ exit: 1, exitPrice: "103", reason: "end" }]);
  });
});

describe("what came first in a candle", () => {
  const wide = candlesOf([[100, 120, 80, 100]]);
  const resting = { side: "long", stop: 90, limit: 110 } as const;

  it("is the stop where nothing finer is known", () => {
    expect(firstTouch(resting, wide, 0, null, QUARTER)).toStrictEqual({ kind: "stop", price: 90 });
  });

  it("is what the finer candles reach first", () => {
    const up = candlesOf([[100, 112, 99, 111], [111, 120, 80, 100]], 300_000);
    expect(firstTouch(resting, wide, 0, up, QUARTER)).toStrictEqual({ kind: "target", price: 110 });
    const down = candlesOf([[100, 101, 85, 88], [88, 120, 80, 100]], 300_000);
    expect(firstTouch(resting, wide, 0, down, QUARTER)).toStrictEqual({ kind: "stop", price: 90 });
    const both = candlesOf([[100, 120, 80, 100]], 300_000);
    expect(firstTouch(resting, wide, 0, both, QUARTER)).toMatchObject({ kind: "stop" });
  });

  it("is the open, where that is beyond one of them already", () => {
    const gap = candlesOf([[115, 120, 80, 100]]);
    expect(firstTouch(resting, gap, 0, null, QUARTER)).toStrictEqual({ kind: "target", price: 115 });
    const short = { side: "short", stop: 110, limit: 90 } as const;
    expect(firstTouch(short, candlesOf([[85, 120, 80, 100]]), 0, null, QUARTER)).toStrictEqual({
      kind: "target",
      price: 85,
    });
  });
});

/** Any candles and any signals: the fast simulator and the exact engine are two writings of one account. */
describe("the column simulator and the exact engine", () => {
  const bar = fc
    .tuple(fc.integer({ min: -40, max: 40 }), fc.nat(30), fc.nat(30), fc.integer({ min: -20, max: 20 }))
    .map(([gap, up, down, move]) => ({ gap, up, down, move }));
  const series = fc.array(fc.tuple(bar, fc.nat(15)), { minLength: 1, maxLength: 80 });

  it("make the same trades and marks", () => {
    fc.assert(
      fc.property(series, fc.constantFrom(null, 0.005, 0.02), (steps, stopLoss) => {
        let price = 1000;
        const bars = steps.map(([{ gap, up, down, move }]): Bar => {
          const open = Math.max(500, price + gap);
          const close = Math.max(500, open + move);
          price = close;
          return [open, Math.max(open, close) + up, Math.min(open, close) - down, close];
        });
        const candles = candlesOf(bars);
        const history = historyOf(candles);
        const flags = Uint8Array.from(steps, ([, flag]) =>
          // Both ways in at once is no signal that a strategy gives.
          (flag & ENTER_LONG) !== 0 ? flag & ~ENTER_SHORT : flag,
        );
        expect(ENTER_LONG | ENTER_SHORT | EXIT_LONG | EXIT_SHORT).toBe(15);
        const rules = backtestRulesSchema.parse({ ...STANDARD_RULES, stopLoss });
        const fastRules = columnRulesOf(rules, history);
        if (fastRules === null) throw new Error("these rules are plain");
        const equity = new Float64Array(candles.length);
        const trades = emptyTrades(1);
        const totals = simulateColumns(candles, flags, fastRules, equity, trades);
        fillCosts(trades, fastRules);
        const exact = new BotRunner(history, columnDecider(flags, 1, true), {
          botId: "1",
          rules,
          first: 0,
          end: candles.length,
        }).run();
        expect(exact.trades.map((trade) => [trade.entry, trade.exit, trade.side, trade.reason])).toStrictEqual(
          Array.from({ length: trades.count }, (_, at) => [
            trades.entry[at],
            trades.exit[at],
            trades.side[at] === 1 ? "long" : "short",
            ["signal", "stop", "end"][trades.reason[at] ?? 3],
          ]),
        );
        exact.equity.forEach((mark, i) => expect(equity[i]).toBeCloseTo(mark, 5));
        exact.trades.forEach((trade, at) => {
          expect(trades.pnl[at]).toBeCloseTo(Number(trade.pnl), 6);
          expect(trades.fees[at]).toBeCloseTo(Number(trade.fees), 6);
          expect(trades.slippage[at]).toBeCloseTo(Number(trade.slippage), 6);
        });
        expect(totals.final).toBeCloseTo(exact.equity.at(-1) ?? 0, 5);
        expect(totals.lastMark).toBeCloseTo(exact.lastMark, 5);
      }),
    );
  });
});

describe("a run of a span", () => {
  it("is not changed by candles after it, nor shifted by those before", () => {
    const bars = Array.from({ length: 300 }, (_, i): Bar => {
      const price = 1000 + 40 * Math.sin(i / 5) + 15 * Math.sin(i * 1.7);
      return [price, price + 9, price - 9, price + 4 * Math.cos(i * 2.3)];
    });
    const candles = candlesOf(bars);
    const request = requestOf({ rules: STANDARD_RULES, from: 100 * QUARTER, to: 250 * QUARTER });
    const chosen = chooseStrategy("standard_bands", {});
    const whole = runStrategy(chosen, request, historyOf(candles));
    const cut = runStrategy(chosen, request, historyOf(candlesOf(bars.slice(0, 250))));
    expect(whole.trades.count).toBeGreaterThan(3);
    expect(whole.trades.entry.subarray(0, whole.trades.count)).toStrictEqual(
      cut.trades.entry.subarray(0, cut.trades.count),
    );
    expect(whole.equity).toStrictEqual(cut.equity);
    const exact = runStrategy(chosen, request, historyOf(candles), { exact: true });
    expect([...exact.trades.entry.subarray(0, exact.trades.count)]).toStrictEqual([
      ...whole.trades.entry.subarray(0, whole.trades.count),
    ]);
  });

  it("without candles is refused in a sentence", () => {
    const request = requestOf({ from: 1e12, to: 2e12 });
    expect(() =>
      runStrategy(chooseStrategy("standard_bands", {}), request, historyOf(candlesOf([flat(1)]))),
    ).toThrow(/There are no candles of BTC\/USDT 15m from 2001-09-09T01:46.*those at hand go from 1970/u);
  });
});
