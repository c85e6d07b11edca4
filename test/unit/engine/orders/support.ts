import type { BotConfig } from "../../../../src-preload/contract/bots.ts";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { PaperVenue } from "../../../../src-main/engine/exchange/paper-venue.ts";
import type { Market } from "../../../../src-main/engine/market/types.ts";
import { OrderExecutor } from "../../../../src-main/engine/orders/executor.ts";
import type { Venue, VenueAnswer } from "../../../../src-main/engine/orders/types.ts";
import { Portfolio } from "../../../../src-main/engine/portfolio/portfolio.ts";
import type { LedgerStore, StoredOrder } from "../../../../src-main/engine/store-port.ts";

/** 2024-03-01T00:00Z */
export const START = 1_709_251_200_000;
export const CANDLE = 900_000;

export const MARKET: Market = {
  symbol: "SOL/USDT",
  base: "SOL",
  quote: "USDT",
  tickSize: "0.01",
  lotStep: "0.001",
  minNotional: "5",
};

const CONFIG: BotConfig = {
  name: "Sol",
  strategy: "mean_reversion_bb",
  symbol: "SOL/USDT",
  timeframe: "15m",
  capital: 1000,
  positionShare: 0.25,
  allowShort: true,
  schedule: { kind: "interval" },
  graceMs: 60_000,
  coalesce: true,
  runLimitMs: 120_000,
  params: {},
};

export function insertBot(ledger: LedgerStore, id: string, change: Partial<BotConfig> = {}): void {
  ledger.bots.insert({
    id,
    config: { ...CONFIG, ...change },
    status: "running",
    anchor: START,
    runningSince: START,
    createdAt: START,
    ordinal: ledger.bots.nextOrdinal(),
  });
}

export const paperVenue = (
  settings = { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
): PaperVenue => new PaperVenue({ settings: () => settings, market: () => MARKET });

/** A stranger's venue: answers what the script says, one entry a call, and remembers what it was asked. */
export class ScriptedVenue implements Venue {
  readonly id = "scripted";
  readonly submitted: StoredOrder[] = [];
  readonly lookedUp: StoredOrder[] = [];
  readonly #script: (VenueAnswer | Error | ((order: StoredOrder) => VenueAnswer))[];

  constructor(script: (VenueAnswer | Error | ((order: StoredOrder) => VenueAnswer))[]) {
    this.#script = script;
  }

  submit(order: StoredOrder): Promise<VenueAnswer> {
    this.submitted.push(order);
    return this.#next(order);
  }

  lookup(order: StoredOrder): Promise<VenueAnswer> {
    this.lookedUp.push(order);
    return this.#next(order);
  }

  #next(order: StoredOrder): Promise<VenueAnswer> {
    const answer = this.#script.shift() ?? { outcome: "unresolved", reason: "script ended" };
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(typeof answer === "function" ? answer(order) : answer);
  }
}

/** Fills an order at `price` in the given parts of its quantity. */
export const filled =
  (price: string, parts?: readonly string[]) =>
  (order: StoredOrder): VenueAnswer => ({
    outcome: "confirmed",
    fills: (parts ?? [order.quantity]).map((quantity, index) => ({
      fillId: `${order.clientOrderId}/${index}`,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      quantity,
      price,
      fee: "0.1",
      feeCurrency: "USDT",
      slippageBps: "0",
      time: order.createdAt,
    })),
  });

/** The order rooms on one ledger. */
export function rooms(ledger: LedgerStore, venue: Venue, clock = new VirtualClock(START)) {
  const troubles: string[] = [];
  const portfolio = new Portfolio({
    ledger,
    clock,
    onTrouble: (sentence) => troubles.push(sentence),
    describe: (botId) =>
      ledger.bots
        .list()
        .filter((bot) => bot.id === botId)
        .map((bot) => bot.config)[0],
  });
  for (const bot of ledger.bots.list())
    portfolio.register({ id: bot.id, capital: bot.config.capital });
  const told: string[] = [];
  const executor = new OrderExecutor({
    ledger,
    venue,
    clock,
    portfolio,
    events: { emit: (_name, event) => told.push(event.botId) },
  });
  return { portfolio, executor, clock, told, troubles };
}

export const entry = (botId: string, candleTime = START) => ({
  botId,
  symbol: "SOL/USDT",
  side: "long" as const,
  quantity: "2",
  expectedPrice: 100,
  stopPrice: 95,
  candleTime,
  reason: "RSI 31 < 35",
});

export const exit = (botId: string, candleTime = START + CANDLE) => ({
  botId,
  purpose: "exit" as const,
  expectedPrice: 110,
  candleTime,
  reason: "at the middle band",
});
