import { Ring, median } from "./stats.ts";

/** Runs of a bot that its median is taken of. */
export const MEDIAN_OF = 200;
/** Fewer runs than this say nothing about what is usual. */
const LEAST_RUNS = 20;
const FACTOR = 5;
/** Less than this above the median is the machine's own noise (a garbage collection, a time slice), ms. */
const NOISE_MS = 20;

export interface Outlier {
  readonly durationMs: number;
  /** Of the bot's last 200 runs before it. */
  readonly medianMs: number;
  /** It is the first of an unbroken row. */
  readonly first: boolean;
}

/** What is usual for one bot: judges each run by those before it. */
export class UsualDuration {
  readonly #ring = new Ring(MEDIAN_OF);
  #inRow = false;

  /** `before`: durations of earlier runs, ms, oldest first. */
  constructor(before: Iterable<number> = []) {
    for (const duration of before) this.#ring.push(duration);
  }

  /** The run, ms, when it took more than 5 times the median of the last 200, and 20 ms more; else null. */
  judge(durationMs: number): Outlier | null {
    const outlier = this.#compare(durationMs);
    this.#ring.push(durationMs);
    this.#inRow = outlier !== null;
    return outlier;
  }

  #compare(durationMs: number): Outlier | null {
    // The median is sorted for: only a run that could be an outlier pays for it.
    if (this.#ring.length < LEAST_RUNS || durationMs <= NOISE_MS) return null;
    const medianMs = median(this.#ring.values());
    if (durationMs <= FACTOR * medianMs || durationMs <= medianMs + NOISE_MS) return null;
    return { durationMs, medianMs, first: !this.#inRow };
  }
}
