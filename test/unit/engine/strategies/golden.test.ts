import { describe, expect, it } from "vitest";
import { STRATEGIES, strategyOf } from "../../../../src-main/engine/strategies/registry.ts";
import type { Strategy } from "../../../../src-main/engine/strategies/types.ts";
import type {
  CandleColumns,
  MetricName,
  MetricSeries,
} from "../../../../src-main/engine/market/types.ts";
import { lowerBound } from "../../../../src-main/engine/market/columns.ts";
import { DAY, generatedWorld, run } from "./market.ts";
import type { Run, World } from "./market.ts";
import { realCandles, realDataPresent, realFourHours, realMetric } from "./real.ts";

function strategy(id: string): Strategy {
  const found = strategyOf(id);
  if (found === undefined) throw new Error(`no strategy ${id}`);
  return found;
}

/** "long/short/exits/stops digest" */
const told = ({ long, short, exits, stops, digest }: Run): string =>
  `${long}/${short}/${exits}/${stops} ${digest}`;

describe("golden runs on generated candles", () => {
  const expected: Readonly<Record<string, string>> = {
    mean_reversion_bb: "18/14/14/18 e71e86fcb496fca1",
    momentum_rsi_macd: "25/31/29/26 579f5005e26c4c8f",
    leverage_composite: "19/26/45/0 be880dc093ea68e1",
    momentum_rsi_macd_4h: "3/7/10/0 20976d8f2d212c2a",
    correlation_regime: "33/14/33/14 89208a4785436fad",
    nupl_cycle_filter: "5/0/1/3 4c4c2b0d0bd92bc3",
    stablecoin_supply_momentum: "9/0/2/7 4a6c1dd593166bd0",
  };

  it("covers every strategy", () => {
    expect([...STRATEGIES.keys()]).toEqual(Object.keys(expected));
  });

  it.each(Object.keys(expected))("%s", (id) => {
    const found = strategy(id);
    const world = generatedWorld(found.defaultTimeframe, 2600, 5);
    const first = found.warmup(found.params.parse({})) - 1;
    expect(told(run(found, world, first, { allowShort: true }))).toBe(expected[id]);
  });
});

interface Span {
  readonly id: string;
  readonly symbol: string;
  /** The run's first decision and its end; candles before it are the warm-up. */
  readonly from: number;
  readonly to: number;
  candles(from: number, to: number): CandleColumns;
  leader?(from: number, to: number): CandleColumns;
  metrics?(): [MetricName, MetricSeries][];
  readonly expected: string;
}

const D2024 = Date.UTC(2024, 0, 1);
const MARCH = Date.UTC(2024, 2, 1);
const MAY = Date.UTC(2024, 4, 1);

/** The recorded ratio is of 2023, the recorded open interest of 2026: the ratio is moved, its values are real. */
function ratioAsOf2026(): MetricSeries {
  const ratio = realMetric("long_short_ratio", 0);
  const moved = Date.UTC(2026, 2, 21) - (ratio.time.at(-1) ?? 0);
  return { ...ratio, time: ratio.time.map((time) => time + moved) };
}

const spans: readonly Span[] = [
  {
    id: "mean_reversion_bb",
    symbol: "SOL/USDT",
    from: MARCH,
    to: MAY,
    candles: (from, to) => realCandles("SOLUSDT-15m", from, to),
    expected: "52/67/65/54 c786980837ef818d",
  },
  {
    id: "momentum_rsi_macd",
    symbol: "BTC/USDT",
    from: MARCH,
    to: MAY,
    candles: (from, to) => realCandles("BTCUSDT-15m", from, to),
    expected: "114/109/133/89 687651ab050d3201",
  },
  {
    id: "leverage_composite",
    symbol: "BTC/USDT",
    from: Date.UTC(2026, 2, 14),
    to: Date.UTC(2026, 2, 20),
    candles: (from, to) => realCandles("BTCUSDT-1h", from, to),
    metrics: () => [
      ["open_interest", realMetric("open_interest_4h_BTCUSDT_usd", 0)],
      ["funding_rate", realMetric("funding_rate", 0)],
      ["long_short_ratio", ratioAsOf2026()],
    ],
    expected: "3/0/3/0 9e984e9006ee9947",
  },
  {
    id: "momentum_rsi_macd_4h",
    symbol: "BTC/USDT",
    from: D2024 - 365 * DAY,
    to: D2024 + 366 * DAY,
    candles: (from, to) => realFourHours("BTCUSDT-1h", from, to),
    expected: "32/17/35/14 4ecfaf3ef2a15a61",
  },
  {
    id: "correlation_regime",
    symbol: "XRP/USDT",
    from: D2024,
    to: D2024 + 366 * DAY,
    candles: (from, to) => realFourHours("XRPUSDT-1h", from, to),
    leader: (from, to) => realFourHours("BTCUSDT-1h", from, to),
    expected: "24/35/40/18 6c569e2509e0b667",
  },
  {
    id: "nupl_cycle_filter",
    symbol: "BTC/USDT",
    from: Date.UTC(2019, 0, 1),
    to: Date.UTC(2021, 6, 1),
    candles: (from, to) => realFourHours("BTCUSDT-1h", from, to),
    metrics: () => [["nupl", realMetric("nupl", DAY)]],
    expected: "2/0/0/1 025a0d4d0fe5f227",
  },
  {
    id: "stablecoin_supply_momentum",
    symbol: "BTC/USDT",
    from: D2024,
    to: D2024 + 366 * DAY,
    candles: (from, to) => realFourHours("BTCUSDT-1h", from, to),
    metrics: () => [["stablecoin_supply", realMetric("stablecoin_supply", DAY)]],
    expected: "6/0/1/4 8825ebaa3e890401",
  },
];

function realRun(span: Span): Run {
  const found = strategy(span.id);
  const need = found.warmup(found.params.parse({}));
  const hours = found.defaultTimeframe === "15m" ? 0.25 : found.defaultTimeframe === "1h" ? 1 : 4;
  // Some candles more than the warm-up, for what an outage of the exchange left out.
  const from = span.from - Math.ceil(((need + 20) * hours) / 24) * DAY;
  const candles = span.candles(from, span.to);
  const world: World = {
    symbol: span.symbol,
    timeframe: found.defaultTimeframe,
    candles,
    references: new Map(
      span.leader === undefined ? [] : [["BTC/USDT", span.leader(from, span.to)]],
    ),
    metrics: new Map(span.metrics?.() ?? []),
  };
  return run(found, world, lowerBound(candles.time, candles.length, span.from), {
    allowShort: true,
  });
}

describe.skipIf(!realDataPresent)(
  `golden runs on recorded candles${realDataPresent ? "" : " (SKIPPED: ../shared/data is absent)"}`,
  () => {
    it.each(spans)("$id on $symbol", (span) => {
      expect(told(realRun(span))).toBe(span.expected);
    });

    it("leverage_composite does not enter without the long/short ratio, and says so", () => {
      const span = spans.find(({ id }) => id === "leverage_composite");
      if (span === undefined) throw new Error("no such span");
      const without = { ...span, metrics: () => (span.metrics?.() ?? []).slice(0, 2) };
      const { decisions } = realRun(without);
      expect(new Set(decisions.map(({ reason }) => reason))).toEqual(
        new Set(["no entry: long/short ratio is missing"]),
      );
    });
  },
);
