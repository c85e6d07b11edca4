import { timeframeMs } from "../../../src-preload/contract/time.ts";
import type { Settings } from "../../../src-preload/contract/app.ts";
import type { Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { messageOf } from "../fault.ts";
import { money, roundToTick, toNumber } from "../money.ts";
import type { MarketList } from "../market/market-list.ts";
import { sharedRegimeOf } from "../market/regime-memo.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../market/types.ts";
import type { Execution, OrderExecutor } from "../orders/executor.ts";
import type { Portfolio } from "../portfolio/portfolio.ts";
import { stopHit } from "../portfolio/stop.ts";
import { evaluateEntry } from "../risk/evaluate.ts";
import type { RiskDesk } from "../risk/desk.ts";
import { ENTRY_LAYERS } from "../risk/layers.ts";
import type { Fire } from "../scheduler/types.ts";
import type { StoredPosition } from "../store-port.ts";
import { sealed } from "../strategies/sealed.ts";
import type { Decision, EnterDecision, HeldPosition } from "../strategies/types.ts";
import { utc } from "../utc.ts";
import type { BotRuntime } from "./runtime.ts";
import { tickCandles, tickMetrics } from "./tick-data.ts";
import type { TickDataParts } from "./tick-data.ts";
import { noteOf } from "./tick-draft.ts";
import type { TickDraft } from "./tick-draft.ts";

export interface TickParts extends TickDataParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly markets: MarketList;
  readonly executor: OrderExecutor;
  readonly portfolio: Portfolio;
  /** What the layers judge by; composed after the pipeline. */
  readonly risk: () => Pick<RiskDesk, "surroundings" | "restsFlat" | "correlation">;
  readonly settings: () => Pick<Settings, "paper">;
}

/** The way of a tick: candles → stop → metrics → strategy → risk → order. One direction, no way back. */
export class TickPipeline {
  readonly #parts: TickParts;

  constructor(parts: TickParts) {
    this.#parts = parts;
  }

  /** Never rejects: an error is the tick's result and stays inside its bot. */
  async run(bot: BotRuntime, fire: Fire, draft: TickDraft): Promise<void> {
    try {
      await this.#walk(bot, fire, draft);
    } catch (error) {
      draft.error = messageOf(error);
      draft.end("error", draft.error);
    }
    draft.close();
  }

