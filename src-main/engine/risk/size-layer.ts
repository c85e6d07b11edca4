import { decimalText, floorToStep, money } from "../money.ts";
import { halfKelly } from "./kelly.ts";
import type { EntryProposal, LayerVerdict, RiskLayer } from "./types.ts";
import { deny } from "./verdicts.ts";

const LABEL = "Size";

/** Most of a bot's equity that one position may take, whatever its configuration and the limits say. */
const MAX_POSITION_SHARE = 0.25;

/** The share of equity, 0..1, with a word on what set it; null where its own trades refuse the entry. */
function shareOf({ positionShare, around }: EntryProposal): { share: number; by: string } | null {
  const plain = Math.min(positionShare, MAX_POSITION_SHARE);
  if (around === undefined) return { share: plain, by: "" };
  const { limits, trades } = around;
  const share = Math.min(plain, limits.maxPositionPct / 100);
  if (limits.kellyAfterTrades === 0 || trades.trades < limits.kellyAfterTrades) {
    return { share, by: "" };
  }
  const half = halfKelly(trades);
  if (half === null || half >= share) return { share, by: "" };
  const least = limits.kellyMinPct / 100;
  if (half <= least && least === 0) return null;
  const by = `, half-Kelly of ${trades.trades} trades${half < least ? ` (no edge, least size)` : ""}`;
  return { share: Math.min(share, Math.max(half, least)), by };
}

/**
 * Sizing: (capital + realised) × min(positionShare, largest position, half-Kelly) × sizeFactor ÷ price, rounded down to
 * the lot; refused when that is nothing or under the market's smallest order. Half-Kelly of the bot's own
 * closed trades counts once there are enough of them.
 */
export const sizeLayer: RiskLayer = {
  id: "size",
  judge: (entry): LayerVerdict => {
    const { price, sizeFactor, capital, positionShare, realisedPnl, market } = entry;
    if (!(sizeFactor > 0 && sizeFactor <= 1)) {
      return deny(
        LABEL,
        `The strategy's size factor is ${sizeFactor}; it must be above 0 and at most 1.`,
      );
    }
    if (!(positionShare > 0))
      return deny(LABEL, `The position share is ${positionShare}; it must be above 0.`);
    const equity = money(capital).plus(realisedPnl);
    if (equity.lte(0)) {
      return deny(
        LABEL,
        `The bot has ${equity.toFixed(2)} ${market.quote} left of ${capital}; there is nothing to trade with.`,
      );
    }
    const sized = shareOf(entry);
    if (sized === null) {
      return deny(
        LABEL,
        `Its last ${entry.around?.trades.trades ?? 0} trades show no edge, so half-Kelly is 0; change the strategy, or the least half-Kelly size in Settings.`,
      );
    }
    const { share, by } = sized;
    const budget = equity.times(share).times(sizeFactor);
    const quantity = floorToStep(budget.div(price), market.lotStep).toDecimalPlaces(18, 1);
    if (quantity.lte(0)) {
      return deny(
        LABEL,
        `${budget.toFixed(2)} ${market.quote} buys less than one lot of ${market.lotStep ?? "?"} ${market.base}; raise the capital or the share.`,
      );
    }
    const value = quantity.times(price);
    if (market.minNotional !== null && value.lt(market.minNotional)) {
      return deny(
        LABEL,
        `${value.toFixed(2)} ${market.quote} is under the smallest order of ${market.minNotional} ${market.quote}; raise the capital or the share.`,
      );
    }
    const percent = money(share).times(sizeFactor).times(100).toDecimalPlaces(2).toString();
    return {
      verdict: "size",
      quantity,
      condition: {
        label: LABEL,
        held: true,
        detail: `${decimalText(quantity)} ${market.base} = ${value.toFixed(2)} ${market.quote}, ${percent} % of ${equity.toFixed(2)}${by}`,
      },
    };
  },
};
