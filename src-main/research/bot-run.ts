import type { BacktestExit, BacktestRules } from "../../src-preload/contract/research.ts";
import type { Side } from "../../src-preload/contract/bots.ts";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import { paperFill, paperPrice } from "../engine/exchange/paper-venue.ts";
import type { PaperOrder, PaperSettings } from "../engine/exchange/paper-venue.ts";
import { lowerBound } from "../engine/market/columns.ts";
import { decimalText, money, quotient, roundToTick, toNumber, ZERO } from "../engine/money.ts";
import type { Decimal } from "../engine/money.ts";
import { clientOrderId, positionId } from "../engine/orders/client-order-id.ts";
import {
  bookFills,
  closingPosition,
  entrySide,
  exitSide,
  openingPosition,
} from "../engine/portfolio/positions.ts";
import { evaluateEntry } from "../engine/risk/evaluate.ts";
import { ENTRY_LAYERS } from "../engine/risk/layers.ts";
import type { StoredFill, StoredPosition } from "../engine/store-port.ts";
import type { EnterDecision } from "../engine/strategies/types.ts";
import type { Decider } from "./deciders.ts";
import type { History } from "./history.ts";
import { firstTouch } from "./touch.ts";

/** A closed trade with its exact figures: decimal strings as the ledger keeps them. */
export interface ExactTrade {
  readonly side: Side;
  /** Candles of the fills, by index and by open time. */
  readonly entry: number;
  readonly exit: number;
  readonly entryCandle: number;
  readonly exitCandle: number;
  readonly entryPrice: string;
  readonly exitPrice: string;
  readonly quantity: string;
  readonly fees: string;
  /** After fees, without funding. */
  readonly pnl: string;
  readonly funding: string;
  /** Quote currency lost to slippage, both sides. */
  readonly slippage: string;
  readonly reason: BacktestExit;
  readonly entryReason: string;
  readonly exitReason: string;
}

export interface BotRun {
  readonly trades: readonly ExactTrade[];
  /** Worth at each close from candle `first` on, quote currency. */
  readonly equity: Float64Array;
  /** The last mark before what was open at the end was closed. */
  readonly lastMark: number;
  /** Entries that were refused, counted by their reason's layer. */
  readonly refused: ReadonlyMap<string, number>;
}

interface BotPlan {
  readonly botId: string;
  readonly rules: BacktestRules;
  /** Candles [first, end) by index are traded on. */
  readonly first: number;
  readonly end: number;
  /** Called now and then with the index reached. */
  readonly onProgress?: (index: number) => void;
}

interface Held {
  readonly position: StoredPosition;
  readonly entryFill: StoredFill;
  readonly entry: number;
  readonly direction: 1 | -1;
  readonly stop: number;
  readonly limit: number;
  /** For marks. */
  readonly price: number;
  readonly quantity: number;
  readonly fee: number;
  readonly slippage: Decimal;
}

/** Says how far it is every so many candles. */
const PROGRESS_EVERY = 2048;

/**
 * One bot over history, candle by candle, exactly: the strategy's decisions go through the risk layers, the paper
 * venue's fill rule, the position's bookkeeping and the ids of the engine itself, in decimals. With timing `close` it is
 * what a paper bot does on the same candles, to the last digit.
 */
export class BotRunner {
  readonly #history: History;
  readonly #decider: Decider;
  readonly #plan: BotPlan;
  readonly #length: number;
  readonly #trades: ExactTrade[] = [];
  readonly #refused = new Map<string, number>();
  #realised: Decimal = ZERO;
  #realisedNumber = 0;
  #held: Held | null = null;
  #funding: Decimal = ZERO;
  #fundingAt = 0;
  /** With timing `next_open`: what the last close decided. */
  #pending: { readonly enter: EnterDecision } | { readonly leave: string } | null = null;

  constructor(history: History, decider: Decider, plan: BotPlan) {
    this.#history = history;
    this.#decider = decider;
    this.#plan = plan;
    this.#length = timeframeMs(history.timeframe);
  }

