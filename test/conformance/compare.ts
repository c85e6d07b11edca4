import { isDeepStrictEqual } from "node:util";
import type { Expected, SchedulerCase } from "./cases.ts";
import { jobsOf } from "./cases.ts";

/** What differs between what happened and what the recording asks for, a line each; empty when they agree. */
export function differences(c: SchedulerCase, actual: Expected): readonly string[] {
  const wanted = bindingOf(c);
  // A fire time at the very end of the recording was due but not always played any more.
  const ranBefore = (e: Expected) =>
    e.ran
      .filter((r) => r.started_ms < c.horizon_ms)
      .map(({ job, scheduled_ms, started_ms, ended_ms, outcome }) => ({
        job,
        scheduled_ms,
        started_ms,
        ended_ms,
        outcome,
      }));
  // A backlog's misses are told when they are known, not after its last run: their instant is ours.
  const batches = jobsOf(c).some((job) => job.coalesce === false);
  const missed = (e: Expected) =>
    e.missed.map((m) => (batches ? { ...m, event_ms: null } : m)).toSorted(byTime);
  // Before the start the recorded scheduler knows no next fire times; ours does.
  const unknown = new Set(
    wanted.snapshots
      .filter(({ jobs }) => JSON.stringify(jobs).includes('"undefined"'))
      .map(({ at_ms }) => at_ms),
  );
  const nextRuns = (e: Expected) =>
    e.snapshots
      .filter(({ at_ms }) => !unknown.has(at_ms))
      .map(({ at_ms, jobs }) => ({
        at_ms,
        jobs: Object.entries(jobs).map(([id, views]) => [id, views.map((v) => v.next_run_ms)]),
      }));
  const sides: readonly (readonly [string, (e: Expected) => unknown])[] = [
    ["ran", ranBefore],
    ["missed", missed],
    ["skipped", (e) => e.skipped_max_instances.map((s) => [s.job, s.scheduled_ms, s.event_ms])],
    ["coalesced", (e) => e.coalesced_away.toSorted(byTime)],
    ["api errors", (e) => e.api_errors.map(({ at_ms, op }) => [at_ms, op])],
    ["next fire times", (e) => e.final_next_run_ms],
    ["state", (e) => e.final_state],
    ["snapshots", nextRuns],
  ];
  return sides.flatMap(([name, side]) => {
    const [want, have] = [side(wanted), side(actual)];
    if (isDeepStrictEqual(want, have)) return [];
    return [`${name}: wanted ${JSON.stringify(want)}, got ${JSON.stringify(have)}`];
  });
}

const byTime = (a: { scheduled_ms: number }, b: { scheduled_ms: number }): number =>
  a.scheduled_ms - b.scheduled_ms;

/** The recording, or what binds in its place: intervals are UTC arithmetic whatever the zone. */
function bindingOf(c: SchedulerCase): Expected {
  const every = c.setup.interval_ms ?? 0;
  if (c.recommend_for_ts?.startsWith("Intervals are UTC arithmetic") !== true) return c.expected;
  const times = Array.from({ length: Math.floor(c.horizon_ms / every) }, (_, i) => (i + 1) * every);
  const ran = times.map((time) => ({
    job: c.setup.label ?? c.setup.id ?? "A",
    scheduled_ms: time,
    started_ms: time,
    ended_ms: time,
    outcome: "ok",
  }));
  const next = (times.at(-1) ?? 0) + every;
  return { ...c.expected, ran, final_next_run_ms: { [c.setup.id ?? "A"]: next } };
}
