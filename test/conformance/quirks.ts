import type { SchedulerCase } from "./cases.ts";
import { jobsOf } from "./cases.ts";
import type { Played } from "./play.ts";

/**
 * What APScheduler does and we must not: each recommendation as a check on what our scheduler did instead. Returns
 * a line for each thing that is not as recommended.
 */
type Check = (c: SchedulerCase, played: Played) => readonly string[];

const every = (c: SchedulerCase): number => c.setup.interval_ms ?? 0;
const opAt = (c: SchedulerCase, op: string): number | undefined =>
  c.timeline.find((each) => each.op === op)?.at_ms;
const claim = (holds: boolean, otherwise: string): readonly string[] => (holds ? [] : [otherwise]);

const toldAtOnce: Check = (_, { ran, told }) =>
  ran.flatMap((run) => {
    const end = told.find(
      (each) => each.job === run.job && each.scheduled_ms === run.scheduled_ms,
    )?.event_ms;
    return claim(
      end === run.ended_ms,
      `the run for ${run.scheduled_ms} ended at ${run.ended_ms} and was told at ${end}`,
    );
  });

const boundedBacklog: Check = (c, { ran, told }) => {
  const worked = ran.filter((run) => run.started_ms > run.scheduled_ms).length;
  const due = c.expected.ran_count ?? c.expected.ran.length;
  return [
    ...claim(worked <= 100, `${worked} late fire times were worked off`),
    ...claim(told.length === due, `of ${due} fire times ${told.length} were accounted for`),
  ];
};

/** All runs lie on the grid of the first registration, none is left out but while the job is paused. */
const phaseKept: Check = (c, { ran, final_next_run_ms }) => {
  const offset = c.setup.start_offset_ms;
  const first = typeof offset === "number" ? offset : every(c);
  const pausedAt = opAt(c, "pause_job") ?? Infinity;
  const resumedAt = opAt(c, "resume_job") ?? Infinity;
  const wanted: number[] = [];
  for (let time = first; time <= c.horizon_ms; time += every(c))
    if (time < pausedAt || time >= resumedAt) wanted.push(time);
  const got = ran.map((run) => run.started_ms);
  const next = Object.values(final_next_run_ms)[0] ?? Number.NaN;
  return [
    ...claim(String(got) === String(wanted), `runs at ${String(got)}, not ${String(wanted)}`),
    ...claim((next - first) % every(c) === 0, `the next fire time ${next} is out of phase`),
  ];
};

const rejectedAtAdd: Check = (c, { api_errors, final_state }) => [
  ...claim(
    api_errors.some(({ op, at_ms }) => op === "add_job" && at_ms === opAt(c, "add_job")),
    "the second registration was not refused",
  ),
  ...claim(final_state === "running", `the scheduler is ${final_state}`),
];

const staysPaused: Check = (c, { ran, final_next_run_ms }) => {
  const pausedAt = opAt(c, "pause_job") ?? Infinity;
  return [
    ...claim(
      ran.every((run) => run.started_ms < pausedAt),
      "a paused job ran",
    ),
    ...claim(
      Object.values(final_next_run_ms).every((next) => next === null),
      "a paused job has a next fire time",
    ),
  ];
};

const nothingAfterStop: Check = (c, { ran, final_state }) => {
  const stop = opAt(c, "shutdown") ?? Infinity;
  return [
    ...claim(
      ran.every((run) => run.started_ms < stop),
      "a run started after the stop",
    ),
    ...claim(
      ran.every((run) => run.ended_ms !== null),
      "a run is still at work",
    ),
    ...claim(final_state === "stopped", `the scheduler is ${final_state}`),
  ];
};

const awaited: Check = (c, played) => [
  ...nothingAfterStop(c, played),
  ...claim(
    played.ran.every((run) => run.outcome === "ok" || run.outcome === "error"),
    "a running job was not awaited",
  ),
];

