import { advance, boundedSchedule } from "./job.ts";
import type { Job } from "./job.ts";
import { shifted } from "./schedule.ts";

/**
 * After the wall was set back by `−deltaMs` to `now`: gives a job that would be silent for more than one interval
 * fire times of its own in between. True when it did.
 *
 * An interval goes on at its distance in monotonic time. Candle closes stay closes, 1 ms beside those that were
 * accounted for, and only where the wall went back over a whole interval: after less, the close is one of
 * the past and its tick would be a second one for the same candle. A calendar and a date follow the wall. No fire
 * time comes twice: where a new phase would meet one that was accounted for it moves aside by a ms.
 */
export function reanchor(job: Job, now: number, deltaMs: number): boolean {
  const { trigger } = job.spec;
  if (deltaMs >= 0 || (trigger.kind !== "interval" && trigger.kind !== "candle_close"))
    return false;
  const { everyMs } = trigger;
  const next = job.schedule.next(job.after);
  // A job that begins later than that anyway, or has ended, is not silenced by the clock.
  const silenced = next - now > everyMs && next - (now - deltaMs) <= everyMs;
  if (!silenced) return false;
  if (trigger.kind === "candle_close") {
    if (-deltaMs < everyMs) return false;
    job.shiftMs += 1;
    job.schedule = shifted(boundedSchedule(job.spec), job.shiftMs);
  } else {
    const phases = [
      { phase: phaseOf(trigger.anchor, everyMs), upTo: job.after },
      ...job.phases.filter(({ upTo }) => upTo > now),
    ];
    const anchor = freeAnchor(phases, everyMs, now, Math.max(next + deltaMs, now + 1));
    if (anchor === null) return false;
    job.phases = phases;
    job.spec = { ...job.spec, trigger: { ...trigger, anchor } };
    job.schedule = boundedSchedule(job.spec);
  }
  job.after = now;
  advance(job, now);
  return true;
}

type Phases = Job["phases"];

/** The instant nearest to `wanted` in (now, now + everyMs] whose grid meets no accounted fire time; earlier ones first. */
function freeAnchor(phases: Phases, everyMs: number, now: number, wanted: number): number | null {
  const free = (time: number): boolean =>
    phases.every(({ phase, upTo }) => time > upTo || phaseOf(time, everyMs) !== phase);
  const latest = Math.min(wanted, now + everyMs);
  for (let time = latest; time > now && time > latest - phases.length - 1; time -= 1)
    if (free(time)) return time;
  for (let time = latest + 1; time <= now + everyMs; time += 1) if (free(time)) return time;
  return null;
}

const phaseOf = (time: number, everyMs: number): number => ((time % everyMs) + everyMs) % everyMs;
