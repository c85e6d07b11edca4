import { breakerLayer, pct } from "./verdicts.ts";

/** No entries of any bot when all together fell too far from their peak, until the halt is reset. */
export const portfolioHaltLayer = breakerLayer({
  id: "portfolio_halt",
  label: "Portfolio drawdown",
  kinds: ["portfolio_drawdown"],
  measure: ({ portfolio, limits }) => ({
    detail: `${pct(portfolio.drawdownPct)} of ${limits.portfolioDrawdownPct} % from the peak`,
    refusal:
      portfolio.drawdownPct >= limits.portfolioDrawdownPct
        ? `The portfolio is ${pct(portfolio.drawdownPct)} below its peak; the limit is ${limits.portfolioDrawdownPct} %.`
        : null,
  }),
});
