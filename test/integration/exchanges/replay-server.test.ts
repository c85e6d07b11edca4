import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { START, closeAll, replay } from "./replay.ts";

const MINUTE = 60_000;
const MAIN = new URL("../../../scripts/replay-exchange/main.ts", import.meta.url).pathname;

afterEach(closeAll);

const json = async (
  url: string,
  body?: unknown,
): Promise<{ status: number; body: unknown; headers: Headers }> => {
  const response = await fetch(
    url,
    body === undefined
      ? {}
      : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) },
  );
  return { status: response.status, body: await response.json(), headers: response.headers };
};

describe("the replay exchange's HTTP server", () => {
  it("serves klines as Binance does", async () => {
    const { url } = await replay({ data: null });
    const klines = `${url}/api/v3/klines?symbol=BTCUSDT&interval=15m`;
    const last = (await json(`${klines}&limit=3`)).body as number[][];
    const open = START - 5 * MINUTE;
    expect(last.map(([time]) => time)).toEqual([open - 30 * MINUTE, open - 15 * MINUTE, open]);
    expect(last[0]).toHaveLength(12);
    expect(last[0]?.[6]).toBe(open - 15 * MINUTE - 1);
    const between = await json(
      `${klines}&startTime=${open - 60 * MINUTE}&endTime=${open - 30 * MINUTE}`,
    );
    expect(between.body).toHaveLength(3);
    expect((await json(klines)).body).toHaveLength(500);
    expect((await json(`${klines}&limit=5000`)).body).toHaveLength(1000);
    expect((await json(`${klines}&startTime=${START + 1}`)).body).toEqual([]);
    expect((await json(`${url}/api/v3/klines?symbol=BTCUSDT&interval=7m`)).body).toEqual({
      code: -1120,
      msg: "Invalid interval.",
    });
    expect((await json(`${url}/api/v3/klines?symbol=BTCUSDT`)).body).toMatchObject({ code: -1102 });
    expect(await json(`${url}/api/v3/nothing`)).toMatchObject({ status: 404 });
  });

  it("counts which newest closed candle it served, and how often", async () => {
    const { url, setNow, stats } = await replay({ data: null });
    const klines = `${url}/api/v3/klines?symbol=BTCUSDT&interval=15m`;
    const newest = START - 20 * MINUTE;
    await json(`${klines}&startTime=${newest}`);
    await json(`${klines}&startTime=${newest - 600 * MINUTE}&limit=10`);
    setNow(START + 15 * MINUTE);
    await json(`${klines}&startTime=${newest + 15 * MINUTE}`);
    const asked = stats().klines["BTCUSDT 15m"];
    expect(asked).toMatchObject({ requests: 3, newestServed: 2, newestDistinct: 2, repeated: {} });
    await json(`${klines}&limit=2`);
    expect(stats().klines["BTCUSDT 15m"]).toMatchObject({
      newestServed: 3,
      newestDistinct: 2,
      repeated: { [newest + 15 * MINUTE]: 2 },
      byStartTime: { none: 1, [newest]: 1 },
    });
  });

  it("tells tickers and a book around one price", async () => {
    const { url } = await replay({ data: null });
    const get = async (path: string) =>
      (await json(`${url}/api/v3/${path}`)).body as Record<string, string>;
    const price = Number((await get("ticker/price?symbol=ETHUSDT"))["price"]);
    const book = await get("ticker/bookTicker?symbol=ETHUSDT");
    const day = await get("ticker/24hr?symbol=ETHUSDT");
    const depth = (await json(`${url}/api/v3/depth?symbol=ETHUSDT&limit=5`)).body as {
      bids: string[][];
      asks: string[][];
    };
    expect(Number(book["bidPrice"])).toBeLessThan(price);
    expect(Number(book["askPrice"])).toBeGreaterThan(price);
    expect(depth.bids).toHaveLength(5);
    expect([depth.bids[0]?.[0], depth.asks[0]?.[0]]).toEqual([book["bidPrice"], book["askPrice"]]);
    expect(Number(day["lastPrice"])).toBe(price);
    expect(Number(day["lowPrice"])).toBeLessThanOrEqual(price);
    expect(Number(day["highPrice"])).toBeGreaterThanOrEqual(price);
    expect(await get("ticker/price")).toHaveLength(16);
  });

  it("answers 429 with Retry-After above the weight limit, then 418, and counts the violations", async () => {
    const { url, stats, resetStats } = await replay({ data: null, weightLimit: 10 });
    const ask = () => json(`${url}/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=1`);
    for (let index = 1; index <= 5; index += 1) {
      expect((await ask()).headers.get("x-mbx-used-weight-1m")).toBe(String(2 * index));
    }
    const refused = await ask();
    expect(refused).toMatchObject({ status: 429, body: { code: -1003 } });
    expect(refused.headers.get("retry-after")).toBe("60");
    for (let index = 0; index < 5; index += 1) await ask();
    expect(await ask()).toMatchObject({
      status: 418,
      body: { msg: expect.stringMatching(/banned until/) },
    });
    expect(stats()).toMatchObject({ violations: 7, byStatus: { 200: 5, 429: 5, 418: 2 } });
    resetStats();
    expect(stats()).toMatchObject({ violations: 0, requests: 0 });
  });

  it("sets, keeps and refuses the time through its control endpoint", async () => {
    const { url } = await replay({ data: null });
    const clock = `${url}/control/clock`;
    expect((await json(clock)).body).toEqual({ now: START, mode: "manual" });
    expect((await json(clock, { now: START + 5 })).body).toEqual({ now: START + 5 });
    expect((await json(clock, { now: START })).body).toEqual({ now: START + 5 });
    expect((await json(`${url}/api/v3/time`)).body).toEqual({ serverTime: START + 5 });
    expect(await json(clock, { time: 5 })).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/Send/) },
    });
    expect(await json(clock, "{")).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/not JSON/) },
    });
    const scaled = await replay({ data: null, manualClock: false, speed: 1000 });
    expect(await json(`${scaled.url}/control/clock`, { now: START })).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/--manual-clock/) },
    });
    expect(scaled.now()).toBeGreaterThan(START);
  });

  it("takes faults through its control endpoint, and refuses wrong ones whole", async () => {
    const { url } = await replay({ data: null });
    const time = () => fetch(`${url}/api/v3/time`).then((response) => response.status);
    expect((await json(`${url}/control/faults`, [{ kind: "5xx-before" }])).status).toBe(200);
    expect(await json(`${url}/control/faults`, [{ kind: "nonsense" }])).toMatchObject({
      status: 400,
    });
    expect([await time(), await time()]).toEqual([503, 200]);
  });
});

