import type { EngineEvent } from "../../../src-preload/contract/schedule.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { messageOf } from "../fault.ts";
import type { EngineEventStore } from "../store-port.ts";

/** Keeps an engine event in the store; `warn` tells of it in the log too. Never throws. */
export type Raise = (event: EngineEvent, options?: { readonly warn: boolean }) => void;

/** Writes engine events to the store and, as warnings, to the log. */
export const makeRaise =
  (events: EventBus<EngineEvents>, store: Pick<EngineEventStore, "insert">): Raise =>
  (event, options = { warn: true }) => {
    const { kind, reason, botId } = event;
    if (options.warn) {
      events.emit("log", {
        level: "warn",
        event: kind,
        reason,
        ...(botId === null ? {} : { botId }),
      });
    }
    try {
      store.insert(event);
    } catch (error) {
      events.emit("log", {
        level: "error",
        event: "store",
        reason: `An event (${kind}) could not be written to market.db: ${messageOf(error)}`,
      });
    }
  };
