/**
 * Entry of a research process: Electron's utility process on the desktop, a forked child in plain Node. It runs
 * back-tests below everybody else's priority, so that ticks come first.
 */
import { constants, setPriority } from "node:os";
import type { FromProcess, ToProcess } from "./research/protocol.ts";
import { makeServer } from "./research/serve.ts";

/** What Electron puts on `process` in a utility process. */
interface ParentPort {
  postMessage(message: FromProcess): void;
  on(event: "message", listener: (event: { readonly data: ToProcess }) => void): void;
}
const { parentPort } = process as { readonly parentPort?: ParentPort };

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Not allowed here: then it runs as everybody does.
}

if (parentPort !== undefined) {
  const take = makeServer((message) => {
    parentPort.postMessage(message);
  });
  parentPort.on("message", ({ data }) => {
    take(data);
  });
  parentPort.postMessage({ kind: "ready" });
} else {
  const post = (message: FromProcess): void => {
    process.send?.(message);
  };
  const take = makeServer(post);
  process.on("message", (message) => {
    take(message as ToProcess);
  });
  // The parent is gone: nobody wants an answer any more.
  process.once("disconnect", () => process.exit(0));
  post({ kind: "ready" });
}
