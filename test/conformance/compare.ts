import { isDeepStrictEqual } from "node:util";
import type { Expected, JobSetup, SchedulerCase } from "./cases.ts";
import { jobsOf } from "./cases.ts";
import type { Played } from "./play.ts";

type Ran = Expected["ran"][number];
type JobTime = Pick<Ran, "job" | "scheduled_ms">;
type Side = readonly [string, (e: Expected) => unknown];

/** What differs between what happened and what the recording asks for, a line each; empty when they agree. */
export function differences(c: SchedulerCase, actual: Played): readonly string[] {
  return compared(actual, c.expected.ran_count === undefined ? listed(c) : counted, bindingOf(c));
}

function compared(actual: Expected, sides: readonly Side[], wanted: Expected): readonly string[] {
  return sides.flatMap(([name, side]) => {
    const [want, have] = [side(wanted), side(actual)];
    if (isDeepStrictEqual(want, have)) return [];
    return [`${name}: wanted ${JSON.stringify(want)}, got ${JSON.stringify(have)}`];
  });
}

/** Long runs are recorded by their number and their ends. */
const counted: readonly Side[] = [
  ["runs", (e) => e.ran_count ?? e.ran.length],
  ["first run", (e) => e.ran_first ?? e.ran[0]],
  ["last run", (e) => e.ran_last ?? e.ran.at(-1)],
  ["missed", (e) => e.missed_count ?? e.missed.length],
  ["coalesced", (e) => e.coalesced_count ?? e.coalesced_away.length],
  ["next fire times", (e) => e.final_next_run_ms],
];

function listed(c: SchedulerCase): readonly Side[] {
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
      }))
      .toSorted(byStart);
  // A backlog's ends are told when they are known, not after its last run: their instant is ours.
  const batches = jobsOf(c).some((job) => job.coalesce === false);
  const events = (list: Expected["missed"]) =>
    list
      .filter((m) => m.event_ms < c.horizon_ms)
      .map((m) => (batches ? { ...m, event_ms: null } : m))
      .toSorted(byTime);
  // Before the start the recorded scheduler knows no next fire times; ours does.
  const unknown = new Set(
    c.expected.snapshots
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
  // A job that was never due is a paused one there and ends at once here; a stopped scheduler knows no fire times there.
  const silent = c.expected.final_state === "stopped" || jobsOf(c).some(endsByItself);
  const nextFireTimes = (e: Expected): unknown => {
    const wanted = c.expected.final_next_run_ms;
    const known = Object.entries(e.final_next_run_ms).filter(
      ([id]) => !silent || wanted[id] != null,
    );
    return Object.fromEntries(known);
  };
  return [
    ["ran", ranBefore],
    ["missed", (e) => events(e.missed)],
    [
      "errors",
      (e) => events(e.errors).map(({ scheduled_ms, event_ms }) => [scheduled_ms, event_ms]),
    ],
    // A backlog that is skipped is one event with all its times there, and one record with all of them here.
    [
      "skipped",
      (e) =>
        e.skipped_max_instances.flatMap(({ job, scheduled_ms, event_ms }) =>
          scheduled_ms.map((time) => [job, time, event_ms]),
        ),
    ],
    ["coalesced", (e) => e.coalesced_away.toSorted(byTime)],
    ["api errors", (e) => e.api_errors.map(({ at_ms, op }) => [at_ms, op])],
    ["next fire times", nextFireTimes],
    ["state", (e) => e.final_state],
    ["snapshots", nextRuns],
  ];
}

const endsByItself = ({ date_ms, end_date_ms }: JobSetup): boolean =>
  date_ms !== undefined || end_date_ms !== undefined;

/** Jobs of one instant stand in the order of their ids, in which b10 comes before b2 there and after it here. */
const byStart = (a: Ran, b: Ran): number =>
  a.started_ms - b.started_ms || a.scheduled_ms - b.scheduled_ms || (a.job < b.job ? -1 : 1);

const byTime = (a: JobTime, b: JobTime): number =>
  a.scheduled_ms - b.scheduled_ms || (a.job < b.job ? -1 : 1);

/** The recording, or what binds in its place: intervals are UTC arithmetic whatever the zone. */
function bindingOf(c: SchedulerCase): Expected {
  const every = c.setup.interval_ms;
  if (every === undefined || c.recommend_for_ts?.includes("UTC arithmetic") !== true)
    return c.expected;
  const { start_offset_ms: offset, start_date_ms: start } = c.setup;
  const grid = start === undefined ? every : start + Math.max(0, Math.ceil(-start / every)) * every;
  const first = typeof offset === "number" ? offset : grid;
  const count = Math.floor((c.horizon_ms - first) / every) + 1;
  const times = Array.from({ length: count }, (_, i) => first + i * every);
  const ran = times.map((time) => ({
    job: c.setup.label ?? c.setup.id ?? "A",
    scheduled_ms: time,
    started_ms: time,
    ended_ms: time,
    outcome: "ok",
  }));
  const next = (times.at(-1) ?? 0) + every;
  return { ...c.expected, ran, missed: [], final_next_run_ms: { [c.setup.id ?? "A"]: next } };
}
