import { schedule } from "node-cron";
import type { ScheduledTask } from "node-cron";
import type { MetricId } from "../../src-preload/contract/metrics.ts";
import { messageOf } from "../engine/fault.ts";
import type { MetricService } from "../engine/market/metric-service.ts";
import { METRIC_FACTS, METRIC_NAMES } from "../engine/market/metric-facts.ts";

/**
 * When each metric is asked for, UTC: a while after its source publishes, apart from each other and from full hours,
 * when bots tick. Daily ones are asked for some times a day, since their sources publish at no fixed hour; a file of
 * one's own costs nothing to look at.
 */
const EXPRESSIONS: Readonly<Record<MetricId, string>> = {
  funding_rate: "2 0,8,16 * * *",
  open_interest: "6 * * * *",
  long_short_ratio: "7 * * * *",
  nupl: "21 1,3,7,13,19 * * *",
  stablecoin_supply: "26 1,3,7,13,19 * * *",
  fear_greed: "31 0,1,3,7,13,19 * * *",
  btc_dominance: "*/10 * * * *",
};

/** A start that is so late (the machine slept) still runs, ms: the next may be hours away. */
const LATE_MS = 3_600_000;

export interface MetricScheduleParts {
  readonly service: Pick<MetricService, "sync" | "due" | "inUse">;
  readonly onNote: (reason: string) => void;
  /** Other times for tests. */
  readonly expressions?: Readonly<Partial<Record<MetricId, string>>>;
}

/**
 * Asks for metrics on their own calendars, by the wall's clock. node-cron rather than the engine's scheduler: these
 * are housekeeping, which may be late or missed, and must not stand among fire times that are accounted for.
 */
export class MetricSchedule {
  readonly #parts: MetricScheduleParts;
  readonly #tasks = new Map<MetricId, ScheduledTask>();

  constructor(parts: MetricScheduleParts) {
    this.#parts = parts;
  }

  /** Starts the calendars, and asks at once for what has become old while Tickdeck did not run. */
  start(): void {
    for (const name of METRIC_NAMES) {
      const expression = this.#parts.expressions?.[name] ?? EXPRESSIONS[name];
      const task = schedule(expression, () => this.sync(name, false), {
        timezone: "UTC",
        name: `metric ${name}`,
        noOverlap: true,
        missedExecutionTolerance: LATE_MS,
        suppressMissedWarning: true,
      });
      task.on("execution:failed", ({ execution }) => {
        this.#parts.onNote(`${name} was not asked for: ${messageOf(execution?.error)}`);
      });
      this.#tasks.set(name, task);
      void this.sync(name, false);
    }
  }

  /** When a metric is asked for next, ms UTC; null while nothing is planned. */
  next(name: MetricId): number | null {
    return this.#tasks.get(name)?.getNextRun()?.getTime() ?? null;
  }

  /** Asks for all series of a metric in use, one after the other; unless `forced`, only for those that are due. */
  async sync(name: MetricId, forced: boolean): Promise<void> {
    const { service } = this.#parts;
    const symbols = METRIC_FACTS[name].wide
      ? [null]
      : service
          .inUse()
          .filter((each) => each.name === name)
          .map(({ symbol }) => symbol);
    for (const symbol of symbols)
      if (forced || service.due(name, symbol)) await service.sync(name, symbol);
  }

  /** Ends the calendars; a fetch that is under way ends by itself. */
  stop(): void {
    for (const task of this.#tasks.values()) void task.destroy();
    this.#tasks.clear();
  }
}
