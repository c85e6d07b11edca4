import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import type { Candle } from "../../../src-main/engine/market/types.ts";
import { createCcxtExchange } from "../../../src-main/exchanges/ccxt-exchange.ts";
import { START, adapter, closeAll, driven, hasRecordings, recording, replay } from "./replay.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KLINES = "/api/v3/klines";

afterEach(closeAll);

const asRow = ({ time, open, high, low, close, volume }: Candle): readonly number[] => [
  time,
  open,
  high,
  low,
  close,
  volume,
];

describe("the ccxt adapter against the replay exchange", () => {
  it("loads spot markets with one request and nothing else", async () => {
    const running = await replay();
    const { exchange } = await adapter(running.url);
    const [markets, again] = await Promise.all([exchange.markets(), exchange.markets()]);
    expect(again).toBe(markets);
    expect(markets.size).toBeGreaterThanOrEqual(16);
    expect(markets.get("BTC/USDT")).toMatchObject({
      base: "BTC",
      quote: "USDT",
      tickSize: "0.01",
      lotStep: "0.00001",
    });
    expect(running.stats().byPath).toEqual({ "GET /api/v3/exchangeInfo": 1 });
    expect(exchange).toMatchObject({ id: "binance", label: "Binance", maxCandles: 1000 });
    expect([...exchange.timeframes]).toEqual([
      "1m",
      "3m",
      "5m",
      "15m",
      "30m",
      "1h",
      "2h",
      "4h",
      "8h",
      "12h",
      "1d",
    ]);
  });

  it.runIf(hasRecordings)(
    "hands on the recorded candles to the last digit (needs the recordings)",
    async () => {
      const running = await replay({ from: Date.parse("2024-04-01T00:00:00Z") });
      const { exchange } = await adapter(running.url);
      for (const [symbol, timeframe] of [
        ["BTC/USDT", "15m"],
        ["DOGE/USDT", "15m"],
        ["ETH/USDT", "1h"],
        ["SOL/USDT", "1h"],
      ] as const) {
        const since = Date.parse("2024-03-10T00:00:00Z");
        const candles = await exchange.fetchCandles(symbol, timeframe, since, 500);
        const rows = recording(`candles/${symbol.replace("/", "")}-${timeframe}`);
        const from = rows.findIndex(([time]) => time === since);
        expect(candles.map(asRow)).toEqual(rows.slice(from, from + 500));
      }
    },
  );

  it.runIf(hasRecordings)(
    "keeps the exchange's real outage as a gap (needs the recordings)",
    async () => {
      const running = await replay({ from: Date.parse("2023-05-01T00:00:00Z") });
      const { exchange } = await adapter(running.url);
      // Binance stopped spot trading on 2023-03-24 from 12:40 to 14:00 UTC.
      const candles = await exchange.fetchCandles(
        "BTC/USDT",
        "1m",
        Date.parse("2023-03-24T12:39:00Z"),
        2,
      );
      expect(candles.map(({ time }) => new Date(time).toISOString())).toEqual([
        "2023-03-24T12:39:00.000Z",
        "2023-03-24T14:00:00.000Z",
      ]);
    },
  );

  it("makes 4 h candles that are the sums of the 15 m ones, and never shows what is to come", async () => {
    const running = await replay();
    const { exchange } = await adapter(running.url);
    const since = Date.parse("2024-02-28T00:00:00Z");
    const quarters = await exchange.fetchCandles("LINK/USDT", "15m", since, 1000);
    const long = await exchange.fetchCandles("LINK/USDT", "4h", since, 1000);
    expect(long).toHaveLength(13);
    for (const candle of long.slice(0, 12)) {
      const parts = quarters.filter(
        ({ time }) => time >= candle.time && time < candle.time + 4 * HOUR,
      );
      expect(parts).toHaveLength(16);
      expect(candle).toMatchObject({
        open: parts[0]?.open,
        high: Math.max(...parts.map(({ high }) => high)),
        low: Math.min(...parts.map(({ low }) => low)),
        close: parts.at(-1)?.close,
      });
      expect(candle.volume).toBeCloseTo(
        parts.reduce((sum, { volume }) => sum + volume, 0),
        6,
      );
    }
    const open = long.at(-1);
    expect(open?.time).toBe(START - 5 * 60_000);
    running.setNow(START + 4 * HOUR);
    const [closed] = await exchange.fetchCandles("LINK/USDT", "4h", START - 5 * 60_000, 1);
    expect(closed?.open).toBe(open?.open);
    expect(closed?.volume).toBeGreaterThan(open?.volume ?? Infinity);
  });

  it("tells how far the exchange's clock is off", async () => {
    const running = await replay();
    const { exchange, clock } = await adapter(running.url);
    running.setNow(clock.now() + 5000);
    expect(await exchange.clockOffset()).toBe(5000);
  });

  it("shares one instance, one set of markets and one budget until the last has closed it", async () => {
    const running = await replay();
    const { exchange: first, clock } = await adapter(running.url);
    const { exchange: second } = await adapter(`${running.url}/`, { clock });
    await first.markets();
    await first.close();
    await first.close();
    await expect(first.markets()).rejects.toMatchObject({ kind: "refused" });
    await second.fetchCandles("BTC/USDT", "1h", START - DAY, 10);
    expect(second.usage()).toEqual({ requests: 2, budgetUsed: 22 / 5400 });
    expect(running.stats().byPath["GET /api/v3/exchangeInfo"]).toBe(1);
    await second.close();
    const { exchange: third } = await adapter(running.url, { clock });
    await third.markets();
    expect(running.stats().byPath["GET /api/v3/exchangeInfo"]).toBe(2);
  });

  it("refuses what it cannot do with one sentence", async () => {
    const clock = new VirtualClock(START);
    const refusal = (id: string, baseUrl: string | null) =>
      createCcxtExchange({ id, baseUrl, clock });
    await expect(refusal("nosuch", null)).rejects.toMatchObject({
      kind: "unsupported",
      message:
        '"nosuch" is not an exchange with public spot candles that Tickdeck can use; choose one of the list, for example binance, kraken or okx.',
    });
    await expect(refusal("../../../secrets", null)).rejects.toMatchObject({ kind: "unsupported" });
    await expect(refusal("binance", "localhost:80")).rejects.toMatchObject({
      kind: "refused",
      message: /does not begin with http/,
    });
    await expect(refusal("binance", "https://a:b@example.com")).rejects.toThrow(
      /user name or password/,
    );
    const running = await replay();
    const { exchange } = await adapter(running.url);
    await expect(exchange.fetchCandles("NO/SUCH", "1h", 0, 1)).rejects.toMatchObject({
      kind: "refused",
      message: /no spot market NO\/SUCH/,
    });
    await expect(exchange.fetchMetric("nupl", null, 0)).rejects.toMatchObject({
      kind: "unsupported",
    });
  });
});

