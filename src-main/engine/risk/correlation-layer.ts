import type { EntryProposal, RiskLayer } from "./types.ts";
import { allow, cutTo } from "./verdicts.ts";

const LABEL = "Correlation";

/**
 * What size is multiplied by, `correlationFloor`..1:
 *
 *   m = 1 − (1 − floor) · c,   c = Σ eⱼ · max(0, ±ρⱼ) ÷ max(Σ eⱼ, full · portfolio's equity)
 *
 * with the value eⱼ of each open position of the other bots, and ρⱼ the correlation of its symbol's returns with the
 * entry's, negated where the sides differ. A hedge counts as nothing and never raises size; a correlation that
 * is not known counts as 1; little exposure has little effect. Our own rule, in the spirit of Markowitz (1952): what
 * matters of a position is what it adds to those held.
 */
export function correlationMultiplier(entry: EntryProposal): number {
  const { around, symbol, side } = entry;
  if (around === undefined) return 1;
  const { limits, open, equity } = around;
  let together = 0;
  let total = 0;
  for (const held of open) {
    const known = held.symbol === symbol ? 1 : around.correlation(symbol, held.symbol);
    const toward = known === null ? 1 : held.side === side ? known : -known;
    together += held.value * Math.max(0, Math.min(1, toward));
    total += held.value;
  }
  const full = Math.max(total, (limits.correlationFullPct / 100) * Math.max(0, equity));
  if (full === 0) return 1;
  return 1 - (1 - limits.correlationFloor) * Math.min(1, together / full);
}

/** Makes an entry smaller that moves as what is open does. */
export const correlationLayer: RiskLayer = {
  id: "correlation",
  judge: (entry, quantity) => {
    if (entry.around === undefined || quantity === null) return null;
    const multiplier = correlationMultiplier(entry);
    const among = `${entry.around.open.length} open`;
    if (multiplier === 1) return allow(LABEL, `× 1.00 against ${among}`);
    return cutTo(
      LABEL,
      entry,
      quantity.times(multiplier),
      `× ${multiplier.toFixed(2)} against ${among} leaves`,
    );
  },
};
