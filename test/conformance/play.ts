import { VirtualClock } from "../../src-main/engine/clock-virtual.ts";
import { Scheduler } from "../../src-main/engine/scheduler/scheduler.ts";
import type { FireRecord, JobSpec } from "../../src-main/engine/scheduler/types.ts";
import { epochOf, jobsOf } from "./cases.ts";
import type { Expected, JobSetup, Operation, SchedulerCase } from "./cases.ts";

type Ran = Expected["ran"][number];

/** Plays a case on virtual time and tells what happened in the words of the recording, ms from its start. */
export async function play(c: SchedulerCase): Promise<Expected> {
  const epoch = epochOf(c);
  const clock = new VirtualClock(epoch);
  const elapsed = (): number => clock.now() - epoch;
  const records: FireRecord[] = [];
  const ran: Ran[] = [];
  const apiErrors: { at_ms: number; op: string }[] = [];
  const snapshots: Expected["snapshots"] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  const scheduler = new Scheduler({ clock, onRecord: (r) => void records.push(r), onError: fail });
  const pending = new Map<string, JobSpec>();
  let state = "stopped";

  const tried = (op: string, act: () => void): void => {
    try {
      act();
    } catch {
      apiErrors.push({ at_ms: elapsed(), op });
    }
  };
  const next = (id: string): number | null => {
    const time = scheduler.get(id)?.nextFireTime ?? null;
    return time === null ? null : time - epoch;
  };
  const specOf = (setup: JobSetup): JobSpec => {
    const label = setup.label ?? setup.id ?? "A";
    const durations = setup.durations_ms ?? [0];
    let runs = 0;
    return {
      id: setup.id ?? "A",
      trigger: {
        kind: "interval",
        everyMs: setup.interval_ms ?? 0,
        anchor: anchorOf(setup, epoch, clock.now()),
      },
      graceMs: setup.grace_ms === undefined ? 1000 : setup.grace_ms,
      coalesce: setup.coalesce ?? true,
      maxInstances: setup.max_instances ?? 1,
      accountedUntil: null,
      run: async (fire) => {
        const run = ++runs;
        const entry: Ran = {
          job: label,
          scheduled_ms: fire.fireTime - epoch,
          started_ms: elapsed(),
          ended_ms: null,
          outcome: "running",
        };
        ran.push(entry);
        const duration = durations[Math.min(run, durations.length) - 1] ?? 0;
        if (setup.mode === "blocking") clock.jump(duration);
        else if (duration > 0) await clock.sleep(duration, fire.signal);
        const throws = setup.throws_on_runs === "all" || setup.throws_on_runs?.includes(run);
        entry.ended_ms = elapsed();
        entry.outcome = throws === true ? "error" : "ok";
        if (throws === true) throw new Error("as the case asks");
      },
    };
  };
  const add = (setup: JobSetup): void => {
    const explicit = typeof setup.start_offset_ms === "number";
    tried("add_job", () => {
      const spec = specOf(setup);
      if (state === "stopped" && !explicit) pending.set(spec.id, spec);
      scheduler.add(spec, {
        ...(setup.start_offset_ms === null && { paused: true }),
        replace: setup.replace_existing ?? false,
        phase: explicit ? "new" : "keep",
      });
    });
  };
  const setups = new Map<string, JobSetup>();
  const added = (setup: JobSetup): void => {
    add(setup);
    setups.set(setup.id ?? "A", setup);
  };
  const ids = (): string[] => scheduler.list().map((job) => job.id);

  const perform = (op: Operation): void => {
    const id = op.job ?? op.id ?? "A";
    const setup = setups.get(id) ?? {};
    if (op.op === "stall" || op.op === "suspend") clock.jump(op.ms ?? 0);
    else if (op.op === "pause_job") scheduler.pause(id);
    else if (op.op === "resume_job") scheduler.resume(id);
    else if (op.op === "pause_scheduler") scheduler.pauseAll();
    else if (op.op === "resume_scheduler") scheduler.resumeAll();
    else if (op.op === "remove_job") scheduler.remove(id);
    else if (op.op === "remove_all_jobs") for (const each of ids()) scheduler.remove(each);
    else if (op.op === "add_job" && op.spec !== undefined) added(op.spec);
    else if (op.op === "reschedule") {
      const rest = { ...setup, ...op.trigger, replace_existing: true };
      added({ ...rest, start_offset_ms: "default", start_date_ms: undefined });
    } else if (op.op === "modify_job" && op.next_run_ms !== undefined) {
      added({ ...setup, start_offset_ms: op.next_run_ms, replace_existing: true });
    } else if (op.op === "shutdown") {
      state = "stopped";
      void scheduler.stop({ limitMs: op.wait === false ? 0 : 60_000 });
    } else if (op.op === "start") {
      // A job that was added before without a first fire time begins with the next on its grid.
      const accountedUntil = clock.now() - 1;
      for (const spec of pending.values()) {
        scheduler.add({ ...spec, accountedUntil }, { replace: true });
      }
      pending.clear();
      tried("start", () => {
        scheduler.start();
        state = "running";
      });
    } else if (op.op === "snapshot") {
      const jobs = Object.fromEntries(ids().map((each) => [each, [{ next_run_ms: next(each) }]]));
      snapshots.push({ at_ms: elapsed(), jobs });
    } else throw new Error(`The case asks for "${op.op}", which the runner does not know.`);
  };

  if (c.scheduler?.autostart !== false) {
    scheduler.start();
    state = "running";
  }
  if (c.scheduler?.start_paused === true) scheduler.pauseAll();
  for (const setup of jobsOf(c)) added(setup);
  for (const op of c.timeline) {
    if (epoch + op.at_ms > clock.now()) await clock.advanceTo(epoch + op.at_ms);
    perform(op);
  }
  if (epoch + c.horizon_ms > clock.now()) await clock.advanceTo(epoch + c.horizon_ms);

  const told = (outcome: string) =>
    records
      .filter((r) => r.outcome === outcome)
      .flatMap((r) => {
        const every = r.fireCount === 1 ? 0 : (r.lastFireTime - r.fireTime) / (r.fireCount - 1);
        const time = (i: number): number => r.fireTime - epoch + i * every;
        return Array.from({ length: r.fireCount }, (_, i) => ({
          job: r.jobId,
          scheduled_ms: time(i),
          event_ms: r.at - epoch,
        }));
      });
  return {
    ran,
    missed: told("missed"),
    skipped_max_instances: told("skipped").map((s) => ({ ...s, scheduled_ms: [s.scheduled_ms] })),
    coalesced_away: told("coalesced").map(({ job, scheduled_ms }) => ({ job, scheduled_ms })),
    api_errors: apiErrors,
    final_next_run_ms: Object.fromEntries(ids().map((id) => [id, next(id)])),
    final_state: state,
    snapshots,
  };
}

/** First fire time of a job that is added at `now`. */
function anchorOf(setup: JobSetup, epoch: number, now: number): number {
  const every = setup.interval_ms ?? 0;
  if (typeof setup.start_offset_ms === "number") {
    return (setup.start_offset_from === "add" ? now : epoch) + setup.start_offset_ms;
  }
  if (setup.start_date_ms === undefined) return now + every;
  const start = epoch + setup.start_date_ms;
  return start >= now ? start : start + Math.ceil((now - start) / every) * every;
}
