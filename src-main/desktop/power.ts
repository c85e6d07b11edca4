import { powerMonitor } from "electron";
import type { LogSink } from "../logging/entry.ts";

/**
 * Says in the log when the machine sleeps, wakes and shuts down. The engine finds a sleep by its clock; this is for the
 * one who reads. A shutdown of the machine waits for the drain as long as the system allows.
 */
export function watchPower(log: LogSink, shutDown: () => void): void {
  let asleepSince: number | null = null;
  powerMonitor.on("suspend", () => {
    asleepSince = Date.now();
    log.write({
      level: "info",
      event: "power",
      reason: "The machine goes to sleep; no tick runs until it wakes.",
    });
  });
  powerMonitor.on("resume", () => {
    const slept =
      asleepSince === null ? "" : ` after ${Math.round((Date.now() - asleepSince) / 1000)} s`;
    asleepSince = null;
    log.write({
      level: "info",
      event: "power",
      reason: `The machine woke${slept}; due ticks are judged by their grace time.`,
    });
  });
  // Linux and macOS; Windows ends the session through before-quit.
  powerMonitor.on("shutdown", () => {
    log.write({ level: "info", event: "power", reason: "The machine shuts down." });
    shutDown();
  });
}
