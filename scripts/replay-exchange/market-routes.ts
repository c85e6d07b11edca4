import { Decimal } from "decimal.js";
import type { Candle } from "../../src-main/engine/market/types.ts";
import { timeframeMs, timeframeSchema } from "../../src-preload/contract/time.ts";
import { ApiError } from "./api-error.ts";
import { futuresExchangeInfo, spotExchangeInfo, type SymbolRules } from "./exchange-info.ts";
import type { Quote } from "./order-book.ts";
import { decimalText, limitOf, optionalInteger, required, type ApiRequest } from "./request.ts";
import type { FuturesMetric, MarketSource } from "./source.ts";
import type { Stats } from "./stats.ts";

const DAY_MS = 24 * 3_600_000;
const FUTURES_HISTORY_MS = 30 * DAY_MS;

/** What the endpoints work on. */
export interface Venue {
  readonly source: MarketSource;
  readonly rules: ReadonlyMap<string, SymbolRules>;
  readonly stats: Stats;
  readonly weightLimits: { readonly spot: number; readonly futures: number };
  /** Half of the distance between bid and ask, as a share of the price. */
  readonly halfSpread: Decimal;
}

export function rulesOf(venue: Venue, symbol: string): SymbolRules {
  const rules = venue.rules.get(symbol);
  if (rules === undefined) throw new ApiError(400, -1121, "Invalid symbol.");
  return rules;
}

/** Bid and ask around the last price, on the symbol's price steps. Throws where there is no price at `now`. */
export async function quoteOf(venue: Venue, symbol: string, now: number): Promise<Quote> {
  const rules = rulesOf(venue, symbol);
  const price = await venue.source.price(symbol, now);
  if (price === null) throw new ApiError(400, -1013, "Market is closed.");
  const { tickSize } = rules;
  const away = new Decimal(price).times(venue.halfSpread);
  const bid = new Decimal(price).minus(away).div(tickSize).floor().times(tickSize);
  const ask = new Decimal(price).plus(away).div(tickSize).ceil().times(tickSize);
  return { bid: Decimal.max(bid, tickSize), ask };
}

export async function klines(venue: Venue, { params, now }: ApiRequest): Promise<unknown> {
  const symbol = required(params, "symbol");
  rulesOf(venue, symbol);
  const interval = timeframeSchema.safeParse(required(params, "interval"));
  if (!interval.success) throw new ApiError(400, -1120, "Invalid interval.");
  const length = timeframeMs(interval.data);
  const limit = limitOf(params, 500, 1000);
  const startTime = optionalInteger(params, "startTime");
  const to = Math.min(optionalInteger(params, "endTime") ?? now, now);
  const { source, stats } = venue;
  const candles =
    startTime === null
      ? await source.latest(symbol, length, to, limit, now)
      : await source.candles(symbol, length, startTime, to, limit, now);
  const newest = now - (now % length) - length;
  const holdsNewest = candles.some(({ time }) => time === newest);
  stats.candles(symbol, interval.data, startTime, holdsNewest ? newest : null);
  return candles.map((candle) => {
    // Recordings hold no quote volume and no trade counts: the former is an estimate, the latter are zero.
    const quoteVolume = (candle.volume * (candle.high + candle.low + candle.close)) / 3;
    return [
      candle.time,
      decimalText(candle.open),
      decimalText(candle.high),
      decimalText(candle.low),
      decimalText(candle.close),
      decimalText(candle.volume),
      candle.time + length - 1,
      quoteVolume.toFixed(8),
      0,
      "0.00000000",
      "0.00000000",
      "0",
    ];
  });
}

