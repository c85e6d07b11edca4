import type { DeadManState, KillLevel } from "../../src-preload/contract/risk.ts";
import type { AppStatus } from "../../src-preload/contract/app.ts";

export type TrayState = "ok" | "paused" | "error" | "stopped" | "draining";

/** What the tray shows: an icon by state, a line, and which actions have something to act on. */
export interface TrayModel {
  readonly state: TrayState;
  readonly line: string;
  readonly canPause: boolean;
  readonly canResume: boolean;
  readonly canStop: boolean;
  readonly kill: KillLevel | "off";
  /** Null where nobody has to check in. */
  readonly checkIn: DeadManState | null;
}

const count = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`;

/** `status` is null while the data folder is being opened. */
export function trayModel(
  status: Pick<AppStatus, "phase" | "problem" | "bots" | "runningTicks" | "risk"> | null,
): TrayModel {
  const kill = status?.risk.kill.level ?? "off";
  const checkIn = status?.risk.deadMan?.state ?? null;
  const idle = { canPause: false, canResume: false, canStop: false, kill, checkIn };
  if (status === null || status.phase === "starting") {
    return { state: "stopped", line: "Starting", ...idle };
  }
  const { phase, problem, bots, runningTicks } = status;
  if (phase === "draining") {
    const line = runningTicks === 0 ? "Quitting" : `Finishing ${count(runningTicks, "tick")}`;
    return { state: "draining", line, ...idle };
  }
  if (phase === "failed") return { state: "error", line: problem ?? "The engine failed", ...idle };
  if (phase === "stopped") return { state: "stopped", line: "Stopped", ...idle };
  const actions = {
    canPause: bots.running > 0,
    canResume: bots.paused > 0,
    canStop: bots.running + bots.paused > 0,
    kill,
    checkIn,
  };
  if (problem !== null) return { state: "error", line: problem, ...actions };
  if (kill !== "off") return { state: "error", line: "Kill switch is on", ...actions };
  if (checkIn === "no_entries" || checkIn === "stopped") {
    return { state: "error", line: "Nobody has checked in: no new entries", ...actions };
  }
  if (bots.error > 0) {
    return {
      state: "error",
      line: `${count(bots.error, "bot")} of ${bots.total} in error`,
      ...actions,
    };
  }
  const paused = bots.paused > 0 ? `, ${bots.paused} paused` : "";
  if (bots.running > 0) {
    return { state: "ok", line: `${count(bots.running, "bot")} running${paused}`, ...actions };
  }
  if (bots.paused > 0)
    return { state: "paused", line: `${count(bots.paused, "bot")} paused`, ...actions };
  const line = bots.total === 0 ? "No bots yet" : `${count(bots.total, "bot")} stopped`;
  return { state: "stopped", line, ...actions };
}
