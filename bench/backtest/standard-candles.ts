import { emptyColumns } from "../../src-main/engine/market/columns.ts";
import type { CandleColumns } from "../../src-main/engine/market/types.ts";

/** Candles of the standard job. */
export const STANDARD_CANDLES = 175_000;

const SEED = 20_240_615;
const CANDLE_MS = 900_000;
const START = Date.UTC(2020, 0, 1);

/** xoshiro128** (Blackman & Vigna, 2018) seeded by splitmix32; draws in (0, 1). */
function uniform(seed: number): () => number {
  let mixed = seed >>> 0;
  const word = (): number => {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let value = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return (value ^ (value >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [word(), word(), word(), word()];
  const rotate = (value: number, by: number): number =>
    ((value << by) | (value >>> (32 - by))) >>> 0;
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5) >>> 0, 7), 9) >>> 0;
    const shifted = (b << 9) >>> 0;
    c ^= a;
    d ^= b;
    b = (b ^ c) >>> 0;
    a = (a ^ d) >>> 0;
    c = (c ^ shifted) >>> 0;
    d = rotate(d >>> 0, 11);
    return (result + 0.5) / 4_294_967_296;
  };
}

/** Bull, bear, range, panic: drift a candle, factor of the volatility, mean length in candles. */
const REGIMES = [
  { drift: 1.6e-5, factor: 0.9, length: 2500 },
  { drift: -1.5e-5, factor: 1.15, length: 1800 },
  { drift: 0, factor: 0.65, length: 2200 },
  { drift: -1.2e-4, factor: 2.6, length: 150 },
] as const;
const RANGE = 2;

const BASE = 0.0026;
const REACTION = 0.09;
const MEMORY = 0.89;
const STEPS = 12;

const cents = (value: number): number => Math.round(value * 100) / 100;

/**
 * The candles that the standard job is defined on: synthetic quarters of an hour with Markov regimes, clustered volatility
 * (GARCH) and jumps, twelve steps a candle. Deterministic: the same bytes on every machine.
 */
export function standardCandles(count: number = STANDARD_CANDLES): CandleColumns {
  const draw = uniform(SEED);
  let spare: number | null = null;
  const normal = (): number => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(draw()));
    const angle = 2 * Math.PI * draw();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const columns = emptyColumns(count);
  const rest = 1 - REACTION - MEMORY;
  let price = 20_000;
  let kind = 0;
  let left = 2500;
  let variance = 1;
  let anchor = price;
  for (let i = 0; i < count; i++) {
    if (left-- <= 0) {
      const lot = draw();
      kind = lot < 0.33 ? 0 : lot < 0.6 ? 1 : lot < 0.93 ? RANGE : 3;
      left = Math.ceil(-Math.log(draw()) * (REGIMES[kind]?.length ?? 0));
      anchor = price;
    }
    const { drift, factor } = REGIMES[kind] ?? REGIMES[0];
    const sigma = BASE * factor * Math.sqrt(variance);
    const pull = kind === RANGE ? 0.004 : 0;
    let now = price;
    let high = price;
    let low = price;
    for (let step = 0; step < STEPS; step++) {
      let shock = normal();
      if (draw() < 0.004) shock *= 4;
      now *= Math.exp(
        (drift - pull * Math.log(now / anchor)) / STEPS + (sigma / Math.sqrt(STEPS)) * shock,
      );
      if (now > high) high = now;
      if (now < low) low = now;
    }
    const change = Math.log(now / price) / (BASE * factor);
    variance = rest + REACTION * Math.min(change * change, 36) + MEMORY * variance;
    const open = cents(price);
    const close = cents(now);
    columns.time[i] = START + i * CANDLE_MS;
    columns.open[i] = open;
    columns.close[i] = close;
    columns.high[i] = Math.max(cents(high), open, close);
    columns.low[i] = Math.min(cents(low), open, close);
    columns.volume[i] =
      Math.round(40 * Math.exp(0.5 * normal()) * (0.5 + Math.abs(change)) * factor * 1e5) / 1e5;
    price = close;
  }
  return columns;
}
