import type { Chance } from "./chance.ts";

/** What everything throws from the instant of a simulated crash on. */
export class Crash extends Error {
  override readonly name = "Crash";
  constructor() {
    super("The process is dead: this is a simulated crash.");
  }
}

/**
 * The end of one life of the engine. Every call that leaves the engine (stores, venue, exchange) passes through it; an
 * armed fuse blows at one of them, before it is carried out or just after, and from then on refuses all. What runs
 * on in memory can no longer change anything, as after kill -9.
 */
export class Fuse {
  readonly #chance: Chance;
  readonly #onBlow: () => void;
  #left = Number.POSITIVE_INFINITY;
  #matches: (name: string) => boolean = () => true;
  #blown = false;

  /** `onBlow` is called once, at the instant of the crash. */
  constructor(chance: Chance, onBlow: () => void) {
    this.#chance = chance;
    this.#onBlow = onBlow;
  }

  get blown(): boolean {
    return this.#blown;
  }

  /** Blows at the `calls`-th call from now whose name matches. */
  arm(calls: number, matches: (name: string) => boolean = () => true): void {
    this.#left = calls;
    this.#matches = matches;
  }

  /** Ends the life now. */
  blow(): void {
    if (this.#blown) return;
    this.#blown = true;
    this.#onBlow();
  }

  /** Carries out a call, unless the life has ended or ends here. Throws Crash then. */
  pass<T>(name: string, work: () => T): T {
    if (this.#blown) throw new Crash();
    if (this.#left === Number.POSITIVE_INFINITY || !this.#matches(name)) return work();
    this.#left -= 1;
    if (this.#left > 0) return work();
    if (this.#chance.hit(0.5)) {
      this.blow();
      throw new Crash();
    }
    const done = work();
    if (done instanceof Promise) done.catch(() => {});
    this.blow();
    throw new Crash();
  }
}

/** Names of everything that can be called or read on an object, those of its class included. */
function namesOf(target: object): ReadonlySet<string> {
  const names = new Set(Object.keys(target));
  const prototype: unknown = Object.getPrototypeOf(target);
  if (typeof prototype === "object" && prototype !== null && prototype !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  }
  names.delete("constructor");
  return names;
}

/** The same object with all its calls, and those of the objects in it, passing through the fuse. */
export function guarded<T extends object>(target: T, fuse: Fuse, path = ""): T {
  const copy: Record<string, unknown> = {};
  for (const name of namesOf(target)) {
    const value: unknown = Reflect.get(target, name);
    const full = `${path}${name}`;
    if (typeof value === "function") {
      copy[name] = (...args: unknown[]): unknown =>
        fuse.pass(full, () => Reflect.apply(value, target, args));
    } else {
      copy[name] =
        typeof value === "object" && value !== null ? guarded(value, fuse, `${full}.`) : value;
    }
  }
  // Member for member the same, which a record cannot say.
  return copy as T;
}
