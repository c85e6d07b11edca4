import ccxt, { type Exchange } from "ccxt";
import { describe, expect, it } from "vitest";
import { listExchangeIds } from "../../../src-main/exchanges/ccxt-exchange.ts";

/** Spot markets, candles of their own, and those without a key. */
function servesPublicSpotCandles(exchange: Exchange): boolean {
  // Its source, not a call: which of the exchange's endpoints it asks.
  const source = String(Reflect.get(exchange, "fetchOHLCV"));
  const onlyPrivate =
    /[pP]rivate\w*(Get|Post)/.test(source) && !/[pP]ublic\w*(Get|Post)/.test(source);
  const { fetchOHLCV, spot } = exchange.has;
  return spot === true && fetchOHLCV === true && !onlyPrivate;
}

describe("the list of exchanges", () => {
  it("is what this ccxt has", () => {
    const classes = ccxt as unknown as Readonly<Record<string, new () => Exchange>>;
    const expected = Object.keys(ccxt.exchanges).map((key) => ccxt.exchanges[Number(key)] ?? "");
    const fit = expected.filter((id) => {
      const Class = classes[id];
      return Class !== undefined && servesPublicSpotCandles(new Class());
    });
    expect(listExchangeIds()).toEqual(fit.toSorted());
  });
});
