import * as z from "zod";
import { timeframeSchema } from "../../../src-preload/contract/time.ts";
import type { MetricName } from "../../engine/market/types.ts";
import type { Strategy, StrategyNeeds } from "../../engine/strategies/types.ts";
import { METRIC_NAMES } from "../../engine/market/metric-facts.ts";

/** Most candles that a strategy may ask for; the exchange gives a thousand a request. */
const MOST_CANDLES = 5000;

const isFunction = z.custom<(...given: never[]) => unknown>(
  (value) => typeof value === "function",
  "is not a function",
);

/** What a strategy file exports; the rest of a built-in one's members has a default. */
const exported = z.looseObject({
  title: z.string().min(1).max(80),
  summary: z.string().max(500).default(""),
  source: z.string().max(500).default("One's own."),
  defaultTimeframe: timeframeSchema.default("1h"),
  params: z.custom<z.ZodObject>(
    (value) => value instanceof z.ZodObject,
    "is not made with z.strictObject({ … }) of fields",
  ),
  needs: isFunction.optional(),
  warmup: isFunction,
  decide: isFunction,
});

const needsSchema = z.strictObject({
  references: z.array(z.string()).max(20).default([]),
  metrics: z.array(z.enum(METRIC_NAMES)).default([]),
  metricWindowMs: z.number().min(0).default(0),
});

const first = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is wrong"}`;
};

/** The strategy that a module exports, made whole. Throws one sentence that names the member at fault. */
export function exportedStrategy(id: string, exports: Readonly<Record<string, unknown>>): Strategy {
  const given = exports["default"] ?? exports["strategy"];
  if (typeof given !== "object" || given === null) {
    throw new Error(
      "the file exports no strategy; end it with `export default defineStrategy({ … })`",
    );
  }
  const parsed = exported.safeParse(given);
  if (!parsed.success)
    throw new Error(`the exported strategy is not complete: ${first(parsed.error)}`);
  // Its own object stays `this` of its functions.
  const own = given as Strategy;
  const { title, summary, source, defaultTimeframe, params } = parsed.data;
  const empty = params.safeParse({});
  if (!empty.success) {
    throw new Error(
      `every parameter needs a default (fields.number, fields.whole and fields.period ask for one): ${first(empty.error)}`,
    );
  }
  return {
    id,
    title,
    summary,
    source,
    rules: { entry: "", exit: "", stop: "", confidence: "" },
    defaultTimeframe,
    params,
    needs: (values, symbol) =>
      checkedNeeds(parsed.data.needs === undefined ? {} : own.needs(values, symbol)),
    warmup: (values) => checkedWarmup(own.warmup(values)),
    decide: (input) => own.decide(input),
  };
}

function checkedNeeds(value: unknown): StrategyNeeds {
  const parsed = needsSchema.safeParse(value);
  if (!parsed.success)
    throw new Error(`needs() answered what cannot be brought: ${first(parsed.error)}`);
  const metrics: readonly MetricName[] = parsed.data.metrics;
  return { ...parsed.data, metrics };
}

function checkedWarmup(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST_CANDLES)
    return value;
  throw new Error(
    `warmup() answered ${String(value)}; it must be a whole number of candles from 1 to ${MOST_CANDLES}`,
  );
}
