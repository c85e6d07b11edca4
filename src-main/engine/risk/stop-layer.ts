import type { LayerVerdict, RiskLayer } from "./types.ts";

const LABEL = "Stop-loss";

/** An entry has a stop, above 0 and on the losing side of its price. */
export const stopLayer: RiskLayer = {
  id: "stop",
  judge: ({ side, price, stopPrice }) => {
    const deny = (reason: string): LayerVerdict => ({
      verdict: "deny",
      reason,
      condition: { label: LABEL, held: false, detail: reason },
    });
    if (!Number.isFinite(price) || price <= 0) return deny(`The price ${price} is not above 0.`);
    if (!Number.isFinite(stopPrice) || stopPrice <= 0) {
      return deny(`The entry has no stop-loss (${stopPrice}); every entry needs one.`);
    }
    if (side === "long" ? stopPrice >= price : stopPrice <= price) {
      return deny(
        `The stop ${stopPrice} of a ${side} is not ${side === "long" ? "below" : "above"} the price ${price}.`,
      );
    }
    const distance = ((Math.abs(price - stopPrice) / price) * 100).toFixed(2);
    return {
      verdict: "allow",
      condition: {
        label: LABEL,
        held: true,
        detail: `stop ${stopPrice}, ${distance} % from ${price}`,
      },
    };
  },
};
