import type { EventEmitter } from "node:events";
import type { LogSink } from "../logging/entry.ts";

/** An event of Electron's, as far as it is used: refusing it asks the system to wait. */
interface Refusable {
  preventDefault(): void;
}

/**
 * Drains when the machine shuts down or the user logs out, and asks the system to wait for it. Linux and macOS tell it
 * through the power monitor; Windows tells the window, and ends a process there without `before-quit`.
 */
export function watchSessionEnd(
  machine: EventEmitter,
  window: EventEmitter,
  log: LogSink,
  drain: () => void,
): void {
  const ending = (reason: string) => (event: Refusable) => {
    event.preventDefault();
    log.write({ level: "info", event: "power", reason });
    drain();
  };
  machine.on("shutdown", ending("The machine shuts down."));
  window.on("query-session-end", ending("Windows asks to end the session."));
  window.on("session-end", ending("Windows ends the session."));
}
