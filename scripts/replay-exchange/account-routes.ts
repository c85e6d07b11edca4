import type { Decimal } from "decimal.js";
import { ApiError } from "./api-error.ts";
import { quoteOf, rulesOf, type Venue } from "./market-routes.ts";
import type {
  Order,
  OrderBook,
  OrderRequest,
  OrderType,
  TimeInForce,
  Trade,
} from "./order-book.ts";
import {
  decimalText,
  limitOf,
  optionalDecimal,
  optionalInteger,
  required,
  type ApiRequest,
} from "./request.ts";

const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
/** Candles read at once for waiting orders. */
const PAGE = 1000;

export interface Trading {
  readonly venue: Venue;
  readonly book: OrderBook;
}

/** Fills the waiting orders that candles up to `now` have traded through. */
async function settle({ venue, book }: Trading, now: number): Promise<void> {
  for (const order of book.open()) {
    const length = await venue.source.finest(order.symbol, now);
    if (length === null) continue;
    const rules = rulesOf(venue, order.symbol);
    for (let from = order.checkedUntil; order.status === "NEW";) {
      const candles = await venue.source.candles(order.symbol, length, from, now, PAGE, now);
      const closed = candles.filter(({ time }) => time + length <= now);
      book.match(order, rules, closed, length);
      const last = candles.at(-1);
      if (candles.length < PAGE || last === undefined) break;
      from = last.time + length;
    }
  }
}

export async function placeOrder(trading: Trading, { params, now }: ApiRequest): Promise<unknown> {
  const { venue, book } = trading;
  const request = readOrder(params);
  const rules = rulesOf(venue, request.symbol);
  const quote = await quoteOf(venue, request.symbol, now);
  await settle(trading, now);
  const order = book.place(request, rules, quote, now);
  const { orderId, clientOrderId, symbol } = order;
  const acknowledged = { symbol, orderId, orderListId: -1, clientOrderId, transactTime: now };
  const shape = params.get("newOrderRespType") ?? "FULL";
  if (shape === "ACK") return acknowledged;
  const result = { ...acknowledged, ...orderFields(order) };
  if (shape === "RESULT") return result;
  const fills = order.trades.map((trade) => ({
    price: decimalText(trade.price),
    qty: decimalText(trade.quantity),
    commission: decimalText(trade.commission),
    commissionAsset: trade.commissionAsset,
    tradeId: trade.id,
  }));
  return { ...result, fills };
}

export async function queryOrder(trading: Trading, request: ApiRequest): Promise<unknown> {
  await settle(trading, request.now);
  const order = named(trading, request.params);
  if (order === undefined) throw new ApiError(400, -2013, "Order does not exist.");
  return orderAnswer(order);
}

export async function cancelOrder(trading: Trading, request: ApiRequest): Promise<unknown> {
  await settle(trading, request.now);
  const order = named(trading, request.params);
  if (order === undefined) throw new ApiError(400, -2011, "Unknown order sent.");
  return cancelled(trading, order, request);
}

export async function cancelAll(trading: Trading, request: ApiRequest): Promise<unknown> {
  const symbol = required(request.params, "symbol");
  rulesOf(trading.venue, symbol);
  await settle(trading, request.now);
  const open = trading.book.open().filter((order) => order.symbol === symbol);
  if (open.length === 0) throw new ApiError(400, -2011, "Unknown order sent.");
  return open.map((order) => cancelled(trading, order, request));
}

export async function openOrders(trading: Trading, { params, now }: ApiRequest): Promise<unknown> {
  await settle(trading, now);
  const symbol = params.get("symbol");
  if (symbol !== null) rulesOf(trading.venue, symbol);
  const open = trading.book.open();
  return open.filter((order) => symbol === null || order.symbol === symbol).map(orderAnswer);
}

export async function allOrders(trading: Trading, { params, now }: ApiRequest): Promise<unknown> {
  const symbol = required(params, "symbol");
  rulesOf(trading.venue, symbol);
  await settle(trading, now);
  const orders = trading.book.orders.filter((order) => order.symbol === symbol);
  const within = window(params, ({ time }: Order) => time);
  const from = optionalInteger(params, "orderId");
  const limit = limitOf(params, 500, 1000);
  if (from !== null) {
    return orders
      .filter(({ orderId }) => orderId >= from)
      .slice(0, limit)
      .map(orderAnswer);
  }
  return orders.filter(within).slice(-limit).map(orderAnswer);
}

