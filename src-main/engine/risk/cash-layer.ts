import { money, ZERO } from "../money.ts";
import type { RiskLayer } from "./types.ts";

const LABEL = "Cash";

/** The bot's own cash (capital + realised; it holds nothing else) pays for the value, the worst slippage and the fee. */
export const cashLayer: RiskLayer = {
  id: "cash",
  judge: ({ price, capital, realisedPnl, market, feeBps, slippageMaxBps }, quantity) => {
    const cash = money(capital).plus(realisedPnl);
    const value = (quantity ?? ZERO).times(price);
    const cost = value.times(money(slippageMaxBps).plus(feeBps).div(10_000).plus(1));
    const detail = `${cost.toFixed(2)} ${market.quote} with fee and slippage of ${cash.toFixed(2)} at hand`;
    if (quantity === null || quantity.lte(0)) {
      const reason = "No size was given before the cash was checked.";
      return { verdict: "deny", reason, condition: { label: LABEL, held: false, detail: reason } };
    }
    if (cost.gt(cash)) {
      return {
        verdict: "deny",
        reason: `The bot's cash does not pay for it: ${detail}.`,
        condition: { label: LABEL, held: false, detail },
      };
    }
    return { verdict: "allow", condition: { label: LABEL, held: true, detail } };
  },
};
