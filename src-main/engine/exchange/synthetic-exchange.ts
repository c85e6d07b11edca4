import { TIMEFRAMES, timeframeMs, type Timeframe } from "../../../src-preload/contract/time.ts";
import type { Clock } from "../clock.ts";
import type { Candle, Market, MetricName } from "../market/types.ts";
import { ExchangeError, type Exchange, type MetricPoint } from "./port.ts";
import { ASSETS } from "./synthetic-assets.ts";
import { SyntheticBars, SyntheticMarketSteps } from "./synthetic-bars.ts";
import { SyntheticDays } from "./synthetic-days.ts";
import { SyntheticMetrics } from "./synthetic-metrics.ts";
import { mix } from "./synthetic-random.ts";

/**
 * The built-in market: sixteen coins against USDT that move together, with regimes, clustered volatility and jumps,
 * at any time of the engine's clock. All is a function of (seed, symbol, time): a closed candle never changes,
 * whatever was asked before it, and coarse candles are the exact sums of fine ones.
 */
export class SyntheticExchange implements Exchange {
  readonly id = "synthetic";
  readonly label = "Synthetic market";
  readonly maxCandles = 1000;
  readonly timeframes: ReadonlySet<Timeframe> = new Set(TIMEFRAMES);
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #days: SyntheticDays;
  readonly #steps: SyntheticMarketSteps;
  readonly #metrics: SyntheticMetrics;
  readonly #bars = new Map<string, SyntheticBars>();
  readonly #markets: ReadonlyMap<string, Market>;
  #requests = 0;

  /** `seed` is any whole number; the same seed is the same market. */
  constructor(options: { readonly clock: Clock; readonly seed: number }) {
    this.#clock = options.clock;
    // Both halves of a large seed count.
    this.#seed = mix(options.seed, Math.floor(options.seed / 2 ** 32));
    this.#days = new SyntheticDays(this.#seed);
    this.#steps = new SyntheticMarketSteps(this.#seed, this.#days);
    this.#metrics = new SyntheticMetrics(this.#seed, this.#days);
    this.#markets = new Map([...ASSETS].map(([symbol, asset]) => [symbol, asset.market]));
  }

  async markets(signal?: AbortSignal): Promise<ReadonlyMap<string, Market>> {
    signal?.throwIfAborted();
    this.#requests += 1;
    return this.#markets;
  }

  /** The last candle may be open: it holds the seconds that have passed and nothing of those to come. */
  async fetchCandles(
    symbol: string,
    timeframe: Timeframe,
    since: number,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly Candle[]> {
    signal?.throwIfAborted();
    this.#requests += 1;
    const asset = ASSETS.get(symbol);
    if (asset === undefined) {
      throw new ExchangeError(
        "unsupported",
        `The synthetic market has no ${symbol}; choose one of ${[...ASSETS.keys()].join(", ")}.`,
      );
    }
    let bars = this.#bars.get(symbol);
    if (bars === undefined) {
      bars = new SyntheticBars(asset, this.#seed, this.#days, this.#steps);
      this.#bars.set(symbol, bars);
    }
    const now = this.#clock.now();
    const length = timeframeMs(timeframe);
    const candles: Candle[] = [];
    let time = Math.ceil(Math.max(since, 0) / length) * length;
    while (time <= now && candles.length < Math.min(limit, this.maxCandles)) {
      const bar = bars.at(time, length, now);
      candles.push({
        time,
        open: bar.open / asset.ticksPerUnit,
        high: bar.high / asset.ticksPerUnit,
        low: bar.low / asset.ticksPerUnit,
        close: bar.close / asset.ticksPerUnit,
        volume: bar.volume / asset.quantaPerUnit,
      });
      time += length;
    }
    return candles;
  }

  async fetchMetric(
    name: MetricName,
    symbol: string | null,
    since: number,
    signal?: AbortSignal,
  ): Promise<readonly MetricPoint[]> {
    signal?.throwIfAborted();
    this.#requests += 1;
    const points = this.#metrics.points(name, symbol, since, this.#clock.now());
    if (points === null) {
      throw new ExchangeError(
        "unsupported",
        `The synthetic market has no ${name} of ${symbol ?? "the whole market"}; choose one of ${[...ASSETS.keys()].join(", ")}.`,
      );
    }
    return points;
  }

  async clockOffset(signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    this.#requests += 1;
    return 0;
  }

  usage(): { readonly requests: number; readonly budgetUsed: number | null } {
    return { requests: this.#requests, budgetUsed: null };
  }

  async close(): Promise<void> {}
}
