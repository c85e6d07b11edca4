import type { Asset } from "./synthetic-assets.ts";
import { keyOf, mix, Random, Recent } from "./synthetic-random.ts";

/** Days in an epoch. Its two ends are drawn from the seed alone, so no day needs the days before its epoch. */
const EPOCH_DAYS = 256;

/** Mean log return and deviation a day, mean days of stay, and turnover of each state of the market. */
const REGIMES = [
  { name: "bull", drift: 0.0035, sigma: 0.021, stay: 24, turnover: 1.15 },
  { name: "bear", drift: -0.003, sigma: 0.026, stay: 20, turnover: 0.95 },
  { name: "range", drift: 0, sigma: 0.013, stay: 22, turnover: 0.75 },
  { name: "panic", drift: -0.016, sigma: 0.06, stay: 3, turnover: 2.6 },
] as const;

/** Where a state goes when it ends: rows from, columns to, in the order of REGIMES. */
const NEXT: readonly (readonly [number, number, number, number])[] = [
  [0, 0.25, 0.65, 0.1],
  [0.3, 0, 0.55, 0.15],
  [0.45, 0.4, 0, 0.15],
  [0.3, 0.45, 0.25, 0],
];

const BULL = REGIMES[0];

/** Daily log returns of one epoch of one series, ending where the next epoch begins. */
interface Epoch {
  /** Log price over its level at the end of each day. */
  readonly close: Float64Array;
  /** Log price over its level at the start of the epoch. */
  readonly start: number;
  /** Deviation of each day, without jumps. */
  readonly sigma: Float64Array;
  /** Jump within each day, log price; mostly 0. */
  readonly jump: Float64Array;
  /** Index into REGIMES; only of the market. */
  readonly regime: Uint8Array;
}

/** One day of a series: where its log price starts and ends (over its level), how wild it is, its jump. */
export interface DayAnchors {
  readonly open: number;
  readonly close: number;
  readonly sigma: number;
  readonly jump: number;
}

/** Log volatility is an AR(1) by day, so that wild days come together. */
const VOL_MEMORY = 0.92;
const VOL_SHOCK = 0.16;

function follow(regime: number, random: Random): number {
  const now = REGIMES[regime] ?? BULL;
  if (random.uniform() >= 1 / now.stay) return regime;
  const row = NEXT[regime] ?? [0, 0, 1, 0];
  let left = random.uniform();
  for (let to = 0; to < row.length; to += 1) {
    left -= row[to] ?? 0;
    if (left < 0) return to;
  }
  return regime;
}

/**
 * The daily skeleton of the market and of each coin. A coin's log price is log(level) + beta × market + its own part;
 * market and own parts are walks with regimes and clustered volatility, tied at both ends of every epoch.
 */
export class SyntheticDays {
  readonly #seed: number;
  readonly #market = new Recent<Epoch>(4);
  readonly #coins = new Map<Asset, { readonly key: number; readonly epochs: Recent<Epoch> }>();

  constructor(seed: number) {
    this.#seed = mix(seed, keyOf("days"));
  }

  /** The market's own day; log price over its level. */
  market(day: number): DayAnchors & { readonly turnover: number } {
    const epoch = this.#marketEpoch(Math.floor(day / EPOCH_DAYS));
    const at = anchors(epoch, day);
    return { ...at, turnover: (REGIMES[epoch.regime[indexOf(day)] ?? 0] ?? BULL).turnover };
  }

  /** A coin's own part of a day, without the market. */
  own(asset: Asset, day: number): DayAnchors {
    return anchors(this.#coinEpoch(asset, Math.floor(day / EPOCH_DAYS)), day);
  }

  /** Log price of a coin at the end of a day (its next day's start), quote currency. */
  logClose(asset: Asset, day: number): number {
    return this.#logLevel(asset, this.market(day).close, this.own(asset, day).close);
  }

  /** Log price of a coin at the start of a day. */
  logOpen(asset: Asset, day: number): number {
    return this.#logLevel(asset, this.market(day).open, this.own(asset, day).open);
  }

  #logLevel(asset: Asset, market: number, own: number): number {
    return Math.log(asset.level) + asset.beta * market + own;
  }