export async function depth(venue: Venue, { params, now }: ApiRequest): Promise<unknown> {
  const symbol = required(params, "symbol");
  const { tickSize, stepSize } = rulesOf(venue, symbol);
  const limit = limitOf(params, 100, 5000);
  const { bid, ask } = await quoteOf(venue, symbol, now);
  // A made-up book: about 10,000 in quote currency at the touch, growing away from it.
  const level = (price: Decimal, index: number): readonly string[] => {
    const steps = new Decimal(10_000 + 1000 * index).div(price).div(stepSize).ceil();
    return [decimalText(price), decimalText(steps.times(stepSize))];
  };
  const side = (touch: Decimal, direction: -1 | 1): readonly (readonly string[])[] =>
    Array.from({ length: limit }, (_, index) => touch.plus(tickSize.times(direction * index)))
      .filter((price) => price.gt(0))
      .map(level);
  return { lastUpdateId: now, bids: side(bid, -1), asks: side(ask, 1) };
}

export function tickerPrice(venue: Venue, request: ApiRequest): Promise<unknown> {
  return perSymbol(venue, request, async (symbol) => {
    const price = await venue.source.price(symbol, request.now);
    return price === null ? null : { symbol, price: decimalText(price) };
  });
}

export function tickerBook(venue: Venue, request: ApiRequest): Promise<unknown> {
  return perSymbol(venue, request, async (symbol) => {
    if ((await venue.source.price(symbol, request.now)) === null) return null;
    const { bid, ask } = await quoteOf(venue, symbol, request.now);
    const { stepSize } = rulesOf(venue, symbol);
    const size = (price: Decimal): string =>
      decimalText(new Decimal(10_000).div(price).div(stepSize).ceil().times(stepSize));
    return {
      symbol,
      bidPrice: decimalText(bid),
      bidQty: size(bid),
      askPrice: decimalText(ask),
      askQty: size(ask),
    };
  });
}

export function tickerDay(venue: Venue, request: ApiRequest): Promise<unknown> {
  const { now } = request;
  return perSymbol(venue, request, async (symbol) => {
    const length = await venue.source.finest(symbol, now);
    if (length === null || (await venue.source.price(symbol, now)) === null) return null;
    const candles = await venue.source.candles(symbol, length, now - DAY_MS, now, 1500, now);
    const [first] = candles;
    const last = candles.at(-1);
    if (first === undefined || last === undefined) return null;
    const { bid, ask } = await quoteOf(venue, symbol, now);
    const sum = (pick: (candle: Candle) => number): number =>
      candles.reduce((total, candle) => total + pick(candle), 0);
    const volume = sum((candle) => candle.volume);
    const turnover = sum(
      (candle) => (candle.volume * (candle.high + candle.low + candle.close)) / 3,
    );
    return {
      symbol,
      priceChange: (last.close - first.open).toFixed(8),
      priceChangePercent: ((last.close / first.open - 1) * 100).toFixed(3),
      weightedAvgPrice: (volume > 0 ? turnover / volume : last.close).toFixed(8),
      prevClosePrice: decimalText(first.open),
      lastPrice: decimalText(last.close),
      lastQty: "0.00000000",
      bidPrice: decimalText(bid),
      bidQty: "0.00000000",
      askPrice: decimalText(ask),
      askQty: "0.00000000",
      openPrice: decimalText(first.open),
      highPrice: decimalText(Math.max(...candles.map(({ high }) => high))),
      lowPrice: decimalText(Math.min(...candles.map(({ low }) => low))),
      volume: volume.toFixed(8),
      quoteVolume: turnover.toFixed(8),
      openTime: now - DAY_MS,
      closeTime: now,
      firstId: -1,
      lastId: -1,
      count: 0,
    };
  });
}

/** One object for `symbol`, else a list for `symbols` or for all; null means no price at this time. */
async function perSymbol(
  venue: Venue,
  { params }: ApiRequest,
  read: (symbol: string) => Promise<object | null>,
): Promise<unknown> {
  const symbol = params.get("symbol");
  if (symbol !== null) {
    rulesOf(venue, symbol);
    const found = await read(symbol);
    if (found === null) throw new ApiError(400, -1013, "Market is closed.");
    return found;
  }
  const wanted = symbolList(params.get("symbols")) ?? [...venue.rules.keys()];
  for (const each of wanted) rulesOf(venue, each);
  return (await Promise.all(wanted.map(read))).filter((each) => each !== null);
}

