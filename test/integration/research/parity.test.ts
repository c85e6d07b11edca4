/**
 * A paper run of the reference fleet on the virtual clock, and back-tests of its bots on the same candles: the same
 * trades to the last digit. Short spans here; `PARITY_DAYS=92` runs three months (about ten minutes).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { referenceFleet } from "../../../src-main/engine/bots/presets.ts";
import { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import type { Clock } from "../../../src-main/engine/clock.ts";
import { Engine } from "../../../src-main/engine/engine.ts";
import { EventBus } from "../../../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../../../src-main/engine/events.ts";
import type { Exchange } from "../../../src-main/engine/exchange/port.ts";
import { SyntheticExchange } from "../../../src-main/engine/exchange/synthetic-exchange.ts";
import { chooseStrategy } from "../../../src-main/research/catalogue.ts";
import { loadHistory } from "../../../src-main/research/load-history.ts";
import { runStrategy } from "../../../src-main/research/run.ts";
import { openLedgerDb } from "../../../src-main/store/ledger-db.ts";
import { openMarketDb } from "../../../src-main/store/market-db.ts";
import { backtestRequestSchema } from "../../../src-preload/contract/research.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import { HistoryExchange, realDataPresent } from "./history-exchange.ts";

const DAY = 86_400_000;
const DAYS = Number(process.env["PARITY_DAYS"] ?? 0);
const PAPER = { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 };

if (!realDataPresent) {
  process.stderr.write("SKIPPED: parity on recorded candles: ../shared/data is absent.\n");
}

interface Span {
  readonly start: number;
  readonly days: number;
  readonly makeExchange: (clock: Clock) => Exchange;
  /** Also lets bots short, which the preset does not. */
  readonly allowShort: boolean;
}

/** Orders of a bot in the paper run: one row a fill. */
interface Fill {
  readonly candle: number;
  readonly purpose: string;
  readonly side: string;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
}

async function paperRun({ start, days, makeExchange, allowShort }: Span) {
  const dir = mkdtempSync(join(tmpdir(), "tickdeck-parity-"));
  const ledger = openLedgerDb(join(dir, "ledger.db"));
  const market = openMarketDb(join(dir, "market.db"));
  const clock = new VirtualClock(start);
  const events = new EventBus<EngineEvents>((error) => {
    throw error;
  });
  const unwanted: string[] = [];
  events.on("tick", (report) => {
    if (report.outcome !== "ran" || report.result === "error") {
      unwanted.push(`${report.botName}: ${report.outcome} ${report.reason}`);
    }
  });
  try {
    const engine = new Engine({
      clock,
      events,
      exchange: makeExchange(clock),
      ledger,
      market,
      settings: () => ({ paper: PAPER, drainLimitSeconds: 30 }),
    });
    await engine.start();
    const bots = referenceFleet().map((config) =>
      engine.bots.create({ ...config, allowShort }),
    );
    engine.bots.start(bots.map((bot) => bot.id));
    await clock.advanceTo(start + days * DAY - 60_000);
    await engine.stop();
    const runs = bots.map((bot) => {
      const orders = ledger.orders.list({ botId: bot.id, limit: 100_000 }).toReversed();
      const fills = orders.flatMap((order) =>
        ledger.orders.fills({ clientOrderId: order.clientOrderId }).map(
          (fill): Fill => ({
            candle: order.candleTime,
            purpose: order.purpose,
            side: fill.side,
            price: fill.price,
            quantity: fill.quantity,
            fee: fill.fee,
          }),
        ),
      );
      const closed = ledger.positions.closed({ botId: bot.id, limit: 100_000 }).toReversed();
      return { bot, fills, closed };
    });
    return { runs, unwanted };
  } finally {
    ledger.close();
    market.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function compare(span: Span): Promise<{ readonly trades: number; readonly stops: number }> {
  const { runs, unwanted } = await paperRun(span);
  expect(unwanted).toStrictEqual([]);
  const exchange = span.makeExchange(new VirtualClock(span.start + span.days * DAY));
  let trades = 0;
  let stops = 0;
  for (const { bot, fills, closed } of runs) {
    const { config } = bot;
    const length = timeframeMs(config.timeframe);
    const request = backtestRequestSchema.parse({
      strategy: config.strategy,
      symbol: config.symbol,
      timeframe: config.timeframe,
      // The first tick decides on the candle that closed last before the start.
      from: span.start - length,
      to: span.start + span.days * DAY - length,
      params: config.params,
      botId: bot.id,
      rules: {
        capital: config.capital,
        sizing: { kind: "share", share: config.positionShare },
        allowShort: config.allowShort,
        feeBps: PAPER.feeBps,
        slippage: { kind: "drawn", minBps: PAPER.slippageMinBps, maxBps: PAPER.slippageMaxBps },
      },
    });
    const chosen = chooseStrategy(request.strategy, request.params);
    const { exact } = runStrategy(chosen, request, await loadHistory(exchange, request, chosen));
    const simulated = (exact?.trades ?? []).filter((trade) => trade.reason !== "end");
    expect(simulated.map((trade) => ({
      side: trade.side,
      entryCandle: trade.entryCandle,
      entryPrice: trade.entryPrice,
      exitPrice: trade.exitPrice,
      fees: trade.fees,
      pnl: trade.pnl,
      entryReason: trade.entryReason,
    })), config.name).toStrictEqual(closed.map((position) => ({
      side: position.side,
      entryCandle: position.entryCandle,
      entryPrice: position.entryPrice,
      exitPrice: position.exitPrice,
      fees: position.fees,
      pnl: position.realisedPnl,
      entryReason: position.entryReason,
    })));
    const exits = fills.filter((fill) => fill.purpose !== "entry");
    expect(simulated.map((trade) => [trade.exitCandle, trade.reason === "stop" ? "stop" : "exit", trade.quantity]), config.name)
      .toStrictEqual(exits.map((fill) => [fill.candle, fill.purpose, fill.quantity]));
    // What is open at the end was entered alike, too.
    const entries = fills.filter((fill) => fill.purpose === "entry");
    expect((exact?.trades ?? []).map((trade) => [trade.entryCandle, trade.entryPrice, trade.quantity]), config.name)
      .toStrictEqual(entries.map((fill) => [fill.candle, fill.price, fill.quantity]));
    trades += simulated.length;
    stops += simulated.filter((trade) => trade.reason === "stop").length;
  }
  return { trades, stops };
}

describe("a back-test and a paper run of the reference fleet", () => {
  it("make the same trades on the synthetic market, long and short", async () => {
    const found = await compare({
      start: Date.UTC(2024, 2, 1),
      days: DAYS || 6,
      makeExchange: (clock) => new SyntheticExchange({ clock, seed: 7 }),
      allowShort: true,
    });
    expect(found.trades).toBeGreaterThan(30);
    expect(found.stops).toBeGreaterThan(3);
  }, 3_600_000);

  it.skipIf(!realDataPresent)("make the same trades on recorded candles", async () => {
    const found = await compare({
      // Three months from here are the only ones with candles of all sixteen symbols.
      start: Date.UTC(2024, 0, 6),
      days: DAYS || 8,
      makeExchange: (clock) => new HistoryExchange(clock),
      allowShort: false,
    });
    expect(found.trades).toBeGreaterThan(30);
    expect(found.stops).toBeGreaterThan(3);
  }, 3_600_000);
});
