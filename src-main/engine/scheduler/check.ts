import { EngineFault } from "../fault.ts";
import type { JobSpec, Trigger } from "./types.ts";

/** Throws EngineFault "invalid" with one sentence for a spec that makes no sense. Cron text is checked where it is read. */
export function checkSpec(spec: JobSpec): void {
  const { id, trigger, graceMs, runLimitMs, startOffsetMs, endAt, accountedUntil } = spec;
  const refuse = (what: string, fix: string): never => {
    throw new EngineFault("invalid", `Job "${id}" cannot be added: ${what}; give ${fix}.`);
  };
  const above0 = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  if (id === "") refuse("its id is empty", "a unique id");
  checkTrigger(trigger, refuse);
  if (graceMs !== null && !above0(graceMs)) {
    refuse(`its grace time is ${graceMs} ms`, "a whole number of ms above 0, or null for no limit");
  }
  if (!above0(spec.maxInstances)) {
    refuse(`its limit of instances is ${spec.maxInstances}`, "a whole number above 0");
  }
  if (runLimitMs != null && !above0(runLimitMs)) {
    refuse(
      `its run time limit is ${runLimitMs} ms`,
      "a whole number of ms above 0, or null for no limit",
    );
  }
  if (startOffsetMs !== undefined && !(Number.isSafeInteger(startOffsetMs) && startOffsetMs >= 0)) {
    refuse(`its start offset is ${startOffsetMs} ms`, "a whole number of ms, 0 or more");
  }
  if (endAt != null && !Number.isFinite(endAt)) {
    refuse(`its end is ${endAt}`, "ms UTC, or null for none");
  }
  if (spec.group === "") refuse("its group is empty", "a name, or no group");
  if (accountedUntil !== null && !Number.isFinite(accountedUntil)) {
    refuse(`its last accounted fire time is ${accountedUntil}`, "ms UTC, or null for none");
  }
}

function checkTrigger(trigger: Trigger, refuse: (what: string, fix: string) => never): void {
  if (trigger.kind === "interval" || trigger.kind === "candle_close") {
    const { everyMs } = trigger;
    if (!Number.isSafeInteger(everyMs) || everyMs < 1)
      refuse(`its interval is ${everyMs} ms`, "a whole number of ms above 0");
  }
  if (trigger.kind === "interval" && !Number.isSafeInteger(trigger.anchor)) {
    refuse(`its anchor is ${trigger.anchor}`, "whole ms UTC");
  }
  if (trigger.kind === "candle_close" && !Number.isSafeInteger(trigger.offsetMs)) {
    refuse(`its offset after the close is ${trigger.offsetMs} ms`, "a whole number of ms");
  }
  if (trigger.kind === "date" && !Number.isSafeInteger(trigger.time)) {
    refuse(`its date is ${trigger.time}`, "whole ms UTC");
  }
}
