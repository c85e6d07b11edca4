import type { Condition } from "../../../src-preload/contract/ticks.ts";
import { decimalText } from "../money.ts";
import type { Decimal } from "../money.ts";
import type { EntryProposal, RiskLayer } from "./types.ts";

/** What the layers came to, with the conditions of those that judged. */
export type EntryVerdict =
  | {
      readonly allowed: true;
      /** Base currency, on the lot. */
      readonly quantity: string;
      /** Quote currency, at the proposal's price. */
      readonly notional: string;
      readonly conditions: readonly Condition[];
    }
  | {
      readonly allowed: false;
      /** Id of the layer that refused. */
      readonly layer: string;
      readonly reason: string;
      readonly conditions: readonly Condition[];
    };

/**
 * Runs the layers in order; the first refusal ends it. A layer may make the size smaller than those before it, never
 * larger. Pure.
 */
export function evaluateEntry(layers: readonly RiskLayer[], entry: EntryProposal): EntryVerdict {
  const conditions: Condition[] = [];
  let quantity: Decimal | null = null;
  for (const layer of layers) {
    const verdict = layer.judge(entry, quantity);
    if (verdict === null) continue;
    conditions.push(verdict.condition);
    if (verdict.verdict === "deny") {
      return { allowed: false, layer: layer.id, reason: verdict.reason, conditions };
    }
    if (verdict.verdict === "size" && (quantity === null || verdict.quantity.lt(quantity))) {
      quantity = verdict.quantity;
    }
  }
  if (quantity === null) {
    return { allowed: false, layer: "size", reason: "No layer gave the entry a size.", conditions };
  }
  return {
    allowed: true,
    quantity: decimalText(quantity),
    notional: decimalText(quantity.times(entry.price)),
    conditions,
  };
}
