import { VirtualClock } from "../../src-main/engine/clock-virtual.ts";
import { scheduleOf } from "../../src-main/engine/scheduler/schedule.ts";
import { Scheduler } from "../../src-main/engine/scheduler/scheduler.ts";
import type { FireRecord, JobSpec, Trigger } from "../../src-main/engine/scheduler/types.ts";
import { cronTriggerOf, zoneName } from "./calendar.ts";
import { epochOf, jobsOf } from "./cases.ts";
import type { Expected, JobSetup, Operation, SchedulerCase } from "./cases.ts";

type Ran = Expected["ran"][number];

/** One fire time with its end, in the times of the recording. */
interface Told {
  readonly job: string;
  readonly outcome: FireRecord["outcome"];
  readonly scheduled_ms: number;
  readonly event_ms: number;
}

export interface Played extends Expected {
  readonly told: readonly Told[];
}

export interface PlayOptions {
  /** Tell the scheduler of steps and sleeps, as the application's clock watch does. The recordings knew none. */
  readonly watched?: boolean;
  /** Every job in a group of its own id: the second way in which bots can be run. */
  readonly grouped?: boolean;
}

/** Plays a case on virtual time and tells what happened in the words of the recording, ms from its start. */
export async function play(c: SchedulerCase, options: PlayOptions = {}): Promise<Played> {
  const epoch = epochOf(c);
  const clock = new VirtualClock(epoch);
  // The wall runs ahead of true time by the steps; asleep, both go on and only the monotonic clock stands.
  let stepped = 0;
  const wall = (): number => clock.now() - epoch;
  const elapsed = (): number => wall() - stepped;
  const told: Told[] = [];
  const errors: Expected["errors"] = [];
  const triggers = new Map<string, Trigger>();
  const ran: Ran[] = [];
  const apiErrors: { at_ms: number; op: string }[] = [];
  const snapshots: Expected["snapshots"] = [];
  const names = new Map<string, string>();
  const record = (r: FireRecord): void => {
    const trigger = triggers.get(r.jobId);
    if (trigger === undefined) throw new Error(`A record names job ${r.jobId}, which never was.`);
    const row = { first: r.fireTime, last: r.lastFireTime, count: r.fireCount };
    const times = r.fireCount === 1 ? [r.fireTime] : scheduleOf(trigger).newest(row, r.fireCount);
    const job = names.get(r.jobId) ?? r.jobId;
    for (const time of times)
      told.push({ job, outcome: r.outcome, scheduled_ms: time - epoch, event_ms: elapsed() });
    if (r.outcome === "ran" && r.error !== null)
      errors.push({ job, scheduled_ms: r.fireTime - epoch, event_ms: elapsed() });
  };
  const scheduler = new Scheduler({
    clock,
    onRecord: record,
    onError: (error) => {
      throw error;
    },
  });
  const pending = new Map<string, JobSpec>();
  let state = "stopped";

  const tried = (op: string, act: () => void): void => {
    try {
      act();
    } catch {
      apiErrors.push({ at_ms: elapsed(), op });
    }
  };
  const found = (op: string, id: string, there: boolean): void =>
    tried(op, () => {
      if (!there) throw new Error(`There is no job ${id}.`);
    });
  const next = (id: string): number | null => {
    const time = scheduler.get(id)?.nextFireTime ?? null;
    return time === null ? null : time - epoch;
  };
  const specOf = (id: string, setup: JobSetup): JobSpec => {
    const label = setup.label ?? setup.id ?? "A";
    const durations = setup.durations_ms ?? [0];
    let runs = 0;
    const body = async (signal: AbortSignal, run: number): Promise<void> => {
      const duration = durations[Math.min(run, durations.length) - 1] ?? 0;
      if (setup.mode === "blocking") clock.jump(duration);
      else if (duration > 0) await clock.sleep(duration, signal);
    };
    return {
      id,
      trigger: triggerOf(c, setup, epoch, clock.now()),
      graceMs: setup.grace_ms === undefined ? 1000 : setup.grace_ms,
      coalesce: setup.coalesce ?? true,
      maxInstances: setup.max_instances ?? 1,
      endAt: setup.end_date_ms === undefined ? null : epoch + setup.end_date_ms,
      ...(options.grouped === true && { group: id }),
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
        const ended = (outcome: string): void => {
          entry.ended_ms = elapsed();
          entry.outcome = outcome;
        };
        await body(fire.signal, run).catch((error: unknown) => {
          ended("cancelled");
          throw error;
        });
        const throws = setup.throws_on_runs === "all" || setup.throws_on_runs?.includes(run);
        ended(throws === true ? "error" : "ok");
        if (throws === true) throw new Error("as the case asks");
      },
    };
  };
  const idOf = (setup: JobSetup): string => {
    if (setup.id_given !== false) return setup.id ?? "A";
    const id = `#${names.size + 1}`;
    names.set(id, setup.id ?? "A");
    return id;
  };
  const setups = new Map<string, JobSetup>();
  const add = (setup: JobSetup): void => {
    const explicit = typeof setup.start_offset_ms === "number";
    const newStart = setup.start_date_ms !== setups.get(setup.id ?? "A")?.start_date_ms;
    const id = idOf(setup);
    tried("add_job", () => {
      const spec = specOf(id, setup);
      scheduler.add(spec, {
        ...(setup.start_offset_ms === null && { paused: true }),
        replace: setup.replace_existing ?? false,
        phase: explicit || newStart ? "new" : "keep",
      });
      if (state === "stopped" && !explicit) pending.set(id, spec);
      triggers.set(id, spec.trigger);
      setups.set(id, setup);
    });
  };
  const ids = (): string[] => scheduler.list().map((job) => job.id);
  const changed = (kind: "step" | "sleep", deltaMs: number): void => {
    if (options.watched === true) scheduler.clockChanged({ kind, deltaMs });
  };

  const perform = (op: Operation): void => {
    const id = op.job ?? op.id ?? "A";
    const setup = setups.get(id) ?? {};
    const ms = op.ms ?? 0;
    if (op.op === "stall" || (op.op === "suspend" && op.monotonic !== "stops")) {
      clock.jump(ms);
      if (op.op === "suspend") changed("sleep", ms);
    } else if (op.op === "suspend") {
      clock.step(ms);
      changed("sleep", ms);
    } else if (op.op === "wall_jump") {
      clock.step(ms);
      stepped += ms;
      changed("step", ms);
    } else if (op.op === "pause_job") found(op.op, id, scheduler.pause(id));
    else if (op.op === "resume_job") found(op.op, id, scheduler.resume(id));
    else if (op.op === "pause_scheduler") scheduler.pauseAll();
    else if (op.op === "resume_scheduler") scheduler.resumeAll();
    else if (op.op === "remove_job") {
      pending.delete(id);
      found(op.op, id, scheduler.remove(id));
    } else if (op.op === "remove_all_jobs") {
      pending.clear();
      for (const each of ids()) scheduler.remove(each);
    } else if (op.op === "add_job" && op.spec !== undefined) add(op.spec);
    else if (op.op === "reschedule") {
      const { interval_ms: _, cron: __, date_ms: ___, ...rest } = setup;
      const given = { ...rest, ...op.trigger, replace_existing: true };
      add({ ...given, start_offset_ms: "default", start_date_ms: op.trigger?.start_date_ms });
    } else if (op.op === "modify_job") {
      const { at_ms: _, op: __, job: ___, next_run_ms, spec: ____, trigger, ...changes } = op;
      add({
        ...setup,
        ...changes,
        ...trigger,
        start_offset_ms: next_run_ms === undefined ? "default" : next_run_ms,
        replace_existing: true,
      });
    } else if (op.op === "shutdown" && state === "stopped") {
      // Ours has nothing to stop and says nothing: quit, update and shutdown may all ask for it.
      apiErrors.push({ at_ms: elapsed(), op: op.op });
    } else if (op.op === "shutdown") {
      state = "stopped";
      void scheduler.stop({ limitMs: op.wait === false ? 0 : 86_400_000 });
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
  const reach = async (trueMs: number): Promise<void> => {
    if (trueMs > elapsed()) await clock.advanceTo(epoch + trueMs + stepped);
  };

  if (c.scheduler?.autostart !== false) {
    scheduler.start();
    state = "running";
  }
  if (c.scheduler?.start_paused === true) scheduler.pauseAll();
  for (const setup of jobsOf(c)) add(setup);
  for (const op of c.timeline) {
    await reach(op.at_ms);
    perform(op);
  }
  await reach(c.horizon_ms);

  const ended = (outcome: string) =>
    told
      .filter((each) => each.outcome === outcome)
      .map(({ job, scheduled_ms, event_ms }) => ({ job, scheduled_ms, event_ms }));
  return {
    told,
    ran,
    errors,
    missed: ended("missed"),
    skipped_max_instances: ended("skipped").map((each) => ({
      ...each,
      scheduled_ms: [each.scheduled_ms],
    })),
    coalesced_away: ended("coalesced").map(({ job, scheduled_ms }) => ({ job, scheduled_ms })),
    api_errors: apiErrors,
    final_next_run_ms: Object.fromEntries(
      ids().map((id) => [names.has(id) ? "<random-id>" : id, next(id)]),
    ),
    final_state: state,
    snapshots,
  };
}

function triggerOf(c: SchedulerCase, setup: JobSetup, epoch: number, now: number): Trigger {
  if (setup.cron !== undefined) return cronTriggerOf(setup.cron, zoneName(c.scheduler?.timezone));
  if (setup.date_ms !== undefined) return { kind: "date", time: epoch + setup.date_ms };
  return {
    kind: "interval",
    everyMs: setup.interval_ms ?? 0,
    anchor: anchorOf(setup, epoch, now),
  };
}

/** First fire time of an interval job that is added at `now`. */
function anchorOf(setup: JobSetup, epoch: number, now: number): number {
  const every = setup.interval_ms ?? 0;
  if (typeof setup.start_offset_ms === "number") {
    return (setup.start_offset_from === "add" ? now : epoch) + setup.start_offset_ms;
  }
  if (setup.start_date_ms === undefined) return now + every;
  const start = epoch + setup.start_date_ms;
  return start >= now ? start : start + Math.ceil((now - start) / every) * every;
}
