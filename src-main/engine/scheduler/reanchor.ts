import { advance, boundedSchedule } from "./job.ts";
import type { Job } from "./job.ts";
import { shifted } from "./schedule.ts";

/** So many steps back of a clock are remembered for each job. */
const keptPhases = 256;

/**
 * After the wall was set back by `−deltaMs` to `now`: gives a job that would be silent for more than one interval
 * fire times of its own in between. True when it did.
 *
 * An interval goes on at its distance in monotonic time. Candle closes stay closes, 1 ms beside those that were
 * accounted for, and only where two or more of them would pass without a tick: one that passes was served just before, and
 * its tick would be a second one for the same candle. The fire times of a calendar likewise. A date follows the wall.
 * No fire time comes twice: where a new phase would meet one that was accounted for it moves aside by a ms.
 */
export function reanchor(job: Job, now: number, deltaMs: number): boolean {
  const { trigger } = job.spec;
  if (deltaMs >= 0 || trigger.kind === "date") return false;
  const next = job.schedule.next(job.after);
  if (next === Infinity) return false;
  if (trigger.kind === "interval") {
    const { everyMs } = trigger;
    // A job that begins later than that anyway is not silenced by the clock.
    const begun = next > job.firstNext || next - (now - deltaMs) <= everyMs;
    if (!begun || next - now <= everyMs) return false;
    // Not even phases of long ago are free: the wall may be set back further than ever.
    const phases = [phaseOf(trigger.anchor, everyMs), ...job.phases].slice(0, keptPhases);
    const anchor = freeAnchor(phases, everyMs, now, Math.max(next + deltaMs, now + 1));
    if (anchor === null) return false;
    job.phases = phases;
    job.spec = { ...job.spec, trigger: { ...trigger, anchor } };
    job.schedule = boundedSchedule(job.spec);
  } else {
    const closes = job.schedule;
    const begun = next > job.firstNext || next <= closes.next(closes.next(now - deltaMs));
    if (!begun || closes.next(closes.next(now)) >= next) return false;
    job.shiftMs += 1;
    job.schedule = shifted(boundedSchedule(job.spec), job.shiftMs);
  }
  job.firstNext = Number.NEGATIVE_INFINITY;
  job.after = now;
  advance(job, now);
  return true;
}

/** The instant nearest to `wanted` in (now, now + everyMs] whose phase is free; earlier ones first. Null for none. */
function freeAnchor(
  phases: readonly number[],
  everyMs: number,
  now: number,
  wanted: number,
): number | null {
  const free = (time: number): boolean => !phases.includes(phaseOf(time, everyMs));
  const latest = Math.min(wanted, now + everyMs);
  for (let time = latest; time > now && time >= latest - phases.length; time -= 1)
    if (free(time)) return time;
  for (let time = latest + 1; time <= now + everyMs; time += 1) if (free(time)) return time;
  return null;
}

const phaseOf = (time: number, everyMs: number): number => ((time % everyMs) + everyMs) % everyMs;
