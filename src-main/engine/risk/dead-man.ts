import type { DeadManState, DeadManView } from "../../../src-preload/contract/risk.ts";
import type { RiskLimits } from "../../../src-preload/contract/risk-limits.ts";

const HOUR_MS = 3_600_000;

/** The switch at wall time `now`, ms UTC, after the last check-in. Pure. */
export function deadManAt(lastCheckIn: number, now: number, limits: RiskLimits): DeadManView {
  const steps: readonly (readonly [DeadManState, number])[] = [
    ["ok", lastCheckIn],
    ["reminder", lastCheckIn + limits.deadManRemindHours * HOUR_MS],
    ["no_entries", lastCheckIn + limits.deadManEntriesHours * HOUR_MS],
    ["stopped", lastCheckIn + limits.deadManStopHours * HOUR_MS],
  ];
  let state: DeadManState = "ok";
  for (const [name, at] of steps) if (now >= at) state = name;
  const coming = steps.find(([, at]) => at > now);
  return {
    state,
    lastCheckIn,
    next: coming === undefined || coming[0] === "ok" ? null : { state: coming[0], at: coming[1] },
  };
}

/** One sentence for a notification; null for the state in which nothing is to be said. */
export function deadManSentence(state: DeadManState, limits: RiskLimits): string | null {
  switch (state) {
    case "ok":
      return null;
    case "reminder":
      return `Nobody has checked in for ${limits.deadManRemindHours} hours. After ${limits.deadManEntriesHours} no bot enters any more.`;
    case "no_entries":
      return `Nobody has checked in for ${limits.deadManEntriesHours} hours: no bot enters any more. Positions are watched as before.`;
    case "stopped":
      return limits.deadManStop === "close"
        ? `Nobody has checked in for ${limits.deadManStopHours} hours: all positions are closed and no bot enters.`
        : `Nobody has checked in for ${limits.deadManStopHours} hours: bots without a position no longer decide; open positions keep their stops and exits.`;
    default:
      return state satisfies never;
  }
}
