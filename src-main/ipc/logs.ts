import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about the structured log. They do not wait for the workspace: the log tells why it is not open. */
export function logHandlers(host: IpcHost): HandlersOf<"logs"> {
  return {
    "logs:query": (query) => host.queryLogs(query),
    "logs:open-folder": async () => {
      await host.openLogFolder();
      return null;
    },
  };
}
