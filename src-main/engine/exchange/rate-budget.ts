import { utc } from "../utc.ts";
import type { Cancel, Clock } from "../clock.ts";
import { ExchangeError, type Lane } from "./port.ts";

const WINDOW_MS = 60_000;
/** Who goes first when several wait. */
const RANK: Readonly<Record<Lane, number>> = { orders: 0, data: 1, backfill: 2 };
/** Part of a minute's weight that backfills may bring it to: the rest is always there for ticks at once. */
const BACKFILL_SHARE = 0.5;

export interface RateBudgetOptions {
  readonly clock: Clock;
  /** The exchange's name, for messages. */
  readonly name: string;
  /** Weight allowed in any 60 s of engine time. */
  readonly weightPerMinute: number;
  /** Weight that may go out at once before the even refill applies; absent: no pace, only the minute. */
  readonly burst?: number;
  /** One sentence whenever the exchange made us wait or stop. */
  readonly onNote?: (sentence: string) => void;
}

interface Waiter {
  readonly weight: number;
  readonly lane: Lane;
  readonly grant: () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * Admits requests by lane and then in the order they came, so that in any 60 s of engine time their weight stays within
 * the limit: a token bucket for the pace and a sliding window for the minute. A window that slides contains every fixed
 * minute that an exchange may count by. Backfills wait behind all others and leave half of the minute to them. All
 * waiting is on the engine clock.
 */
export class RateBudget {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #onNote: (sentence: string) => void;
  readonly #burst: number;
  #limit: number;
  #requests = 0;
  /** Granted weight of the last 60 s, oldest first. */
  #sent: { time: number; weight: number }[] = [];
  #sentWeight = 0;
  /** Weight that the exchange counts and we did not send: other programs on this address. */
  #foreign = { weight: 0, until: 0 };
  #tokens: number;
  #tokensAt: number;
  #pausedUntil = 0;
  #bannedUntil = 0;
  #seen: number;
  #waiters: Waiter[] = [];
  #wake: Cancel | null = null;

  constructor(options: RateBudgetOptions) {
    this.#clock = options.clock;
    this.#name = options.name;
    this.#onNote = options.onNote ?? (() => undefined);
    this.#limit = options.weightPerMinute;
    this.#burst = options.burst ?? Infinity;
    this.#seen = options.clock.now();
    this.#tokensAt = this.#seen;
    this.#tokens = this.#burst;
  }

