import * as z from "zod";
import type { ParamField, StrategyView } from "../../../src-preload/contract/bots.ts";
import { correlationRegime } from "./correlation-regime.ts";
import { leverageComposite } from "./leverage-composite.ts";
import { meanReversionBb } from "./mean-reversion-bb.ts";
import { momentumRsiMacd4h } from "./momentum-rsi-macd-4h.ts";
import { momentumRsiMacd } from "./momentum-rsi-macd.ts";
import { nuplCycleFilter } from "./nupl-cycle-filter.ts";
import { stablecoinSupplyMomentum } from "./stablecoin-supply-momentum.ts";
import type { Strategy } from "./types.ts";

/** All strategies by id, in the order of the reference fleet. */
export const STRATEGIES: ReadonlyMap<string, Strategy> = new Map<string, Strategy>(
  [
    meanReversionBb,
    momentumRsiMacd,
    leverageComposite,
    momentumRsiMacd4h,
    correlationRegime,
    nuplCycleFilter,
    stablecoinSupplyMomentum,
  ].map((strategy) => [strategy.id, strategy]),
);

/** The strategy of that id, or undefined. */
export const strategyOf = (id: string): Strategy | undefined => STRATEGIES.get(id);

export type ParsedParams =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  /** `field` is the key at fault, "" when the whole is; `message` one sentence with value and fix. */
  | { readonly ok: false; readonly field: string; readonly message: string };

/** A strategy as far as its parameters go. */
type Parametrised = Pick<Strategy, "title" | "params">;

const fieldsOf = new WeakMap<z.ZodObject, readonly ParamField[]>();

/** What JSON Schema says of one parameter; the rest is not read. */
const propertySchema = z.object({
  type: z.enum(["integer", "number", "boolean", "string"]),
  title: z.string(),
  description: z.string(),
  unit: z.string().default(""),
  default: z.union([z.number(), z.boolean(), z.string()]),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  step: z.number().optional(),
  enum: z.array(z.string()).optional(),
});

function readField(key: string, property: unknown): ParamField {
  const found = propertySchema.parse(property);
  return {
    key,
    label: found.title,
    help: found.description,
    unit: found.unit,
    kind: found.type === "string" ? "choice" : found.type,
    default: found.default,
    ...(found.minimum === undefined ? {} : { min: found.minimum }),
    ...(found.maximum === undefined ? {} : { max: found.maximum }),
    ...(found.step === undefined ? {} : { step: found.step }),
    ...(found.enum === undefined ? {} : { choices: found.enum }),
  };
}

/** The form fields of a strategy, read once from its schema. */
function paramFields(strategy: Parametrised): readonly ParamField[] {
  const known = fieldsOf.get(strategy.params);
  if (known !== undefined) return known;
  const { properties } = z.toJSONSchema(strategy.params, { io: "input" });
  const fields = Object.entries(properties ?? {}).map(([key, property]) =>
    readField(key, property),
  );
  fieldsOf.set(strategy.params, fields);
  return fields;
}

/** A value as an error sentence shows it, never longer than a few words. */
function shown(value: unknown): string {
  if (typeof value === "string") return `"${value.length > 24 ? `${value.slice(0, 24)}…` : value}"`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === null) return "empty";
  return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}

function rangeOf(field: ParamField): string {
  if (field.kind === "choice") return `one of ${(field.choices ?? []).join(", ")}`;
  if (field.kind === "boolean") return "true or false";
  const kind = field.kind === "integer" ? "a whole number" : "a number";
  return `${kind} from ${field.min} to ${field.max}${field.unit === "" ? "" : ` (${field.unit})`}`;
}

/**
 * Checks parameters against the strategy's schema: missing ones become their defaults, unknown keys are refused. The
 * first fault is told in one sentence that names field, value and fix.
 */
export function parseParams(strategy: Parametrised, raw: unknown): ParsedParams {
  const parsed = strategy.params.safeParse(raw);
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = paramFields(strategy);
  const issue = parsed.error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    return {
      ok: false,
      field: key,
      message: `${strategy.title} has no parameter ${shown(key)}; remove it or use one of ${fields.map((field) => field.key).join(", ")}.`,
    };
  }
  const key = String(issue?.path[0] ?? "");
  const field = fields.find((each) => each.key === key);
  if (issue === undefined || field === undefined || typeof raw !== "object" || raw === null) {
    return {
      ok: false,
      field: "",
      message: `The parameters of ${strategy.title} are ${shown(raw)}; give them as an object such as {"${fields[0]?.key ?? ""}": ${String(fields[0]?.default ?? "")}}.`,
    };
  }
  if (issue.code === "custom") return { ok: false, field: key, message: issue.message };
  const value: unknown = Object.entries(raw).find(([name]) => name === key)?.[1];
  return {
    ok: false,
    field: key,
    message: `${field.label} is ${shown(value)}; it must be ${rangeOf(field)}.`,
  };
}

/** A strategy as the window, the documentation and forms see it. */
export function describeStrategy(strategy: Strategy): StrategyView {
  const defaults = strategy.params.parse({});
  return {
    id: strategy.id,
    title: strategy.title,
    summary: strategy.summary,
    source: strategy.source,
    defaultTimeframe: strategy.defaultTimeframe,
    fields: paramFields(strategy),
    metrics: [...strategy.needs(defaults, "SOL/USDT").metrics],
  };
}
