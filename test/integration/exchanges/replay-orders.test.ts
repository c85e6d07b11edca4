import type { Exchange as CcxtExchange } from "ccxt";
import { afterEach, describe, expect, it } from "vitest";
import type { RunningReplay } from "../../../scripts/replay-exchange/server.ts";
import { closeAll, rawBinance, replay } from "./replay.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

afterEach(closeAll);

/** What ccxt's own Binance class sees, without anything of Tickdeck between. */
async function trading(options: Parameters<typeof replay>[0] = {}, config: object = {}) {
  const running = await replay(options);
  const ccxt = await rawBinance(running, config);
  await ccxt.loadMarkets();
  const price = async (): Promise<number> =>
    (await ccxt.fetchTicker("BTC/USDT")).last ?? Number.NaN;
  return { running, ccxt, price };
}

const free = async (ccxt: CcxtExchange, asset: string): Promise<number> => {
  const balance = await ccxt.fetchBalance();
  return balance[asset]?.free ?? 0;
};

const used = async (ccxt: CcxtExchange, asset: string): Promise<number> =>
  (await ccxt.fetchBalance())[asset]?.used ?? 0;

/** The lowest and the highest price of the next hours, by letting them pass elsewhere. */
async function extremes(
  running: RunningReplay,
  hours: number,
): Promise<{ low: number; high: number }> {
  const ahead = await replay({ from: running.now() + hours * HOUR });
  const ccxt = await rawBinance(ahead);
  const first = running.now() - (running.now() % (15 * MINUTE)) + 15 * MINUTE;
  const rows = await ccxt.fetchOHLCV("BTC/USDT", "15m", first, hours * 4 - 1);
  return {
    low: Math.min(...rows.map((row) => Number(row[3]))),
    high: Math.max(...rows.map((row) => Number(row[2]))),
  };
}

describe("market orders through ccxt", () => {
  it("fill at the touch, move the balances and are found by their client id", async () => {
    const { ccxt, price, running } = await trading();
    const last = await price();
    const { bid, ask } = await ccxt.fetchTicker("BTC/USDT");
    expect(bid).toBeLessThan(last);
    expect(ask).toBeGreaterThan(last);
    const bought = await ccxt.createOrder("BTC/USDT", "market", "buy", 0.5, undefined, {
      clientOrderId: "bot-1-open",
    });
    expect(bought).toMatchObject({
      clientOrderId: "bot-1-open",
      status: "closed",
      filled: 0.5,
      average: ask,
    });
    expect(bought.fee).toMatchObject({ cost: 0.0005, currency: "BTC" });
    const cost = 0.5 * Number(ask);
    expect(await free(ccxt, "USDT")).toBeCloseTo(100_000 - cost, 8);
    expect(await free(ccxt, "BTC")).toBe(0.4995);

    const found = await ccxt.fetchOrder("", "BTC/USDT", { clientOrderId: "bot-1-open" });
    expect(found).toMatchObject({
      id: bought.id,
      status: "closed",
      filled: 0.5,
      timestamp: running.now(),
    });

    running.setNow(running.now() + HOUR);
    const sold = await ccxt.createOrder("BTC/USDT", "market", "sell", 0.4995);
    const proceeds = 0.4995 * Number(sold.average);
    expect(await free(ccxt, "USDT")).toBeCloseTo(100_000 - cost + proceeds * 0.999, 6);
    const trades = await ccxt.fetchMyTrades("BTC/USDT");
    expect(trades.map(({ side, amount, order }) => [side, amount, order])).toEqual([
      ["buy", 0.5, bought.id],
      ["sell", 0.4995, sold.id],
    ]);
    expect(running.stats().orders).toMatchObject({ total: 2, filled: 2, open: 0 });
  });

  it("are refused when the client order id has been used", async () => {
    const { ccxt, running } = await trading();
    const order = () =>
      ccxt.createOrder("ETH/USDT", "market", "buy", 0.1, undefined, { clientOrderId: "same" });
    await order();
    await expect(order()).rejects.toThrow(/-2010.*Duplicate order sent/);
    expect(running.stats().orders).toMatchObject({ total: 1, duplicatesRefused: 1 });
    expect(await free(ccxt, "ETH")).toBeCloseTo(0.0999, 8);
  });

  it("are refused above the balance and beyond the filters, and change nothing", async () => {
    const { running } = await trading({ balances: { USDT: "1000" } });
    const send = (changes: Record<string, string>) =>
      signed(running, "POST", "/api/v3/order", {
        symbol: "BTCUSDT",
        side: "BUY",
        type: "MARKET",
        quantity: "0.01",
        ...changes,
      });
    const limit = { type: "LIMIT", timeInForce: "GTC" };
    await expectCode(send({ quantity: "1" }), -2010, /insufficient balance/);
    await expectCode(send({ side: "SELL" }), -2010, /insufficient balance/);
    await expectCode(send({ quantity: "0.0123456" }), -1013, /LOT_SIZE/);
    await expectCode(send({ quantity: "0.000001" }), -1013, /LOT_SIZE/);
    await expectCode(send({ quantity: "0.00001" }), -1013, /NOTIONAL/);
    await expectCode(send({ ...limit, price: "50000.001" }), -1013, /PRICE_FILTER/);
    await expectCode(send({ symbol: "NOSUCH" }), -1121, /Invalid symbol/);
    await expectCode(send({ type: "STOP_LOSS" }), -1116, /Invalid orderType/);
    await expectCode(send({ side: "HOLD" }), -1117, /Invalid side/);
    await expectCode(send({ ...limit }), -1102, /'price'/);
    await expectCode(send({ quantity: "-1" }), -1100, /'quantity'/);
    await expectCode(send({ newClientOrderId: "no spaces" }), -1100, /newClientOrderId/);
    expect(running.stats().orders.total).toBe(0);
    const account = await signed(running, "GET", "/api/v3/account", {});
    expect(account.body["balances"]).toEqual([
      { asset: "USDT", free: "1000.00000000", locked: "0.00000000" },
    ]);
  });
});

