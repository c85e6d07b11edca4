import type { BotView, ParamField, StrategyView } from "../../../src-preload/contract/bots.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";

/** A bot with the given differences from a plain, flat, running one. */
export function makeBot(
  id: string,
  change: Partial<Omit<BotView, "config">> & { readonly config?: Partial<BotView["config"]> } = {},
): BotView {
  const { config, ...rest } = change;
  return {
    id,
    config: {
      name: id,
      strategy: "mean_reversion_bb",
      symbol: "SOL/USDT",
      timeframe: "15m",
      capital: 1000,
      positionShare: 0.25,
      allowShort: false,
      schedule: { kind: "interval" },
      graceMs: 60_000,
      coalesce: true,
      runLimitMs: 120_000,
      params: {},
      ...config,
    },
    status: "running",
    health: "on_time",
    healthReason: "The last tick was on time.",
    nextFireTime: null,
    runningSince: null,
    lastTick: null,
    ticks: 0,
    position: {
      state: "FLAT",
      side: null,
      quantity: 0,
      entryPrice: null,
      entryTime: null,
      stopPrice: null,
      lastPrice: null,
      unrealisedPnl: 0,
    },
    equity: 1000,
    realisedPnl: 0,
    pnlToday: 0,
    pnlTotal: 0,
    feesPaid: 0,
    trades: 0,
    createdAt: 0,
    ...rest,
  };
}

/** A tick that ran and found nothing, with the given differences. */
export function makeTick(change: Partial<TickReport> = {}): TickReport {
  return {
    id: "b-1@900000",
    botId: "b-1",
    botName: "b-1",
    symbol: "SOL/USDT",
    timeframe: "15m",
    strategy: "mean_reversion_bb",
    fireTime: 900_000,
    lastFireTime: 900_000,
    fireCount: 1,
    outcome: "ran",
    result: "no_signal",
    startedAt: 900_004,
    latenessMs: 4,
    realLatenessMs: 0.1,
    durationMs: 3,
    engineMs: 1,
    candleTime: 0,
    price: 145.32,
    regime: "ranging",
    signal: null,
    confidence: null,
    reason: "No entry.",
    conditions: [],
    steps: [],
    clientOrderId: null,
    error: null,
    ...change,
  };
}

/** A field of a strategy's form. */
export const makeField = (
  change: Partial<ParamField> & Pick<ParamField, "key" | "kind" | "default">,
): ParamField => ({
  label: change.key,
  help: "",
  unit: "",
  ...change,
});

/** A strategy with these fields. */
export const makeStrategy = (fields: readonly ParamField[]): StrategyView => ({
  id: "mean_reversion_bb",
  title: "Mean reversion",
  summary: "",
  source: "",
  defaultTimeframe: "15m",
  fields,
  metrics: [],
});
