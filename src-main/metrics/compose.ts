import type { Clock } from "../engine/clock.ts";
import type { MetricService } from "../engine/market/metric-service.ts";
import { MetricDesk } from "./metric-desk.ts";
import type { MetricHub } from "./metric-hub.ts";
import { MetricSchedule } from "./metric-schedule.ts";

/** The metrics of one market source: what the window asks, and the calendars to start and stop with the engine. */
export interface Metrics {
  readonly desk: MetricDesk;
  readonly schedule: MetricSchedule | null;
}

/** `hub` is null where the market is made. Calendars follow the wall: where time does not, ticks ask for what they need. */
export function composeMetrics(
  clock: Clock,
  service: MetricService,
  hub: MetricHub | null,
  onNote: (reason: string) => void,
): Metrics {
  const schedule =
    hub === null || clock.mode !== "system" ? null : new MetricSchedule({ service, onNote });
  return { desk: new MetricDesk({ clock, service, hub, schedule }), schedule };
}
