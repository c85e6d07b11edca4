import type {
  BotRisk,
  LimitBar,
  RiskOverview,
  SymbolRisk,
} from "../../../src-preload/contract/risk.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import type { RiskDesk } from "./desk.ts";
import { halfKelly } from "./kelly.ts";
import type { OpenExposure } from "./types.ts";

export interface OverviewBot {
  readonly id: string;
  readonly name: string;
  readonly timeframe: Timeframe;
}

const MINUTE_MS = 60_000;
/** Symbols that the matrix shows at most. */
const MATRIX = 24;

function bySymbol(open: readonly OpenExposure[], limit: number): SymbolRisk[] {
  const rows = new Map<string, { long: number; short: number }>();
  for (const { symbol, side, value } of open) {
    const row = rows.get(symbol) ?? { long: 0, short: 0 };
    row[side] += value;
    rows.set(symbol, row);
  }
  return [...rows]
    .map(([symbol, sums]) => ({ symbol, ...sums, limit }))
    .toSorted((a, b) => b.long + b.short - a.long - a.short || (a.symbol < b.symbol ? -1 : 1));
}

const largest = <T>(rows: readonly T[], size: (row: T) => number): T | undefined =>
  rows.reduce<T | undefined>(
    (best, row) => (best === undefined || size(row) > size(best) ? row : best),
    undefined,
  );

/** Everything that the Risk page shows, as of now. */
export function riskOverview(
  desk: RiskDesk,
  parts: {
    readonly now: number;
    readonly bots: readonly OverviewBot[];
    readonly clockOffsetMs: number | null;
  },
): RiskOverview {
  const { now, bots, clockOffsetMs } = parts;
  const { limits, equity, stops } = desk;
  const portfolio = equity.portfolio();
  const open = desk.open();
  const breakers = desk.breakers.list(now).map((breaker) => desk.label(breaker));
  const tripped = new Set(breakers.map(({ kind }) => kind));
  const exposure = bySymbol(open, (portfolio.equity * limits.symbolExposurePct) / 100);
  const rows: BotRisk[] = bots.map(({ id, name, timeframe }) => {
    const { dayLossPct, drawdownPct, equity: worth, peak } = equity.bot(id);
    const trades = stops.trades(id, limits.kellyWindowTrades);
    const enough = limits.kellyAfterTrades > 0 && trades.trades >= limits.kellyAfterTrades;
    return {
      botId: id,
      botName: name,
      equity: worth,
      peak,
      drawdownPct,
      dayLossPct,
      halfKelly: enough ? halfKelly(trades) : null,
      trades: trades.trades,
      cooldownUntil: desk.cooldownUntil(id, timeframe),
    };
  });
  const gross = open.reduce((sum, { value }) => sum + value, 0);
  const top = exposure[0];
  const worstDay = largest(rows, ({ dayLossPct }) => dayLossPct);
  const worstFall = largest(rows, ({ drawdownPct }) => drawdownPct);
  const pairs = stops.bySymbol(now - limits.pairMinutes * MINUTE_MS);
  const worstPair = largest([...pairs], ([, count]) => count);
  const locked = breakers.find(({ kind }) => kind === "pair_lock");
  const share = (value: number): number =>
    portfolio.equity > 0 ? (value / portfolio.equity) * 100 : 0;
  const bar = (
    id: string,
    label: string,
    of: string,
    [used, limit, unit]: readonly [used: number, limit: number, unit: string],
    holds = used >= limit,
  ): LimitBar => ({ id, label, of, used, limit, unit, holds });
  const all: (LimitBar | null)[] = [
    bar("symbol", "Exposure per symbol", top?.symbol ?? "", [
      share(top === undefined ? 0 : top.long + top.short),
      limits.symbolExposurePct,
      "%",
    ]),
    bar("gross", "Gross exposure", "", [share(gross), limits.grossExposurePct, "%"]),
    bar("positions", "Open positions", "", [open.length, limits.maxOpenPositions, ""]),
    bar("orders", "Orders in a minute", "", [desk.ordersInMinute(now), limits.ordersPerMinute, ""]),
    bar(
      "bot_daily_loss",
      "Daily loss of a bot",
      (worstDay?.dayLossPct ?? 0) > 0 ? (worstDay?.botName ?? "") : "",
      [worstDay?.dayLossPct ?? 0, limits.botDailyLossPct, "%"],
      tripped.has("bot_daily_loss"),
    ),
    bar(
      "daily_loss",
      "Daily loss of the portfolio",
      "",
      [portfolio.dayLossPct, limits.dailyLossPct, "%"],
      tripped.has("daily_loss"),
    ),
    bar(
      "bot_drawdown",
      "Drawdown of a bot",
      (worstFall?.drawdownPct ?? 0) > 0 ? (worstFall?.botName ?? "") : "",
      [worstFall?.drawdownPct ?? 0, limits.botDrawdownPct, "%"],
      tripped.has("bot_drawdown"),
    ),
    bar(
      "portfolio_drawdown",
      "Drawdown of the portfolio",
      "",
      [portfolio.drawdownPct, limits.portfolioDrawdownPct, "%"],
      tripped.has("portfolio_drawdown"),
    ),
    limits.guardStops === 0
      ? null
      : bar(
          "stop_guard",
          `Stops in ${limits.guardMinutes} min`,
          "",
          [stops.count(now - limits.guardMinutes * MINUTE_MS), limits.guardStops, ""],
          tripped.has("stop_guard"),
        ),
    limits.pairStops === 0
      ? null
      : bar(
          "pair_lock",
          `Stops in a symbol, ${limits.pairMinutes} min`,
          locked?.scope ?? worstPair?.[0] ?? "",
          [worstPair?.[1] ?? 0, limits.pairStops, ""],
          tripped.has("pair_lock"),
        ),
    clockOffsetMs === null
      ? null
      : bar(
          "clock",
          "Clock offset",
          "",
          [Math.abs(clockOffsetMs), limits.maxClockOffsetMs, "ms"],
          Math.abs(clockOffsetMs) > limits.maxClockOffsetMs,
        ),
    limits.exchangeFailures === 0
      ? null
      : bar("exchange", `Failed requests, ${limits.exchangeMinutes} min`, "", [
          desk.failuresInWindow(now),
          limits.exchangeFailures,
          "",
        ]),
  ];
  const symbols = desk.correlation.symbols().slice(0, MATRIX);
  const deadMan = desk.deadMan();
  return {
    time: now,
    kill: desk.status().kill,
    deadMan,
    bars: all.filter((entry) => entry !== null),
    breakers,
    exposure,
    portfolio: {
      equity: portfolio.equity,
      peak: portfolio.peak,
      drawdownPct: portfolio.drawdownPct,
    },
    bots: rows.toSorted((a, b) => b.drawdownPct - a.drawdownPct),
    correlation: {
      symbols,
      values: symbols.map((a) =>
        symbols.map((b) => desk.correlation.correlation(a, b, limits.correlationCandles)),
      ),
      candles: limits.correlationCandles,
    },
  };
}
