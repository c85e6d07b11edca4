import type { Asset } from "./synthetic-assets.ts";
import type { SyntheticDays } from "./synthetic-days.ts";
import { keyOf, mix, Random, Recent } from "./synthetic-random.ts";

const DAY = 86_400_000;
const QUARTER = 900_000;
const MINUTE = 60_000;
const SECOND = 1000;
/** 15 m bars in a day. */
const BARS = 96;
/** Numbers of a bar in a block: open, high, low, close in ticks, volume in quanta; all whole. */
const FIELDS = 5;

/** A bar in whole ticks and whole volume quanta, so that splitting and adding up are exact. */
export interface Bar {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** How the day's activity is spread: quiet before dawn in London, busiest when New York opens. Mean about 1. */
const PROFILE = Float64Array.from({ length: BARS }, (_, i) => {
  const hour = i / 4;
  return (
    0.8 + 0.3 * Math.exp(-(((hour - 8.5) / 3) ** 2)) + 0.75 * Math.exp(-(((hour - 15) / 2.6) ** 2))
  );
});

/** Log returns of the 15 m bars of a day and their variances. */
interface Shares {
  readonly step: Float64Array;
  readonly variance: Float64Array;
}

/**
 * A walk of 96 steps from 0 to `move` with deviation `sigma` over the day: free steps with clustered volatility, then
 * what misses the end is spread by variance (a Brownian bridge).
 */
function bridge(random: Random, move: number, sigma: number): Shares {
  const step = new Float64Array(BARS);
  const variance = new Float64Array(BARS);
  let cluster = 0.5 * random.normal();
  let total = 0;
  for (let i = 0; i < BARS; i += 1) {
    cluster = 0.9 * cluster + 0.22 * random.normal();
    const weight = (PROFILE[i] ?? 1) * Math.exp(2 * cluster);
    variance[i] = weight;
    total += weight;
  }
  const scale = (sigma * sigma) / total;
  let walked = 0;
  for (let i = 0; i < BARS; i += 1) {
    const own = (variance[i] ?? 0) * scale;
    variance[i] = own;
    const free = Math.sqrt(own) * random.normal();
    step[i] = free;
    walked += free;
  }
  const missing = (move - walked) / (sigma * sigma);
  for (let i = 0; i < BARS; i += 1) step[i] = (step[i] ?? 0) + missing * (variance[i] ?? 0);
  return { step, variance };
}

/**
 * Splits a bar into `count` bars that add up to it exactly: opens and closes chain from its open to its close, the
 * highest high is its high, the lowest low its low, the volumes sum to its volume.
 */
function split(bar: Bar, count: number, random: Random): Bar[] {
  const range = bar.high - bar.low;
  const sigma = range / (1.7 * Math.sqrt(count));
  const walk = new Float64Array(count + 1);
  for (let i = 1; i <= count; i += 1) walk[i] = (walk[i - 1] ?? 0) + sigma * random.normal();
  const end = walk[count] ?? 0;
  const clamp = (price: number): number => Math.max(bar.low, Math.min(bar.high, Math.round(price)));
  const weights = new Float64Array(count + 1);
  for (let i = 1; i <= count; i += 1)
    weights[i] = (weights[i - 1] ?? 0) - Math.log(random.uniform());
  const whole = weights[count] ?? 1;
  const bars: Bar[] = [];
  let open = bar.open;
  let sold = 0;
  for (let i = 1; i <= count; i += 1) {
    const bridged = bar.open + (walk[i] ?? 0) + ((bar.close - bar.open - end) * i) / count;
    const close = i === count ? bar.close : clamp(bridged);
    const wick = sigma * 0.35;
    const high = Math.max(open, close, clamp(Math.max(open, close) + wick * random.uniform()));
    const low = Math.min(open, close, clamp(Math.min(open, close) - wick * random.uniform()));
    const through = i === count ? bar.volume : Math.floor((bar.volume * (weights[i] ?? 0)) / whole);
    bars.push({ open, high, low, close, volume: through - sold });
    sold = through;
    open = close;
  }
  let top = bars[0];
  let bottom = bars[0];
  for (const each of bars) {
    if (top === undefined || each.high > top.high) top = each;
    if (bottom === undefined || each.low < bottom.low) bottom = each;
  }
  if (top !== undefined) top.high = bar.high;
  if (bottom !== undefined) bottom.low = bar.low;
  return bars;
}

/** Adds the bar that follows. */
function extend(bar: Bar | null, next: Bar): Bar {
  if (bar === null) return { ...next };
  bar.high = Math.max(bar.high, next.high);
  bar.low = Math.min(bar.low, next.low);
  bar.close = next.close;
  bar.volume += next.volume;
  return bar;
}

/**
 * Bars of one coin. 15 m bars are made a day at a time from the day's anchors; coarser bars are their sums, minutes
 * and seconds are their parts. Every bar is a function of seed, coin and time alone, whatever was asked before.
 */
export class SyntheticBars {
  readonly #asset: Asset;
  readonly #days: SyntheticDays;
  readonly #market: SyntheticMarketSteps;
  readonly #seed: number;
  readonly #blocks = new Recent<Float64Array>(48);

  constructor(asset: Asset, seed: number, days: SyntheticDays, market: SyntheticMarketSteps) {
    this.#asset = asset;
    this.#days = days;
    this.#market = market;
    this.#seed = mix(seed, keyOf(asset.market.symbol), keyOf("bars"));
  }

