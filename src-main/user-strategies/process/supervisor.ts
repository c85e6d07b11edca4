/**
 * Entry of the process of the user's strategies. Its main thread only passes messages on and watches memory, so that
 * it stays awake whatever the strategies do; they run in a worker thread.
 */
import { Worker } from "node:worker_threads";
import type { FromProcess, ProcessLimits } from "../protocol.ts";

/** Between two looks at the memory, ms. */
const WATCH_MS = 50;
const MIB = 1024 * 1024;

/** Electron's port of a utility process; its types come with Electron, which plain Node does not have. */
interface ParentPort {
  on(event: "message", listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}
const { parentPort } = process as unknown as { readonly parentPort?: ParentPort };

const send = (message: FromProcess, then?: () => void): void => {
  if (parentPort !== undefined) {
    parentPort.postMessage(message);
    // Electron gives no sign that a message has left; one turn of the loop is enough.
    if (then !== undefined) setTimeout(then, 20);
  } else process.send?.(message, undefined, {}, then);
};

const limits = JSON.parse(process.argv[2] ?? "") as ProcessLimits;
let ending = false;
function end(reason: string): void {
  if (ending) return;
  ending = true;
  send({ kind: "ending", reason }, () => process.exit(1));
}

const source = import.meta.url.endsWith(".ts");
const sandbox = new Worker(
  new URL(source ? "./sandbox.ts" : "./strategy-sandbox.js", import.meta.url),
  {
    env: {},
    execArgv: ["--experimental-vm-modules", "--no-warnings"],
    // Not every runtime heeds it; the watch below does the rest, memory outside of the heap included.
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(limits.memoryBytes / MIB) },
  },
);
let baseline = Number.POSITIVE_INFINITY;
const allowed = `${Math.round(limits.memoryBytes / MIB)} MB of memory that strategies may use`;
sandbox.on("message", (message: FromProcess) => {
  if (message.kind === "ready") baseline = process.memoryUsage.rss();
  send(message);
});
sandbox.on("error", (error: NodeJS.ErrnoException) => {
  end(
    error.code === "ERR_WORKER_OUT_OF_MEMORY"
      ? `it took more than the ${allowed}`
      : `it crashed: ${error.message}`,
  );
});
sandbox.on("exit", (code) => end(`it ended the process (exit code ${code})`));
setInterval(() => {
  if (process.memoryUsage.rss() - baseline > limits.memoryBytes)
    end(`it took more than the ${allowed}`);
}, WATCH_MS);

if (parentPort !== undefined) parentPort.on("message", ({ data }) => sandbox.postMessage(data));
else {
  process.on("message", (message) => sandbox.postMessage(message));
  // Without Tickdeck there is nobody to decide for.
  process.on("disconnect", () => process.exit(0));
}
