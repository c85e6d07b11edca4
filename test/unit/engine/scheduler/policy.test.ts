import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMisfire, judge, longestBacklog } from "../../../../src-main/engine/scheduler/misfire.ts";
import { scheduleOf } from "../../../../src-main/engine/scheduler/schedule.ts";
import type { IntervalTrigger } from "../../../../src-main/engine/scheduler/types.ts";

const trigger = fc.record({
  kind: fc.constant("interval" as const),
  everyMs: fc.integer({ min: 1, max: 50 }),
  anchor: fc.integer({ min: -100, max: 100 }),
});

/** The slow truth: walk the grid. */
const walk = ({ anchor, everyMs }: IntervalTrigger, after: number, upTo: number): number[] => {
  const times: number[] = [];
  for (let time = anchor; time <= upTo; time += everyMs) if (time > after) times.push(time);
  return times;
};

describe("interval trigger", () => {
  it("finds what a walk over the grid finds", () => {
    fc.assert(
      fc.property(trigger, fc.integer({ min: -200, max: 300 }), fc.nat(300), (t, after, gap) => {
        const upTo = after + gap;
        const times = walk(t, after, upTo);
        const row = scheduleOf(t).between(after, upTo);
        expect(row).toEqual(
          times.length === 0 ? null : { first: times[0], last: times.at(-1), count: times.length },
        );
        expect(scheduleOf(t).next(after)).toBe(walk(t, after, after + 500)[0]);
      }),
    );
  });

  it("starts at its anchor, and never drifts: 30 days of seconds are as quick as one", () => {
    const t: IntervalTrigger = { kind: "interval", everyMs: 1000, anchor: 1_700_000_000_123 };
    expect(scheduleOf(t).next(Number.NEGATIVE_INFINITY)).toBe(t.anchor);
    expect(scheduleOf(t).between(t.anchor, t.anchor + 30 * 86_400_000)).toEqual({
      first: t.anchor + 1000,
      last: t.anchor + 30 * 86_400_000,
      count: 30 * 86_400,
    });
  });
});

describe("misfire policy", () => {
  it("gives every due fire time exactly one end, and follows the policy", () => {
    fc.assert(
      fc.property(
        trigger,
        fc.option(fc.integer({ min: 1, max: 300 })),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(3),
        fc.integer({ min: -200, max: 300 }),
        fc.nat(2000),
        (t, graceMs, coalesce, maxInstances, running, after, gap) => {
          const now = after + gap;
          const due = walk(t, after, now);
          const { refused, run } = judge(
            { graceMs, coalesce, maxInstances },
            scheduleOf(t),
            after,
            now,
            running,
          );
          const ends = refused.flatMap(({ outcome, row }) => {
            const times = walk(t, row.first - 1, row.last);
            expect(times).toHaveLength(row.count);
            return times.map((time) => ({ time, outcome }));
          });
          const all = [...ends.map(({ time }) => time), ...run].toSorted((a, b) => a - b);
          expect(all).toEqual(due);
          expect(run.length).toBeLessThanOrEqual(coalesce ? 1 : longestBacklog);
          for (const time of run) {
            expect(running).toBeLessThan(maxInstances);
            expect(isMisfire(time, now, graceMs)).toBe(false);
            if (coalesce) expect(time).toBe(due.at(-1));
          }
          for (const { time, outcome } of ends) {
            if (outcome === "coalesced") expect(coalesce && time < (due.at(-1) ?? 0)).toBe(true);
            if (outcome === "missed") expect(isMisfire(time, now, graceMs)).toBe(true);
            if (outcome === "skipped")
              expect(running >= maxInstances || due.length > longestBacklog).toBe(true);
          }
        },
      ),
    );
  });

  it("coalesces first, then asks for a free instance, then judges the latest by grace", () => {
    const schedule = scheduleOf({ kind: "interval", everyMs: 100, anchor: 0 });
    const spec = {
      graceMs: 10,
      coalesce: true,
      maxInstances: 1,
    };
    const outcomes = (now: number, running: number) =>
      judge(spec, schedule, -1, now, running).refused.map(({ outcome, row, reason }) => [
        outcome,
        row.first,
        row.last,
        reason,
      ]);
    expect(outcomes(350, 0)).toEqual([
      [
        "coalesced",
        0,
        200,
        "4 fire times were due at once; the 3 earlier ones coalesced into the latest.",
      ],
      ["missed", 300, 300, "Found 50 ms late, beyond the grace time of 10 ms."],
    ]);
    expect(outcomes(350, 1).at(-1)).toEqual([
      "skipped",
      300,
      300,
      "Due while the previous run was still at work.",
    ]);
    expect(judge(spec, schedule, -1, 310, 0).run).toEqual([300]);
    expect(judge(spec, schedule, -1, 311, 0).run).toEqual([]);
  });

  it("bounds a backlog: of a night of seconds the newest hundred are worked off", () => {
    const trigger1s = { kind: "interval", everyMs: 1000, anchor: 0 } as const;
    const { refused, run } = judge(
      { graceMs: null, coalesce: false, maxInstances: 1 },
      scheduleOf(trigger1s),
      -1,
      28_800_000,
      0,
    );
    expect(run).toHaveLength(100);
    expect(run.at(-1)).toBe(28_800_000);
    expect(refused).toMatchObject([
      { outcome: "skipped", row: { first: 0, last: 28_700_000, count: 28_701 } },
    ]);
  });
});
