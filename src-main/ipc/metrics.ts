import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about market metrics. */
export function metricHandlers(host: IpcHost): HandlersOf<"metrics"> {
  const metrics = async () => (await host.workspace()).metrics;
  return {
    "metrics:list": async () => (await metrics()).list(),
    "metrics:sync": async ({ name }) => (await metrics()).sync(name),
  };
}
