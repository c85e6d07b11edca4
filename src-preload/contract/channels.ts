import type { EventChannel } from "./index.ts";

// Apart from the schemas, so that the sandboxed preload script carries no zod.

/** The one IPC channel that every request goes through. */
export const REQUEST_CHANNEL = "tickdeck:request";
/** IPC channel of an event stream. */
export const eventChannel = (event: EventChannel): string => `tickdeck:event:${event}`;

/** Names of the event streams the window may listen to. */
export const EVENT_CHANNELS = [
  "app:status-changed",
  "app:settings-changed",
  "app:navigate",
  "app:signal",
  "bots:changed",
  "data:changed",
  "logs:new",
  "market:changed",
  "portfolio:changed",
  "risk:changed",
  "ticks:new",
] as const satisfies readonly EventChannel[];