const aborted: Check = (c, played) => {
  const stop = opAt(c, "shutdown") ?? Infinity;
  const open = played.ran.filter((run) => (run.ended_ms ?? Infinity) >= stop);
  return [
    ...nothingAfterStop(c, played),
    ...open.flatMap((run) =>
      claim(
        run.outcome === "cancelled" &&
          run.ended_ms === stop &&
          played.told.some(
            (each) => each.outcome === "cancelled" && each.scheduled_ms === run.scheduled_ms,
          ),
        `the run for ${run.scheduled_ms} was not aborted and told as cancelled`,
      ),
    ),
  ];
};

/** True time between starts is never longer than an interval once it has begun, whatever the wall does. */
const neverSilent: Check = (c, { ran, told }) => {
  const times = [...ran.map((run) => run.started_ms), c.horizon_ms];
  return [
    ...times.flatMap((time, i) =>
      claim(
        i === 0 || time - (times[i - 1] ?? 0) <= every(c),
        `nothing ran between ${times[i - 1]} and ${time}`,
      ),
    ),
    ...claim(
      new Set(told.map((each) => each.scheduled_ms)).size === told.length,
      "a fire time came twice",
    ),
  ];
};

/** At the resume everything due is accounted for or runs, and what comes after it runs on time. */
const judgedAtResume: Check = (c, { ran, told }) => {
  const op = c.timeline.find((each) => each.op === "suspend");
  const resumed = (op?.at_ms ?? 0) + (op?.ms ?? 0);
  const grace = c.setup.grace_ms ?? Infinity;
  const first = typeof c.setup.start_offset_ms === "number" ? c.setup.start_offset_ms : every(c);
  const due = first + Math.floor((resumed - first) / every(c)) * every(c);
  const latest = told.find((each) => each.scheduled_ms === due);
  const outcome = resumed - due <= grace ? "ran" : "missed";
  const wanted: number[] = [];
  for (let time = due + every(c); time <= c.horizon_ms; time += every(c)) wanted.push(time);
  const onTime = ran.filter((run) => run.started_ms === run.scheduled_ms && run.started_ms > due);
  return [
    ...claim(
      latest?.outcome === outcome && latest.event_ms === resumed,
      `the fire time ${due} was ${latest?.outcome} at ${latest?.event_ms}, wanted ${outcome} at ${resumed}`,
    ),
    ...claim(
      String(onTime.map((run) => run.started_ms)) === String(wanted),
      "a fire time after the resume did not run on time",
    ),
  ];
};

const checks: readonly (readonly [RegExp, Check])[] = [
  [/per run, not after the batch/i, toldAtOnce],
  [/bound the backlog/i, boundedBacklog],
  [/keep next_run_time|keep the job's phase|no-op: the next fire time stays/i, phaseKept],
  [/reject at add/i, rejectedAtAdd],
  [/keep paused state/i, staysPaused],
  [/await running/i, awaited],
  [/without waiting aborts/i, aborted],
  [/no run may start after/i, nothingAfterStop],
  [/re-anchor/i, neverSilent],
  [/re-evaluate on powermonitor/i, judgedAtResume],
];

/** What holds in every case, whatever is recommended. */
const rules: Check = (c, { told, ran }) => {
  const ids = jobsOf(c).length + c.timeline.filter(({ op }) => op === "add_job").length;
  const twice = told.length - new Set(told.map((t) => `${t.job}@${t.scheduled_ms}`)).size;
  return [
    ...claim(ids > 1 || twice === 0, `${twice} fire times were accounted for twice`),
    ...claim(
      ran.every((run) => run.outcome !== "running" || run.ended_ms === null),
      "an end is lost",
    ),
  ];
};

/** What is not as the recommendation asks; a recommendation that no check knows is judged by the rules for all. */
export function notAsRecommended(c: SchedulerCase, played: Played): readonly string[] {
  const text = c.recommend_for_ts ?? "";
  const known = checks.filter(([pattern]) => pattern.test(text));
  return [...rules(c, played), ...known.flatMap(([, check]) => check(c, played))];
}

/** True where a check was written for the recommendation. */
export const isKnown = (c: SchedulerCase): boolean =>
  checks.some(([pattern]) => pattern.test(c.recommend_for_ts ?? ""));
