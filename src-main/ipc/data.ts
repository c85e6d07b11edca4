import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about stored market data: coverage, backfills, findings. */
export function dataHandlers(host: IpcHost): HandlersOf<"data"> {
  const data = async () => (await host.workspace()).engine.data;
  return {
    "data:coverage": async () => (await data()).coverage(),
    "data:timeframes": async () => (await data()).timeframes(),
    "data:backfills": async () => (await data()).backfills(),
    "data:backfill": async (order) => (await data()).backfill(order),
    "data:backfill-pause": async ({ ids }) => {
      (await data()).pause(ids);
      return null;
    },
    "data:backfill-resume": async ({ ids }) => {
      (await data()).resume(ids);
      return null;
    },
    "data:backfill-cancel": async ({ ids }) => {
      (await data()).cancel(ids);
      return null;
    },
    "data:backfill-clear": async () => {
      (await data()).clear();
      return null;
    },
    "data:findings": async (query) => (await data()).findings(query),
  };
}
