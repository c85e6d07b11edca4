import { botConfigSchema } from "../../../src-preload/contract/bots.ts";
import type {
  BotConfig,
  BotView,
  ParamField,
  StrategyView,
} from "../../../src-preload/contract/bots.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import { formatNumber } from "../../format/numbers.ts";
import { NEW_SCHEDULE, scheduleField, schedulePart, scheduleValues } from "./schedule-model.ts";
import type { ScheduleValues } from "./schedule-model.ts";

export type ParamValue = number | string | boolean;

/** What the fields hold while they are typed in: a number field may be empty or half a number. */
export interface BotFormValues extends ScheduleValues {
  name: string;
  strategy: string;
  symbol: string;
  timeframe: Timeframe;
  /** Quote currency. */
  capital: number | string;
  /** Percent of the capital; the contract has it as a share. */
  positionShare: number | string;
  allowShort: boolean;
  params: Record<string, ParamValue>;
}

/** Largest position the contract allows, percent of the capital. */
export const MOST_PERCENT = 25;

/** Messages by field: "name", "params.rsiLength". */
type FieldErrors = Record<string, string>;

/** The strategy's own defaults. */
export const defaultParams = (strategy: StrategyView | undefined): Record<string, ParamValue> =>
  Object.fromEntries((strategy?.fields ?? []).map((field) => [field.key, field.default]));

/** Fields of a new bot of this strategy. */
export function newBotValues(strategy: StrategyView | undefined): BotFormValues {
  return {
    name: "",
    strategy: strategy?.id ?? "",
    symbol: "",
    timeframe: strategy?.defaultTimeframe ?? "1h",
    capital: 1000,
    positionShare: MOST_PERCENT,
    allowShort: false,
    ...NEW_SCHEDULE,
    params: defaultParams(strategy),
  };
}

const isParamValue = (value: unknown): value is ParamValue =>
  typeof value === "number" || typeof value === "string" || typeof value === "boolean";

/** Fields of an existing bot; parameters that it does not name stand at their defaults. */
export function valuesOf(bot: BotView, strategy: StrategyView | undefined): BotFormValues {
  const { config } = bot;
  const params = defaultParams(strategy);
  for (const [key, value] of Object.entries(config.params))
    if (isParamValue(value)) params[key] = value;
  return {
    name: config.name,
    strategy: config.strategy,
    symbol: config.symbol,
    timeframe: config.timeframe,
    capital: config.capital,
    positionShare: Number((config.positionShare * 100).toFixed(4)),
    allowShort: config.allowShort,
    ...scheduleValues(config),
    params,
  };
}

/** A name that no bot has: "X copy", "X copy 2" …, cut to the 60 characters of the contract. */
export function cloneName(name: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n += 1) {
    const suffix = n === 1 ? " copy" : ` copy ${n}`;
    const candidate = name.slice(0, 60 - suffix.length) + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}

/** "from 2 to 200 bars", "of at least 0 %", or nothing where the field has no limits. */
export function rangeText(field: ParamField): string {
  const unit = field.unit === "" ? "" : ` ${field.unit}`;
  const show = (n: number): string =>
    formatNumber(n, Number.isInteger(n) ? 0 : Math.min(6, decimalsOf(n)));
  if (field.min !== undefined && field.max !== undefined)
    return `from ${show(field.min)} to ${show(field.max)}${unit}`;
  if (field.min !== undefined) return `of at least ${show(field.min)}${unit}`;
  return field.max === undefined ? "" : `of at most ${show(field.max)}${unit}`;
}

const decimalsOf = (n: number): number => String(n).split(".")[1]?.length ?? 0;

/** The sentence that says what is wrong with a parameter, or null. */
export function paramError(field: ParamField, value: ParamValue | undefined): string | null {
  if (field.kind === "boolean") {
    return typeof value === "boolean" ? null : `${field.label} must be on or off.`;
  }
  if (field.kind === "choice") {
    const choices = field.choices ?? [];
    return typeof value === "string" && choices.includes(value)
      ? null
      : `${field.label} must be one of: ${choices.join(", ")}.`;
  }
  const kind = field.kind === "integer" ? "a whole number" : "a number";
  const wanted = `enter ${kind}${field.min === undefined && field.max === undefined ? "" : ` ${rangeText(field)}`}.`;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return value === "" || value === undefined
      ? `${field.label} is empty; ${wanted}`
      : `${field.label} is not a number; ${wanted}`;
  }
  const outside =
    (field.min !== undefined && value < field.min) ||
    (field.max !== undefined && value > field.max) ||
    (field.kind === "integer" && !Number.isInteger(value));
  return outside ? `${field.label} is ${value}; ${wanted}` : null;
}

type Checked =
  | { readonly config: BotConfig; readonly errors: null }
  | { readonly config: null; readonly errors: FieldErrors };

/** Checks the fields as the main process will: the contract's schema and the ranges of the strategy's fields. */
export function checkForm(values: BotFormValues, strategy: StrategyView | undefined): Checked {
  const errors: FieldErrors = {};
  const number = (key: "capital" | "positionShare", hint: string): number => {
    const value = values[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    errors[key] = hint;
    return Number.NaN;
  };
  const capital = number(
    "capital",
    "Capital is empty; enter an amount above 0, in quote currency.",
  );
  const percent = number(
    "positionShare",
    `Position size is empty; enter a share of the capital, above 0 and up to ${MOST_PERCENT} %.`,
  );
  if (Number.isFinite(percent) && (percent <= 0 || percent > MOST_PERCENT)) {
    errors["positionShare"] =
      `Position size is ${percent} %; enter a share above 0 and up to ${MOST_PERCENT} %.`;
  }
  if (!strategy) errors["strategy"] = "No strategy is chosen; choose one of the list.";
  for (const field of strategy?.fields ?? []) {
    const error = paramError(field, values.params[field.key]);
    if (error !== null) errors[`params.${field.key}`] = error;
  }
  const parsed = botConfigSchema.safeParse({
    name: values.name,
    strategy: values.strategy,
    symbol: values.symbol,
    timeframe: values.timeframe,
    capital,
    positionShare: percent / 100,
    allowShort: values.allowShort,
    ...schedulePart(values, values.timeframe, errors),
    params: Object.fromEntries(
      (strategy?.fields ?? []).map(({ key }) => [key, values.params[key]]),
    ),
  });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = scheduleField(issue.path.join("."));
      errors[path] ??= issue.message;
    }
  }
  return parsed.success && Object.keys(errors).length === 0
    ? { config: parsed.data, errors: null }
    : { config: null, errors };
}

/** The form's field that a refusal names, or null where it names none that the form has. */
export function fieldOfFailure(failure: Failure, values: BotFormValues): string | null {
  const path = failure.field?.replace(/^config\./, "");
  if (path === undefined) return null;
  const field = scheduleField(path);
  if (field.startsWith("params."))
    return field.slice("params.".length) in values.params ? field : null;
  return field in values && field !== "params" ? field : null;
}