describe("limit orders through ccxt", () => {
  it("hold the balance, and fill when a later candle trades through their price", async () => {
    const { ccxt, price, running } = await trading();
    const { low } = await extremes(running, 24);
    expect(low).toBeLessThan(await price());
    const limit = Number(ccxt.priceToPrecision("BTC/USDT", low + 1));
    const order = await ccxt.createOrder("BTC/USDT", "limit", "buy", 0.1, limit, {
      clientOrderId: "dip",
    });
    // Exactly the low is touched, not traded through.
    const touch = await ccxt.createOrder("BTC/USDT", "limit", "buy", 0.1, low);
    expect(order).toMatchObject({ status: "open", filled: 0 });
    expect(await used(ccxt, "USDT")).toBeCloseTo(0.1 * (limit + low), 6);
    expect(await ccxt.fetchOpenOrders("BTC/USDT")).toHaveLength(2);

    running.setNow(running.now() + 24 * HOUR);
    const filled = await ccxt.fetchOrder(String(order.id), "BTC/USDT");
    expect(filled).toMatchObject({ status: "closed", filled: 0.1, average: limit });
    expect((await ccxt.fetchOpenOrders("BTC/USDT")).map(({ id }) => id)).toEqual([touch.id]);
    const [trade] = await ccxt.fetchMyTrades("BTC/USDT");
    expect(trade).toMatchObject({ takerOrMaker: "maker", price: limit });
    expect((trade?.timestamp ?? 0) % MINUTE).toBe(0);

    expect(await ccxt.cancelOrder(String(touch.id), "BTC/USDT")).toMatchObject({
      status: "canceled",
    });
    expect(await used(ccxt, "USDT")).toBe(0);
    expect(await free(ccxt, "USDT")).toBeCloseTo(100_000 - 0.1 * limit, 6);
    await expect(ccxt.cancelOrder(String(touch.id), "BTC/USDT")).rejects.toThrow(/-2011/);
    await expect(ccxt.fetchOrder("99", "BTC/USDT")).rejects.toThrow(/-2013/);
    const all = await ccxt.fetchOrders("BTC/USDT");
    expect(all.map(({ status }) => status)).toEqual(["closed", "canceled"]);
    // A cancelled order's client id is free again.
    await ccxt.createOrder("BTC/USDT", "limit", "buy", 0.1, low - 100, {
      clientOrderId: touch.clientOrderId,
    });
  });

  it("fill at once as taker when they cross, or are refused when they must not", async () => {
    const { ccxt } = await trading();
    const { ask } = await ccxt.fetchTicker("BTC/USDT");
    const crossing = Number(ask) + 100;
    const taken = await ccxt.createOrder("BTC/USDT", "limit", "buy", 0.1, crossing);
    expect(taken).toMatchObject({ status: "closed", average: ask });
    await expect(
      ccxt.createOrder("BTC/USDT", "limit", "buy", 0.1, crossing, { postOnly: true }),
    ).rejects.toThrow(/immediately match/);
    const below = await ccxt.createOrder("BTC/USDT", "limit", "buy", 0.1, 1000, {
      timeInForce: "IOC",
    });
    expect(below).toMatchObject({ status: "expired", filled: 0 });
    expect(await used(ccxt, "USDT")).toBe(0);
  });
});