  /**
   * The bar that opens at `time` and lasts `length` ms, as it stands at `now`: whole when it has ended, else made of
   * the seconds that have passed. `time` is on the grid of `length`; `now` ≥ `time`.
   */
  at(time: number, length: number, now: number): Bar {
    const end = Math.min(time + length, Math.floor(now / SECOND) * SECOND);
    let bar: Bar | null = null;
    let cursor = time;
    while (cursor < end) {
      const left = end - cursor;
      if (cursor % QUARTER === 0 && left >= QUARTER) {
        bar = this.#addQuarters(bar, cursor, Math.floor(left / QUARTER));
        cursor += Math.floor(left / QUARTER) * QUARTER;
      } else if (cursor % MINUTE === 0 && left >= MINUTE) {
        const count = Math.min(Math.floor(left / MINUTE), (QUARTER - (cursor % QUARTER)) / MINUTE);
        for (const minute of this.#minutes(cursor).slice(0, count)) bar = extend(bar, minute);
        cursor += count * MINUTE;
      } else {
        const count = left / SECOND;
        for (const second of this.#seconds(cursor).slice(0, count)) bar = extend(bar, second);
        cursor += count * SECOND;
      }
    }
    if (bar !== null) return bar;
    const open = this.#openAt(time);
    return { open, high: open, low: open, close: open, volume: 0 };
  }

  #openAt(time: number): number {
    if (time % QUARTER === 0) return this.#quarter(time).open;
    return this.#minutes(time)[0]?.open ?? 0;
  }

  #addQuarters(bar: Bar | null, time: number, count: number): Bar | null {
    let sum = bar;
    for (let i = 0; i < count; i += 1) sum = extend(sum, this.#quarter(time + i * QUARTER));
    return sum;
  }

  #quarter(time: number): Bar {
    const day = Math.floor(time / DAY);
    const block = this.#blocks.get(day, (d) => this.#makeDay(d));
    const at = ((time - day * DAY) / QUARTER) * FIELDS;
    return {
      open: block[at] ?? 0,
      high: block[at + 1] ?? 0,
      low: block[at + 2] ?? 0,
      close: block[at + 3] ?? 0,
      volume: block[at + 4] ?? 0,
    };
  }

  /** The minutes from `time` to the end of its 15 m bar. */
  #minutes(time: number): Bar[] {
    const quarter = Math.floor(time / QUARTER);
    const random = new Random(mix(this.#seed, keyOf("minutes"), quarter));
    const parts = split(this.#quarter(quarter * QUARTER), QUARTER / MINUTE, random);
    return parts.slice((time - quarter * QUARTER) / MINUTE);
  }

  /** The seconds of the minute that starts at `time`. */
  #seconds(time: number): Bar[] {
    const minute = this.#minutes(time)[0];
    if (minute === undefined) return [];
    return split(
      minute,
      MINUTE / SECOND,
      new Random(mix(this.#seed, keyOf("seconds"), time / MINUTE)),
    );
  }

  #makeDay(day: number): Float64Array {
    const asset = this.#asset;
    const market = this.#market.of(day);
    const own = this.#days.own(asset, day);
    const random = new Random(mix(this.#seed, day));
    const steps = bridge(random, own.close - own.open - own.jump, own.sigma);
    const jumpAt = Math.floor(random.uniform() * BARS);
    const usual =
      (asset.dailyVolume / BARS) * asset.quantaPerUnit * this.#days.market(day).turnover;
    const block = new Float64Array(BARS * FIELDS);
    const ticks = (log: number): number =>
      Math.max(1, Math.round(Math.exp(log) * asset.ticksPerUnit));
    const last = this.#days.logClose(asset, day);
    let log = this.#days.logOpen(asset, day);
    let open = ticks(log);
    for (let i = 0; i < BARS; i += 1) {
      let move = asset.beta * (market.step[i] ?? 0) + (steps.step[i] ?? 0);
      if (i === jumpAt) move += own.jump;
      // The day ends on its anchor to the last bit, since the next day starts there.
      const next = i === BARS - 1 ? last : log + move;
      const variance =
        asset.beta * asset.beta * (market.variance[i] ?? 0) + (steps.variance[i] ?? 0);
      // Extremes of a Brownian bridge with known ends: inverse of P(max ≥ m) = exp(−2 m (m − move) / variance).
      const up = (move + Math.sqrt(move * move - 2 * variance * Math.log(random.uniform()))) / 2;
      const down = (move - Math.sqrt(move * move - 2 * variance * Math.log(random.uniform()))) / 2;
      const close = ticks(next);
      const surprise = Math.abs(move) / Math.sqrt(variance);
      const busy = (PROFILE[i] ?? 1) * (0.55 + 0.55 * surprise) * (0.6 + 0.8 * random.uniform());
      const at = i * FIELDS;
      block[at] = open;
      block[at + 1] = Math.max(open, close, ticks(log + up));
      block[at + 2] = Math.min(open, close, ticks(log + down));
      block[at + 3] = close;
      block[at + 4] = Math.round(usual * busy);
      open = close;
      log = next;
    }
    return block;
  }
}

/** The market's 15 m steps by day, shared by all coins: what makes them move together. */
export class SyntheticMarketSteps {
  readonly #days: SyntheticDays;
  readonly #seed: number;
  readonly #known = new Recent<Shares>(256);

  constructor(seed: number, days: SyntheticDays) {
    this.#days = days;
    this.#seed = mix(seed, keyOf("market steps"));
  }

  of(day: number): Shares {
    return this.#known.get(day, (d) => {
      const anchors = this.#days.market(d);
      return bridge(new Random(mix(this.#seed, d)), anchors.close - anchors.open, anchors.sigma);
    });
  }
}
