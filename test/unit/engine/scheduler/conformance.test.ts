import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readCases } from "../../../conformance/cases.ts";
import { judgeCase } from "../../../conformance/judge.ts";

const recorded = path.resolve("../shared/conformance/scheduler-cases.json");
const cases = existsSync(recorded) ? readCases(recorded) : [];
const further = readCases(path.resolve("test/conformance/further-cases.json"));

describe.skipIf(cases.length === 0)("recorded behaviour of APScheduler 3", () => {
  for (const c of cases) {
    it(`${c.key}, ${c.verdict}: ${c.description}`, async () => {
      expect((await judgeCase(c)).wrong).toEqual([]);
    });
  }

  it("is the same where every job runs in a group", async () => {
    for (const c of cases) {
      // A group runs one after the other: two instances at once are no question there.
      if (c.kind === "trigger" || (c.setup.max_instances ?? 1) > 1) continue;
      expect([c.key, (await judgeCase(c, true)).wrong]).toEqual([c.key, []]);
    }
  });
});

describe("further recordings", () => {
  it("holds in further schedules: grace, coalescing, limits, stalls, steps, pauses, life cycle", async () => {
    const schedules = further.filter((c) => c.kind === "scheduler");
    expect(schedules.length).toBeGreaterThan(100);
    for (const c of schedules) expect([c.key, (await judgeCase(c)).wrong]).toEqual([c.key, []]);
  });

  it("holds for further triggers, in zones that change by half an hour, at midnight, or by a whole day", async () => {
    const triggers = further.filter((c) => c.kind === "trigger");
    expect(triggers.length).toBeGreaterThan(100);
    for (const c of triggers) expect([c.key, (await judgeCase(c)).wrong]).toEqual([c.key, []]);
  });

  it("judges: a case that asks for something else fails", async () => {
    const wrong = further.flatMap((c) =>
      c.kind === "scheduler" && c.expected.ran.length > 0 && c.recommend_for_ts === undefined
        ? [{ ...c, expected: { ...c.expected, ran: c.expected.ran.slice(1) } }]
        : [],
    );
    expect(wrong.length).toBeGreaterThan(50);
    for (const c of wrong) expect((await judgeCase(c)).wrong).not.toEqual([]);
  });
});