  run(): BotRun {
    const { candles, funding } = this.#history;
    const { first, end, rules, onProgress } = this.#plan;
    const equity = new Float64Array(end - first);
    const atClose = rules.timing === "close";
    if (funding !== null)
      this.#fundingAt = lowerBound(funding.time, funding.length, (candles.time[first] ?? 0) + 1);
    for (let i = first; i < end; i++) {
      if (onProgress !== undefined && (i - first) % PROGRESS_EVERY === 0) onProgress(i);
      if (!atClose) this.#carryOut(i, candles.open[i] as number);
      const before = this.#held;
      this.#touch(i);
      if (rules.funding) this.#payFunding(i);
      // A paper bot's tick that closes on a stop decides nothing more; a standing order leaves the close free.
      const stopped = before !== null && this.#held === null;
      if (!(stopped && atClose) && i + 1 >= this.#decider.warmup) this.#decide(i, atClose);
      equity[i - first] = this.#worth(candles.close[i] as number);
    }
    const lastMark = equity.at(-1) ?? rules.capital;
    if (this.#held !== null && end > first) {
      const last = end - 1;
      this.#close(last, candles.close[last] as number, "end", "The data ends here.");
      equity[last - first] = this.#worth(0);
    }
    return { trades: this.#trades, equity, lastMark, refused: this.#refused };
  }

  #worth(close: number): number {
    const base = this.#plan.rules.capital + this.#realisedNumber;
    const held = this.#held;
    if (held === null) return base;
    const gain = held.direction * (close - held.price) * held.quantity;
    return base + gain - held.fee + toNumber(this.#funding);
  }

  #decide(i: number, atClose: boolean): void {
    const { candles } = this.#history;
    if (this.#pending !== null) {
      // An exit that the venue refused is tried again before anything is decided.
      this.#carryOut(i, candles.close[i] as number);
      return;
    }
    const held = this.#held;
    const candleTime = candles.time[i] as number;
    const decision = this.#decider.decide(
      i,
      held === null
        ? null
        : {
            side: held.position.side,
            entryPrice: held.price,
            stopPrice: held.stop,
            candlesHeld: Math.round((candleTime - held.position.entryCandle) / this.#length),
          },
    );
    if (decision.action === "enter") {
      if (held !== null) return;
      this.#pending = { enter: decision };
    } else if (decision.action === "exit" && held !== null) {
      this.#pending = { leave: decision.reason };
    } else return;
    if (atClose) this.#carryOut(i, candles.close[i] as number);
  }

  /** Fills what was decided, on candle `i` at `price` (its close, or its open). */
  #carryOut(i: number, price: number): void {
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null) return;
    if ("leave" in pending) {
      if (this.#held !== null) this.#close(i, price, "signal", pending.leave);
      return;
    }
    this.#open(i, price, pending.enter);
  }

