import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { standardCandles } from "../../../bench/backtest/standard-candles.ts";

const MAIN = resolve(import.meta.dirname, "../../../scripts/backtest/main.ts");
const dir = mkdtempSync(join(tmpdir(), "tickdeck-test-"));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** The command as npm runs it. */
function backtest(...args: string[]) {
  return new Promise<{ code: number; out: string; err: string }>((done) => {
    execFile(process.execPath, [MAIN, ...args], { maxBuffer: 1e8 }, (error, out, err) => {
      done({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

const HEADER = "timestamp_ms,open,high,low,close,volume";
const candles = standardCandles(3000);
const csvOf = (from: number, to: number): string =>
  [
    HEADER,
    ...Array.from(candles.time.subarray(from, to), (time, at) => {
      const i = from + at;
      return [time, candles.open[i], candles.high[i], candles.low[i], candles.close[i], candles.volume[i]].join();
    }),
    "",
  ].join("\n");
const plain = join(dir, "btc.csv");
const zipped = join(dir, "btc.csv.gz");
writeFileSync(plain, csvOf(0, 3000));
writeFileSync(zipped, gzipSync(csvOf(0, 3000)));

const standard = [
  ...["--strategy", "standard_bands", "--symbol", "BTC/USDT", "--timeframe", "15m"],
  ...["--from", "2020-01-01", "--to", "2020-01-31", "--capital", "100000", "--notional", "1000"],
  ...["--slippage-bps", "5", "--short", "--next-open", "--stop-loss", "0.02"],
];

describe("npm run backtest", () => {
  it("prints a report of candles from a file, and its trades", async () => {
    const trades = join(dir, "trades.csv");
    const { code, out } = await backtest(...standard, "--csv", zipped, "--trades", trades, "--json");
    expect(code).toBe(0);
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({
      candles: 2880,
      source: zipped,
      request: { strategy: "standard_bands", params: { period: 20, deviations: 2 } },
      metrics: { startEquity: 100_000, trades: expect.any(Number) },
    });
    const rows = readFileSync(trades, "utf8").trim().split("\n");
    expect(rows[0]).toContain("entryPrice");
    expect(rows.length - 1).toBe((report as { metrics: { trades: number } }).metrics.trades);
    expect(rows.length).toBeGreaterThan(50);
    const same = await backtest(...standard, "--csv", plain);
    expect(same.code).toBe(0);
    expect(same.out).toMatch(/standard_bands on BTC\/USDT 15m, 2020-01-01 00:00 to 2020-01-30 23:45 UTC/u);
    expect(same.out).toMatch(/Sharpe +-\d/u);
  });

  it("sums shorter candles up and takes parameters", async () => {
    const { out } = await backtest(
      ...standard.map((word) => (word === "15m" ? "1h" : word)),
      ...["--param", "period=10", "--csv", plain, "--json"],
    );
    expect(JSON.parse(out)).toMatchObject({
      candles: 720,
      request: { params: { period: 10, deviations: 2 } },
    });
  });

  it("uses the synthetic market without a file and says so", async () => {
    const { code, out } = await backtest(
      ...["--strategy", "correlation_regime", "--symbol", "ETH/USDT", "--timeframe", "4h"],
      ...["--from", "2024-01-01", "--to", "2024-02-01", "--seed", "3"],
    );
    expect(code).toBe(0);
    expect(out).toContain("synthetic market, seed 3 (no --csv was given)");
  });

  it.each([
    [["--strategy", "nothing"], /Strategy "nothing" is unknown; choose one of mean_reversion_bb/u],
    [["--symbol", "BTC"], /--symbol: Symbol must look like "BTC\/USDT"/u],
    [["--to", "2019-01-01"], /--to: The end must lie after the start/u],
    [["--to", "soon"], /--to is "soon"; give a date/u],
    [["--param", "period=1"], /Standard job A: bands.*period/u],
    [["--capital", "lots"], /--capital is "lots"; give a number/u],
    [["--csv", "nowhere.csv"], /nowhere\.csv cannot be read/u],
    [["--from", "2031-01-01", "--to", "2031-02-01", "--csv", plain], /There are no candles of BTC\/USDT 15m/u],
    [["--timeframe", "5m", "--csv", plain], /holds candles of 15 minutes, of which none of 5m can be made/u],
    [["--metric", "nupl=x.csv"], /--reference and --metric go with --csv/u],
    [["--whatever"], /Unknown option '--whatever'/u],
  ])("refuses %j in one sentence", async (args, sentence) => {
    const { code, out, err } = await backtest(...standard, ...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err.trim().split("\n").filter((line) => !line.includes("Warning"))).toHaveLength(1);
    expect(err).toMatch(sentence);
  });

  it("names the file and the line of a row that is no candle", async () => {
    const broken = join(dir, "broken.csv");
    writeFileSync(broken, `${HEADER}\n1577836800000,1,1,1,1,1\n1577837700000,1,x,1,1,1\n`);
    const { code, err } = await backtest(...standard, "--csv", broken);
    expect(code).toBe(2);
    expect(err).toMatch(/broken\.csv line 3 must hold 6 numbers/u);
  });
});