describe("metrics", () => {
  it("are read from the futures sibling through the same budget", async () => {
    const running = await replay({ data: null });
    const { exchange } = await adapter(running.url);
    const since = START - 3 * DAY;
    for (const name of ["funding_rate", "open_interest", "long_short_ratio"] as const) {
      const points = await exchange.fetchMetric(name, "BTC/USDT", since);
      expect(points.length).toBeGreaterThanOrEqual(9);
      expect(
        points.every(({ time, value }) => time >= since && time <= START && Number.isFinite(value)),
      ).toBe(true);
      expect(points.map(({ time }) => time)).toEqual(
        points.map(({ time }) => time).toSorted((a, b) => a - b),
      );
    }
    expect(running.stats().byPath["GET /fapi/v1/exchangeInfo"]).toBe(1);
    expect(exchange.usage().requests).toBe(running.stats().requests);
  });

  it.runIf(hasRecordings)(
    "are the recorded ones, over as many pages as it takes (needs the recordings)",
    async () => {
      const running = await replay();
      const { exchange } = await adapter(running.url);
      const rows = recording("metrics/funding_rate").filter(([time]) => (time ?? 0) <= START);
      const points = await exchange.fetchMetric("funding_rate", "BTC/USDT", 0);
      expect(points.map(({ time, value }) => [time, value])).toEqual(rows);
      expect(running.stats().byPath["GET /fapi/v1/fundingRate"]).toBe(
        Math.ceil((rows.length + 1) / 1000),
      );
      // The recordings have no open interest in 2024: nothing is nothing, not zero.
      expect(await exchange.fetchMetric("open_interest", "BTC/USDT", 0)).toEqual([]);
    },
  );

  it.runIf(hasRecordings)(
    "reach no further back than the exchange keeps them (needs the recordings)",
    async () => {
      const from = Date.parse("2023-09-15T00:00:00Z");
      const running = await replay({ from });
      const { exchange } = await adapter(running.url, { clock: new VirtualClock(from) });
      const points = await exchange.fetchMetric("long_short_ratio", "BTC/USDT", 0);
      const rows = recording("metrics/long_short_ratio").filter(
        ([time = 0]) => time % HOUR === 0 && time >= from - 30 * DAY + HOUR && time <= from,
      );
      expect(points.map(({ time, value }) => [time, value])).toEqual(rows);
    },
  );
});

