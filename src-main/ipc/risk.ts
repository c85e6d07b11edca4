import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about risk: limits in use, breakers, the two switches, capital. */
export function riskHandlers(host: IpcHost): HandlersOf<"risk"> {
  const risk = async () => (await host.workspace()).engine.risk;
  return {
    "risk:overview": async () => (await risk()).overview(),
    "risk:kill": async ({ level, note }) => (await risk()).kill(level, "window", note),
    "risk:release": async ({ note }) => (await risk()).release("window", note),
    "risk:check-in": async () => (await risk()).checkIn(),
    "risk:reset-breaker": async ({ id, note }) => {
      await (await risk()).resetBreaker(id, note);
      return null;
    },
    "risk:lock-pair": async (query) => (await risk()).lockPair(query),
    "risk:events": async ({ limit }) => (await risk()).events(limit),
    "risk:drawdown": async ({ points }) => (await risk()).drawdown(points),
    "risk:allocate-preview": async (query) => (await risk()).previewAllocation(query),
    "risk:allocate-apply": async (query) => (await risk()).applyAllocation(query),
  };
}
