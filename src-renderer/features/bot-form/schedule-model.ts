import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import type { Request } from "../../../src-preload/contract/index.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import { formatSpan } from "../../format/time.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export type ScheduleKind = BotConfig["schedule"]["kind"];
type SchedulePart = Pick<
  BotConfig,
  "schedule" | "graceMs" | "coalesce" | "runLimitMs" | "startOffsetMs" | "endAt"
>;

/** The form's fields of a schedule. All kinds are kept, so that a look at another one loses nothing. */
export interface ScheduleValues {
  scheduleKind: ScheduleKind;
  /** After the candle's close, seconds. */
  offsetSeconds: number | string;
  cronExpression: string;
  /** IANA name. */
  cronZone: string;
  graceUnlimited: boolean;
  graceSeconds: number | string;
  coalesce: boolean;
  runLimited: boolean;
  runLimitSeconds: number | string;
  /** After the bot is started; 0 or empty for at once. */
  startAfterSeconds: number | string;
  /** Ms UTC; null for no end; text that is no date as it was typed. */
  endAt: number | string | null;
}

/** A new bot's: after the close of each candle, when its data is there. */
export const NEW_SCHEDULE: ScheduleValues = {
  scheduleKind: "candle_close",
  offsetSeconds: 5,
  cronExpression: "*/15 * * * *",
  cronZone: "UTC",
  graceUnlimited: false,
  graceSeconds: 60,
  coalesce: true,
  runLimited: true,
  runLimitSeconds: 120,
  startAfterSeconds: 0,
  endAt: null,
};

/** Fields from what is stored. */
export function scheduleValues({
  schedule,
  graceMs,
  coalesce,
  runLimitMs,
  startOffsetMs,
  endAt,
}: SchedulePart): ScheduleValues {
  return {
    ...NEW_SCHEDULE,
    scheduleKind: schedule.kind,
    ...(schedule.kind === "candle_close" ? { offsetSeconds: schedule.offsetMs / SECOND } : {}),
    ...(schedule.kind === "cron"
      ? { cronExpression: schedule.expression, cronZone: schedule.zone }
      : {}),
    graceUnlimited: graceMs === null,
    ...(graceMs === null ? {} : { graceSeconds: graceMs / SECOND }),
    coalesce,
    runLimited: runLimitMs !== null,
    ...(runLimitMs === null ? {} : { runLimitSeconds: runLimitMs / SECOND }),
    startAfterSeconds: (startOffsetMs ?? 0) / SECOND,
    endAt: endAt ?? null,
  };
}

const isNumber = (value: number | string): value is number =>
  typeof value === "number" && Number.isFinite(value);

/** What is stored, from the fields; what is wrong with a field goes into `errors`. */
export function schedulePart(
  values: ScheduleValues,
  timeframe: Timeframe,
  errors: Record<string, string>,
): SchedulePart {
  const seconds = (
    key: "offsetSeconds" | "graceSeconds" | "runLimitSeconds" | "startAfterSeconds",
    label: string,
    min: number,
    max: number,
  ): number => {
    const value = values[key];
    const wanted = `enter seconds from ${min} to ${max}.`;
    if (!isNumber(value)) errors[key] = `${label} is empty; ${wanted}`;
    else if (value < min || value > max) errors[key] = `${label} is ${value} s; ${wanted}`;
    return isNumber(value) ? Math.round(value * SECOND) : 0;
  };
  const startOffsetMs =
    values.startAfterSeconds === ""
      ? 0
      : seconds("startAfterSeconds", "Start after", 0, 31_536_000);
  if (typeof values.endAt === "string") {
    errors["endAt"] =
      `End date is "${values.endAt}"; write it as 2026-12-31 18:00, or leave it empty.`;
  }
  let schedule: BotConfig["schedule"] = { kind: "interval" };
  if (values.scheduleKind === "candle_close") {
    const most = timeframeMs(timeframe) / SECOND - 1;
    schedule = { kind: "candle_close", offsetMs: seconds("offsetSeconds", "Offset", 0, most) };
  } else if (values.scheduleKind === "cron") {
    const expression = values.cronExpression.trim().replaceAll(/\s+/g, " ");
    const fields = expression === "" ? 0 : expression.split(" ").length;
    if (fields !== 5 && fields !== 6) {
      errors["cronExpression"] =
        `Cron expression has ${fields} fields; write five (minute, hour, day, month, weekday) or six with the second before them.`;
    }
    const zone = values.cronZone.trim();
    if (zone === "")
      errors["cronZone"] = 'Time zone is empty; write "UTC" or one such as "Europe/Berlin".';
    schedule = { kind: "cron", expression, zone };
  }
  return {
    schedule,
    graceMs: values.graceUnlimited ? null : seconds("graceSeconds", "Grace time", 1, 604_800),
    coalesce: values.coalesce,
    runLimitMs: values.runLimited ? seconds("runLimitSeconds", "Run limit", 1, 3600) : null,
    ...(startOffsetMs === 0 ? {} : { startOffsetMs }),
    ...(typeof values.endAt === "number" ? { endAt: values.endAt } : {}),
  };
}