describe("rate budget", () => {
  it("keeps to the limit that exchangeInfo states, in engine time", async () => {
    const running = await replay({ weightLimit: 100 });
    const { exchange, clock } = await adapter(running.url);
    await exchange.markets();
    const answers = { count: 1 };
    const asked = Array.from({ length: 100 }, (_, index) =>
      exchange.fetchCandles("BTC/USDT", "1h", START - (index + 2) * HOUR, 1).then(() => {
        answers.count += 1;
      }),
    );
    const all = Promise.all(asked);
    while (answers.count < 101 && clock.now() < START + HOUR) {
      // Time passes on both clocks alike, and only while nothing is under way.
      while (exchange.usage().requests > answers.count) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      await clock.advance(500);
      running.setNow(clock.now());
    }
    await all;
    const { weights } = running.stats();
    expect(weights.spot.violations).toBe(0);
    expect(weights.spot.maxWeightInMinute).toBeGreaterThan(60);
    // 20 + 200 weight at 90 a minute.
    expect(clock.now() - START).toBeGreaterThanOrEqual(2 * 60_000);
  });
});

describe("faults", () => {
  async function faulty(fault: object, options: { readonly timeoutMs?: number } = {}) {
    const running = await replay();
    const setUp = await adapter(running.url, options);
    await setUp.exchange.markets();
    running.setFaults([{ match: { path: KLINES }, kind: "drop", ...fault }]);
    const ask = (signal?: AbortSignal) =>
      setUp.exchange.fetchCandles("BTC/USDT", "1h", START - DAY, 5, signal);
    const asked = (): number => running.stats().byPath[`GET ${KLINES}`] ?? 0;
    return { running, ...setUp, ask, asked };
  }

  it("429: is not asked again, and nothing is sent before Retry-After is over", async () => {
    const { ask, asked, clock, notes } = await faulty({ kind: "429", retryAfter: 7 });
    await expect(ask()).rejects.toMatchObject({
      kind: "rate_limit",
      message: expect.stringMatching(
        /^Binance refused for too many requests \(HTTP 429\) when asked for BTC\/USDT 1h candles .*wait/,
      ),
    });
    expect(asked()).toBe(1);
    const later = ask();
    await clock.advance(6999);
    expect(asked()).toBe(1);
    await clock.advance(1);
    expect(await later).toHaveLength(5);
    expect(notes).toHaveLength(1);
  });

  it("418: nothing is sent until the ban is over, and it says so", async () => {
    const { ask, asked, clock, notes } = await faulty({ kind: "418", retryAfter: 300 });
    await expect(ask()).rejects.toMatchObject({ kind: "rate_limit", message: /HTTP 418/ });
    await expect(ask()).rejects.toMatchObject({
      kind: "rate_limit",
      message: /until 2024-03-01T00:10:00/,
    });
    expect(asked()).toBe(1);
    expect(notes[0]).toMatch(/418/);
    await clock.advance(300_000);
    expect(await ask()).toHaveLength(5);
  });

  it("-1021: is refused at once and names the clock", async () => {
    const { ask, asked } = await faulty({ kind: "-1021" });
    await expect(ask()).rejects.toMatchObject({ kind: "refused", message: /time stamp.*clock/ });
    expect(asked()).toBe(1);
  });

  it.each(["5xx-before", "5xx-after", "drop"])(
    "%s: is asked again, at most twice",
    async (kind) => {
      const { ask, asked, running, clock } = await faulty({ kind, times: 2 });
      expect(await driven(clock, ask())).toHaveLength(5);
      expect(asked()).toBe(3);
      running.setFaults([{ match: { path: KLINES }, kind: kind as "drop", times: 3 }]);
      const failed = driven(clock, ask());
      await expect(failed).rejects.toMatchObject({ kind: "network" });
      await expect(failed).rejects.toThrow(/^Binance .*BTC\/USDT 1h candles.*;.*\.$/);
      expect(asked()).toBe(6);
    },
  );

  it("time-out: ends after the deadline and is asked again, at most twice", async () => {
    const { ask, asked, clock } = await faulty({ kind: "timeout", times: 3 }, { timeoutMs: 100 });
    await expect(driven(clock, ask())).rejects.toMatchObject({
      kind: "network",
      message: /did not answer/,
    });
    expect(asked()).toBe(3);
  });

  it("delay: is waited for", async () => {
    const { ask } = await faulty({ kind: "delay", ms: 50 });
    expect(await ask()).toHaveLength(5);
  });

  it("malformed: is no answer, and is not asked again", async () => {
    const { ask, asked } = await faulty({ kind: "malformed" });
    await expect(ask()).rejects.toMatchObject({ kind: "bad_answer", message: /not JSON/ });
    expect(asked()).toBe(1);
  });

  it("markets that failed to load are loaded by the next who asks", async () => {
    const running = await replay({
      faults: [{ kind: "malformed", match: { path: "/api/v3/exchangeInfo" } }],
    });
    const { exchange } = await adapter(running.url);
    await expect(exchange.markets()).rejects.toMatchObject({ kind: "bad_answer" });
    expect((await exchange.markets()).size).toBeGreaterThanOrEqual(16);
  });

  it("a cancelled question ends at once and is not asked again", async () => {
    const { ask, asked } = await faulty({ kind: "timeout" });
    const cancel = new AbortController();
    const waiting = ask(cancel.signal);
    while (asked() === 0) await new Promise((resolve) => setImmediate(resolve));
    cancel.abort();
    await expect(waiting).rejects.toMatchObject({ kind: "network", message: /was cancelled/ });
    await expect(ask(cancel.signal)).rejects.toThrow(/was cancelled/);
    expect(asked()).toBe(1);
  });

  it("something that is not an exchange is told apart from one that cannot be reached", async () => {
    const website = createServer((_, response) => response.end("<html>Welcome</html>"));
    await new Promise<void>((resolve) => website.listen(0, "127.0.0.1", resolve));
    // listen() has succeeded on a port, so the address is not a pipe's name.
    const url = `http://127.0.0.1:${(website.address() as AddressInfo).port}`;
    const { exchange, clock } = await adapter(url);
    await expect(exchange.markets()).rejects.toMatchObject({
      kind: "bad_answer",
      message: /API base URL/,
    });
    website.closeAllConnections();
    await new Promise((resolve) => website.close(resolve));
    await expect(driven(clock, exchange.markets())).rejects.toMatchObject({
      kind: "network",
      message: expect.stringMatching(
        /could not be reached.*check the connection and the API base URL/,
      ),
    });
  });
});
