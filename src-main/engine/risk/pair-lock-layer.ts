import { breakerLayer } from "./verdicts.ts";

/** Several stops in one symbol, or the trader, lock it for all bots. */
export const pairLockLayer = breakerLayer({
  id: "pair_lock",
  label: "Pair lock",
  kinds: ["pair_lock"],
  measure: ({ stops, limits }) => ({
    detail:
      limits.pairStops === 0
        ? "off"
        : `${stops.symbol} of ${limits.pairStops} stops in ${limits.pairMinutes} min`,
    refusal: null,
  }),
});
