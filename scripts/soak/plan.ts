import type { Chance } from "./chance.ts";
import type { Fault } from "./options.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Something that will go wrong, `at` ms after the start, for `ms`. */
export interface Planned {
  readonly at: number;
  readonly fault: Fault;
  readonly ms: number;
}

/** Mean days between two of a kind, and how long each lasts, ms. */
const KINDS: Readonly<
  Partial<Record<Fault, { readonly everyDays: number; readonly lasts: readonly [number, number] }>>
> = {
  sleeps: { everyDays: 1, lasts: [2_000, 10 * HOUR] },
  steps: { everyDays: 4, lasts: [2_000, 2 * HOUR] },
  outages: { everyDays: 4, lasts: [MINUTE, 3 * HOUR] },
  crashes: { everyDays: 3, lasts: [1, 1] },
  stops: { everyDays: 10, lasts: [1_000, 10 * HOUR] },
  users: { everyDays: 1, lasts: [1, 1] },
};
/** A short run has no fewer than so many of each kind on average. */
const FEWEST = 8;

export interface Plan {
  /** The next of all; an end beyond all days when there is none. */
  next(): Planned;
  /** Puts the next of its kind in its place. */
  done(planned: Planned): void;
}

/** Draws faults as they come, each kind a Poisson process of its own. */
export function makePlan(chance: Chance, faults: ReadonlySet<Fault>, days: number): Plan {
  const draw = (fault: Fault, after: number): Planned | null => {
    const kind = KINDS[fault];
    if (kind === undefined) return null;
    const mean = Math.min(kind.everyDays, days / FEWEST) * DAY;
    return { at: after + chance.gap(mean), fault, ms: chance.spread(...kind.lasts) };
  };
  const pending = new Map<Fault, Planned>();
  const put = (fault: Fault, after: number): void => {
    const planned = draw(fault, after);
    if (planned !== null) pending.set(fault, planned);
  };
  for (const fault of faults) put(fault, 0);
  return {
    next: () => {
      let first: Planned = { at: Number.POSITIVE_INFINITY, fault: "errors", ms: 0 };
      for (const planned of pending.values()) if (planned.at < first.at) first = planned;
      return first;
    },
    done: ({ fault, at }) => {
      put(fault, at);
    },
  };
}
