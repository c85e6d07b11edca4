import type { TickReport } from "../../src-preload/contract/ticks.ts";

/** What the audit of fire times comes to; all but the first must be 0 in a sound run. */
export interface FireAudit {
  /** Fire times with a report. */
  readonly fireTimes: number;
  /** Due, and without a report. */
  readonly unaccounted: number;
  /** Reported more than once. */
  readonly doubled: number;
  /** Reported but never due: off the grid, or while the bot was not running. */
  readonly undue: number;
  /** Ticks of one bot that ran at the same time. */
  readonly overlaps: number;
  /** Ticks that started before their fire time. */
  readonly early: number;
  /** The first few findings, one sentence each. */
  readonly findings: readonly string[];
}

/** A span in which a bot's fire times are due: those of the grid in [from, to], ms UTC. */
interface Span {
  readonly anchor: number;
  readonly everyMs: number;
  readonly from: number;
  to: number;
}

interface Account {
  readonly spans: Span[];
  readonly reported: number[];
  /** End of the bot's latest tick. */
  busyUntil: number;
}

const FINDINGS = 10;

/**
 * The soak's own books of fire times. What is due follows from when bots were started, paused and stopped and from
 * plain arithmetic; what happened is what reached the tick store. The engine is asked nothing.
 */
export class FireAccounts {
  readonly outcomes: Record<TickReport["outcome"], number> = {
    ran: 0,
    missed: 0,
    coalesced: 0,
    skipped: 0,
    cancelled: 0,
  };
  readonly #accounts = new Map<string, Account>();
  readonly #findings: string[] = [];
  #overlaps = 0;
  #early = 0;

  /** From `from` on, the fire times of this grid are due. A span that is open already goes on unchanged. */
  begin(
    botId: string,
    grid: { readonly anchor: number; readonly everyMs: number },
    from: number,
  ): void {
    const { spans } = this.#account(botId);
    if (spans.at(-1)?.to === Number.POSITIVE_INFINITY) return;
    spans.push({ ...grid, from, to: Number.POSITIVE_INFINITY });
  }

  /** `until` is the last instant at which fire times of the bot were due. */
  end(botId: string, until: number): void {
    const last = this.#account(botId).spans.at(-1);
    if (last !== undefined && last.to === Number.POSITIVE_INFINITY) last.to = until;
  }

  /** A report reached the store at `now`; `everyMs` is the distance of the bot's fire times. */
  report(report: TickReport, everyMs: number, now: number): void {
    const { botId, fireTime, lastFireTime, fireCount, outcome, startedAt } = report;
    const account = this.#account(botId);
    this.outcomes[outcome] += fireCount;
    for (let i = 0; i < fireCount; i += 1) account.reported.push(fireTime + i * everyMs);
    if (fireTime + (fireCount - 1) * everyMs !== lastFireTime)
      this.#find(`Bot ${botId}: the row of ${fireTime} does not end at ${lastFireTime}.`);
    if (startedAt === null) return;
    if (startedAt < fireTime) {
      this.#early += 1;
      this.#find(`Bot ${botId}: the tick of ${fireTime} started at ${startedAt}.`);
    }
    if (startedAt < account.busyUntil) {
      this.#overlaps += 1;
      this.#find(
        `Bot ${botId}: a tick started at ${startedAt}, another ended at ${account.busyUntil}.`,
      );
    }
    account.busyUntil = now;
  }

  /** Compares what was due with what was reported. */
  audit(): FireAudit {
    let fireTimes = 0;
    let unaccounted = 0;
    let doubled = 0;
    let undue = 0;
    for (const [botId, { spans, reported }] of this.#accounts) {
      fireTimes += reported.length;
      const left = new Set(reported);
      doubled += reported.length - left.size;
      if (reported.length > left.size) this.#find(`Bot ${botId}: a fire time was reported twice.`);
      for (const span of spans) {
        for (const due of gridIn(span)) {
          if (left.delete(due)) continue;
          unaccounted += 1;
          this.#find(`Bot ${botId}: nothing is known of the fire time ${due}.`);
        }
      }
      undue += left.size;
      for (const time of left) this.#find(`Bot ${botId}: ${time} was reported but was not due.`);
    }
    return {
      fireTimes,
      unaccounted,
      doubled,
      undue,
      overlaps: this.#overlaps,
      early: this.#early,
      findings: this.#findings,
    };
  }

  #account(botId: string): Account {
    const known = this.#accounts.get(botId);
    if (known !== undefined) return known;
    const account: Account = { spans: [], reported: [], busyUntil: Number.NEGATIVE_INFINITY };
    this.#accounts.set(botId, account);
    return account;
  }

  #find(sentence: string): void {
    if (this.#findings.length < FINDINGS) this.#findings.push(sentence);
  }
}

function* gridIn({ anchor, everyMs, from, to }: Span): Generator<number> {
  let time = anchor + Math.max(0, Math.ceil((from - anchor) / everyMs)) * everyMs;
  for (; time <= to; time += everyMs) yield time;
}
