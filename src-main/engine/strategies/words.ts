import type { Condition } from "../../../src-preload/contract/ticks.ts";

/** A price with six significant digits, quote currency. */
export const price = (value: number): string => String(Number(value.toPrecision(6)));

/** A figure with that many decimals at most. */
export const figure = (value: number, decimals: number): string =>
  String(Number(value.toFixed(decimals)));

/** A fraction as a percentage with its sign. */
export const percent = (fraction: number, decimals: number): string =>
  `${fraction > 0 ? "+" : ""}${figure(fraction * 100, decimals)} %`;

/** A name and its figure, as they stand in a sentence: "RSI 31.2". */
export interface Quantity {
  readonly value: number;
  readonly text: string;
}

export const quantity = (name: string, value: number, text: string): Quantity => ({
  value,
  text: name === "" ? text : `${name} ${text}`,
});

/** A price by its name: "close 101.2". */
export const priced = (name: string, value: number): Quantity =>
  quantity(name, value, price(value));

/** A plain number: the limit in "RSI 31.2 < 35". */
export const limit = (value: number): Quantity => quantity("", value, figure(value, 4));

type Relation = "<" | "≤" | ">" | "≥";

const OPPOSITE: Readonly<Record<Relation, Relation>> = { "<": "≥", "≥": "<", ">": "≤", "≤": ">" };

function holds(left: number, relation: Relation, right: number): boolean {
  if (relation === "<") return left < right;
  if (relation === "≤") return left <= right;
  return relation === ">" ? left > right : left >= right;
}

/** A condition between two figures. Its detail says what is so, whether it holds or not. */
export function compare(
  label: string,
  left: Quantity,
  relation: Relation,
  right: Quantity,
): Condition {
  const held = holds(left.value, relation, right.value);
  return {
    label,
    held,
    detail: `${left.text} ${held ? relation : OPPOSITE[relation]} ${right.text}`,
  };
}

/** The details of conditions as one list. */
export const details = (conditions: readonly Condition[]): string =>
  conditions.map((condition) => condition.detail).join(", ");

/** The details of those that do not hold. */
export const lacking = (conditions: readonly Condition[]): string =>
  details(conditions.filter((condition) => !condition.held));
