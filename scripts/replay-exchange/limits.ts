const WINDOW_MS = 60_000;
/** Requests after a 429, within the same minute, before the address is banned. */
const PATIENCE = 5;
const FIRST_BAN_SECONDS = 120;

export interface Charge {
  readonly verdict: "ok" | "limited" | "banned";
  /** Weight used in this minute, this request included. */
  readonly used: number;
  /** Seconds of the exchange's clock until it may go on; 0 when ok. */
  readonly retryAfterSeconds: number;
  /** End of the ban, ms UTC; 0 when there is none. */
  readonly bannedUntil: number;
}

/** Binance's rule: a weight for each fixed minute, 429 above it, and 418 for those who go on all the same. */
export class WeightLimiter {
  readonly limit: number;
  #window = -1;
  #used = 0;
  #refused = 0;
  #bans = 0;
  #bannedUntil = 0;
  #violations = 0;
  #maxUsed = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  charge(weight: number, now: number): Charge {
    const window = Math.floor(now / WINDOW_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = 0;
      this.#refused = 0;
    }
    if (now < this.#bannedUntil) {
      this.#violations += 1;
      return this.#answer("banned", this.#bannedUntil - now);
    }
    this.#used += weight;
    this.#maxUsed = Math.max(this.#maxUsed, this.#used);
    if (this.#used <= this.limit) return this.#answer("ok", 0);
    this.#violations += 1;
    this.#refused += 1;
    if (this.#refused > PATIENCE) {
      this.#bannedUntil = now + FIRST_BAN_SECONDS * 1000 * 2 ** this.#bans;
      this.#bans += 1;
      return this.#answer("banned", this.#bannedUntil - now);
    }
    return this.#answer("limited", (window + 1) * WINDOW_MS - now);
  }

  stats(): {
    readonly limit: number;
    readonly maxWeightInMinute: number;
    readonly violations: number;
    readonly bans: number;
  } {
    return {
      limit: this.limit,
      maxWeightInMinute: this.#maxUsed,
      violations: this.#violations,
      bans: this.#bans,
    };
  }

  resetStats(): void {
    this.#violations = 0;
    this.#maxUsed = this.#used;
    this.#bans = 0;
  }

  #answer(verdict: Charge["verdict"], waitMs: number): Charge {
    return {
      verdict,
      used: this.#used,
      retryAfterSeconds: Math.ceil(waitMs / 1000),
      bannedUntil: verdict === "banned" ? this.#bannedUntil : 0,
    };
  }
}
