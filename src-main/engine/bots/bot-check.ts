import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import { EngineFault, messageOf } from "../fault.ts";
import { scheduleOf } from "../scheduler/schedule.ts";
import { STRATEGIES, parseParams, strategyOf } from "../strategies/registry.ts";
import { utc } from "../utc.ts";
import type { Timing } from "./bot-job.ts";

const refuse = (message: string, field: string): never => {
  throw new EngineFault("invalid", message, field);
};

/** Throws EngineFault "invalid" that names the field for a schedule that makes no sense. */
export function checkSchedule({ schedule, timeframe }: Timing): void {
  if (schedule.kind === "candle_close") {
    const length = timeframeMs(timeframe);
    const { offsetMs } = schedule;
    if (offsetMs >= length) {
      refuse(
        `The offset after the close is ${offsetMs / 1000} s, but a ${timeframe} candle is over in ${length / 1000} s; give less than that.`,
        "schedule.offsetMs",
      );
    }
  }
  if (schedule.kind !== "cron") return;
  const { expression, zone } = schedule;
  const tried = (trigger: { readonly expression: string; readonly zone: string }, of: string) => {
    try {
      scheduleOf({ kind: "cron", ...trigger });
    } catch (error) {
      refuse(messageOf(error), of);
    }
  };
  tried({ expression, zone: "UTC" }, "schedule.expression");
  tried({ expression, zone }, "schedule.zone");
}

/**
 * The configuration with its parameters completed and checked; throws EngineFault naming the field. `before` is what it
 * replaces, null for a new bot; `names` are those of the other bots.
 */
export function checkConfig(
  config: BotConfig,
  before: BotConfig | null,
  names: readonly string[],
  now: number,
): BotConfig {
  const strategy = strategyOf(config.strategy);
  if (strategy === undefined) {
    throw new EngineFault(
      "invalid",
      `Strategy "${config.strategy}" is unknown; choose one of ${[...STRATEGIES.keys()].join(", ")}.`,
      "strategy",
    );
  }
  if (names.includes(config.name)) {
    throw new EngineFault(
      "conflict",
      `Another bot is called "${config.name}"; choose a different name.`,
      "name",
    );
  }
  checkSchedule(config);
  const { endAt } = config;
  if (endAt !== undefined && endAt !== before?.endAt && endAt <= now)
    refuse(`The end date ${utc(endAt)} has passed; give a later one, or none.`, "endAt");
  const parsed = parseParams(strategy, config.params);
  return parsed.ok
    ? { ...config, params: parsed.value }
    : refuse(parsed.message, `params.${parsed.field}`);
}
