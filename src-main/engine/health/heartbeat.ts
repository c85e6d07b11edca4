import type { Cancel, Clock } from "../clock.ts";

/** What the heartbeat asks of a bot's job. */
export interface Pulse {
  /** Next fire time, ms UTC; null when there is none. */
  readonly next: number | null;
  /** A run is at work. */
  readonly running: boolean;
}

export interface HeartbeatParts {
  readonly clock: Clock;
  readonly pulse: (botId: string) => Pulse;
  /** A bot became red: its fire time `due` has passed by more than its grace time and nothing was said of it. */
  readonly onLost: (botId: string, due: number) => void;
  /** A red bot's fire times are accounted for again. */
  readonly onFound: (botId: string, due: number) => void;
}

interface Promised {
  readonly due: number;
  readonly graceMs: number;
  /** Seen overdue at a check; red when it still is at the next. */
  suspected: boolean;
  red: boolean;
}

/** Engine ms between two checks at least: many bots share one. */
const LEAST_PAUSE_MS = 30_000;
/** Engine ms after which a suspicion is confirmed: a scheduler that woke in the same instant gets its turn first. */
const CONFIRM_MS = 10_000;

/**
 * Keeps each running bot's scheduler to its word. The next fire time, once promised, must be accounted for (run, missed,
 * skipped …) within the bot's grace time, whatever the scheduler says by then: one that is stuck, that lost the job or
 * that moved on in silence makes the bot red. A bot whose run is at work is not red; its run limit watches over that.
 * Has a timer of its own at the clock, at the first instant at which somebody could be overdue.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #promised = new Map<string, Promised>();
  /** Before this nobody is overdue. */
  #excusedUntil = Number.NEGATIVE_INFINITY;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #armedFor = Number.POSITIVE_INFINITY;
  #cancel: Cancel = () => {};

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Takes a new promise from the bot's job: it started, or its schedule changed. Forgets the old one. */
  expect(botId: string, graceMs: number): void {
    this.forget(botId);
    this.#promise(botId, graceMs);
  }

  /** The bot need not tick any more. */
  forget(botId: string): void {
    this.#promised.delete(botId);
  }

  /** Fire times of the bot up to `lastFireTime` have an outcome. */
  accounted(botId: string, lastFireTime: number): void {
    const held = this.#promised.get(botId);
    if (held === undefined || lastFireTime < held.due) return;
    this.#promised.delete(botId);
    if (held.red) this.#parts.onFound(botId, held.due);
    this.#promise(botId, held.graceMs);
  }

  /**
   * Takes all promises anew, after the clock was moved or the machine slept. For `allowanceMs` of engine time from now,
   * on top of the grace time, nobody is overdue: what fell due meanwhile runs one after the other.
   */
  renew(allowanceMs: number): void {
    const now = this.#parts.clock.now();
    this.#excusedUntil = now + allowanceMs;
    this.#checkedAt = Math.min(this.#checkedAt, now);
    for (const [botId, { graceMs }] of [...this.#promised]) this.expect(botId, graceMs);
  }

  /** The fire time that a red bot owes, ms UTC; null for one that is not red. */
  owes(botId: string): number | null {
    const held = this.#promised.get(botId);
    return held?.red === true ? held.due : null;
  }

  /** Ends all promises. */
  stop(): void {
    this.#promised.clear();
    this.#cancel();
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #promise(botId: string, graceMs: number): void {
    const { next } = this.#parts.pulse(botId);
    if (next === null) return;
    const held = { due: next, graceMs, suspected: false, red: false };
    this.#promised.set(botId, held);
    this.#armBy(this.#overdueAt(held));
  }

  #overdueAt({ due, graceMs }: Promised): number {
    return Math.max(due, this.#excusedUntil) + graceMs + 1;
  }

  #armBy(time: number): void {
    const at = Math.max(time, this.#checkedAt + LEAST_PAUSE_MS);
    if (at < this.#armedFor) this.#armAt(at);
  }

  #armAt(at: number): void {
    this.#cancel();
    this.#armedFor = at;
    this.#cancel = this.#parts.clock.at(at, () => this.#check(), "fire");
  }

  #check(): void {
    const { clock, pulse, onLost } = this.#parts;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = clock.now();
    this.#checkedAt = now;
    let next = Number.POSITIVE_INFINITY;
    let confirm = false;
    for (const [botId, held] of [...this.#promised]) {
      if (held.red) continue;
      const overdueAt = this.#overdueAt(held);
      if (now < overdueAt) {
        next = Math.min(next, overdueAt);
      } else if (pulse(botId).running) {
        held.suspected = false;
        next = Math.min(next, now + held.graceMs);
      } else if (held.suspected) {
        held.red = true;
        onLost(botId, held.due);
      } else {
        held.suspected = true;
        confirm = true;
      }
    }
    if (confirm) this.#armAt(now + CONFIRM_MS);
    else if (next < Number.POSITIVE_INFINITY) this.#armBy(next);
  }
}
