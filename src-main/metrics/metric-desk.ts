import type { MetricId, MetricSettings, MetricView } from "../../src-preload/contract/metrics.ts";
import type { Clock } from "../engine/clock.ts";
import type { MetricService } from "../engine/market/metric-service.ts";
import { METRIC_FACTS, METRIC_NAMES } from "../engine/market/metric-facts.ts";
import type { MetricHub } from "./metric-hub.ts";
import type { MetricSchedule } from "./metric-schedule.ts";

export interface MetricDeskParts {
  readonly clock: Clock;
  readonly service: MetricService;
  /** Null where the market is made and its metrics with it. */
  readonly hub: MetricHub | null;
  /** Null where time is not the wall's: ticks ask for what they need then. */
  readonly schedule: MetricSchedule | null;
}

/** Metrics as the window sees them: what is known, how old it is, when it is asked for next. */
export class MetricDesk {
  readonly #parts: MetricDeskParts;

  constructor(parts: MetricDeskParts) {
    this.#parts = parts;
  }

  list(): readonly MetricView[] {
    const { service } = this.#parts;
    const used = service.inUse();
    return METRIC_NAMES.flatMap((name) => {
      if (METRIC_FACTS[name].wide) return [this.#view(name, null)];
      return used
        .filter((each) => each.name === name)
        .map(({ symbol }) => this.#view(name, symbol))
        .toSorted((a, b) => ((a.symbol ?? "") < (b.symbol ?? "") ? -1 : 1));
    });
  }

  /** Asks for a metric at once; answers all when it is done. */
  async sync(name: MetricId): Promise<readonly MetricView[]> {
    const { schedule, service } = this.#parts;
    if (schedule !== null) await schedule.sync(name, true);
    else {
      for (const { symbol } of service.inUse().filter((each) => each.name === name))
        await service.sync(name, symbol);
    }
    return this.list();
  }

  /** Settings were saved: metrics whose source is another one are asked for anew. */
  settingsChanged(before: MetricSettings, after: MetricSettings): void {
    for (const name of METRIC_NAMES) {
      if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
      this.#parts.service.sourceChanged(name);
      if (after[name].source !== "off") void this.#parts.schedule?.sync(name, true);
    }
  }

  #view(name: MetricId, symbol: string | null): MetricView {
    const { clock, service, hub, schedule } = this.#parts;
    const { title, maxAgeMs } = METRIC_FACTS[name];
    const state = service.state(name, symbol);
    const now = clock.now();
    const age = state.knownAt === null ? null : Math.max(0, now - state.knownAt);
    const source = hub === null ? "synthetic" : hub.sourceOf(name);
    return {
      name,
      title,
      symbol,
      source,
      origin: hub?.originOf(name) ?? "The synthetic market",
      lastValue: state.lastValue,
      publishedAt: state.publishedAt,
      knownAt: state.knownAt,
      ageMs: age,
      maxAgeMs,
      stale: age === null || age > maxAgeMs,
      values: state.values,
      nextSync: source === "off" ? null : (schedule?.next(name) ?? null),
      lastSync: state.lastSync,
    };
  }
}