describe("npm run replay-exchange", () => {
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const lines: AsyncIterator<string> = createInterface(child.stdout)[Symbol.asyncIterator]();
    const ended = new Promise<{ code: number | null; errors: string }>((resolve) =>
      child.once("close", (code) => resolve({ code, errors })),
    );
    return { ended, line: async (): Promise<string> => String((await lines.next()).value) };
  };

  it("says what it serves and where, and ends on request", async () => {
    const { line, ended } = start(
      "--synthetic",
      "--port",
      "0",
      "--manual-clock",
      "--from",
      "2024-03-01",
    );
    const first = await line();
    expect(first).toMatch(
      /^Replay exchange at http:\/\/127\.0\.0\.1:\d+: candles of the built-in synthetic market, from 2024-03-01T00:00:00.000Z/,
    );
    const [url] = /http:\/\/[\d.:]+\d/.exec(first) ?? [];
    await json(`${url}/control/shutdown`, {});
    expect(await ended).toEqual({ code: 0, errors: "" });
  });

  it("refuses wrong flags with one sentence and exit code 2", async () => {
    expect(await start("--data", "/nowhere").ended).toEqual({
      code: 2,
      errors:
        "/nowhere holds no candles (candles/SYMBOL-15m.csv.gz); give --data another folder, or --synthetic.\n",
    });
    expect((await start("--speed", "x").ended).code).toBe(2);
  });
});
