import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventBus } from "../../../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../../../src-main/engine/events.ts";
import { EventPump } from "../../../src-main/ipc/event-pump.ts";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import { status, view } from "./support.ts";

interface Sent {
  readonly at: number;
  readonly event: string;
  readonly payload: unknown;
}

/** A pump on hand-turned time. */
function rig(gone: ReadonlySet<string> = new Set()) {
  const timers: { at: number; call: () => void }[] = [];
  const sent: Sent[] = [];
  const state = { now: 0, watched: true, reads: 0 };
  const events = new EventBus<EngineEvents>((error) => {
    throw error;
  });
  const pump = new EventPump({
    send: (event, payload) => void sent.push({ at: state.now, event, payload }),
    watched: () => state.watched,
    riskStatus: () => null,
    botView: (id): BotView | null => {
      state.reads += 1;
      return gone.has(id) ? null : view(id);
    },
    after: (ms, call) => {
      const timer = { at: state.now + ms, call };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  pump.attach(events);
  const advance = (ms: number): void => {
    const end = state.now + ms;
    for (;;) {
      const next = timers.filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      state.now = next.at;
      next.call();
    }
    state.now = end;
  };
  return { events, pump, sent, state, advance };
}

describe("EventPump", () => {
  it("merges what one bot does into one view a batch, read when it leaves", () => {
    const { events, sent, state, advance } = rig();
    for (let i = 0; i < 50; i += 1) events.emit("bot", { botId: "b1", removed: false });
    events.emit("bot", { botId: "b2", removed: false });
    expect(state.reads).toBe(0);
    advance(1000);
    expect(sent).toEqual([
      { at: 100, event: "bots:changed", payload: { bots: [view("b1"), view("b2")], removed: [] } },
    ]);
  });

  it("says that a bot is gone, whichever way it learns of it", () => {
    const { events, sent, advance } = rig(new Set(["b3"]));
    events.emit("bot", { botId: "b1", removed: false });
    events.emit("bot", { botId: "b1", removed: true });
    events.emit("bot", { botId: "b3", removed: false });
    advance(100);
    expect(sent[0]?.payload).toEqual({ bots: [], removed: ["b1", "b3"] });
  });

  it("sends at most 10 batches a second, and everything", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 5, max: 60 }), { minLength: 1, maxLength: 200 }),
        (gaps) => {
          const { events, sent, advance } = rig();
          let emitted = 0;
          for (const gap of gaps) {
            advance(gap);
            emitted += 1;
            events.emit("signal", { id: `s${emitted}`, botId: "b1", title: "", body: "", time: 0 });
            events.emit("bot", { botId: `b${emitted}`, removed: false });
          }
          advance(100);
          const batches = sent.filter(({ event }) => event === "bots:changed").map(({ at }) => at);
          for (const [i, at] of batches.entries()) {
            if (i > 0) expect(at - (batches[i - 1] ?? 0)).toBeGreaterThanOrEqual(100);
          }
          expect(sent.filter(({ event }) => event === "app:signal")).toHaveLength(emitted);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("keeps a hidden window's batch, bounded, and sends it when it comes into view", () => {
    const { events, pump, sent, state, advance } = rig();
    state.watched = false;
    for (let i = 0; i < 5000; i += 1) {
      events.emit("portfolio", { botId: "b1" });
      events.emit("bot", { botId: `b${i % 45}`, removed: false });
      pump.logged({ time: i, engine_time: i, level: "info", event: "tick", reason: "" });
    }
    advance(5000);
    expect(sent).toEqual([]);
    state.watched = true;
    pump.wake();
    advance(100);
    expect(sent.map(({ event }) => event)).toEqual([
      "bots:changed",
      "logs:new",
      "portfolio:changed",
    ]);
    const logs = sent[1]?.payload as readonly { readonly time: number }[];
    expect(logs.length).toBeLessThanOrEqual(750);
    expect(logs.at(-1)?.time).toBe(4999);
  });

  it("sends the last of several states", () => {
    const { pump, sent, advance } = rig();
    pump.report(status);
    pump.report({ ...status, phase: "draining" });
    advance(500);
    expect(sent).toEqual([
      { at: 100, event: "app:status-changed", payload: { ...status, phase: "draining" } },
    ]);
  });

  it("is silent once stopped", () => {
    const { events, pump, sent, advance } = rig();
    events.emit("bot", { botId: "b1", removed: false });
    pump.stop();
    events.emit("bot", { botId: "b1", removed: false });
    pump.wake();
    advance(1000);
    expect(sent).toEqual([]);
  });
});
