import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Clock } from "../../../src-main/engine/clock.ts";
import { ExchangeError } from "../../../src-main/engine/exchange/port.ts";
import type { Exchange, MetricPoint } from "../../../src-main/engine/exchange/port.ts";
import type { Candle, Market, MetricName } from "../../../src-main/engine/market/types.ts";
import { TIMEFRAMES, timeframeMs } from "../../../src-preload/contract/time.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";

const DATA = resolve(import.meta.dirname, "../../../../shared/data");
export const realDataPresent = existsSync(DATA);

function rowsOf(file: string): number[][] | null {
  const path = resolve(DATA, file);
  if (!existsSync(path)) return null;
  const lines = gunzipSync(readFileSync(path)).toString("latin1").trimEnd().split("\n");
  return lines.slice(1).map((line) => line.split(",").map(Number));
}

const METRIC_FILES: Readonly<Record<MetricName, (base: string) => string>> = {
  funding_rate: (base) => (base === "BTC" ? "funding_rate" : `funding_rate_${base}USDT`),
  open_interest: (base) => `open_interest_4h_${base}USDT_usd`,
  long_short_ratio: () => "long_short_ratio",
  nupl: () => "nupl",
  stablecoin_supply: () => "stablecoin_supply",
};

/** Steps as Binance had them; prices of the recorded candles lie on them. */
const market = (base: string): Market => ({
  symbol: `${base}/USDT`,
  base,
  quote: "USDT",
  tickSize: base === "BTC" || base === "ETH" ? "0.01" : "0.0001",
  lotStep: "0.00001",
  minNotional: "5",
});

const BASES = "BTC ETH BNB SOL XRP ADA AVAX DOGE LINK LTC DOT NEAR ATOM ARB OP INJ".split(" ");

/** Recorded candles and metrics as an exchange that knows nothing later than its clock; longer candles are summed up. */
export class HistoryExchange implements Exchange {
  readonly id = "history";
  readonly label = "Recorded history";
  readonly maxCandles = 1000;
  readonly timeframes: ReadonlySet<Timeframe> = new Set(TIMEFRAMES);
  readonly #clock: Clock;
  readonly #candles = new Map<string, readonly Candle[]>();
  readonly #metrics = new Map<string, readonly MetricPoint[] | null>();
  readonly #markets = new Map(BASES.map((base) => [`${base}/USDT`, market(base)]));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async markets(): Promise<ReadonlyMap<string, Market>> {
    return this.#markets;
  }

  async fetchCandles(symbol: string, timeframe: Timeframe, since: number, limit: number) {
    const all = this.#all(symbol, timeframe);
    const now = this.#clock.now();
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((all[middle]?.time ?? 0) < since) low = middle + 1;
      else high = middle;
    }
    return all
      .slice(low, low + limit)
      .filter(({ time }) => time + timeframeMs(timeframe) <= now);
  }

  #all(symbol: string, timeframe: Timeframe): readonly Candle[] {
    const key = `${symbol} ${timeframe}`;
    const known = this.#candles.get(key);
    if (known !== undefined) return known;
    const base = symbol.split("/")[0] ?? "";
    const length = timeframeMs(timeframe);
    const rows = rowsOf(`candles/${base}USDT-15m.csv.gz`) ?? [];
    const out: Candle[] = [];
    for (const [time = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] of rows) {
      const start = Math.floor(time / length) * length;
      const last = out.at(-1);
      if (last?.time === start) {
        out[out.length - 1] = {
          ...last,
          high: Math.max(last.high, high),
          low: Math.min(last.low, low),
          close,
          volume: last.volume + volume,
        };
      } else out.push({ time: start, open, high, low, close, volume });
    }
    this.#candles.set(key, out);
    return out;
  }

  async fetchMetric(name: MetricName, symbol: string | null, since: number) {
    const file = METRIC_FILES[name](symbol?.split("/")[0] ?? "");
    let points = this.#metrics.get(file);
    if (points === undefined) {
      points = rowsOf(`metrics/${file}.csv.gz`)?.map(([time = 0, value = 0]) => ({ time, value })) ?? null;
      this.#metrics.set(file, points);
    }
    if (points === null) throw new ExchangeError("unsupported", `There is no ${file}.`);
    const now = this.#clock.now();
    return points.filter(({ time }) => time >= since && time <= now);
  }

  async clockOffset(): Promise<number> {
    return 0;
  }
  usage() {
    return { requests: 0, budgetUsed: null };
  }
  async close(): Promise<void> {}
}