  #refuse(why: string): void {
    this.#refused.set(why, (this.#refused.get(why) ?? 0) + 1);
  }

  /** What a market order slips by in candle `i`, as the venue's settings. */
  #settings(i: number, price: number, isLimit: boolean): PaperSettings {
    const { slippage, feeBps } = this.#plan.rules;
    if (isLimit) return { slippageMinBps: 0, slippageMaxBps: 0, feeBps };
    if (slippage.kind === "drawn") {
      return { slippageMinBps: slippage.minBps, slippageMaxBps: slippage.maxBps, feeBps };
    }
    const { high, low } = this.#history.candles;
    const bps =
      slippage.kind === "bps"
        ? slippage.bps
        : (slippage.share * ((high[i] as number) - (low[i] as number)) * 10_000) / price;
    return { slippageMinBps: bps, slippageMaxBps: bps, feeBps };
  }

  #open(i: number, price: number, decision: EnterDecision): void {
    const { market, symbol, candles } = this.#history;
    const { rules, botId } = this.#plan;
    const { side } = decision;
    const direction = side === "long" ? 1 : -1;
    const candleTime = candles.time[i] as number;
    const settings = this.#settings(i, price, false);
    const away = side === "long" ? "down" : "up";
    const stopFrom = (entry: number): number => {
      if (rules.stopLoss !== null)
        return toNumber(roundToTick(beside(entry, -direction * rules.stopLoss), market.tickSize, away));
      const { stopPrice } = decision;
      return Number.isFinite(stopPrice) && stopPrice > 0
        ? toNumber(roundToTick(money(stopPrice), market.tickSize, away))
        : Number.NaN;
    };
    const id = clientOrderId({ botId, symbol, purpose: "entry", candleTime });
    const draft = {
      clientOrderId: id,
      symbol,
      side: entrySide(side),
      purpose: "entry" as const,
      expectedPrice: decimalText(money(price)),
      createdAt: candleTime + this.#length,
    };
    let quantity: string;
    if (rules.sizing.kind === "notional") {
      const fill = paperPrice(draft, market.tickSize, settings);
      quantity = decimalText(quotient(money(rules.sizing.amount).times(decision.sizeFactor), fill));
    } else {
      const verdict = evaluateEntry(ENTRY_LAYERS, {
        symbol,
        side,
        price,
        stopPrice: stopFrom(price),
        sizeFactor: decision.sizeFactor,
        capital: rules.capital,
        positionShare: rules.sizing.share,
        realisedPnl: this.#realisedNumber,
        market,
        feeBps: rules.feeBps,
        slippageMaxBps: settings.slippageMaxBps,
      });
      if (!verdict.allowed) {
        this.#refuse(verdict.layer);
        return;
      }
      ({ quantity } = verdict);
    }
    const answer = paperFill({ ...draft, quantity }, market, settings);
    const [filled] = answer.outcome === "confirmed" ? answer.fills : [];
    if (filled === undefined) {
      this.#refuse("venue");
      return;
    }
    const entry = toNumber(filled.price);
    const stop = stopFrom(rules.stopLoss === null ? price : entry);
    const opening = openingPosition({
      id: positionId(botId, candleTime),
      botId,
      symbol,
      side,
      stopPrice: Number.isNaN(stop) ? "" : decimalText(money(stop)),
      openedAt: draft.createdAt,
      entryCandle: candleTime,
      entryReason: decision.reason,
    });
    const entryFill: StoredFill = { ...filled, botId, positionId: opening.id };
    const position = bookFills(opening, [entryFill], { now: draft.createdAt, reason: "" });
    this.#funding = ZERO;
    this.#held = {
      position,
      entryFill,
      entry: i,
      direction,
      stop,
      limit:
        rules.takeProfit === null
          ? Number.NaN
          : toNumber(
              roundToTick(
                beside(entry, direction * rules.takeProfit),
                market.tickSize,
                side === "long" ? "up" : "down",
              ),
            ),
      price: entry,
      quantity: toNumber(position.quantity),
      fee: toNumber(position.fees),
      slippage: lost(filled, price),
    };
  }

  #touch(i: number): void {
    const held = this.#held;
    if (held === null || (Number.isNaN(held.stop) && Number.isNaN(held.limit))) return;
    const { candles, fine } = this.#history;
    const { stop, limit } = held;
    const found = firstTouch(
      { side: held.position.side, stop, limit },
      candles,
      i,
      fine,
      this.#length,
    );
    if (found === null) return;
    const what = found.kind === "stop" ? `Stop-loss ${stop}` : `Limit ${limit}`;
    this.#close(i, found.price, found.kind, `${what} was reached.`);
  }

  /** Payments that fell due in candle `i`, on its close price: a short receives a positive rate. */
  #payFunding(i: number): void {
    const { funding, candles } = this.#history;
    if (funding === null) return;
    const closes = (candles.time[i] as number) + this.#length;
    const held = this.#held;
    for (; this.#fundingAt < funding.length; this.#fundingAt++) {
      if ((funding.time[this.#fundingAt] as number) > closes) return;
      if (held === null || held.direction > 0) continue;
      const value = money(held.position.quantity).times(candles.close[i] as number);
      this.#funding = this.#funding.plus(value.times(funding.value[this.#fundingAt] as number));
    }
  }

  #close(i: number, price: number, reason: BacktestExit, why: string): void {
    const held = this.#held;
    if (held === null) return;
    const { market, symbol, candles } = this.#history;
    const { botId } = this.#plan;
    const candleTime = candles.time[i] as number;
    const purpose = reason === "stop" ? "stop" : "exit";
    const order: PaperOrder = {
      clientOrderId: clientOrderId({ botId, symbol, purpose, candleTime }),
      symbol,
      side: exitSide(held.position.side),
      purpose,
      quantity: held.position.quantity,
      expectedPrice: decimalText(money(price)),
      createdAt: candleTime + this.#length,
    };
    const answer = paperFill(order, market, this.#settings(i, price, reason === "target"));
    const [filled] = answer.outcome === "confirmed" ? answer.fills : [];
    if (filled === undefined) {
      // As on paper: the position stays and the next close tries again.
      this.#refuse("venue");
      this.#pending = { leave: why };
      return;
    }
    const exitFill: StoredFill = { ...filled, botId, positionId: held.position.id };
    const closed = bookFills(closingPosition(held.position, why), [held.entryFill, exitFill], {
      now: order.createdAt,
      reason: why,
    });
    this.#realised = this.#realised.plus(closed.realisedPnl).plus(this.#funding);
    this.#realisedNumber = toNumber(this.#realised);
    this.#trades.push({
      side: closed.side,
      entry: held.entry,
      exit: i,
      entryCandle: closed.entryCandle,
      exitCandle: candleTime,
      entryPrice: held.entryFill.price,
      exitPrice: exitFill.price,
      quantity: held.entryFill.quantity,
      fees: closed.fees,
      pnl: closed.realisedPnl,
      funding: decimalText(this.#funding),
      slippage: decimalText(held.slippage.plus(lost(filled, price))),
      reason,
      entryReason: closed.entryReason,
      exitReason: why,
    });
    this.#held = null;
    this.#funding = ZERO;
  }
}

/** The price so far beside another, as a fraction of it. */
const beside = (price: number, fraction: number): Decimal =>
  money(price).times(money(1).plus(fraction));

/** What a fill was worse than the price it was expected at, quote currency. */
const lost = (fill: Pick<StoredFill, "price" | "quantity">, expected: number): Decimal =>
  money(fill.price).minus(expected).abs().times(fill.quantity);
