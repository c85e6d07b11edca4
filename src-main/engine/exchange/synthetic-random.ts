/**
 * A hash of up to four 32-bit keys, so that every day, candle and metric point has a stream of its own and can be
 * made without the ones before it. The mixing is the finaliser of MurmurHash3 (Appleby, public domain).
 */
export function mix(a: number, b: number, c = 0, d = 0): number {
  let h = 0x9e3779b9;
  h = step(h, a);
  h = step(h, b);
  h = step(h, c);
  h = step(h, d);
  return h >>> 0;
}

function step(state: number, key: number): number {
  let h = Math.imul(state ^ (key | 0), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h + 0x6d2b79f5, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A number for a name, so that symbols and metrics can be keys of `mix`. */
export function keyOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

const UNIT = 2 ** -32;

/** Evenly spread in (0, 1), a function of the key alone. */
export const unitOf = (hash: number): number => (hash + 0.5) * UNIT;

/** A small seeded generator (sfc32, Chris Doty-Humphrey): the same seed gives the same numbers. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spare = Number.NaN;

  constructor(seed: number) {
    this.#a = mix(seed, 1);
    this.#b = mix(seed, 2);
    this.#c = mix(seed, 3);
    for (let i = 0; i < 4; i += 1) this.uniform();
  }

  /** Evenly spread in (0, 1). */
  uniform(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return ((sum >>> 0) + 0.5) * UNIT;
  }

  /** Normal with mean 0 and deviation 1 (Box and Muller 1958). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** The newest used entries by number; an entry that fell out is made again, the same. */
export class Recent<T> {
  readonly #entries = new Map<number, T>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: number, make: (key: number) => T): T {
    const found = this.#entries.get(key);
    if (found !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, found);
      return found;
    }
    const made = make(key);
    this.#entries.set(key, made);
    if (this.#entries.size > this.#limit) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    return made;
  }
}
