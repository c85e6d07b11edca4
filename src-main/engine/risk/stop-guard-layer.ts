import { breakerLayer } from "./verdicts.ts";

/** Many stops of the fleet in a short time pause every entry: the market is not what the strategies take it for. */
export const stopGuardLayer = breakerLayer({
  id: "stop_guard",
  label: "Stop-loss guard",
  kinds: ["stop_guard"],
  measure: ({ stops, limits }) => ({
    detail:
      limits.guardStops === 0
        ? "off"
        : `${stops.fleet} of ${limits.guardStops} stops in ${limits.guardMinutes} min`,
    refusal: null,
  }),
});
