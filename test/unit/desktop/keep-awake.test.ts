import { describe, expect, it } from "vitest";
import { KeepAwake } from "../../../src-main/desktop/keep-awake.ts";

describe("KeepAwake", () => {
  it("holds one blocker while it is wanted, and gives it back", () => {
    const calls: (string | number)[] = [];
    let id = 0;
    const awake = new KeepAwake({
      start: (type) => {
        calls.push(type);
        return id++;
      },
      stop: (given) => calls.push(given),
    });
    awake.set(false);
    for (const wanted of [true, true, false, false, true, false]) awake.set(wanted);
    expect(calls).toEqual(["prevent-app-suspension", 0, "prevent-app-suspension", 1]);
  });
});
