import { EngineFault } from "../engine/fault.ts";
import { parseParams, STRATEGIES, strategyOf } from "../engine/strategies/registry.ts";
import type { Strategy } from "../engine/strategies/types.ts";
import * as z from "zod";
import type { ColumnStrategy } from "./signals.ts";
import { standardBands } from "./strategies/standard-bands.ts";
import { standardMomentum } from "./strategies/standard-momentum.ts";

const COLUMN_STRATEGIES: ReadonlyMap<string, ColumnStrategy> = new Map<string, ColumnStrategy>(
  [standardBands, standardMomentum].map((strategy) => [strategy.id, strategy]),
);

/** A strategy of either form with its parameters checked and completed. */
export type Chosen =
  | {
      readonly form: "candle";
      readonly strategy: Strategy;
      readonly params: Readonly<Record<string, unknown>>;
    }
  | {
      readonly form: "column";
      readonly strategy: ColumnStrategy;
      readonly params: Readonly<Record<string, unknown>>;
    };

/** Ids of everything that can be back-tested. */
export const strategyIds = (): readonly string[] => [
  ...STRATEGIES.keys(),
  ...COLUMN_STRATEGIES.keys(),
];

/** Finds a strategy and checks its parameters. Throws EngineFault "invalid" naming the field. */
export function chooseStrategy(id: string, params: Readonly<Record<string, unknown>>): Chosen {
  const known = strategyOf(id);
  if (known !== undefined) {
    const parsed = parseParams(known, params);
    if (!parsed.ok) throw new EngineFault("invalid", parsed.message, `params.${parsed.field}`);
    return { form: "candle", strategy: known, params: parsed.value };
  }
  const column = COLUMN_STRATEGIES.get(id);
  if (column === undefined) {
    throw new EngineFault(
      "invalid",
      `Strategy "${id}" is unknown; choose one of ${strategyIds().join(", ")}.`,
      "strategy",
    );
  }
  const parsed = column.params.safeParse(params);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw new EngineFault(
      "invalid",
      `The parameters of ${column.title} are not right: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`,
      `params.${field}`,
    );
  }
  return { form: "column", strategy: column, params: parsed.data };
}
