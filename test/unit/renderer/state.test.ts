import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AppStatus, ClockView } from "../../../src-preload/contract/app.ts";
import {
  applyBotsChanged,
  applyDelta,
  loadBots,
  strategyTitle,
  useBots,
} from "../../../src-renderer/state/bots.ts";
import { engineNow, engineTimeAt } from "../../../src-renderer/state/clock.ts";
import { addSignal, markSignalsSeen, useSignals } from "../../../src-renderer/state/signals.ts";
import { useStatus } from "../../../src-renderer/state/status.ts";
import { makeBot, makeStrategy } from "./make.ts";

type Answer = (channel: string) => unknown;
let answer: Answer = () => ({ ok: true, value: [] });

beforeEach(() => {
  // The bridge of the preload script, which is another process's.
  Object.assign(globalThis, {
    window: {
      tickdeck: { request: async (channel: string) => answer(channel), on: () => () => undefined },
    },
  });
  useBots.setState({ byId: new Map(), loaded: false, failure: null, strategies: [] });
  useSignals.setState({ notices: [], unseen: 0 });
  useStatus.setState({ status: null });
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, "window");
});

describe("bots:changed", () => {
  it("puts changed and new bots in, takes removed ones out, and keeps the identity of the rest", () => {
    const [a, b, c] = [makeBot("a"), makeBot("b"), makeBot("c")];
    const before = new Map([a, b, c].map((bot) => [bot.id, bot]));
    const changed = makeBot("b", { pnlToday: 5 });
    const added = makeBot("d");
    const after = applyDelta(before, { bots: [changed, added], removed: ["c", "unknown"] });
    expect([...after.keys()]).toEqual(["a", "b", "d"]);
    expect(after.get("a")).toBe(a);
    expect(after.get("b")).toBe(changed);
    expect(before.get("b")).toBe(b);
    expect(before.has("c")).toBe(true);
  });

  it("is the same map where nothing changed", () => {
    const before = new Map([["a", makeBot("a")]]);
    expect(applyDelta(before, { bots: [], removed: ["gone"] })).toBe(before);
    expect(applyDelta(before, { bots: [], removed: [] })).toBe(before);
  });

  it("lets a removal win over a change in the same batch", () => {
    expect(applyDelta(new Map(), { bots: [makeBot("a")], removed: ["a"] }).size).toBe(0);
  });

  it("reaches the store", () => {
    applyBotsChanged({ bots: [makeBot("a")], removed: [] });
    expect(useBots.getState().byId.has("a")).toBe(true);
  });
});

describe("reading the fleet", () => {
  it("replaces what was known", async () => {
    applyBotsChanged({ bots: [makeBot("old")], removed: [] });
    answer = () => ({ ok: true, value: [makeBot("a"), makeBot("b")] });
    await loadBots();
    expect([...useBots.getState().byId.keys()]).toEqual(["a", "b"]);
    expect(useBots.getState()).toMatchObject({ loaded: true, failure: null });
  });

  it("keeps the bots and the sentence when it is refused", async () => {
    applyBotsChanged({ bots: [makeBot("a")], removed: [] });
    answer = () => ({
      ok: false,
      error: { code: "internal", message: "ledger.db could not be read." },
    });
    await loadBots();
    expect(useBots.getState().byId.has("a")).toBe(true);
    expect(useBots.getState().failure?.message).toBe("ledger.db could not be read.");
  });

  it("turns a broken bridge into a sentence as well", async () => {
    answer = () => {
      throw new Error("pipe closed");
    };
    await loadBots();
    expect(useBots.getState().failure).toMatchObject({ code: "unavailable" });
    expect(useBots.getState().failure?.message).toContain("pipe closed");
  });

  it("names a strategy by its title once it is known", () => {
    expect(strategyTitle([], "mean_reversion_bb")).toBe("mean_reversion_bb");
    expect(strategyTitle([makeStrategy([])], "mean_reversion_bb")).toBe("Mean reversion");
  });
});

describe("the engine's clock between two statuses", () => {
  const clock: ClockView = {
    mode: "time-lapse",
    engineTime: 1_000_000,
    wallTime: 5000,
    speed: 900,
  };

  it("runs on at its speed", () => {
    expect(engineTimeAt(clock, 5500)).toBe(1_000_000 + 500 * 900);
    expect(engineTimeAt({ ...clock, mode: "system", speed: 1 }, 5250)).toBe(1_000_250);
  });

  it("stands still when the engine has been silent, or the wall's clock steps back", () => {
    expect(engineTimeAt(clock, 5000 + 60_000)).toBe(1_000_000 + 2000 * 900);
    expect(engineTimeAt(clock, 1000)).toBe(1_000_000);
  });

  it("does not run in virtual time, and is unknown before the first status", () => {
    expect(engineTimeAt({ ...clock, mode: "virtual" }, 9000)).toBe(1_000_000);
    expect(engineNow()).toBeNull();
    useStatus.setState({ status: { clock: { ...clock, mode: "virtual" } } as AppStatus });
    expect(engineNow()).toBe(1_000_000);
  });
});

describe("signals", () => {
  const notice = (id: string) => ({ id, botId: "b-1", title: "Entry", body: "", time: 0 });

  it("stand newest first, each once, and are counted until seen", () => {
    addSignal(notice("1"));
    addSignal(notice("2"));
    addSignal(notice("1"));
    expect(useSignals.getState().notices.map(({ id }) => id)).toEqual(["2", "1"]);
    expect(useSignals.getState().unseen).toBe(2);
    markSignalsSeen();
    expect(useSignals.getState().unseen).toBe(0);
    expect(useSignals.getState().notices).toHaveLength(2);
  });

  it("are kept up to a limit", () => {
    for (let n = 0; n < 250; n += 1) addSignal(notice(String(n)));
    expect(useSignals.getState().notices).toHaveLength(200);
    expect(useSignals.getState().notices[0]?.id).toBe("249");
  });
});
