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

interface Kind {
  /** Mean days between two. */
  readonly everyDays: number;
  /** How long one lasts, ms. */
  readonly lasts: (chance: Chance) => number;
}

/** A workstation is closed for the night, or put away for a while. */
const sleepMs = (chance: Chance): number =>
  chance.hit(0.6) ? chance.whole(5 * HOUR, 10 * HOUR) : chance.spread(2_000, 2 * HOUR);

const between =
  (shortest: number, longest: number) =>
  (chance: Chance): number =>
    chance.spread(shortest, longest);

/** Errors and latencies come with each request, and so are not planned. */
const KINDS: Readonly<Partial<Record<Fault, Kind>>> = {
  sleeps: { everyDays: 0.7, lasts: sleepMs },
  steps: { everyDays: 4, lasts: between(2_000, 2 * HOUR) },
  outages: { everyDays: 4, lasts: between(MINUTE, 3 * HOUR) },
  crashes: { everyDays: 3, lasts: () => 0 },
  stops: { everyDays: 10, lasts: between(1_000, 10 * HOUR) },
  users: { everyDays: 1, lasts: () => 0 },
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
    return { at: after + chance.gap(mean), fault, ms: kind.lasts(chance) };
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