  /** Closes a bot's position because the trader asked; null when done, else the reason why not. */
  async closeByHand(bot: BotRuntime): Promise<string | null> {
    const { id, config } = bot.stored;
    try {
      const { candles } = await this.#parts.candles.closed(config.symbol, config.timeframe, 1);
      const price = candles.close[0];
      const candleTime = candles.time[0];
      if (price === undefined || candleTime === undefined) return "There is no price to close at.";
      const reason = "Closed by hand.";
      const execution = await this.#parts.executor.close({
        botId: id,
        purpose: "exit",
        expectedPrice: price,
        candleTime,
        reason,
      });
      return execution.outcome === "confirmed" ? null : execution.reason;
    } catch (error) {
      return messageOf(error);
    }
  }

  async #walk(bot: BotRuntime, fire: Fire, draft: TickDraft): Promise<void> {
    const { portfolio, executor } = this.#parts;
    const { id, config } = bot.stored;

    if (executor.pending(id) !== null) {
      const settled = await draft.step(
        "order",
        () => executor.resolve(id, fire.signal),
        (result) =>
          `looked up the order without an answer: ${result?.outcome ?? "nothing to look up"}`,
      );
      if (settled?.outcome === "unresolved") {
        draft.end("error", `An order is unresolved, so nothing else is sent: ${settled.reason}`);
        return;
      }
    }

    const { own, decidable, references } = await draft.step(
      "candles",
      () => tickCandles(this.#parts, bot, fire),
      ({ own: answer }) =>
        `${answer.candles.length} closed candles${answer.note === "" ? "" : `; ${answer.note}`}`,
    );
    // One that hung past its limit and came to life again is over.
    fire.signal.throwIfAborted();
    const { candles: all } = own;
    const newest = all.close.at(-1);
    const price = decidable.close.at(-1);
    const candleTime = decidable.time.at(-1);
    if (newest === undefined || price === undefined || candleTime === undefined) {
      draft.end(
        "stale",
        `No closed candle of ${config.symbol} ${config.timeframe} is to be had: ${own.note}`,
      );
      return;
    }
    draft.candleTime = candleTime;
    draft.price = price;
    draft.regime = sharedRegimeOf(decidable);
    portfolio.mark(id, newest, this.#parts.clock.now());
    this.#parts.risk().correlation.observe(config.symbol, config.timeframe, all);

    const position = portfolio.position(id);
    if (
      position !== null &&
      position.state !== "OPENING" &&
      (await this.#stopped(bot, fire, draft, position, all))
    ) {
      return;
    }
    if (own.stale) {
      draft.end(
        "stale",
        `No trade on a stale candle: the one of ${utc(own.expectedLast)} is missing. ${own.note}`.trim(),
      );
      return;
    }
    if (position?.state === "CLOSING") {
      await this.#close(
        bot,
        fire,
        draft,
        "exit",
        price,
        candleTime,
        position.exitReason ?? "Closing again after a refusal.",
      );
      return;
    }
    const wanted = bot.strategy.warmup(bot.params);
    if (decidable.length < wanted) {
      const progress = `${decidable.length} of ${wanted} closed candles`;
      draft.conditions = [{ label: "Warmed up", held: false, detail: progress }];
      draft.end("warming_up", `Warming up, ${progress}.`);
      return;
    }

    const rest = position === null ? this.#parts.risk().restsFlat() : null;
    if (rest !== null) return draft.deny(rest);
    if (candleTime === bot.decided) {
      draft.end(
        position === null ? "no_signal" : "hold",
        `No new candle: the one of ${utc(candleTime)}, the last that had closed, was decided on by an earlier tick.`,
      );
      return;
    }

    const decision = await this.#decide(
      bot,
      fire,
      draft,
      decidable,
      references,
      candleTime,
      position,
    );
    draft.conditions = decision.conditions;
    if (decision.action === "hold") {
      draft.end(position === null ? "no_signal" : "hold", decision.reason);
    } else if (decision.action === "exit") {
      draft.signal = "exit";
      if (position === null) draft.end("no_signal", decision.reason);
      else await this.#close(bot, fire, draft, "exit", price, candleTime, decision.reason);
    } else {
      draft.signal = decision.side;
      draft.confidence = decision.confidence;
      if (position === null) await this.#enter(bot, fire, draft, decision, price, candleTime);
      else draft.end("hold", `Already ${position.side}; ${decision.reason}`);
    }
  }

  /** Closes the position if a candle since the last check touched its stop. */
  async #stopped(
    bot: BotRuntime,
    fire: Fire,
    draft: TickDraft,
    position: StoredPosition,
    candles: CandleColumns,
  ): Promise<boolean> {
    const hit = draft.stepNow(
      "stop",
      () =>
        stopHit({
          side: position.side,
          stopPrice: Number(position.stopPrice),
          candles,
          after: position.checkedCandle,
        }),
      (value) =>
        value === null
          ? `stop ${position.stopPrice} not touched`
          : `stop ${position.stopPrice} touched`,
    );
    if (hit === null) {
      const checked = candles.time.at(-1);
      if (checked !== undefined) this.#parts.portfolio.stopChecked(bot.stored.id, checked);
      return false;
    }
    const reason = `Stop-loss ${position.stopPrice} was touched in the candle of ${utc(hit.candleTime)}.`;
    draft.signal = "exit";
    await this.#close(bot, fire, draft, "stop", hit.price, hit.candleTime, reason);
    return true;
  }

  async #decide(
    bot: BotRuntime,
    fire: Fire,
    draft: TickDraft,
    candles: CandleColumns,
    references: ReadonlyMap<string, CandleColumns | null>,
    candleTime: number,
    position: StoredPosition | null,
  ): Promise<Decision> {
    const { config } = bot.stored;
    const length = timeframeMs(config.timeframe);
    const time = candleTime + length;
    const needs = bot.strategy.needs(bot.params, config.symbol);
    const metrics = new Map<MetricName, MetricSeries | null>();
    if (needs.metrics.length > 0) {
      await draft.step(
        "metrics",
        () => tickMetrics(this.#parts, needs, config.symbol, fire.signal, metrics),
        () =>
          [...metrics].map(([name, series]) => `${name}: ${series?.length ?? "none"}`).join(", "),
      );
    }
    fire.signal.throwIfAborted();
    const held: HeldPosition | null =
      position?.entryPrice == null
        ? null
        : {
            side: position.side,
            entryPrice: Number(position.entryPrice),
            stopPrice: Number(position.stopPrice),
            candlesHeld: Math.round((candleTime - position.entryCandle) / length),
          };
    return draft.stepNow(
      "strategy",
      () =>
        bot.strategy.decide(
          sealed({
            symbol: config.symbol,
            timeframe: config.timeframe,
            candles,
            time,
            reference: (symbol) => references.get(symbol) ?? null,
            metric: (name) => metrics.get(name) ?? null,
            position: held,
            params: bot.params,
            allowShort: config.allowShort,
          }),
        ),
      (decision) => `${decision.action}: ${decision.reason}`,
    );
  }

  async #enter(
    bot: BotRuntime,
    fire: Fire,
    draft: TickDraft,
    decision: EnterDecision,
    price: number,
    candleTime: number,
  ): Promise<void> {
    const { id, config } = bot.stored;
    await this.#parts.markets.load(fire.signal);
    const market = this.#parts.markets.get(config.symbol);
    if (market === undefined) {
      draft.end("denied", `No entry: ${config.symbol} is not traded there.`);
      return;
    }
    const { paper } = this.#parts.settings();
    // In steps of the market's own, further from the price rather than nearer.
    const away = decision.side === "long" ? "down" : "up";
    const stopPrice = toNumber(roundToTick(money(decision.stopPrice), market.tickSize, away));
    const verdict = draft.stepNow(
      "risk",
      () =>
        evaluateEntry(ENTRY_LAYERS, {
          symbol: config.symbol,
          side: decision.side,
          price,
          stopPrice,
          sizeFactor: decision.sizeFactor,
          capital: config.capital,
          positionShare: config.positionShare,
          realisedPnl: this.#parts.portfolio.account(id).realisedPnl,
          market,
          feeBps: paper.feeBps,
          slippageMaxBps: paper.slippageMaxBps,
          around: this.#parts.risk().surroundings(id, config, candleTime),
        }),
      (value) =>
        value.allowed
          ? `allowed, ${value.quantity} ${market.base}`
          : `${value.layer}: ${value.reason}`,
    );
    draft.conditions = [...decision.conditions, ...verdict.conditions];
    if (!verdict.allowed) {
      draft.end("denied", `No entry: ${verdict.reason} (signal: ${decision.reason})`);
      return;
    }
    const execution = await draft.step(
      "order",
      () =>
        this.#parts.executor.open({
          botId: id,
          symbol: config.symbol,
          side: decision.side,
          quantity: verdict.quantity,
          expectedPrice: price,
          stopPrice,
          candleTime,
          reason: decision.reason,
          signal: fire.signal,
        }),
      noteOf,
    );
    this.#executed(
      bot,
      draft,
      execution,
      "entry",
      `${decision.side === "long" ? "Bought" : "Sold short"} ${config.symbol}`,
      decision.reason,
    );
  }

  async #close(
    bot: BotRuntime,
    fire: Fire,
    draft: TickDraft,
    purpose: "exit" | "stop",
    price: number,
    candleTime: number,
    reason: string,
  ): Promise<void> {
    const execution = await draft.step(
      "order",
      () =>
        this.#parts.executor.close({
          botId: bot.stored.id,
          purpose,
          expectedPrice: price,
          candleTime,
          reason,
          signal: fire.signal,
        }),
      noteOf,
    );
    this.#executed(bot, draft, execution, "exit", `Closed ${bot.stored.config.symbol}`, reason);
  }

  /** Says what came of an order; a carried-out one is a signal to the trader, unless it was told before a crash. */
  #executed(
    bot: BotRuntime,
    draft: TickDraft,
    execution: Execution,
    result: "entry" | "exit",
    title: string,
    reason: string,
  ): void {
    if (execution.outcome === "denied") {
      draft.end("denied", execution.reason);
      return;
    }
    draft.clientOrderId = execution.order.clientOrderId;
    if (execution.outcome !== "confirmed") {
      draft.end(
        "error",
        `Order ${execution.order.clientOrderId} is ${execution.outcome}: ${execution.reason}`,
      );
      return;
    }
    draft.end(result, reason);
    if (execution.replayed) return;
    const { id, config } = bot.stored;
    this.#parts.events.emit("signal", {
      id: execution.order.clientOrderId,
      botId: id,
      title: `${title} · ${config.name}`,
      body: reason,
      time: this.#parts.clock.now(),
    });
  }
}