  /**
   * Resolves when a request of this weight may be sent. Rejects with kind "rate_limit" while the exchange has
   * banned this address, and with the signal's reason when aborted before its turn (nothing is spent then).
   */
  acquire(weight: number, signal?: AbortSignal, lane: Lane = "data"): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal?.reason);
        this.#pump();
      };
      const waiter: Waiter = {
        weight: Math.max(0, weight),
        lane,
        grant: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        refuse: (error) => {
          signal?.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const behind = this.#waiters.findIndex((other) => RANK[other.lane] > RANK[lane]);
      this.#waiters.splice(behind === -1 ? this.#waiters.length : behind, 0, waiter);
      this.#pump();
    });
  }

  /** The limit as the exchange states it; anything but a positive number is ignored. */
  setLimit(weightPerMinute: number): void {
    if (!(weightPerMinute > 0) || !Number.isFinite(weightPerMinute)) return;
    this.#limit = weightPerMinute;
    this.#pump();
  }

  /** Weight that the exchange says was used in its current minute (Binance: x-mbx-used-weight-1m). */
  observe(usedWeight: number): void {
    if (!Number.isFinite(usedWeight)) return;
    const now = this.#advance();
    const weight = Math.max(0, usedWeight - this.#sentWeight);
    this.#foreign = { weight, until: weight > 0 ? now + WINDOW_MS : 0 };
    this.#pump();
  }

  /** HTTP 429: nothing more is sent for `ms` of engine time (Retry-After). */
  pause(ms: number): void {
    const until = this.#advance() + ms;
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#onNote(
      `${this.#name} answered 429 (too many requests): no request is sent for ${Math.ceil(ms / 1000)} s, until ${utc(until)}.`,
    );
    this.#pump();
  }

  /** HTTP 418: the address is banned for `ms`; everything waiting and everything new is refused until then. */
  ban(ms: number): void {
    const until = this.#advance() + ms;
    if (until <= this.#bannedUntil) return;
    this.#bannedUntil = until;
    this.#onNote(
      `${this.#name} answered 418 (this address is banned): all requests stop until ${utc(until)}; find what else uses this address.`,
    );
    this.#pump();
  }

  /** Requests admitted, weight used in the last 60 s and its share of the limit (0..1). */
  usage(): {
    readonly requests: number;
    readonly used: number;
    readonly limit: number;
    readonly share: number;
  } {
    const now = this.#advance();
    const used = this.#sentWeight + this.#foreignNow(now);
    return {
      requests: this.#requests,
      used,
      limit: this.#limit,
      share: Math.min(1, used / this.#limit),
    };
  }

  #pump(): void {
    this.#wake?.();
    this.#wake = null;
    for (;;) {
      const now = this.#advance();
      const waiter = this.#waiters[0];
      if (waiter === undefined) return;
      if (this.#bannedUntil > now) {
        const refused = this.#waiters;
        this.#waiters = [];
        const message = `${this.#name} has banned this address until ${utc(this.#bannedUntil)}: nothing was sent; wait until then.`;
        for (const each of refused) each.refuse(new ExchangeError("rate_limit", message));
        return;
      }
      const wait = this.#waitFor(waiter, now);
      if (wait > 0) {
        this.#wake = this.#clock.at(now + wait, () => this.#pump(), "work");
        return;
      }
      this.#waiters.shift();
      this.#spend(waiter.weight, now);
      waiter.grant();
    }
  }

  #spend(weight: number, now: number): void {
    this.#requests += 1;
    this.#sentWeight += weight;
    this.#tokens -= weight;
    const last = this.#sent.at(-1);
    if (last !== undefined && last.time === now) last.weight += weight;
    else this.#sent.push({ time: now, weight });
  }

  /** Engine ms until this weight may go, by the next event that can change the answer; 0 = now. */
  #waitFor({ weight, lane }: Waiter, now: number): number {
    if (this.#pausedUntil > now) return this.#pausedUntil - now;
    const lacking = Math.min(weight, this.#burst) - this.#tokens;
    if (lacking > 1e-9) return Math.ceil((lacking * WINDOW_MS) / this.#limit);
    const foreign = this.#foreignNow(now);
    // A request heavier than a whole minute is let through alone rather than never.
    const limit = lane === "backfill" ? this.#limit * BACKFILL_SHARE : this.#limit;
    if (this.#sentWeight + foreign + Math.min(weight, limit) <= limit + 1e-9) return 0;
    const oldest = this.#sent[0];
    const ends = oldest === undefined ? this.#foreign.until : oldest.time + WINDOW_MS;
    return Math.max(1, (foreign > 0 ? Math.min(ends, this.#foreign.until) : ends) - now);
  }

  #foreignNow(now: number): number {
    return this.#foreign.until > now ? this.#foreign.weight : 0;
  }

  /** Brings everything to the present and returns it. */
  #advance(): number {
    const now = this.#clock.now();
    if (now < this.#seen) this.#shift(this.#seen - now);
    this.#seen = now;
    while (this.#sent[0] !== undefined && this.#sent[0].time <= now - WINDOW_MS) {
      this.#sentWeight -= this.#sent[0].weight;
      this.#sent.shift();
    }
    if (this.#sent.length === 0) this.#sentWeight = 0;
    const refill = ((now - this.#tokensAt) * this.#limit) / WINDOW_MS;
    this.#tokens = Math.min(this.#burst, this.#tokens + refill);
    this.#tokensAt = now;
    return now;
  }

  /** The wall clock was set back: what was measured stays as far in the past, or we would wait for hours. */
  #shift(back: number): void {
    for (const entry of this.#sent) entry.time -= back;
    this.#foreign = { ...this.#foreign, until: this.#foreign.until - back };
    this.#tokensAt -= back;
    this.#pausedUntil -= back;
    this.#bannedUntil -= back;
  }
}
