import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  BotScheduleHealth,
  EngineEvent,
  TickMarks,
} from "../../../src-preload/contract/schedule.ts";
import { heartbeat, sortHealth } from "../../../src-renderer/features/schedule/health-rows.ts";
import {
  bandLabel,
  binLabels,
  binRange,
  laneRows,
  laneSummary,
  layoutLane,
  markAt,
  markClass,
  MARK_CLASSES,
  viewOf,
  zoomedEnd,
} from "../../../src-renderer/features/schedule/lanes.ts";
import { SHAPES } from "../../../src-renderer/features/schedule/shapes.ts";
import { formatSpan } from "../../../src-renderer/format/time.ts";
import { addLoopPoint, useLoop } from "../../../src-renderer/state/loop.ts";
import { makeBot } from "./make.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Row = Partial<{
  fireTime: number;
  lastFireTime: number;
  fireCount: number;
  outcome: TickMarks["outcome"][number];
  result: TickMarks["result"][number];
  latenessMs: number;
  durationMs: number;
}>;

/** Columns from rows that ran on time unless they say otherwise. */
function marksOf(rows: readonly Row[]): TickMarks {
  const column = <K extends keyof Row>(key: K, other: NonNullable<Row[K]>): NonNullable<Row[K]>[] =>
    rows.map((row) => row[key] ?? other);
  return {
    fireTime: column("fireTime", 0),
    lastFireTime: rows.map((row) => row.lastFireTime ?? row.fireTime ?? 0),
    fireCount: column("fireCount", 1),
    outcome: column("outcome", "ran"),
    result: column("result", "no_signal"),
    latenessMs: column("latenessMs", 3),
    durationMs: column("durationMs", 2),
  };
}

const day = { from: 0, to: 24 * HOUR };

describe("marks", () => {
  it("tell how a fire time ended: late from 1 s on, an error before lateness, else the outcome", () => {
    expect(markClass("ran", "hold", 999)).toBe("on_time");
    expect(markClass("ran", "hold", 1000)).toBe("late");
    expect(markClass("ran", "error", 5000)).toBe("error");
    expect(markClass("missed", "none", 90_000)).toBe("missed");
    expect(markClass("cancelled", "error", 0)).toBe("cancelled");
  });

  it("have a shape each, filled ones of their own and open ones of their own", () => {
    const looks = MARK_CLASSES.map((kind) => `${SHAPES[kind].d} ${SHAPES[kind].open}`);
    expect(new Set(looks).size).toBe(MARK_CLASSES.length);
  });
});

describe("a lane", () => {
  it("puts a late tick where it started, with its tail from where it was due", () => {
    const lane = { marks: marksOf([{ fireTime: HOUR, latenessMs: 90_000 }]), coming: [] };
    expect(layoutLane(lane, day, 0)).toMatchObject([
      { kind: "late", fireTime: HOUR, time: HOUR + 90_000 },
    ]);
  });

  it("puts a row of missed times at its last, and keeps it while any of it is in view", () => {
    const lane = {
      marks: marksOf([
        { fireTime: HOUR, lastFireTime: 3 * HOUR, fireCount: 3, outcome: "missed", result: "none" },
      ]),
      coming: [],
    };
    expect(layoutLane(lane, { from: 2 * HOUR, to: 4 * HOUR }, 0)).toMatchObject([
      { kind: "missed", fireTime: HOUR, time: 3 * HOUR, fireCount: 3 },
    ]);
    expect(layoutLane(lane, { from: 3.5 * HOUR, to: 4 * HOUR }, 0)).toEqual([]);
  });

  it("leaves out what lies on another tick on time, and never a fault", () => {
    const outcomes = fc.constantFrom("ran", "missed", "coalesced", "skipped", "cancelled" as const);
    const rows = fc.array(
      fc.record({
        fireTime: fc.integer({ min: 0, max: 24 * HOUR }),
        outcome: outcomes,
        latenessMs: fc.integer({ min: 0, max: 3000 }),
      }),
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: HOUR }), (given, gap) => {
        const sorted = given.toSorted((a, b) => a.fireTime - b.fireTime);
        const drawn = layoutLane(
          { marks: marksOf(sorted), coming: [] },
          { from: 0, to: 25 * HOUR },
          gap,
        );
        const faults = sorted.filter((row) => row.outcome !== "ran" || row.latenessMs >= 1000);
        expect(drawn.filter(({ kind }) => kind !== "on_time")).toHaveLength(faults.length);
        const onTime = drawn.filter(({ kind }) => kind === "on_time").map(({ time }) => time);
        for (let i = 1; i < onTime.length; i += 1)
          expect((onTime[i] ?? 0) - (onTime[i - 1] ?? 0)).toBeGreaterThanOrEqual(gap);
      }),
    );
  });

  it("draws faults last, on top, and hollow marks for what is to come", () => {
    const lane = {
      marks: marksOf([
        { fireTime: HOUR, outcome: "missed", result: "none" },
        { fireTime: 2 * HOUR },
      ]),
      coming: [3 * HOUR, 30 * HOUR],
    };
    expect(layoutLane(lane, day, 0).map(({ kind }) => kind)).toEqual([
      "on_time",
      "coming",
      "missed",
    ]);
  });

  it("finds the mark under the pointer: the nearest, a tail with its mark, nothing beyond reach", () => {
    const lane = {
      marks: marksOf([
        { fireTime: HOUR },
        { fireTime: 2 * HOUR, lastFireTime: 4 * HOUR, outcome: "missed", result: "none" },
      ]),
      coming: [],
    };
    const drawn = layoutLane(lane, day, 0);
    expect(markAt(drawn, HOUR + MINUTE, 2 * MINUTE)?.kind).toBe("on_time");
    expect(markAt(drawn, 3 * HOUR, 2 * MINUTE)?.kind).toBe("missed");
    expect(markAt(drawn, 1.5 * HOUR, 2 * MINUTE)).toBeNull();
  });

  it("is summed up for those who read: fire times within the view, a row of missed ones each counted", () => {
    const marks = marksOf([
      { fireTime: HOUR },
      { fireTime: 2 * HOUR, latenessMs: 5000 },
      { fireTime: 3 * HOUR, result: "error" },
      { fireTime: 4 * HOUR, fireCount: 5, outcome: "missed", result: "none" },
      { fireTime: 30 * HOUR },
    ]);
    expect(laneSummary(marks, day)).toEqual({ ran: 3, late: 1, faults: 6 });
  });
});

