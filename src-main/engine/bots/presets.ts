import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import { strategyOf } from "../strategies/registry.ts";

/** One row of the reference fleet: a strategy, what its bots are called after, and their symbols against USDT. */
interface FleetRow {
  readonly strategy: string;
  readonly name: string;
  readonly bases: string;
}

const FLEET: readonly FleetRow[] = [
  {
    strategy: "mean_reversion_bb",
    name: "mean reversion",
    bases: "SOL AVAX DOGE LINK ADA XRP LTC DOT NEAR ATOM ARB OP INJ",
  },
  { strategy: "momentum_rsi_macd", name: "momentum", bases: "BTC ETH BNB SOL XRP" },
  { strategy: "leverage_composite", name: "leverage composite", bases: "BTC ETH XRP" },
  { strategy: "momentum_rsi_macd_4h", name: "momentum", bases: "BTC ETH SOL ADA AVAX LINK" },
  { strategy: "correlation_regime", name: "correlation regime", bases: "ETH SOL ADA XRP LTC LINK" },
  { strategy: "nupl_cycle_filter", name: "NUPL cycle", bases: "BTC ETH SOL ADA XRP LTC LINK" },
  {
    strategy: "stablecoin_supply_momentum",
    name: "stablecoin momentum",
    bases: "BTC ETH SOL ADA LINK",
  },
];

/** Quote currency. */
const CAPITAL = 1000;
const POSITION_SHARE = 0.25;

/** The 45 bots of the reference fleet, in the order of its table, each on its strategy's timeframe and defaults. */
export function referenceFleet(): BotConfig[] {
  return FLEET.flatMap(({ strategy, name, bases }) => {
    const found = strategyOf(strategy);
    if (found === undefined)
      throw new Error(`The reference fleet names ${strategy}, which is no strategy.`);
    return bases.split(" ").map((base) => ({
      name: `${base} ${name} ${found.defaultTimeframe}`,
      strategy,
      symbol: `${base}/USDT`,
      timeframe: found.defaultTimeframe,
      capital: CAPITAL,
      positionShare: POSITION_SHARE,
      allowShort: false,
      schedule: { kind: "interval" },
      graceMs: 60_000,
      coalesce: true,
      runLimitMs: 120_000,
      params: found.params.parse({}),
    }));
  });
}
