import { describe, expect, it } from "vitest";
import { EventBus } from "../../../../src-main/engine/event-bus.ts";

interface Events {
  tick: { readonly n: number };
  note: string;
}

const bus = () => {
  const errors: unknown[] = [];
  return { errors, bus: new EventBus<Events>((error, name) => errors.push([name, error])) };
};

describe("EventBus", () => {
  it("delivers by name in the order of subscription until unsubscribed", () => {
    const { bus: events } = bus();
    const heard: string[] = [];
    const off = events.on("tick", ({ n }) => heard.push(`a${n}`));
    events.on("tick", ({ n }) => heard.push(`b${n}`));
    events.on("note", (text) => heard.push(text));
    events.emit("tick", { n: 1 });
    off();
    off();
    events.emit("tick", { n: 2 });
    events.emit("note", "hello");
    expect(heard).toEqual(["a1", "b1", "b2", "hello"]);
  });

  it("keeps two subscriptions of one function apart", () => {
    const { bus: events } = bus();
    let calls = 0;
    const listener = (): void => void (calls += 1);
    const off = events.on("note", listener);
    events.on("note", listener);
    off();
    events.emit("note", "x");
    expect(calls).toBe(1);
  });

  it("hands what a listener throws or rejects with to the handler and goes on", async () => {
    const { bus: events, errors } = bus();
    let heard = 0;
    events.on("note", () => {
      throw new Error("sync");
    });
    events.on("note", async () => {
      await Promise.reject(new Error("async"));
    });
    events.on("note", () => void (heard += 1));
    events.emit("note", "x");
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toBe(1);
    expect(errors).toEqual([
      ["note", new Error("sync")],
      ["note", new Error("async")],
    ]);
  });

  it("lets listeners come and go while an event is delivered", () => {
    const { bus: events } = bus();
    const heard: string[] = [];
    events.on("note", () => {
      heard.push("first");
      offSecond();
      events.on("note", () => heard.push("late"));
    });
    const offSecond = events.on("note", () => heard.push("second"));
    events.emit("note", "x");
    expect(heard).toEqual(["first"]);
  });
});
