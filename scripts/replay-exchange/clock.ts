/** The replay exchange's time: its own scaled clock, or one that only a client moves. Times are ms UTC. */
export class ServerClock {
  readonly mode: "scaled" | "manual";
  readonly #speed: number;
  #base: number;
  readonly #started = performance.now();

  /** `speed`: replayed ms for one real ms; null for a clock that stands until it is set. */
  constructor(from: number, speed: number | null) {
    this.mode = speed === null ? "manual" : "scaled";
    this.#speed = speed ?? 0;
    this.#base = from;
  }

  now(): number {
    return Math.floor(this.#base + (performance.now() - this.#started) * this.#speed);
  }

  /** Moves a manual clock forward and returns its time; an earlier time changes nothing. */
  set(time: number): number {
    this.#base = Math.max(this.#base, time);
    return this.#base;
  }
}
