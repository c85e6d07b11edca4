import { powerMonitor } from "electron";
import type { LogSink } from "../logging/entry.ts";

/** Who is told when the machine sleeps and wakes; null while there is no engine. */
type Sleeper = () => { suspended(): void; resumed(): void } | null;

/**
 * Tells the engine when the machine sleeps and wakes, and says so in the log. The engine finds a sleep by its clocks too:
 * the system's word makes it quicker, and is not always given.
 */
export function watchPower(log: LogSink, engine: Sleeper): void {
  let asleepSince: number | null = null;
  powerMonitor.on("suspend", () => {
    asleepSince = Date.now();
    engine()?.suspended();
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
      reason: `The machine woke${slept}.`,
    });
    engine()?.resumed();
  });
}
