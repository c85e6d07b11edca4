import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { beyondToday, isSchedulerCase, readCases } from "../../../conformance/cases.ts";
import { differences } from "../../../conformance/compare.ts";
import { play } from "../../../conformance/play.ts";

const recorded = path.resolve("../shared/conformance/scheduler-cases.json");

describe.skipIf(!existsSync(recorded))("recorded behaviour of APScheduler 3", () => {
  const cases = existsSync(recorded) ? readCases(recorded) : [];
  for (const c of cases) {
    if (!isSchedulerCase(c) || beyondToday(c) !== null) continue;
    it(`${c.key}: ${c.description}`, async () => {
      expect(differences(c, await play(c))).toEqual([]);
    });
  }
});
