import { readFileSync } from "node:fs";
import * as z from "zod";

/** Default start of a case, ms UTC: 2026-01-05T00:00:00Z. */
const defaultEpoch = Date.UTC(2026, 0, 5);

const jobSetup = z.object({
  id: z.string().optional(),
  label: z.string().optional(),
  id_given: z.boolean().optional(),
  interval_ms: z.number().optional(),
  cron: z.unknown().optional(),
  date_ms: z.number().optional(),
  end_date_ms: z.number().optional(),
  start_date_ms: z.number().optional(),
  grace_ms: z.number().nullable().optional(),
  coalesce: z.boolean().optional(),
  max_instances: z.number().optional(),
  start_offset_ms: z.union([z.number(), z.literal("default"), z.null()]).optional(),
  start_offset_from: z.string().optional(),
  durations_ms: z.array(z.number()).optional(),
  mode: z.string().optional(),
  throws_on_runs: z.union([z.array(z.number()), z.literal("all")]).optional(),
  replace_existing: z.boolean().optional(),
});
export type JobSetup = z.infer<typeof jobSetup>;

const operation = z.object({
  at_ms: z.number(),
  op: z.string(),
  ms: z.number().optional(),
  job: z.string().optional(),
  id: z.string().optional(),
  wait: z.boolean().optional(),
  monotonic: z.string().optional(),
  next_run_ms: z.number().optional(),
  spec: jobSetup.optional(),
  trigger: z.object({ interval_ms: z.number().optional() }).optional(),
});
export type Operation = z.infer<typeof operation>;

const ran = z.object({
  job: z.string(),
  scheduled_ms: z.number(),
  started_ms: z.number(),
  ended_ms: z.number().nullable(),
  outcome: z.string(),
});
const expected = z.object({
  ran: z.array(ran).default([]),
  missed: z
    .array(z.object({ job: z.string(), scheduled_ms: z.number(), event_ms: z.number() }))
    .default([]),
  skipped_max_instances: z
    .array(z.object({ job: z.string(), scheduled_ms: z.array(z.number()), event_ms: z.number() }))
    .default([]),
  coalesced_away: z.array(z.object({ job: z.string(), scheduled_ms: z.number() })).default([]),
  api_errors: z.array(z.object({ at_ms: z.number(), op: z.string() })).default([]),
  final_next_run_ms: z.record(z.string(), z.number().nullable()).default({}),
  final_state: z.string().optional(),
  snapshots: z
    .array(
      z.object({
        at_ms: z.number(),
        jobs: z.record(
          z.string(),
          z.array(
            z.object({ next_run_ms: z.union([z.number(), z.null(), z.literal("undefined")]) }),
          ),
        ),
      }),
    )
    .default([]),
});
export type Expected = z.infer<typeof expected>;

const schedulerCase = z.object({
  key: z.string(),
  kind: z.literal("scheduler"),
  description: z.string(),
  verdict: z.string(),
  recommend_for_ts: z.string().optional(),
  epoch: z.union([z.number(), z.string()]).optional(),
  scheduler: z
    .object({
      autostart: z.boolean().optional(),
      start_paused: z.boolean().optional(),
      timezone: z.unknown().optional(),
    })
    .optional(),
  setup: jobSetup.extend({ more_jobs: z.array(jobSetup).optional() }),
  timeline: z.array(operation).default([]),
  horizon_ms: z.number(),
  expected,
});
export type SchedulerCase = z.infer<typeof schedulerCase>;

/** A case of another kind: known by name only. */
const otherCase = z.object({
  key: z.string(),
  kind: z.string().refine((kind) => kind !== "scheduler"),
});
const file = z.object({ cases: z.array(z.union([schedulerCase, otherCase])) });
export type AnyCase = z.infer<typeof file>["cases"][number];

export const isSchedulerCase = (c: AnyCase): c is SchedulerCase => c.kind === "scheduler";

/** Reads a file of recorded cases; throws with one sentence when it is not one. */
export function readCases(path: string): readonly AnyCase[] {
  const parsed = file.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (parsed.success) return parsed.data.cases;
  throw new Error(
    `${path} is not a file of recorded scheduler cases: ${z.prettifyError(parsed.error)}`,
  );
}

/** Start of a case, ms UTC. */
export const epochOf = (c: SchedulerCase): number =>
  typeof c.epoch === "string" ? Date.parse(c.epoch) : (c.epoch ?? defaultEpoch);

export const jobsOf = (c: SchedulerCase): readonly JobSetup[] => [
  c.setup,
  ...(c.setup.more_jobs ?? []),
];

/** Why a case is beyond what the scheduler does today, or null. */
export function beyondToday(c: AnyCase): string | null {
  if (!isSchedulerCase(c)) return "calendar triggers are not part of the scheduler yet";
  const specs = [...jobsOf(c), ...c.timeline.flatMap((op) => op.spec ?? [])];
  for (const spec of specs) {
    if (spec.cron !== undefined) return "cron triggers are not part of the scheduler yet";
    if (spec.date_ms !== undefined) return "one-shot triggers are not part of the scheduler yet";
    if (spec.end_date_ms !== undefined) return "end dates are not part of the scheduler yet";
    if (spec.id_given === false) return "every job has an id here; random ids do not exist";
  }
  for (const op of c.timeline) {
    if (op.op === "wall_jump") return "wall and monotonic time are not told apart yet";
    if (op.op === "suspend" && op.monotonic === "stops") {
      return "wall and monotonic time are not told apart yet";
    }
  }
  if (c.verdict === "quirk" || c.verdict === "informative") {
    return `recorded as ${c.verdict}; what we do instead is in the scheduler's own tests`;
  }
  return null;
}
