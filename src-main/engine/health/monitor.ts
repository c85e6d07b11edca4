import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import type { Cancel, Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { messageOf } from "../fault.ts";
import { spoken } from "../scheduler/misfire.ts";
import type { EngineEventStore, TickStatsStore } from "../store-port.ts";
import type { Raise } from "./event-log.ts";
import { MEDIAN_OF, UsualDuration } from "./outliers.ts";
import { median } from "./stats.ts";
import { creepOf } from "./trend.ts";
import type { Creep, DayValue } from "./trend.ts";

export interface HealthParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly stats: TickStatsStore;
  readonly store: Pick<EngineEventStore, "list">;
  readonly raise: Raise;
  /** Name of a bot that exists; undefined otherwise. */
  readonly nameOf: (botId: string) => string | undefined;
}

const DAY_MS = 86_400_000;
/** Finished days that a trend is looked for in. */
const TREND_DAYS = 28;
/** A day with fewer ticks has no median worth the name. */
const LEAST_TICKS = 4;
/** Growth of a duration below this is the timer's own noise, ms. */
const LEAST_GROWTH_MS = 0.5;
/** Engine ms from the start, or from midnight UTC, to the look at the days. */
const START_WAIT_MS = 60_000;
const MIDNIGHT_WAIT_MS = 300_000;
/** Real ms of reading days after which others get their turn, for a second of engine time. */
const BURST_MS = 8;
const PAUSE_MS = 1_000;

const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/**
 * Watches the durations of all bots' ticks. Each one that ran is compared with what is usual for its bot, and once a day
 * the medians of the last 28 finished days (UTC) are looked through for a creep: a growth that is statistically real.
 */
export class HealthMonitor {
  readonly #parts: HealthParts;
  readonly #usual = new Map<string, UsualDuration>();
  /** Medians of finished days by bot. */
  readonly #days = new Map<number, ReadonlyMap<string, number>>();
  readonly #creep = new Map<string, Creep>();
  #stops: Cancel[] = [];
  #cancel: Cancel = () => {};

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  start(): void {
    const { events, clock } = this.#parts;
    this.#stops = [
      events.on("tick", (report) => this.#judge(report)),
      events.on("bot", ({ botId, removed }) => {
        if (!removed) return;
        this.#usual.delete(botId);
        this.#creep.delete(botId);
      }),
    ];
    this.#lookAt(clock.now() + START_WAIT_MS);
  }

  stop(): void {
    this.#cancel();
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  /** The bot's creep as of the last look; null when there is none. */
  creep(botId: string): Creep | null {
    return this.#creep.get(botId) ?? null;
  }

  #judge(report: TickReport): void {
    if (report.outcome !== "ran") return;
    const { botId, botName, fireTime, durationMs } = report;
    let usual = this.#usual.get(botId);
    if (usual === undefined) {
      usual = new UsualDuration(this.#parts.stats.durations(botId, fireTime, MEDIAN_OF));
      this.#usual.set(botId, usual);
    }
    const outlier = usual.judge(durationMs);
    if (outlier === null) return;
    const { medianMs, first } = outlier;
    this.#parts.raise(
      {
        kind: "outlier",
        from: fireTime,
        to: fireTime,
        botId,
        reason: `A tick of ${botName} took ${spoken(durationMs)}, ${(durationMs / Math.max(medianMs, 0.01)).toFixed(0)} times its median of ${medianMs.toFixed(1)} ms.`,
        detail: { durationMs, medianMs },
      },
      { warn: first },
    );
  }

  #lookAt(time: number): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.at(time, () => this.#look(), "fire");
  }

  /** Reads the days that are missing, a few at a time, and then judges. */
  #look(): void {
    const { clock } = this.#parts;
    const now = clock.now();
    const today = dayOf(now);
    try {
      if (!this.#readDays(today)) {
        this.#lookAt(now + PAUSE_MS);
        return;
      }
      this.#judgeDays(today);
    } catch (error) {
      this.#parts.events.emit("log", {
        level: "error",
        event: "health",
        reason: `Durations of past days could not be looked through: ${messageOf(error)}`,
      });
    }
    this.#lookAt((today + 1) * DAY_MS + MIDNIGHT_WAIT_MS);
  }

  /** False while days are missing. */
  #readDays(today: number): boolean {
    const { clock, stats } = this.#parts;
    for (const day of this.#days.keys()) {
      if (day < today - TREND_DAYS || day >= today) this.#days.delete(day);
    }
    const began = clock.monotonic();
    for (let day = today - TREND_DAYS; day < today; day += 1) {
      if (this.#days.has(day)) continue;
      if (clock.monotonic() - began > BURST_MS) return false;
      const medians = new Map<string, number>();
      for (const [botId, durations] of stats.durationsOf({
        from: day * DAY_MS,
        to: (day + 1) * DAY_MS,
      })) {
        if (durations.length >= LEAST_TICKS) medians.set(botId, median(durations));
      }
      this.#days.set(day, medians);
    }
    return true;
  }

  #judgeDays(today: number): void {
    const { raise, store, nameOf } = this.#parts;
    const from = (today - TREND_DAYS) * DAY_MS;
    const to = today * DAY_MS;
    const values = new Map<string, DayValue[]>();
    for (const [day, medians] of [...this.#days].toSorted(([a], [b]) => a - b)) {
      for (const [botId, value] of medians) {
        const of = values.get(botId);
        if (of === undefined) values.set(botId, [{ day, value }]);
        else of.push({ day, value });
      }
    }
    this.#creep.clear();
    // An event of this look ends at this midnight: after a restart it is not raised again.
    const raised = new Set(
      store
        .list({ from: to, to, kinds: ["creep"], limit: Number.MAX_SAFE_INTEGER })
        .filter((event) => event.to === to)
        .map((event) => event.botId),
    );
    for (const [botId, days] of values) {
      const botName = nameOf(botId);
      const creep = botName === undefined ? null : creepOf(days, LEAST_GROWTH_MS);
      if (botName === undefined || creep === null) continue;
      this.#creep.set(botId, creep);
      if (raised.has(botId)) continue;
      const { perDayPct, growthPct, p } = creep;
      raise({
        kind: "creep",
        from: Math.max(from, (days[0]?.day ?? 0) * DAY_MS),
        to,
        botId,
        reason: `Ticks of ${botName} take longer day by day: ${growthPct.toFixed(0)} % more over ${creep.days} days (p = ${p < 0.0001 ? "under 0.0001" : p.toFixed(4)}); a resource may leak, or its data grows.`,
        detail: { perDayPct, growthPct, p, days: creep.days },
      });
    }
  }
}
