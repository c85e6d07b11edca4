import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readCases } from "../../../conformance/cases.ts";
import { judgeCase } from "../../../conformance/judge.ts";

const recorded = path.resolve("../shared/conformance/scheduler-cases.json");
const cases = existsSync(recorded) ? readCases(recorded) : [];

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
