import { Decimal } from "decimal.js";
import type { Candle } from "../../src-main/engine/market/types.ts";
import { Account } from "./account.ts";
import { ApiError } from "./api-error.ts";
import type { SymbolRules } from "./exchange-info.ts";

/** Binance's usual rate, of the received asset. */
const FEE_RATE = new Decimal("0.001");

export interface Trade {
  readonly id: number;
  readonly orderId: number;
  readonly symbol: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly commission: Decimal;
  readonly commissionAsset: string;
  readonly time: number;
  readonly isBuyer: boolean;
  readonly isMaker: boolean;
}

export type OrderType = "MARKET" | "LIMIT" | "LIMIT_MAKER";
export type TimeInForce = "GTC" | "IOC" | "FOK";

/** What a client asks for, read but not yet checked against the symbol's rules. */
export interface OrderRequest {
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** Base currency; null when `quoteQuantity` is given. */
  readonly quantity: Decimal | null;
  /** Quote currency, market orders only. */
  readonly quoteQuantity: Decimal | null;
  /** Quote currency; null for market orders. */
  readonly price: Decimal | null;
  readonly clientOrderId: string;
}

export interface Order {
  readonly orderId: number;
  clientOrderId: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quoteQuantity: Decimal;
  status: "NEW" | "FILLED" | "CANCELED" | "EXPIRED";
  executed: Decimal;
  executedQuote: Decimal;
  readonly time: number;
  updated: number;
  readonly trades: Trade[];
  /** Candles that opened before this have been looked at, ms UTC. */
  checkedUntil: number;
}

/** Bid and ask, quote currency. */
export interface Quote {
  readonly bid: Decimal;
  readonly ask: Decimal;
}

/** Orders, fills and balances. Everything here is synchronous: an order is taken whole or refused whole. */
export class OrderBook {
  readonly account: Account;
  readonly #orders: Order[] = [];
  #nextOrder = 1;
  #nextTrade = 1;
  #duplicatesRefused = 0;

  constructor(balances: Readonly<Record<string, string>>) {
    this.account = new Account(balances);
  }

  get orders(): readonly Order[] {
    return this.#orders;
  }

  get duplicatesRefused(): number {
    return this.#duplicatesRefused;
  }

  open(): readonly Order[] {
    return this.#orders.filter(({ status }) => status === "NEW");
  }

