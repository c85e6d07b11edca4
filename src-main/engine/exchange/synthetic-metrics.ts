import { METRIC_FACTS } from "../market/metric-facts.ts";
import type { MetricName } from "../market/types.ts";
import type { MetricPoint } from "./port.ts";
import { ASSETS, type Asset } from "./synthetic-assets.ts";
import type { SyntheticDays } from "./synthetic-days.ts";
import { keyOf, mix, unitOf } from "./synthetic-random.ts";

const HOUR = 3_600_000;
const DAY = 86_400_000;

/** How often the synthetic market publishes each metric, ms. */
const PERIOD: Readonly<Record<MetricName, number>> = {
  funding_rate: 8 * HOUR,
  open_interest: HOUR,
  long_short_ratio: HOUR,
  nupl: DAY,
  stablecoin_supply: DAY,
  fear_greed: DAY,
  btc_dominance: DAY,
};

/** How far back it can be asked, as real venues keep only so much. */
const KEPT_MS = 800 * DAY;

/** Metrics of the synthetic market: functions of seed and time; a value uses prices of finished days only. */
export class SyntheticMetrics {
  readonly #seed: number;
  readonly #days: SyntheticDays;

  constructor(seed: number, days: SyntheticDays) {
    this.#seed = mix(seed, keyOf("metrics"));
    this.#days = days;
  }

  /** Points published in [since, now], oldest first; null where the metric needs a symbol that is not there. */
  points(
    name: MetricName,
    symbol: string | null,
    since: number,
    now: number,
  ): MetricPoint[] | null {
    const { wide } = METRIC_FACTS[name];
    const asset = symbol === null ? undefined : ASSETS.get(symbol);
    if (!wide && asset === undefined) return null;
    const period = PERIOD[name];
    const points: MetricPoint[] = [];
    const first = Math.ceil(Math.max(since, now - KEPT_MS, 0) / period) * period;
    for (let time = first; time <= now; time += period) {
      points.push({ time, value: this.#value(name, asset, time) });
    }
    return points;
  }

  #value(name: MetricName, asset: Asset | undefined, time: number): number {
    const day = Math.floor(time / DAY);
    if (name === "nupl") {
      const wave =
        0.26 * this.#wave("nupl", time, 83 * DAY) + 0.13 * this.#wave("nupl2", time, 23 * DAY);
      const rise = this.#days.market(day - 1).close - this.#days.market(day - 31).close;
      return round(Math.max(-0.1, Math.min(0.85, 0.43 + wave + 0.12 * Math.tanh(rise / 0.25))), 4);
    }
    if (name === "stablecoin_supply") {
      const trend = 0.0004 * (time / DAY - 19_700);
      const waves =
        0.05 * this.#wave("supply", time, 71 * DAY) + 0.012 * this.#wave("supply2", time, 19 * DAY);
      return Math.round(130e9 * Math.exp(trend + waves));
    }
    if (name === "fear_greed") {
      const rise = this.#days.market(day - 1).close - this.#days.market(day - 8).close;
      const mood = 0.7 * Math.tanh(rise / 0.1) + 0.6 * this.#wave("fear", time, 9 * DAY);
      return Math.round(Math.max(5, Math.min(95, 50 + 38 * mood)));
    }
    if (name === "btc_dominance") {
      return round(54 + 6 * this.#wave("dominance", time, 47 * DAY), 2);
    }
    if (asset === undefined) return Number.NaN;
    const { symbol } = asset.market;
    const rise = this.#days.logClose(asset, day - 1) - this.#days.logClose(asset, day - 4);
    // One mood behind the three, so that they are crowded together at times.
    const mood = 0.7 * Math.tanh(rise / 0.1) + 0.9 * this.#wave(`${symbol} mood`, time, 37 * HOUR);
    if (name === "funding_rate") {
      return round(
        0.0001 + 0.00018 * mood + 0.00005 * this.#wave(`${symbol} funding`, time, 8 * HOUR),
        8,
      );
    }
    if (name === "long_short_ratio") {
      return round(
        Math.exp(0.4 + 0.28 * mood + 0.12 * this.#wave(`${symbol} ratio`, time, 7 * HOUR)),
        4,
      );
    }
    const waves = 0.1 * this.#wave(`${symbol} interest`, time, 61 * HOUR);
    return Math.round(
      0.9 * asset.level * asset.dailyVolume * Math.exp(0.14 * Math.abs(mood) + waves),
    );
  }

  /** Smooth noise in (−1, 1): a value of its own at each multiple of `period`, eased in between. */
  #wave(name: string, time: number, period: number): number {
    const key = keyOf(name);
    const node = Math.floor(time / period);
    const share = time / period - node;
    const from = unitOf(mix(this.#seed, key, node)) * 2 - 1;
    const to = unitOf(mix(this.#seed, key, node + 1)) * 2 - 1;
    return from + (to - from) * share * share * (3 - 2 * share);
  }
}

const round = (value: number, decimals: number): number =>
  Math.round(value * 10 ** decimals) / 10 ** decimals;
