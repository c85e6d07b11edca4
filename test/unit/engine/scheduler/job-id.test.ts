import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JobId } from "../../../../src-main/engine/scheduler/job-id.ts";

const sorted = (ids: readonly string[]): string[] =>
  ids.toSorted((a, b) => new JobId(a).compare(new JobId(b)));

describe("the order of ids", () => {
  it("is natural: numbers by size, wherever they stand, and equal ones by their text", () => {
    const ids = ["b10", "b2", "a10b1", "a9b20", "b02", "b", "bot-b10", "bot-b9", "7", "12"];
    expect(sorted(ids)).toEqual([
      "7",
      "12",
      "a9b20",
      "a10b1",
      "b",
      "b02",
      "b2",
      "b10",
      "bot-b9",
      "bot-b10",
    ]);
  });

  it("is one order for any ids: the same from whichever two it is begun", () => {
    const id = fc.stringMatching(/^[ab]{0,2}[0-9]{0,18}[ab]?[0-9]{0,3}$/);
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 2, maxLength: 12 }), (ids) => {
        const order = sorted(ids);
        expect(sorted(ids.toReversed())).toEqual(order);
        for (const [i, a] of order.entries())
          for (const b of order.slice(i + 1)) {
            expect(new JobId(a).compare(new JobId(b))).toBeLessThan(0);
            expect(new JobId(b).compare(new JobId(a))).toBeGreaterThan(0);
          }
      }),
    );
  });
});
