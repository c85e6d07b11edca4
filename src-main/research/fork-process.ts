import { fork } from "node:child_process";
import type { FromProcess, ToProcess } from "./protocol.ts";
import type { ResearchProcess } from "./pool.ts";

/**
 * Starts a research process in plain Node. `entry` is the path of research-process.ts; `memoryMb` caps its JavaScript
 * heap, and a run that needs more ends that process and nothing else.
 */
export function forkResearchProcess(entry: string, memoryMb: number): ResearchProcess {
  const child = fork(entry, [], {
    serialization: "advanced",
    execArgv: [`--max-old-space-size=${memoryMb}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  return {
    pid: child.pid,
    post: (message: ToProcess) => {
      // A process that is gone answers by its end, which `onEnd` tells.
      if (child.connected) child.send(message, () => {});
    },
    onMessage: (listener) => {
      child.on("message", (message) => {
        listener(message as FromProcess);
      });
    },
    onEnd: (listener) => {
      child.once("error", (error) => {
        listener(error.message);
      });
      child.once("close", (code, signal) => {
        const memory = errors.includes("heap out of memory")
          ? `, out of its ${memoryMb} MB of memory`
          : "";
        listener(`${signal === null ? `code ${code ?? "unknown"}` : `signal ${signal}`}${memory}`);
      });
    },
    kill: () => {
      child.kill("SIGKILL");
    },
  };
}
