import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { Heartbeat } from "../../../../src-main/engine/health/heartbeat.ts";
import type { Pulse } from "../../../../src-main/engine/health/heartbeat.ts";

const MINUTE = 60_000;

function rig() {
  const clock = new VirtualClock(0);
  const jobs = new Map<string, Pulse>();
  const seen: [string, string, number, number][] = [];
  const heartbeat = new Heartbeat({
    clock,
    pulse: (id) => jobs.get(id) ?? { next: null, running: false },
    onLost: (id, due) => seen.push(["lost", id, due, clock.now()]),
    onFound: (id, due) => seen.push(["found", id, due, clock.now()]),
  });
  return { clock, jobs, seen, heartbeat };
}

describe("Heartbeat", () => {
  it("is silent while each fire time is accounted for within its grace time", async () => {
    const { clock, jobs, seen, heartbeat } = rig();
    jobs.set("a", { next: MINUTE, running: false });
    heartbeat.expect("a", MINUTE);
    for (let fire = MINUTE; fire < 200 * MINUTE; fire += MINUTE) {
      await clock.advanceTo(fire + 59_000);
      jobs.set("a", { next: fire + MINUTE, running: false });
      heartbeat.accounted("a", fire);
    }
    expect(seen).toEqual([]);
  });

  it("finds a scheduler that is stuck, and its return", async () => {
    const { clock, jobs, seen, heartbeat } = rig();
    jobs.set("a", { next: 15 * MINUTE, running: false });
    heartbeat.expect("a", MINUTE);
    await clock.advanceTo(16 * MINUTE);
    expect(heartbeat.owes("a")).toBeNull();
    await clock.advanceTo(16 * MINUTE + 11_000);
    expect(seen).toEqual([["lost", "a", 15 * MINUTE, 16 * MINUTE + 10_001]]);
    expect(heartbeat.owes("a")).toBe(15 * MINUTE);
    await clock.advanceTo(60 * MINUTE);
    expect(seen).toHaveLength(1);
    jobs.set("a", { next: 75 * MINUTE, running: false });
    heartbeat.accounted("a", 45 * MINUTE);
    expect(seen[1]).toEqual(["found", "a", 15 * MINUTE, 60 * MINUTE]);
    expect(heartbeat.owes("a")).toBeNull();
  });

  it("finds a fire time that the scheduler passed over in silence, and a job that vanished", async () => {
    const { clock, jobs, seen, heartbeat } = rig();
    for (const id of ["passed", "vanished", "well"]) {
      jobs.set(id, { next: 15 * MINUTE, running: false });
      heartbeat.expect(id, MINUTE);
    }
    await clock.advanceTo(15 * MINUTE);
    jobs.set("passed", { next: 30 * MINUTE, running: false });
    // The end of a run of long ago says nothing of this fire time.
    heartbeat.accounted("passed", 5 * MINUTE);
    jobs.delete("vanished");
    jobs.set("well", { next: 30 * MINUTE, running: false });
    heartbeat.accounted("well", 15 * MINUTE);
    await clock.advanceTo(20 * MINUTE);
    expect(seen.map(([what, id]) => [what, id])).toEqual([
      ["lost", "passed"],
      ["lost", "vanished"],
    ]);
  });

  it("lets a run that is at work take its time, and one that ended without a record be found", async () => {
    const { clock, jobs, seen, heartbeat } = rig();
    jobs.set("a", { next: 15 * MINUTE, running: false });
    heartbeat.expect("a", MINUTE);
    await clock.advanceTo(15 * MINUTE);
    jobs.set("a", { next: 30 * MINUTE, running: true });
    await clock.advanceTo(40 * MINUTE);
    expect(seen).toEqual([]);
    jobs.set("a", { next: 45 * MINUTE, running: false });
    await clock.advanceTo(42 * MINUTE);
    expect(seen.map(([what]) => what)).toEqual(["lost"]);
  });

  it("does not take what a bot owed before a pause, a change or an end for a lost tick", async () => {
    const { clock, jobs, seen, heartbeat } = rig();
    for (const id of ["paused", "changed"]) {
      jobs.set(id, { next: 15 * MINUTE, running: false });
      heartbeat.expect(id, MINUTE);
    }
    await clock.advanceTo(14 * MINUTE);
    heartbeat.forget("paused");
    jobs.set("changed", { next: 60 * MINUTE, running: false });
    heartbeat.expect("changed", MINUTE);
    await clock.advanceTo(30 * MINUTE);
    expect(seen).toEqual([]);
    heartbeat.stop();
    await clock.advanceTo(90 * MINUTE);
    expect(seen).toEqual([]);
  });

  it("gives a fleet that woke the time to run one after the other", async () => {
    const { clock, jobs, seen, heartbeat } = rig();
    jobs.set("a", { next: 15 * MINUTE, running: false });
    heartbeat.expect("a", MINUTE);
    await clock.advanceTo(10 * MINUTE);
    clock.jump(8 * 60 * MINUTE);
    // The check and the watch wake together; the overdue tick runs 90 s later.
    await clock.advance(1);
    heartbeat.renew(90_000);
    await clock.advance(85_000);
    expect(seen).toEqual([]);
    jobs.set("a", { next: 495 * MINUTE, running: false });
    heartbeat.accounted("a", 480 * MINUTE);
    await clock.advance(4 * MINUTE);
    expect(seen).toEqual([]);
  });

  it("goes by the new time after the clock was set back", async () => {
    const { clock, jobs, seen, heartbeat } = rig();
    jobs.set("a", { next: 600 * MINUTE, running: false });
    heartbeat.expect("a", MINUTE);
    jobs.set("a", { next: 15 * MINUTE, running: false });
    heartbeat.renew(0);
    await clock.advanceTo(17 * MINUTE);
    expect(seen.map(([what, id, due]) => [what, id, due])).toEqual([["lost", "a", 15 * MINUTE]]);
  });
});