describe("lanes", () => {
  it("stand under their strategy, in order of names", () => {
    const bots = [
      makeBot("b", { config: { name: "SOL 10", strategy: "x" } }),
      makeBot("a", { config: { name: "SOL 2", strategy: "x" } }),
      makeBot("c", { config: { name: "BTC", strategy: "y" } }),
    ];
    const rows = laneRows(bots, (id) => (id === "x" ? "Reversion" : "Momentum"));
    expect(
      rows.map((row) => (row.kind === "group" ? `${row.key} ${row.count}` : row.name)),
    ).toEqual(["Momentum 1", "BTC", "Reversion 2", "SOL 2", "SOL 10"]);
  });
});

describe("the view", () => {
  it("follows the engine's time, or stays where it was panned to", () => {
    const follows = viewOf(HOUR, null, 10 * HOUR);
    expect(follows.to - follows.from).toBe(HOUR);
    expect(follows.from).toBeLessThan(10 * HOUR);
    expect(follows.to).toBeGreaterThan(10 * HOUR);
    expect(viewOf(HOUR, 5 * HOUR, 10 * HOUR)).toEqual({ from: 4 * HOUR, to: 5 * HOUR });
  });

  it("keeps the instant under the pointer in its place while zooming", () => {
    const view = { from: 0, to: 4 * HOUR };
    const to = zoomedEnd(view, HOUR, HOUR);
    expect((HOUR - (to - HOUR)) / HOUR).toBeCloseTo(0.25, 9);
  });
});

describe("words of time", () => {
  it("tell a length in its two largest units", () => {
    expect([0.4, 340, 1200, 180_000, 200_000, 8.2 * HOUR, 52 * HOUR].map(formatSpan)).toEqual([
      "0.4 ms",
      "340 ms",
      "1.2 s",
      "3 min",
      "3 min 20 s",
      "8 h 12 min",
      "2 d 4 h",
    ]);
  });

  it("name a band by what happened to the machine", () => {
    const event = (kind: EngineEvent["kind"], to: number, detail: EngineEvent["detail"]) =>
      bandLabel({ kind, from: 0, to, botId: null, reason: "", detail });
    expect(event("sleep", 8 * HOUR, {})).toBe("sleep 8 h");
    expect(event("step", 5, { deltaMs: 3000 })).toBe("clock +3.0 s");
    expect(event("step", 5, { deltaMs: -2 * HOUR })).toBe("clock \u22122 h");
    expect(event("stall", 1900, { deltaMs: 1900 })).toBe("stall 1.9 s");
  });

  it("name the histogram's bins", () => {
    const edges = [0, 1, 500, 1000, 60_000];
    expect(binLabels(edges)).toEqual(["0", "1", "500", "1 s", "≥ 1 min"]);
    expect(edges.map((_, index) => binRange(edges, index))).toEqual([
      "under 1 ms",
      "1 ms to 500 ms",
      "500 ms to 1 s",
      "1 s to 1 min",
      "1 min and more",
    ]);
  });
});

describe("the health table", () => {
  const row = (name: string, change: Partial<BotScheduleHealth> = {}): BotScheduleHealth => ({
    botId: name,
    botName: name,
    lateness: null,
    duration: null,
    ticks: 0,
    missed: 0,
    coalesced: 0,
    skipped: 0,
    cancelled: 0,
    outliers: 0,
    creep: null,
    ...change,
  });
  const slow = row("slow", { duration: { p50: 5, p95: 9, p99: 20 }, missed: 1 });
  const quick = row("quick", { duration: { p50: 1, p95: 2, p99: 3 } });
  const names = (rows: readonly BotScheduleHealth[]) => rows.map(({ botName }) => botName);

  it("sorts by a figure either way, with bots that never ticked last", () => {
    const rows = [row("idle"), quick, slow];
    expect(names(sortHealth(rows, "took99", true))).toEqual(["slow", "quick", "idle"]);
    expect(names(sortHealth(rows, "took99", false))).toEqual(["quick", "slow", "idle"]);
    expect(names(sortHealth(rows, "missed", true))).toEqual(["slow", "idle", "quick"]);
    expect(names(sortHealth(rows, "name", false))).toEqual(["idle", "quick", "slow"]);
  });

  it("shows a bot red that should have ticked and did not", () => {
    expect(heartbeat("overdue")).toEqual({ word: "silent", tone: "tone-loss" });
    expect(heartbeat("on_time").tone).toBe("tone-gain");
    expect(heartbeat("paused").tone).toBe("dim");
  });
});

describe("the event loop's past", () => {
  it("keeps each status once, and ten minutes of them", () => {
    useLoop.setState({ points: [] });
    for (let i = 0; i < 1300; i += 1) {
      addLoopPoint({ time: i * 500, p99: i });
      addLoopPoint({ time: i * 500, p99: i });
    }
    const { points } = useLoop.getState();
    expect(points).toHaveLength(1200);
    expect(points.at(-1)).toEqual({ time: 1299 * 500, p99: 1299 });
  });
});
