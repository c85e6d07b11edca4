import type { Settings } from "../../../src-preload/contract/app.ts";
import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import { endingAt, sameRhythm, scheduleOf } from "../scheduler/schedule.ts";
import type { Fire, JobSpec, Trigger } from "../scheduler/types.ts";
import type { StoredBot } from "../store-port.ts";
import { firstFireTimes } from "./stagger.ts";

/** What of a bot's configuration makes its fire times. */
export type Timing = Pick<BotConfig, "schedule" | "timeframe" | "endAt">;

export const jobId = (botId: string): string => `bot-${botId}`;
export const botIdOf = (job: string): string => job.slice("bot-".length);

/** The trigger of a bot that was anchored at `anchor`, ms UTC: an interval's grid begins there, the others have their own. */
function triggerOf({ schedule, timeframe }: Timing, anchor: number): Trigger {
  const everyMs = timeframeMs(timeframe);
  switch (schedule.kind) {
    case "interval":
      return { kind: "interval", everyMs, anchor };
    case "candle_close":
      return { kind: "candle_close", everyMs, offsetMs: schedule.offsetMs };
    case "cron":
      return { kind: "cron", expression: schedule.expression, zone: schedule.zone };
  }
}

/** True when a bot can go on in its phase with the other configuration. */
export const sameTrigger = (a: Timing, b: Timing): boolean =>
  sameRhythm(triggerOf(a, 0), triggerOf(b, 0));

/** True when a job made with one configuration is the same as one made with the other. */
export const sameJob = (a: BotConfig, b: BotConfig): boolean =>
  sameTrigger(a, b) &&
  a.endAt === b.endAt &&
  a.graceMs === b.graceMs &&
  a.coalesce === b.coalesce &&
  a.runLimitMs === b.runLimitMs;

/** The first `count` fire times from `now` on; fewer where the end comes before. Throws EngineFault for a bad cron. */
export function nextFireTimes(timing: Timing, now: number, count: number): readonly number[] {
  const whole = scheduleOf(triggerOf(timing, now));
  const schedule = timing.endAt === undefined ? whole : endingAt(whole, timing.endAt);
  const times: number[] = [];
  for (let time = schedule.next(now - 1); time < Infinity && times.length < count;) {
    times.push(time);
    time = schedule.next(time);
  }
  return times;
}

/** True when nothing of the bot is due after `fireTime`, in whatever phase its job is. */
export function isLast(timing: Timing, fireTime: number): boolean {
  const { schedule, timeframe, endAt } = timing;
  if (endAt === undefined) return false;
  return schedule.kind === "cron"
    ? nextFireTimes(timing, fireTime + 1, 1).length === 0
    : fireTime + timeframeMs(timeframe) > endAt;
}

/**
 * Anchors of bots that start at `now`: before its anchor nothing of a bot is due. Intervals begin a stagger apart,
 * off the phases of `taken` anchors; the others have phases of their own. All begin their start offset later.
 */
export function startAnchors(
  now: number,
  bots: readonly StoredBot[],
  taken: readonly number[],
): ReadonlyMap<string, number> {
  const intervals = bots.filter(({ config }) => config.schedule.kind === "interval");
  const staggered = firstFireTimes(now, intervals.length, taken);
  const phases = new Map(intervals.map(({ id }, i) => [id, staggered[i] ?? now]));
  return new Map(
    bots.map(({ id, config }) => [id, (phases.get(id) ?? now) + (config.startOffsetMs ?? 0)]),
  );
}

/**
 * The anchor of a bot at work whose trigger changes at `now` from that of `before` to that of `after`. Between
 * intervals the phase is kept; a start offset that is not over yet goes on.
 */
export function movedAnchor(
  before: StoredBot,
  after: Timing,
  now: number,
  taken: readonly number[],
): number {
  const held = Math.max(now, before.anchor ?? now);
  if (after.schedule.kind !== "interval") return held;
  if (before.config.schedule.kind !== "interval" || before.anchor === null)
    return firstFireTimes(held, 1, taken)[0] ?? held;
  return scheduleOf(triggerOf(after, before.anchor)).next(now);
}

/**
 * A bot's job. One run at a time, by the house's rule: two ticks of one bot would decide on one position.
 * `accountedUntil`: fire times up to it have a report already (a restart); null for a fresh start.
 */
export function botJob(
  { id, config, anchor }: StoredBot,
  {
    now,
    accountedUntil,
    scheduling,
    run,
  }: {
    readonly now: number;
    readonly accountedUntil: number | null;
    readonly scheduling: Settings["scheduling"];
    readonly run: (fire: Fire) => Promise<void>;
  },
): JobSpec {
  const from = anchor ?? now;
  return {
    id: jobId(id),
    trigger: triggerOf(config, from),
    graceMs: config.graceMs,
    coalesce: config.coalesce,
    maxInstances: 1,
    runLimitMs: config.runLimitMs,
    endAt: config.endAt ?? null,
    ...(scheduling === "by_timeframe" ? { group: config.timeframe } : {}),
    // An interval begins at its anchor by itself, and may have got another phase since.
    accountedUntil:
      config.schedule.kind === "interval"
        ? accountedUntil
        : Math.max(accountedUntil ?? from - 1, from - 1),
    run,
  };
}
