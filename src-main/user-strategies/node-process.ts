import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ProcessEvents, StartProcess, StrategyProcess } from "./host.ts";
import type { FromProcess, ProcessLimits } from "./protocol.ts";

/** Where the supervisor lies: beside this file in source, beside the main bundle when built. */
const supervisor = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "./process/supervisor.ts" : "./strategy-process.js",
    import.meta.url,
  ),
);

/**
 * Starts the process of the user's strategies from plain Node: no environment, no output of its own, and, where Node
 * has permissions, no files to write, no child processes, no addons.
 */
export const startNodeProcess =
  (limits: ProcessLimits): StartProcess =>
  (events: ProcessEvents): StrategyProcess => {
    const child = fork(supervisor, [JSON.stringify(limits)], {
      env: {},
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [...permissions(), "--no-warnings"],
    });
    child.on("message", (message) => events.onMessage(message as FromProcess));
    child.once("error", (error) => events.onExit(error.message));
    child.once("exit", (code, signal) =>
      events.onExit(`it ended by itself (${signal ?? `exit code ${code}`})`),
    );
    return {
      send: (message) => {
        // A process that is gone says so by `exit`.
        child.send(message, () => undefined);
      },
      kill: () => {
        child.kill("SIGKILL");
      },
    };
  };

/** Reading stays allowed, since Node reads the supervisor's own modules; strategies have no way to it. */
const permissions = (): readonly string[] =>
  process.allowedNodeEnvironmentFlags.has("--permission")
    ? ["--permission", "--allow-fs-read=*", "--allow-worker"]
    : [];
