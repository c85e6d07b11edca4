import * as accounts from "./account-routes.ts";
import type { Trading } from "./account-routes.ts";
import * as market from "./market-routes.ts";
import type { ApiRequest } from "./request.ts";

export interface Route {
  /** Weight as Binance documents it for this endpoint. */
  readonly weight: (params: URLSearchParams) => number;
  /** Spot and futures are counted apart. */
  readonly pool: "spot" | "futures";
  /** "key": an API key header is needed; "signed": a time stamp and a signature as well. */
  readonly security: "none" | "key" | "signed";
  readonly handle: (trading: Trading, request: ApiRequest) => unknown;
}

const always = (weight: number) => (): number => weight;
/** One weight for one symbol, another for all. */
const bySymbol =
  (one: number, all: number) =>
  (params: URLSearchParams): number =>
    params.has("symbol") ? one : all;

function depthWeight(params: URLSearchParams): number {
  const limit = Number(params.get("limit") ?? 100);
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1000 ? 50 : 250;
}

const open = (
  weight: Route["weight"],
  handle: (venue: market.Venue, request: ApiRequest) => unknown,
  pool: Route["pool"] = "spot",
): Route => ({
  weight,
  pool,
  security: "none",
  handle: ({ venue }, request) => handle(venue, request),
});

const signed = (weight: Route["weight"], handle: Route["handle"]): Route => ({
  weight,
  pool: "spot",
  security: "signed",
  handle,
});

const serverTime = (_: unknown, { now }: ApiRequest): unknown => ({ serverTime: now });
const nothing = (): unknown => ({});
const none = (): unknown => [];

/**
 * Every endpoint that is served, by method and path. Weights: Binance's spot API documentation of 2024 (limits of
 * 6,000 a minute) and its futures documentation. The sapi and dapi ones are what ccxt asks for while loading markets with a key.
 */
export const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["GET /api/v3/ping", open(always(1), nothing)],
  ["GET /api/v3/time", open(always(1), serverTime)],
  ["GET /api/v3/exchangeInfo", open(always(20), market.spotInfo)],
  ["GET /api/v3/klines", open(always(2), market.klines)],
  ["GET /api/v3/ticker/price", open(bySymbol(2, 4), market.tickerPrice)],
  ["GET /api/v3/ticker/24hr", open(bySymbol(2, 80), market.tickerDay)],
  ["GET /api/v3/ticker/bookTicker", open(bySymbol(2, 4), market.tickerBook)],
  ["GET /api/v3/depth", open(depthWeight, market.depth)],
  ["GET /api/v3/account", signed(always(20), accounts.account)],
  ["POST /api/v3/order", signed(always(1), accounts.placeOrder)],
  ["GET /api/v3/order", signed(always(4), accounts.queryOrder)],
  ["DELETE /api/v3/order", signed(always(1), accounts.cancelOrder)],
  ["GET /api/v3/openOrders", signed(bySymbol(6, 80), accounts.openOrders)],
  ["DELETE /api/v3/openOrders", signed(always(1), accounts.cancelAll)],
  ["GET /api/v3/allOrders", signed(always(20), accounts.allOrders)],
  ["GET /api/v3/myTrades", signed(always(20), accounts.myTrades)],
  ["GET /fapi/v1/ping", open(always(1), nothing, "futures")],
  ["GET /fapi/v1/time", open(always(1), serverTime, "futures")],
  ["GET /fapi/v1/exchangeInfo", open(always(1), market.futuresInfo, "futures")],
  ["GET /fapi/v1/fundingRate", open(always(1), market.fundingRate, "futures")],
  ["GET /futures/data/openInterestHist", open(always(1), market.openInterest, "futures")],
  [
    "GET /futures/data/globalLongShortAccountRatio",
    open(always(1), market.longShortRatio, "futures"),
  ],
  ["GET /dapi/v1/exchangeInfo", open(always(1), () => ({ symbols: [] }), "futures")],
  ["GET /sapi/v1/system/status", open(always(1), () => ({ status: 0, msg: "normal" }))],
  ["GET /sapi/v1/capital/config/getall", signed(always(10), none)],
  ["GET /sapi/v1/margin/allPairs", { ...signed(always(1), none), security: "key" }],
  ["GET /sapi/v1/margin/isolated/allPairs", signed(always(10), none)],
]);