  #marketEpoch(number: number): Epoch {
    return this.#market.get(number, (n) => this.#makeMarket(n));
  }

  #coinEpoch(asset: Asset, number: number): Epoch {
    let coin = this.#coins.get(asset);
    if (coin === undefined) {
      coin = { key: keyOf(asset.market.symbol), epochs: new Recent<Epoch>(4) };
      this.#coins.set(asset, coin);
    }
    const { key, epochs } = coin;
    return epochs.get(number, (n) => this.#makeCoin(asset, key, n));
  }

  #node(key: number, epoch: number, deviation: number): number {
    return deviation * new Random(mix(this.#seed, key, epoch, 7)).normal();
  }

  #makeMarket(number: number): Epoch {
    const key = keyOf("market");
    const random = new Random(mix(this.#seed, key, number));
    const shape = emptyEpoch(this.#node(key, number, 0.3));
    const drift = new Float64Array(EPOCH_DAYS);
    let regime = Math.floor(random.uniform() * 3);
    let volatility = 0.4 * random.normal();
    for (let day = 0; day < EPOCH_DAYS; day += 1) {
      regime = follow(regime, random);
      volatility = VOL_MEMORY * volatility + VOL_SHOCK * random.normal();
      const state = REGIMES[regime] ?? BULL;
      shape.regime[day] = regime;
      shape.sigma[day] = state.sigma * Math.exp(volatility);
      drift[day] = state.drift;
    }
    return tie(shape, drift, this.#node(key, number + 1, 0.3), random);
  }

  #makeCoin(asset: Asset, key: number, number: number): Epoch {
    const random = new Random(mix(this.#seed, key, number));
    const spread = 9 * asset.idiosyncratic;
    const shape = emptyEpoch(this.#node(key, number, spread));
    const market = this.#marketEpoch(number);
    let volatility = 0.4 * random.normal();
    for (let day = 0; day < EPOCH_DAYS; day += 1) {
      volatility = VOL_MEMORY * volatility + VOL_SHOCK * random.normal();
      // In a panic all fall together: a coin's own part grows less than the market's.
      const panic = market.regime[day] === 3 ? 1.3 : 1;
      shape.sigma[day] = asset.idiosyncratic * panic * Math.exp(volatility);
      if (random.uniform() < 0.015) {
        const size = 0.03 + 0.03 * Math.abs(random.normal());
        shape.jump[day] = random.uniform() < 0.5 ? -size : size;
      }
    }
    return tie(shape, new Float64Array(EPOCH_DAYS), this.#node(key, number + 1, spread), random);
  }
}

function emptyEpoch(start: number): Epoch {
  return {
    start,
    close: new Float64Array(EPOCH_DAYS),
    sigma: new Float64Array(EPOCH_DAYS),
    jump: new Float64Array(EPOCH_DAYS),
    regime: new Uint8Array(EPOCH_DAYS),
  };
}

/** Walks the epoch with its deviations and spreads what misses the far end over the days by their variance. */
function tie(epoch: Epoch, drift: Float64Array, end: number, random: Random): Epoch {
  const steps = new Float64Array(EPOCH_DAYS);
  let total = 0;
  let variance = 0;
  for (let day = 0; day < EPOCH_DAYS; day += 1) {
    const sigma = epoch.sigma[day] ?? 0;
    const step = (drift[day] ?? 0) + (epoch.jump[day] ?? 0) + sigma * random.normal();
    steps[day] = step;
    total += step;
    variance += sigma * sigma;
  }
  const missing = end - epoch.start - total;
  let at = epoch.start;
  for (let day = 0; day < EPOCH_DAYS; day += 1) {
    const sigma = epoch.sigma[day] ?? 0;
    at += (steps[day] ?? 0) + (missing * sigma * sigma) / variance;
    epoch.close[day] = at;
  }
  // The next epoch starts at exactly this number, not at one that differs by rounding.
  epoch.close[EPOCH_DAYS - 1] = end;
  return epoch;
}

const indexOf = (day: number): number => day - Math.floor(day / EPOCH_DAYS) * EPOCH_DAYS;

function anchors(epoch: Epoch, day: number): DayAnchors {
  const index = indexOf(day);
  return {
    open: index === 0 ? epoch.start : (epoch.close[index - 1] ?? 0),
    close: epoch.close[index] ?? 0,
    sigma: epoch.sigma[index] ?? 0,
    jump: epoch.jump[index] ?? 0,
  };
}
