import type { Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import type { Raise } from "../health/event-log.ts";
import { Heartbeat } from "../health/heartbeat.ts";
import { spoken } from "../scheduler/misfire.ts";
import type { JobView } from "../scheduler/types.ts";

/** The fleet's heartbeat: a bot that becomes red is an engine event with a warning, its return a line in the log. */
export function botHeartbeat(parts: {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly raise: Raise;
  readonly job: (botId: string) => JobView | undefined;
  readonly nameOf: (botId: string) => string | undefined;
}): Heartbeat {
  const { clock, events, raise, job, nameOf } = parts;
  return new Heartbeat({
    clock,
    pulse: (botId) => {
      const { nextFireTime = null, running = 0 } = job(botId) ?? {};
      return { next: nextFireTime, running: running > 0 };
    },
    onLost: (botId, due) => {
      const now = clock.now();
      raise({
        kind: "heartbeat",
        from: due,
        to: now,
        botId,
        reason: `${nameOf(botId) ?? botId} should have ticked ${spoken(now - due)} ago and did not; nothing is known of that fire time.`,
        detail: {},
      });
      events.emit("bot", { botId, removed: false });
    },
    onFound: (botId, due) => {
      events.emit("log", {
        level: "info",
        event: "heartbeat",
        botId,
        reason: `${nameOf(botId) ?? botId} ticks again, ${spoken(clock.now() - due)} after the fire time that it owed.`,
      });
    },
  });
}
