import { describe, expect, it } from "vitest";
import { trayModel } from "../../../src-main/desktop/tray-model.ts";

const status = (over: Partial<Parameters<typeof trayModel>[0] & object> = {}) => ({
  phase: "running" as const,
  problem: null,
  runningTicks: 0,
  risk: {
    kill: { level: "off" as const, since: null, by: null, note: "", left: 0 },
    deadMan: null,
    breakers: 0,
  },
  bots: { total: 0, running: 0, paused: 0, error: 0 },
  ...over,
});

describe("trayModel", () => {
  const bots = (total: number, running: number, paused: number, error = 0) => ({
    total,
    running,
    paused,
    error,
  });
  const cases: readonly [string, Parameters<typeof trayModel>[0], string, string][] = [
    ["nothing is open yet", null, "stopped", "Starting"],
    ["there are no bots", status(), "stopped", "No bots yet"],
    ["all run", status({ bots: bots(45, 45, 0) }), "ok", "45 bots running"],
    ["one runs", status({ bots: bots(1, 1, 0) }), "ok", "1 bot running"],
    ["some are paused", status({ bots: bots(45, 40, 5) }), "ok", "40 bots running, 5 paused"],
    ["all that are on are paused", status({ bots: bots(45, 0, 5) }), "paused", "5 bots paused"],
    ["all are stopped", status({ bots: bots(45, 0, 0) }), "stopped", "45 bots stopped"],
    [
      "the kill switch is on",
      status({
        bots: bots(2, 2, 0),
        risk: {
          kill: { level: "entries", since: 0, by: "tray", note: "", left: 0 },
          deadMan: null,
          breakers: 0,
        },
      }),
      "error",
      "Kill switch is on",
    ],
    [
      "nobody has checked in",
      status({
        bots: bots(2, 2, 0),
        risk: {
          kill: { level: "off", since: null, by: null, note: "", left: 0 },
          deadMan: { state: "no_entries", lastCheckIn: 0, next: null },
          breakers: 0,
        },
      }),
      "error",
      "Nobody has checked in: no new entries",
    ],
    ["one has an error", status({ bots: bots(45, 45, 0, 1) }), "error", "1 bot of 45 in error"],
    [
      "something needs a look",
      status({ problem: "No network.", bots: bots(2, 2, 0) }),
      "error",
      "No network.",
    ],
    [
      "ticks finish",
      status({ phase: "draining", runningTicks: 3 }),
      "draining",
      "Finishing 3 ticks",
    ],
    ["it failed", status({ phase: "failed" }), "error", "The engine failed"],
  ];
  for (const [what, given, state, line] of cases) {
    it(`tells that ${what}`, () => {
      expect(trayModel(given)).toMatchObject({ state, line });
    });
  }

  it("offers what there is something to act on", () => {
    expect(trayModel(status({ bots: bots(3, 2, 0) }))).toMatchObject({
      canPause: true,
      canResume: false,
      canStop: true,
    });
    expect(trayModel(status({ bots: bots(3, 0, 2) }))).toMatchObject({
      canPause: false,
      canResume: true,
      canStop: true,
    });
    expect(trayModel(status({ phase: "draining", bots: bots(3, 3, 0) }))).toMatchObject({
      canPause: false,
      canStop: false,
    });
  });
});
