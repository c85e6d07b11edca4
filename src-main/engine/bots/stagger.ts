/** Bots that start together fire this far apart, ms. */
export const STAGGER_MS = 2000;

/** The shortest interval of the reference fleet: phases are kept apart within it. */
const PERIOD_MS = 900_000;
const SLOTS = PERIOD_MS / STAGGER_MS;

const slotOf = (time: number): number => Math.floor((time % PERIOD_MS) / STAGGER_MS);

/**
 * First fire times for `count` bots that start at `now` (ms UTC): each a stagger after the one before, passing over
 * the phases of `taken` anchors, so that bots started later do not fall on those already running. When
 * more bots run than there are phases, phases are shared.
 */
export function firstFireTimes(now: number, count: number, taken: readonly number[]): number[] {
  const busy = new Set(taken.map(slotOf));
  const times: number[] = [];
  let step = 0;
  while (times.length < count) {
    if (busy.size >= SLOTS) busy.clear();
    const time = now + step * STAGGER_MS;
    step += 1;
    if (busy.has(slotOf(time))) continue;
    busy.add(slotOf(time));
    times.push(time);
  }
  return times;
}
