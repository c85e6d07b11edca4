import { breakerLayer, pct } from "./verdicts.ts";

/** No entries of a bot that fell too far from its peak, until its breaker is reset. */
export const botBreakerLayer = breakerLayer({
  id: "bot_breaker",
  label: "Bot drawdown",
  kinds: ["bot_drawdown"],
  measure: ({ bot, limits }) => ({
    detail: `${pct(bot.drawdownPct)} of ${limits.botDrawdownPct} % from its peak`,
    refusal:
      bot.drawdownPct >= limits.botDrawdownPct
        ? `The bot is ${pct(bot.drawdownPct)} below its peak; the limit is ${limits.botDrawdownPct} %.`
        : null,
  }),
});
