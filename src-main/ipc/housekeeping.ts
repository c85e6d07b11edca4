import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about the data folder: backups, retention, sizes. */
export function housekeepingHandlers(host: IpcHost): HandlersOf<"housekeeping"> {
  return {
    "housekeeping:status": async () => (await host.workspace()).housekeeping(),
    "housekeeping:backup": async () => (await host.workspace()).backup(),
  };
}
