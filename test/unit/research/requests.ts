import { backtestRequestSchema } from "../../../src-preload/contract/research.ts";
import type { BacktestRequest } from "../../../src-preload/contract/research.ts";
import type { CandleColumns } from "../../../src-main/engine/market/types.ts";
import { plainMarket } from "../../../src-main/research/history.ts";
import type { History } from "../../../src-main/research/history.ts";

/** The account of the standard job as rules of the engine. */
export const STANDARD_RULES = {
  capital: 100_000,
  sizing: { kind: "notional", amount: 1000 },
  allowShort: true,
  feeBps: 10,
  slippage: { kind: "bps", bps: 5 },
  timing: "next_open",
  stopLoss: 0.02,
} as const;

export const requestOf = (over: Readonly<Record<string, unknown>>): BacktestRequest =>
  backtestRequestSchema.parse({
    strategy: "standard_bands",
    symbol: "BTC/USDT",
    timeframe: "15m",
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    ...over,
  });

export const historyOf = (candles: CandleColumns, over: Partial<History> = {}): History => ({
  symbol: "BTC/USDT",
  timeframe: "15m",
  market: plainMarket("BTC/USDT"),
  candles,
  references: new Map(),
  metrics: new Map(),
  fine: null,
  funding: null,
  source: "test",
  ...over,
});
