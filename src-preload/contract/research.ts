import * as z from "zod";
import { timeframeSchema } from "./time.ts";
import type { Side } from "./bots.ts";

const fraction = z.number().gt(0).lt(1);

/** How a back-test trades. Defaults are those of a paper bot; docs/backtest-assumptions.md says each in words. */
export const backtestRulesSchema = z.strictObject({
  /** Quote currency at the start. */
  capital: z.number().positive("Capital must be above 0.").max(1e9).default(1000),
  /** `share`: as bots are sized, by the risk layers. `notional`: that value at each entry fill, quote currency. */
  sizing: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("share"),
        share: z
          .number()
          .gt(0, "Position size must be above 0.")
          .max(0.25, "Position size is at most 25 % of the capital (0.25)."),
      }),
      z.strictObject({ kind: z.literal("notional"), amount: z.number().positive() }),
    ])
    .default({ kind: "share", share: 0.25 }),
  allowShort: z.boolean().default(false),
  /** Fee a side on the traded value, bps. */
  feeBps: z.number().min(0).max(1000).default(10),
  /**
   * How much worse than its price a market order fills. `drawn`: between the two, by the order's id, as on paper. `range`:
   * that share of the fill candle's high − low.
   */
  slippage: z
    .discriminatedUnion("kind", [
      z
        .strictObject({
          kind: z.literal("drawn"),
          minBps: z.number().min(0).max(100),
          maxBps: z.number().min(0).max(100),
        })
        .refine((p) => p.minBps <= p.maxBps, {
          path: ["minBps"],
          message: "Least slippage is above the most; lower it or raise the other.",
        }),
      z.strictObject({ kind: z.literal("bps"), bps: z.number().min(0).max(1000) }),
      z.strictObject({ kind: z.literal("range"), share: z.number().min(0).max(1) }),
    ])
    .default({ kind: "drawn", minBps: 2, maxBps: 10 }),
  /** `close`: a decision fills at the close it was made on, as a paper bot's does. `next_open`: at the next candle's open. */
  timing: z.enum(["close", "next_open"]).default("close"),
  /** Stop-loss as a fraction from the entry fill, in place of the strategy's own; null for the strategy's own. */
  stopLoss: fraction.nullable().default(null),
  /** A limit order at this fraction of gain from the entry fill; null for none. */
  takeProfit: z.number().gt(0).max(10).nullable().default(null),
  /** Charges open shorts the perpetual's funding, where its rates are known. */
  funding: z.boolean().default(false),
  /** Candles of this length settle what came first in a candle in which both stop and limit were reached. */
  fineTimeframe: timeframeSchema.nullable().default(null),
});
export type BacktestRules = z.infer<typeof backtestRulesSchema>;

export const backtestRequestSchema = z
  .strictObject({
    strategy: z.string().min(1),
    symbol: z
      .string()
      .regex(
        /^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}$/,
        'Symbol must look like "BTC/USDT": base, slash, quote, in capitals.',
      ),
    timeframe: timeframeSchema,
    /** First and one past the last candle's open time, ms UTC; candles before `from` warm the strategy up. */
    from: z.number().int().min(0),
    to: z.number().int().min(0),
    params: z.record(z.string(), z.unknown()).default({}),
    rules: backtestRulesSchema.prefault({}),
    /** Seeds the ids that drawn slippage comes from: a bot's id gives that bot's fills. */
    botId: z.string().min(1).max(64).default("backtest"),
  })
  .refine((request) => request.from < request.to, {
    path: ["to"],
    message: "The end must lie after the start; give a later one.",
  });
export type BacktestRequest = z.infer<typeof backtestRequestSchema>;

export type BacktestExit = "signal" | "stop" | "target" | "end";

/** One closed trade. Prices and money in quote currency, times ms UTC (of fills, on the back-test's clock). */
export interface BacktestTrade {
  readonly side: Side;
  /** Open times of the candles of the fills; a fill `on close` is at the end of its candle. */
  readonly entryCandle: number;
  readonly exitCandle: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  /** Base currency. */
  readonly quantity: number;
  /** After fees and funding. */
  readonly pnl: number;
  readonly fees: number;
  readonly slippage: number;
  readonly funding: number;
  readonly exit: BacktestExit;
  readonly entryReason: string;
  readonly exitReason: string;
}

/** Sums over some of the trades. */
export interface TradeGroup {
  readonly key: string;
  readonly trades: number;
  readonly wins: number;
  readonly pnl: number;
  readonly fees: number;
}

/** The return of a calendar month ("2024-03") or year ("2024"), UTC, as a fraction. */
export interface PeriodReturn {
  readonly period: string;
  readonly return: number;
  /** Of buy and hold. */
  readonly benchmark: number;
}

/**
 * The figures of a run; docs/backtest-metrics.md defines each with its source. Fractions, not percent. Null where a
 * figure has no meaning: no trades, no losses, no spread of returns.
 */
export interface BacktestMetrics {
  readonly startEquity: number;
  readonly finalEquity: number;
  readonly totalReturn: number;
  /** Mean return a candle × candles a year. */
  readonly annualReturn: number;
  readonly cagr: number | null;
  readonly volatility: number;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  readonly maxDrawdown: number;
  /** From the peak to the candle that is back at it, or to the end, ms. */
  readonly maxDrawdownMs: number;
  readonly longestDrawdownMs: number;
  readonly trades: number;
  readonly wins: number;
  readonly winRate: number | null;
  readonly profitFactor: number | null;
  /** Mean PnL of a trade, quote currency. */
  readonly expectancy: number | null;
  readonly averageWin: number | null;
  readonly averageLoss: number | null;
  readonly averageTradeReturn: number | null;
  readonly averageTradeMs: number | null;
  readonly sqn: number | null;
  /** Share of the candles in a position. */
  readonly exposure: number;
  /** Traded value, both sides, ÷ mean equity, a year. */
  readonly turnover: number;
  readonly fees: number;
  readonly slippage: number;
  readonly funding: number;
  readonly buyAndHold: number;
  /** Total return minus buy and hold. */
  readonly excess: number;
}

/** Curves for charts, at most some thousand points, in columns of one length. */
export interface BacktestCurves {
  readonly time: readonly number[];
  readonly equity: readonly number[];
  /** How far under the peak, a fraction from 0 down. */
  readonly underwater: readonly number[];
  /** Buy and hold of the whole capital, quote currency. */
  readonly benchmark: readonly number[];
}

/** A finished back-test. */
export interface BacktestReport {
  readonly request: BacktestRequest;
  /** Where the candles came from, in words. */
  readonly source: string;
  /** Candles traded on, after those that warmed up. */
  readonly candles: number;
  readonly firstCandle: number;
  readonly lastCandle: number;
  readonly metrics: BacktestMetrics;
  readonly trades: readonly BacktestTrade[];
  readonly curves: BacktestCurves;
  readonly monthly: readonly PeriodReturn[];
  readonly yearly: readonly PeriodReturn[];
  readonly bySymbol: readonly TradeGroup[];
  readonly byExit: readonly TradeGroup[];
  readonly bySide: readonly TradeGroup[];
  /** What a reader should know: entries refused by risk, missing metrics, gaps. */
  readonly notes: readonly string[];
  /** Real time of the simulation, ms. */
  readonly ms: number;
}

/** One combination of a sweep. */
export interface SweepPoint {
  readonly params: Readonly<Record<string, unknown>>;
  readonly finalEquity: number;
  readonly totalReturn: number;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly maxDrawdown: number;
  readonly trades: number;
  readonly winRate: number | null;
  readonly profitFactor: number | null;
}