  /** By order id, or else by client order id, where the latest counts; undefined where there is none. */
  find(symbol: string, orderId: number | null, clientOrderId: string | null): Order | undefined {
    return this.#orders.findLast(
      (order) =>
        order.symbol === symbol &&
        (orderId !== null ? order.orderId === orderId : order.clientOrderId === clientOrderId),
    );
  }

  /** Takes an order and fills what can be filled at once. Throws ApiError and changes nothing where it is refused. */
  place(request: OrderRequest, rules: SymbolRules, quote: Quote, now: number): Order {
    const { side, type } = request;
    const buys = side === "BUY";
    const touch = buys ? quote.ask : quote.bid;
    const quantity = checkedQuantity(request, rules, touch);
    const price = request.price ?? touch;
    checkFilters(request, rules, quantity, price);
    const twin = this.find(request.symbol, null, request.clientOrderId);
    if (twin !== undefined && (twin.status === "NEW" || twin.status === "FILLED")) {
      this.#duplicatesRefused += 1;
      throw new ApiError(400, -2010, "Duplicate order sent.");
    }
    const crosses = type === "MARKET" || (buys ? price.gte(quote.ask) : price.lte(quote.bid));
    if (type === "LIMIT_MAKER" && crosses) {
      throw new ApiError(400, -2010, "Order would immediately match and take.");
    }
    const waits = !crosses && request.timeInForce === "GTC";
    const paid = quantity.times(crosses ? touch : price);
    const spends = buys ? ([rules.quote, paid] as const) : ([rules.base, quantity] as const);
    if (crosses || waits) this.account.require(...spends);

    const order: Order = {
      orderId: this.#nextOrder,
      clientOrderId: request.clientOrderId,
      symbol: request.symbol,
      side,
      type,
      timeInForce: request.timeInForce,
      price: type === "MARKET" ? new Decimal(0) : price,
      quantity,
      quoteQuantity: request.quoteQuantity ?? new Decimal(0),
      status: waits ? "NEW" : "EXPIRED",
      executed: new Decimal(0),
      executedQuote: new Decimal(0),
      time: now,
      updated: now,
      trades: [],
      checkedUntil: now,
    };
    this.#nextOrder += 1;
    this.#orders.push(order);
    if (crosses) {
      this.account.take(...spends);
      this.#fill(order, rules, touch, now, false);
    } else if (waits) {
      this.account.lock(...spends);
    }
    return order;
  }

  cancel(order: Order, rules: SymbolRules, now: number): void {
    if (order.status !== "NEW") throw new ApiError(400, -2011, "Unknown order sent.");
    order.status = "CANCELED";
    order.updated = now;
    this.account.unlock(...locked(order, rules));
  }

  /**
   * Fills a waiting limit order at the first of these closed candles that trades through its price: a touch is not
   * enough, since nobody knows the place in the queue. An open beyond the price fills at the open.
   */
  match(order: Order, rules: SymbolRules, candles: readonly Candle[], intervalMs: number): void {
    for (const candle of candles) {
      if (order.status !== "NEW") return;
      // The candle that was under way when the order came may have traded through before it.
      if (candle.time < order.time || candle.time < order.checkedUntil) continue;
      order.checkedUntil = candle.time + intervalMs;
      const buys = order.side === "BUY";
      const through = buys ? order.price.gt(candle.low) : order.price.lt(candle.high);
      if (!through) continue;
      const open = new Decimal(candle.open);
      const better = buys ? open.lt(order.price) : open.gt(order.price);
      const price = better ? open : order.price;
      const [asset, amount] = locked(order, rules);
      this.account.unlock(asset, amount);
      this.account.take(asset, buys ? order.quantity.times(price) : order.quantity);
      this.#fill(order, rules, price, candle.time + intervalMs, true);
    }
  }

  trades(symbol: string): readonly Trade[] {
    return this.#orders
      .filter((order) => order.symbol === symbol)
      .flatMap(({ trades }) => trades)
      .toSorted((a, b) => a.id - b.id);
  }

  #fill(order: Order, rules: SymbolRules, price: Decimal, time: number, isMaker: boolean): void {
    const buys = order.side === "BUY";
    const value = order.quantity.times(price);
    const received = buys ? order.quantity : value;
    const receivedAsset = buys ? rules.base : rules.quote;
    const commission = received.times(FEE_RATE).toDecimalPlaces(8);
    this.account.give(receivedAsset, received.minus(commission));
    order.trades.push({
      id: this.#nextTrade,
      orderId: order.orderId,
      symbol: order.symbol,
      price,
      quantity: order.quantity,
      commission,
      commissionAsset: receivedAsset,
      time,
      isBuyer: buys,
      isMaker,
    });
    this.#nextTrade += 1;
    order.executed = order.quantity;
    order.executedQuote = value;
    order.status = "FILLED";
    order.updated = time;
  }
}

/** What a waiting order holds. */
const locked = (order: Order, rules: SymbolRules): readonly [string, Decimal] =>
  order.side === "BUY"
    ? [rules.quote, order.quantity.times(order.price)]
    : [rules.base, order.quantity];

function checkedQuantity(request: OrderRequest, rules: SymbolRules, touch: Decimal): Decimal {
  if (request.quantity !== null) return request.quantity;
  const steps = (request.quoteQuantity ?? new Decimal(0)).div(touch).div(rules.stepSize).floor();
  return steps.times(rules.stepSize);
}

function checkFilters(
  request: OrderRequest,
  rules: SymbolRules,
  quantity: Decimal,
  price: Decimal,
): void {
  const refuse = (filter: string): ApiError =>
    new ApiError(400, -1013, `Filter failure: ${filter}`);
  if (request.price !== null) {
    if (price.lt(rules.tickSize) || !price.mod(rules.tickSize).isZero())
      throw refuse("PRICE_FILTER");
  }
  const onStep = quantity.minus(rules.minQty).mod(rules.stepSize).isZero();
  if (quantity.lt(rules.minQty) || quantity.gt(rules.maxQty) || !onStep) throw refuse("LOT_SIZE");
  if (quantity.times(price).lt(rules.minNotional)) throw refuse("NOTIONAL");
}