function symbolList(text: string | null): readonly string[] | null {
  if (text === null) return null;
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = null;
  }
  if (!Array.isArray(list) || !list.every((each) => typeof each === "string")) {
    throw new ApiError(400, -1100, "Illegal characters found in parameter 'symbols'.");
  }
  return list;
}

export const spotInfo = (venue: Venue, { params, now }: ApiRequest): unknown => {
  const symbol = params.get("symbol");
  const wanted = symbol === null ? symbolList(params.get("symbols")) : [symbol];
  const rules = wanted === null ? venue.rules.values() : wanted.map((each) => rulesOf(venue, each));
  return spotExchangeInfo(rules, venue.weightLimits.spot, now);
};

export const futuresInfo = (venue: Venue, { now }: ApiRequest): unknown =>
  futuresExchangeInfo(venue.rules.values(), venue.weightLimits.futures, now);

export async function fundingRate(venue: Venue, { params, now }: ApiRequest): Promise<unknown> {
  const symbol = required(params, "symbol");
  const points = await metricPoints(venue, "funding_rate", symbol, params, now, 100, 1000);
  return points.map(({ time, value }) => ({
    symbol,
    fundingTime: time,
    fundingRate: value.toFixed(8),
    markPrice: "",
  }));
}

export async function openInterest(venue: Venue, { params, now }: ApiRequest): Promise<unknown> {
  const symbol = required(params, "symbol");
  const points = await periodPoints(venue, "open_interest", symbol, params, now);
  return Promise.all(
    points.map(async ({ time, value }) => {
      const price = await venue.source.price(symbol, time);
      return {
        symbol,
        sumOpenInterest: price === null ? "0" : (value / price).toFixed(8),
        sumOpenInterestValue: value.toFixed(8),
        timestamp: time,
      };
    }),
  );
}

export async function longShortRatio(venue: Venue, { params, now }: ApiRequest): Promise<unknown> {
  const symbol = required(params, "symbol");
  const points = await periodPoints(venue, "long_short_ratio", symbol, params, now);
  return points.map(({ time, value }) => ({
    symbol,
    longShortRatio: value.toFixed(4),
    longAccount: (value / (1 + value)).toFixed(4),
    shortAccount: (1 / (1 + value)).toFixed(4),
    timestamp: time,
  }));
}

/** Points on the asked period's grid; the last 30 days only, as Binance keeps them. */
async function periodPoints(
  venue: Venue,
  name: FuturesMetric,
  symbol: string,
  params: URLSearchParams,
  now: number,
): Promise<readonly { readonly time: number; readonly value: number }[]> {
  const period = timeframeSchema.safeParse(required(params, "period"));
  if (!period.success)
    throw new ApiError(400, -1130, "Data sent for parameter 'period' is not valid.");
  const startTime = optionalInteger(params, "startTime");
  if (startTime !== null && startTime < now - FUTURES_HISTORY_MS) {
    throw new ApiError(400, -1130, "Data sent for parameter 'startTime' is not valid.");
  }
  const length = timeframeMs(period.data);
  const onGrid = { from: now - FUTURES_HISTORY_MS, keep: (time: number) => time % length === 0 };
  return metricPoints(venue, name, symbol, params, now, 30, 500, onGrid);
}

async function metricPoints(
  venue: Venue,
  name: FuturesMetric,
  symbol: string,
  params: URLSearchParams,
  now: number,
  defaultLimit: number,
  maxLimit: number,
  grid: { readonly from: number; readonly keep: (time: number) => boolean } = {
    from: 0,
    keep: () => true,
  },
): Promise<readonly { readonly time: number; readonly value: number }[]> {
  rulesOf(venue, symbol);
  const limit = limitOf(params, defaultLimit, maxLimit);
  const startTime = optionalInteger(params, "startTime");
  const endTime = optionalInteger(params, "endTime") ?? now;
  const known = await venue.source.metric(name, symbol, startTime ?? grid.from, now);
  const points = known.filter(({ time }) => time <= endTime && grid.keep(time));
  return startTime === null ? points.slice(-limit) : points.slice(0, limit);
}
