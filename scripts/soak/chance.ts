/** Seeded chance (mulberry32, Tommy Ettinger, public domain): the same seed draws the same numbers. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ Math.floor(seed / 2 ** 32)) | 0;
  }

  /** In [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** True with this probability. */
  hit(share: number): boolean {
    return this.unit() < share;
  }

  /** A whole number in [low, high]. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** In [low, high], spread evenly over the orders of magnitude: short ones are as common as long ones. */
  spread(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.unit());
  }

  /** Distance to the next event of a Poisson process with this mean distance. */
  gap(mean: number): number {
    return Math.max(1, Math.round(-Math.log(1 - this.unit()) * mean));
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    const found = list[this.whole(0, list.length - 1)];
    if (found === undefined) throw new RangeError("There is nothing to pick from.");
    return found;
  }
}
