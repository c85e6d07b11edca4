import { RISK_DEFAULTS } from "../../../../src-preload/contract/risk-limits.ts";
import type { BreakerView } from "../../../../src-preload/contract/risk.ts";
import type { EntryProposal, Surroundings } from "../../../../src-main/engine/risk/types.ts";
import { MARKET, START } from "../orders/support.ts";

export const QUARTER = 900_000;

/** Calm surroundings: everything is allowed. */
const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  time: START,
  limits: RISK_DEFAULTS,
  kill: { level: "off", since: null, by: null, note: "", left: 0 },
  trades: { trades: 0, wins: 0, averageWin: 0, averageLoss: 0 },
  open: [],
  correlation: () => null,
  equity: 10_000,
  ordersInMinute: 0,
  bot: { dayLossPct: 0, drawdownPct: 0 },
  portfolio: { dayLossPct: 0, drawdownPct: 0 },
  breakers: [],
  candleClosedAt: START,
  candleMs: QUARTER,
  clockOffsetMs: 0,
  exchangeFailures: 0,
  stall: null,
  deadMan: "ok",
  cooldownUntil: null,
  stops: { fleet: 0, symbol: 0 },
  ...change,
});

/** An entry of 200 USDT that every layer allows. */
export const proposal = (
  change: Partial<Surroundings> = {},
  entry: Partial<EntryProposal> = {},
): EntryProposal => ({
  symbol: "SOL/USDT",
  side: "long",
  price: 100,
  stopPrice: 95,
  sizeFactor: 1,
  capital: 1000,
  positionShare: 0.2,
  realisedPnl: 0,
  market: MARKET,
  feeBps: 10,
  slippageMaxBps: 10,
  around: around(change),
  ...entry,
});

export const breaker = (change: Partial<BreakerView> & Pick<BreakerView, "kind">): BreakerView => ({
  id: `${change.kind}:${change.scope ?? ""}`,
  scope: "",
  scopeLabel: "Portfolio",
  trippedAt: START,
  until: null,
  reason: "The limit was reached.",
  ...change,
});