describe("uncertain answers", () => {
  it("5xx after accepting leaves an order that its client id finds; before it leaves none", async () => {
    const { ccxt, running } = await trading();
    const path = "/api/v3/order";
    const order = (clientOrderId: string) =>
      ccxt.createOrder("BTC/USDT", "market", "buy", 0.01, undefined, { clientOrderId });
    const lookup = (clientOrderId: string) => ccxt.fetchOrder("", "BTC/USDT", { clientOrderId });
    for (const [kind, accepted] of [
      ["5xx-after", true],
      ["malformed", true],
      ["5xx-before", false],
      ["drop", false],
      ["-1021", false],
      ["429", false],
    ] as const) {
      running.setFaults([{ match: { path, method: "POST" }, kind }]);
      await order(`id-${kind}`).catch(() => undefined);
      if (accepted)
        expect(await lookup(`id-${kind}`)).toMatchObject({ status: "closed", filled: 0.01 });
      else await expect(lookup(`id-${kind}`)).rejects.toThrow(/-2013/);
    }
    expect(running.stats()).toMatchObject({ faults: 6, orders: { total: 2 } });
  });
});

describe("authentication", () => {
  it("wants a key, a signature and the exchange's own time", async () => {
    const running = await replay({ apiKey: "mine" });
    const account = (headers: Record<string, string>, query: string) =>
      answer(fetch(`${running.url}/api/v3/account?${query}`, { headers }));
    const now = running.now();
    const key = { "X-MBX-APIKEY": "mine" };
    await expectCode(account({}, `timestamp=${now}&signature=x`), -2014);
    await expectCode(account({ "X-MBX-APIKEY": "other" }, `timestamp=${now}&signature=x`), -2015);
    await expectCode(account(key, `timestamp=${now}`), -1102, /signature/);
    await expectCode(account(key, "signature=x"), -1102, /timestamp/);
    await expectCode(
      account(key, `timestamp=${now - 5001}&signature=x`),
      -1021,
      /outside of the recvWindow/,
    );
    await expectCode(
      account(key, `timestamp=${now + 1000}&signature=x`),
      -1021,
      /ahead of the server/,
    );
    expect((await account(key, `timestamp=${now - 5001}&recvWindow=6000&signature=x`)).status).toBe(
      200,
    );
  });

  it("lets ccxt load its markets with keys and default options", async () => {
    const { ccxt } = await trading();
    expect(Object.keys(ccxt.markets ?? {})).toEqual(
      expect.arrayContaining(["BTC/USDT", "BTC/USDT:USDT"]),
    );
  });
});

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function answer(response: Promise<Response>): Promise<Answer> {
  const { status, json } = await response.then((each) => ({
    status: each.status,
    json: each.json(),
  }));
  return { status, body: (await json) as Answer["body"] };
}

function signed(
  running: RunningReplay,
  method: string,
  path: string,
  params: Record<string, string>,
): Promise<Answer> {
  const query = new URLSearchParams({
    ...params,
    timestamp: String(running.now()),
    signature: "x",
  });
  return answer(
    fetch(`${running.url}${path}?${query.toString()}`, {
      method,
      headers: { "X-MBX-APIKEY": "key" },
    }),
  );
}

async function expectCode(asked: Promise<Answer>, code: number, message = /./): Promise<void> {
  const { status, body } = await asked;
  expect(body).toMatchObject({ code, msg: expect.stringMatching(message) });
  expect(status).toBeGreaterThanOrEqual(400);
}
