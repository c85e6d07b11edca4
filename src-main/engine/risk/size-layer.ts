import { decimalText, floorToStep, money } from "../money.ts";
import type { LayerVerdict, RiskLayer } from "./types.ts";

const LABEL = "Size";

/** Most of a bot's equity that one position may take, whatever its configuration says. */
const MAX_POSITION_SHARE = 0.25;

/**
 * Fixed-fraction sizing: (capital + realised) × min(positionShare, 25 %) × sizeFactor ÷ price, rounded down to the
 * lot; refused when that is nothing or under the market's smallest order.
 */
export const sizeLayer: RiskLayer = {
  id: "size",
  judge: ({ price, sizeFactor, capital, positionShare, realisedPnl, market }) => {
    const deny = (reason: string): LayerVerdict => ({
      verdict: "deny",
      reason,
      condition: { label: LABEL, held: false, detail: reason },
    });
    if (!(sizeFactor > 0 && sizeFactor <= 1)) {
      return deny(`The strategy's size factor is ${sizeFactor}; it must be above 0 and at most 1.`);
    }
    if (!(positionShare > 0))
      return deny(`The position share is ${positionShare}; it must be above 0.`);
    const equity = money(capital).plus(realisedPnl);
    if (equity.lte(0)) {
      return deny(
        `The bot has ${equity.toFixed(2)} ${market.quote} left of ${capital}; there is nothing to trade with.`,
      );
    }
    const share = Math.min(positionShare, MAX_POSITION_SHARE);
    const budget = equity.times(share).times(sizeFactor);
    const quantity = floorToStep(budget.div(price), market.lotStep).toDecimalPlaces(18, 1);
    if (quantity.lte(0)) {
      return deny(
        `${budget.toFixed(2)} ${market.quote} buys less than one lot of ${market.lotStep ?? "?"} ${market.base}; raise the capital or the share.`,
      );
    }
    const value = quantity.times(price);
    if (market.minNotional !== null && value.lt(market.minNotional)) {
      return deny(
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
        detail: `${decimalText(quantity)} ${market.base} = ${value.toFixed(2)} ${market.quote}, ${percent} % of ${equity.toFixed(2)}`,
      },
    };
  },
};
