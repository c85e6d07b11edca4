import type { Percentiles } from "../../../src-preload/contract/schedule.ts";

/** The value below which `share` (0..1) of ascending values lie, by nearest rank; 0 of none. */
const rank = (sorted: Float64Array, share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;

/** Nearest-rank percentiles of values in any order; null of none. */
export function percentiles(values: Float64Array): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted();
  return { p50: rank(sorted, 0.5), p95: rank(sorted, 0.95), p99: rank(sorted, 0.99) };
}

/** The middle value, or the mean of the two middle ones; NaN of none. */
export function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The last `size` numbers pushed. */
export class Ring {
  readonly #values: Float64Array;
  #pushed = 0;

  constructor(size: number) {
    this.#values = new Float64Array(size);
  }

  get length(): number {
    return Math.min(this.#pushed, this.#values.length);
  }

  push(value: number): void {
    this.#values[this.#pushed % this.#values.length] = value;
    this.#pushed += 1;
  }

  /** A view of what is held, in no particular order. */
  values(): Float64Array {
    return this.#values.subarray(0, this.length);
  }
}
