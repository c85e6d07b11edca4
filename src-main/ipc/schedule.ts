import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about the schedule: past and coming fire times, lateness, health. */
export function scheduleHandlers(host: IpcHost): HandlersOf<"schedule"> {
  const schedule = async () => (await host.workspace()).engine.schedule;
  return {
    "schedule:timeline": async (query) => (await schedule()).timeline(query),
    "schedule:health": async (query) => (await schedule()).health(query),
    "schedule:lateness-histogram": async (query) => (await schedule()).histogram(query),
    "schedule:reasons": async (query) => (await schedule()).reasons(query),
  };
}
