import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import * as z from "zod";
import { UsageError } from "./api-error.ts";
import type { MarketSource, SourceSymbol } from "./source.ts";

/** The trading rules of a symbol that orders are checked against. */
export interface SymbolRules {
  readonly id: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: Decimal;
  readonly stepSize: Decimal;
  readonly minQty: Decimal;
  readonly maxQty: Decimal;
  readonly minNotional: Decimal;
  /** The symbol's entry of exchangeInfo. */
  readonly entry: unknown;
}

const filterSchema = z.looseObject({ filterType: z.string() });
const symbolSchema = z.looseObject({
  symbol: z.string(),
  baseAsset: z.string(),
  quoteAsset: z.string(),
  filters: z.array(filterSchema),
});
const recordingSchema = z.object({ symbols: z.array(symbolSchema) });
type RecordedSymbol = z.infer<typeof symbolSchema>;

/** The recorded exchangeInfo of a data folder by symbol; empty where there is none. Throws UsageError when unreadable. */
export function readRecordedSymbols(directory: string): ReadonlyMap<string, RecordedSymbol> {
  const file = join(directory, "exchange", "binance-spot-exchangeInfo.json");
  if (!existsSync(file)) return new Map();
  try {
    const { symbols } = recordingSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return new Map(symbols.map((each) => [each.symbol, each]));
  } catch (cause) {
    throw new UsageError(
      `${file} is not a Binance exchangeInfo answer; replace it or take it away.`,
      { cause },
    );
  }
}

/** Rules of all symbols of the source: recorded where there are any, else made up from the price at `now`. */
export async function symbolRules(
  source: MarketSource,
  recorded: ReadonlyMap<string, RecordedSymbol>,
  now: number,
): Promise<ReadonlyMap<string, SymbolRules>> {
  const rules = await Promise.all(
    source.symbols.map(async (symbol) => {
      const known = recorded.get(symbol.id);
      return known === undefined
        ? madeUp(symbol, await priceFor(source, symbol, now))
        : fromRecording(known);
    }),
  );
  return new Map(rules.map((each) => [each.id, each]));
}

/** Only symbols that state no steps need a price, and only those cost the reading of their candles. */
async function priceFor(source: MarketSource, symbol: SourceSymbol, now: number): Promise<number> {
  if (symbol.tickSize !== null) return 1;
  return (await source.price(symbol.id, now)) ?? 1;
}

function fromRecording(symbol: RecordedSymbol): SymbolRules {
  const value = (types: readonly string[], key: string, otherwise: string): Decimal => {
    const filter = symbol.filters.find((each) => types.includes(each.filterType));
    const stated = filter?.[key];
    return new Decimal(typeof stated === "string" ? stated : otherwise);
  };
  return {
    id: symbol.symbol,
    base: symbol.baseAsset,
    quote: symbol.quoteAsset,
    tickSize: value(["PRICE_FILTER"], "tickSize", "0.01"),
    stepSize: value(["LOT_SIZE"], "stepSize", "0.00001"),
    minQty: value(["LOT_SIZE"], "minQty", "0.00001"),
    maxQty: value(["LOT_SIZE"], "maxQty", "9000"),
    minNotional: value(["NOTIONAL", "MIN_NOTIONAL"], "minNotional", "5"),
    entry: symbol,
  };
}

function madeUp(symbol: SourceSymbol, price: number): SymbolRules {
  const magnitude = Math.floor(Math.log10(price));
  // Five significant digits of price and about a cent of amount, as the majors have.
  const tickSize = new Decimal(
    symbol.tickSize ?? Decimal.min("0.01", Decimal.pow(10, magnitude - 3)),
  );
  const decimals = Math.min(5, Math.max(0, magnitude + 1));
  const stepSize = new Decimal(symbol.stepSize ?? Decimal.pow(10, -decimals));
  const minNotional = new Decimal(symbol.minNotional ?? "5");
  const maxQty = new Decimal(9_000_000);
  const entry = {
    symbol: symbol.id,
    status: "TRADING",
    baseAsset: symbol.base,
    baseAssetPrecision: 8,
    quoteAsset: symbol.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ["LIMIT", "LIMIT_MAKER", "MARKET"],
    icebergAllowed: false,
    ocoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      {
        filterType: "PRICE_FILTER",
        minPrice: tickSize.toFixed(8),
        maxPrice: "1000000.00000000",
        tickSize: tickSize.toFixed(8),
      },
      {
        filterType: "LOT_SIZE",
        minQty: stepSize.toFixed(8),
        maxQty: maxQty.toFixed(8),
        stepSize: stepSize.toFixed(8),
      },
      {
        filterType: "NOTIONAL",
        minNotional: minNotional.toFixed(8),
        applyMinToMarket: true,
        maxNotional: "9000000.00000000",
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
    ],
    permissions: ["SPOT"],
  };
  const { id, base, quote } = symbol;
  return { id, base, quote, tickSize, stepSize, minQty: stepSize, maxQty, minNotional, entry };
}

/** GET /api/v3/exchangeInfo. `weightLimit` is the one that is enforced. */
export function spotExchangeInfo(
  rules: Iterable<SymbolRules>,
  weightLimit: number,
  now: number,
): unknown {
  return {
    timezone: "UTC",
    serverTime: now,
    rateLimits: rateLimits(weightLimit),
    exchangeFilters: [],
    symbols: Array.from(rules, ({ entry }) => entry),
  };
}

/** GET /fapi/v1/exchangeInfo: one perpetual for each symbol, enough for ccxt to find its public data. */
export function futuresExchangeInfo(
  rules: Iterable<SymbolRules>,
  weightLimit: number,
  now: number,
): unknown {
  const perpetuals = Array.from(rules).filter(({ quote }) => quote === "USDT");
  return {
    timezone: "UTC",
    serverTime: now,
    futuresType: "U_MARGINED",
    rateLimits: rateLimits(weightLimit),
    exchangeFilters: [],
    assets: [{ asset: "USDT", marginAvailable: true, autoAssetExchange: "-10000" }],
    symbols: perpetuals.map(({ id, base, quote, tickSize, stepSize }) => ({
      symbol: id,
      pair: id,
      contractType: "PERPETUAL",
      deliveryDate: 4_133_404_800_000,
      onboardDate: 1_569_398_400_000,
      status: "TRADING",
      baseAsset: base,
      quoteAsset: quote,
      marginAsset: quote,
      pricePrecision: tickSize.decimalPlaces(),
      quantityPrecision: stepSize.decimalPlaces(),
      baseAssetPrecision: 8,
      quotePrecision: 8,
      filters: [
        {
          filterType: "PRICE_FILTER",
          minPrice: tickSize.toFixed(),
          maxPrice: "1000000",
          tickSize: tickSize.toFixed(),
        },
        {
          filterType: "LOT_SIZE",
          minQty: stepSize.toFixed(),
          maxQty: "1000000",
          stepSize: stepSize.toFixed(),
        },
      ],
      orderTypes: ["LIMIT", "MARKET"],
      timeInForce: ["GTC", "IOC", "FOK", "GTX"],
    })),
  };
}

const rateLimits = (weightLimit: number): readonly unknown[] => [
  { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: weightLimit },
  { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 100 },
  { rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, limit: 200_000 },
];