const FIELD_OF_PATH: Readonly<Record<string, keyof ScheduleValues>> = {
  schedule: "scheduleKind",
  "schedule.kind": "scheduleKind",
  "schedule.offsetMs": "offsetSeconds",
  "schedule.expression": "cronExpression",
  "schedule.zone": "cronZone",
  graceMs: "graceSeconds",
  runLimitMs: "runLimitSeconds",
  startOffsetMs: "startAfterSeconds",
};

/** The form's field for a path of the contract, or the path itself. */
export const scheduleField = (path: string): string => FIELD_OF_PATH[path] ?? path;

/** Grace that lets a bot of this timeframe make up for a short sleep, ms; null where a minute is enough. */
function wantedGrace(timeframe: Timeframe): number | null {
  const length = timeframeMs(timeframe);
  if (length >= 4 * HOUR) return 30 * MINUTE;
  return length >= HOUR ? 10 * MINUTE : null;
}

interface GraceAdvice {
  readonly text: string;
  /** Grace time to allow, ms. */
  readonly graceMs: number;
  /** On the button. */
  readonly label: string;
}

/** Where the grace time (ms, null for unlimited) loses a candle that the computer slept through: what that means and what to allow. */
export function graceAdvice(graceMs: number | null, timeframe: Timeframe): GraceAdvice | null {
  const wanted = wantedGrace(timeframe);
  if (wanted === null || graceMs === null || graceMs >= wanted) return null;
  const name = formatSpan(timeframeMs(timeframe));
  const article = name.startsWith("8") ? "An" : "A";
  return {
    text: `${article} ${name} bot that sleeps through its close misses that candle, and the next one is ${name} away.`,
    graceMs: wanted,
    label: `Allow ${formatSpan(wanted)}`,
  };
}

/** The same for what the fields hold; none while the grace time is not a number. */
export function formGraceAdvice(values: ScheduleValues, timeframe: Timeframe): GraceAdvice | null {
  const { graceSeconds, graceUnlimited } = values;
  if (graceUnlimited || !isNumber(graceSeconds)) return null;
  return graceAdvice(graceSeconds * SECOND, timeframe);
}

/** What main is asked for a preview; null where there is none to show: an interval begins when the bot is started. */
export function previewQuery(
  values: ScheduleValues,
  timeframe: Timeframe,
): Request<"bots:preview-schedule"> | null {
  const { schedule, endAt } = schedulePart(values, timeframe, {});
  if (schedule.kind === "interval") return null;
  if (schedule.kind === "candle_close" && !isNumber(values.offsetSeconds)) return null;
  return { schedule, timeframe, ...(endAt === undefined ? {} : { endAt }) };
}

/** In one line, for lists of facts: "5 s after each close", "every 15 min", "cron 0 9 * * *, Europe/Berlin". */
export function scheduleText({
  schedule,
  timeframe,
}: Pick<BotConfig, "schedule" | "timeframe">): string {
  switch (schedule.kind) {
    case "interval":
      return `every ${formatSpan(timeframeMs(timeframe))} from the start`;
    case "candle_close":
      return schedule.offsetMs === 0
        ? "at each close"
        : `${formatSpan(schedule.offsetMs)} after each close`;
    case "cron":
      return `cron ${schedule.expression}, ${schedule.zone}`;
  }
}
