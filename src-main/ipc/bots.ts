import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about bots. */
export function botHandlers(host: IpcHost): HandlersOf<"bots"> {
  const fleet = async () => (await host.workspace()).engine.bots;
  return {
    "bots:list": async () => (await fleet()).list(),
    "bots:get": async ({ id }) => (await fleet()).get(id),
    "bots:strategies": async () => (await fleet()).strategies(),
    "bots:symbols": async () => (await fleet()).symbols(),
    "bots:preview-schedule": async (query) => (await fleet()).previewSchedule(query),
    "bots:create": async ({ config }) => (await fleet()).create(config),
    "bots:update": async ({ id, config }) => (await fleet()).update(id, config),
    "bots:delete": async ({ ids }) => (await fleet()).delete(ids),
    "bots:start": async ({ ids }) => (await fleet()).start(ids),
    "bots:stop": async ({ ids }) => (await fleet()).stop(ids),
    "bots:pause": async ({ ids }) => (await fleet()).pause(ids),
    "bots:resume": async ({ ids }) => (await fleet()).resume(ids),
    "bots:close": async ({ ids }) => (await fleet()).closePositions(ids),
    "bots:create-preset": async ({ start }) => (await fleet()).createPreset(start),
  };
}
