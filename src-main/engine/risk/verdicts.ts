import type { BreakerKind, BreakerView } from "../../../src-preload/contract/risk.ts";
import { decimalText, floorToStep } from "../money.ts";
import type { Decimal } from "../money.ts";
import { utc } from "../utc.ts";
import type { EntryProposal, LayerVerdict, RiskLayer, Surroundings } from "./types.ts";

export const allow = (label: string, detail: string): LayerVerdict => ({
  verdict: "allow",
  condition: { label, held: true, detail },
});

export const deny = (label: string, reason: string): LayerVerdict => ({
  verdict: "deny",
  reason,
  condition: { label, held: false, detail: reason },
});

/**
 * A smaller quantity, rounded down to the lot; a refusal when that is nothing or under the market's smallest order.
 * `why` is the sentence's beginning, e.g. "Correlation leaves".
 */
export function cutTo(
  label: string,
  { market, price }: EntryProposal,
  quantity: Decimal,
  why: string,
): LayerVerdict {
  const cut = floorToStep(quantity, market.lotStep).toDecimalPlaces(18, 1);
  const value = cut.times(price);
  const figures = `${value.toFixed(2)} ${market.quote}`;
  if (cut.lte(0))
    return deny(label, `${why} less than one lot of ${market.lotStep ?? "?"} ${market.base}.`);
  if (market.minNotional !== null && value.lt(market.minNotional)) {
    return deny(
      label,
      `${why} ${figures}, under the smallest order of ${market.minNotional} ${market.quote}.`,
    );
  }
  return {
    verdict: "size",
    quantity: cut,
    condition: {
      label,
      held: true,
      detail: `${why} ${decimalText(cut)} ${market.base} = ${figures}`,
    },
  };
}

/** The sentence of a breaker that holds. */
const breakerReason = ({ reason, until }: BreakerView): string =>
  `${reason} ${until === null ? "Reset it on the Risk page to enter again." : `It ends at ${utc(until)} or by a reset on the Risk page.`}`;

/**
 * A layer that refuses while one of its breakers is tripped, and when its measure is at the limit before the
 * breaker has tripped.
 */
export const breakerLayer = (of: {
  readonly id: string;
  readonly label: string;
  readonly kinds: readonly BreakerKind[];
  /** What is used, ready to read, and the reason of a refusal by the measure alone, or null. */
  readonly measure: (around: Surroundings) => {
    readonly detail: string;
    readonly refusal: string | null;
  };
}): RiskLayer => ({
  id: of.id,
  judge: ({ around }) => {
    if (around === undefined) return null;
    const tripped = around.breakers.find((breaker) => of.kinds.includes(breaker.kind));
    if (tripped !== undefined) return deny(of.label, breakerReason(tripped));
    const { detail, refusal } = of.measure(around);
    return refusal === null ? allow(of.label, detail) : deny(of.label, refusal);
  },
});

/** "4.25 %" */
export const pct = (value: number): string => `${value.toFixed(2)} %`;
