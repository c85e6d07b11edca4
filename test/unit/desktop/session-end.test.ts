import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { watchSessionEnd } from "../../../src-main/desktop/session-end.ts";
import { Shutdown } from "../../../src-main/desktop/shutdown.ts";
import type { LogEntry } from "../../../src-main/logging/entry.ts";

describe("the end of a session", () => {
  const world = () => {
    const [machine, window] = [new EventEmitter(), new EventEmitter()];
    const said: LogEntry[] = [];
    const done: string[] = [];
    let finish = (): void => {};
    const drained = new Promise<void>((resolve) => (finish = resolve));
    const shutdown = new Shutdown({
      drain: () => {
        done.push("drain");
        return drained;
      },
      exit: (code) => done.push(`exit ${code}`),
      failed: () => done.push("failed"),
    });
    watchSessionEnd(machine, window, { write: (entry) => void said.push(entry) }, () =>
      shutdown.request("quit"),
    );
    const asked = { waits: 0, preventDefault: () => void (asked.waits += 1) };
    return { machine, window, said, done, finish: () => finish(), asked };
  };

  it.each([
    ["machine", "shutdown", "The machine shuts down."],
    ["window", "query-session-end", "Windows asks to end the session."],
    ["window", "session-end", "Windows ends the session."],
  ] as const)("drains on the %s's %s and asks the system to wait", async (who, event, reason) => {
    const { said, done, finish, asked, ...sources } = world();
    sources[who].emit(event, asked);
    expect(asked.waits).toBe(1);
    expect(said.map((entry) => entry.reason)).toEqual([reason]);
    expect(done).toEqual(["drain"]);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual(["drain", "exit 0"]);
  });

  it("drains once, however often it is told, and never forces the end", () => {
    const { machine, window, done, asked } = world();
    window.emit("query-session-end", asked);
    window.emit("session-end", asked);
    machine.emit("shutdown", asked);
    expect(asked.waits).toBe(3);
    expect(done).toEqual(["drain"]);
  });
});
