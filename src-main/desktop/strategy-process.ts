import { utilityProcess } from "electron";
import { join } from "node:path";
import type { ProcessEvents, StrategyProcess } from "../user-strategies/host.ts";
import { STRATEGY_LIMITS } from "../user-strategies/protocol.ts";
import type { FromProcess } from "../user-strategies/protocol.ts";

/** Starts the process of the user's strategies as a utility process: no environment, no output, one port. */
export function startStrategyProcess(events: ProcessEvents): StrategyProcess {
  const child = utilityProcess.fork(
    join(import.meta.dirname, "strategy-process.js"),
    [JSON.stringify(STRATEGY_LIMITS)],
    { env: {}, stdio: "ignore", serviceName: "Tickdeck strategies" },
  );
  child.on("message", (message: FromProcess) => events.onMessage(message));
  child.once("exit", (code) => events.onExit(`it ended by itself (exit code ${code})`));
  return {
    send: (message) => child.postMessage(message),
    kill: () => {
      child.kill();
    },
  };
}
