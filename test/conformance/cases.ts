import { readFileSync } from "node:fs";
import * as z from "zod";

/** Default start of a case, ms UTC: 2026-01-05T00:00:00Z. */
const defaultEpoch = Date.UTC(2026, 0, 5);

/** Fields of APScheduler's cron trigger, weekday 0 = Monday, or a crontab line. */
const cronFields = z.record(z.string(), z.union([z.string(), z.number()]));
export type ApsCron = z.infer<typeof cronFields>;

const jobSetup = z.object({
  id: z.string().optional(),
  label: z.string().optional(),
  id_given: z.boolean().optional(),
  interval_ms: z.number().optional(),
  cron: cronFields.optional(),
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

const operation = jobSetup.partial().extend({
  at_ms: z.number(),
  op: z.string(),
  ms: z.number().optional(),
  job: z.string().optional(),
  wait: z.boolean().optional(),
  monotonic: z.string().optional(),
  next_run_ms: z.number().nullable().optional(),
  spec: jobSetup.optional(),
  trigger: jobSetup.optional(),
});
export type Operation = z.infer<typeof operation>;

const ran = z.object({
  job: z.string(),
  scheduled_ms: z.number(),
  started_ms: z.number(),
  ended_ms: z.number().nullable(),
  outcome: z.string(),
});
const event = z.object({ job: z.string(), scheduled_ms: z.number(), event_ms: z.number() });
const expected = z.object({
  ran: z.array(ran).default([]),
  /** In place of lists that would be too long. */
  ran_count: z.number().optional(),
  ran_first: ran.optional(),
  ran_last: ran.optional(),
  missed_count: z.number().optional(),
  coalesced_count: z.number().optional(),
  missed: z.array(event).default([]),
  errors: z.array(event).default([]),
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

const common = {
  key: z.string(),
  description: z.string(),
  verdict: z.string(),
  recommend_for_ts: z.string().nullish(),
};

const schedulerCase = z.object({
  ...common,
  kind: z.literal("scheduler"),
  epoch: z.union([z.number(), z.string()]).optional(),
  scheduler: z
    .object({
      autostart: z.boolean().optional(),
      start_paused: z.boolean().optional(),
      timezone: z.string().optional(),
    })
    .nullish(),
  setup: jobSetup.extend({ more_jobs: z.array(jobSetup).optional() }),
  timeline: z.array(operation).default([]),
  horizon_ms: z.number(),
  expected,
});
export type SchedulerCase = z.infer<typeof schedulerCase>;

const triggerCase = z.object({
  ...common,
  kind: z.literal("trigger"),
  trigger: cronFields,
  now: z.string(),
  count: z.number(),
  expected: z.object({
    fires_utc: z.array(z.string().nullable()).optional(),
    raises: z.string().optional(),
  }),
});
export type TriggerCase = z.infer<typeof triggerCase>;

const anyCase = z.discriminatedUnion("kind", [schedulerCase, triggerCase]);
export type AnyCase = z.infer<typeof anyCase>;
const file = z.object({ cases: z.array(anyCase) });

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