export async function myTrades(trading: Trading, { params, now }: ApiRequest): Promise<unknown> {
  const symbol = required(params, "symbol");
  rulesOf(trading.venue, symbol);
  await settle(trading, now);
  const limit = limitOf(params, 500, 1000);
  const orderId = optionalInteger(params, "orderId");
  const fromId = optionalInteger(params, "fromId");
  const within = window(params, ({ time }: Trade) => time);
  const trades = trading.book
    .trades(symbol)
    .filter((trade) => within(trade) && (orderId === null || trade.orderId === orderId))
    .filter(({ id }) => fromId === null || id >= fromId);
  const forwards = fromId !== null || params.has("startTime");
  return (forwards ? trades.slice(0, limit) : trades.slice(-limit)).map((trade) => ({
    symbol,
    id: trade.id,
    orderId: trade.orderId,
    orderListId: -1,
    price: decimalText(trade.price),
    qty: decimalText(trade.quantity),
    quoteQty: decimalText(trade.quantity.times(trade.price)),
    commission: decimalText(trade.commission),
    commissionAsset: trade.commissionAsset,
    time: trade.time,
    isBuyer: trade.isBuyer,
    isMaker: trade.isMaker,
    isBestMatch: true,
  }));
}

export async function account(trading: Trading, { now }: ApiRequest): Promise<unknown> {
  await settle(trading, now);
  return {
    makerCommission: 10,
    takerCommission: 10,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: {
      maker: "0.00100000",
      taker: "0.00100000",
      buyer: "0.00000000",
      seller: "0.00000000",
    },
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: now,
    accountType: "SPOT",
    balances: trading.book.account.balances(),
    permissions: ["SPOT"],
    uid: 1,
  };
}

function readOrder(params: URLSearchParams): OrderRequest {
  const symbol = required(params, "symbol");
  const side = required(params, "side");
  if (side !== "BUY" && side !== "SELL") throw new ApiError(400, -1117, "Invalid side.");
  const type = required(params, "type");
  if (!isOrderType(type)) throw new ApiError(400, -1116, "Invalid orderType.");
  const quantity = optionalDecimal(params, "quantity");
  const quoteQuantity = type === "MARKET" ? optionalDecimal(params, "quoteOrderQty") : null;
  const price = type === "MARKET" ? null : optionalDecimal(params, "price");
  if (quantity === null && quoteQuantity === null) required(params, "quantity");
  if (type !== "MARKET" && price === null) required(params, "price");
  const timeInForce = type === "LIMIT" ? required(params, "timeInForce") : "GTC";
  if (!isTimeInForce(timeInForce)) throw new ApiError(400, -1115, "Invalid timeInForce.");
  const clientOrderId =
    params.get("newClientOrderId") ?? `replay-${crypto.randomUUID().slice(0, 18)}`;
  if (!CLIENT_ORDER_ID.test(clientOrderId)) {
    throw new ApiError(
      400,
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
    );
  }
  return { symbol, side, type, timeInForce, quantity, quoteQuantity, price, clientOrderId };
}

const isOrderType = (type: string): type is OrderType =>
  type === "MARKET" || type === "LIMIT" || type === "LIMIT_MAKER";

const isTimeInForce = (value: string): value is TimeInForce =>
  value === "GTC" || value === "IOC" || value === "FOK";

function named({ venue, book }: Trading, params: URLSearchParams): Order | undefined {
  const symbol = required(params, "symbol");
  rulesOf(venue, symbol);
  const orderId = optionalInteger(params, "orderId");
  const clientOrderId = params.get("origClientOrderId");
  if (orderId === null && clientOrderId === null) {
    throw new ApiError(
      400,
      -1102,
      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    );
  }
  return book.find(symbol, orderId, clientOrderId);
}

function cancelled({ venue, book }: Trading, order: Order, { params, now }: ApiRequest): unknown {
  book.cancel(order, rulesOf(venue, order.symbol), now);
  return {
    symbol: order.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: params.get("newClientOrderId") ?? `cancel-${order.orderId}`,
    transactTime: now,
    ...orderFields(order),
  };
}

function orderAnswer(order: Order): unknown {
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    ...orderFields(order),
    time: order.time,
    updateTime: order.updated,
    isWorking: true,
  };
}

function orderFields(order: Order): object {
  const text = (value: Decimal): string => decimalText(value);
  return {
    price: text(order.price),
    origQty: text(order.quantity),
    executedQty: text(order.executed),
    origQuoteOrderQty: text(order.quoteQuantity),
    cummulativeQuoteQty: text(order.executedQuote),
    status: order.status,
    timeInForce: order.timeInForce,
    type: order.type,
    side: order.side,
    stopPrice: "0.00000000",
    icebergQty: "0.00000000",
    workingTime: order.time,
    selfTradePreventionMode: "NONE",
  };
}

/** Whether something lies in the asked startTime and endTime. */
function window<T>(params: URLSearchParams, timeOf: (item: T) => number): (item: T) => boolean {
  const from = optionalInteger(params, "startTime") ?? 0;
  const to = optionalInteger(params, "endTime") ?? Infinity;
  return (item) => timeOf(item) >= from && timeOf(item) <= to;
}
