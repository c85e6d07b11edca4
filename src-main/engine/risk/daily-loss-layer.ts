import { breakerLayer, pct } from "./verdicts.ts";

/** No entries for the rest of the UTC day after the bot or the portfolio lost its limit. */
export const dailyLossLayer = breakerLayer({
  id: "daily_loss",
  label: "Daily loss",
  kinds: ["bot_daily_loss", "daily_loss"],
  measure: ({ bot, portfolio, limits }) => ({
    detail: `bot ${pct(bot.dayLossPct)} of ${limits.botDailyLossPct} %, portfolio ${pct(portfolio.dayLossPct)} of ${limits.dailyLossPct} %`,
    refusal:
      bot.dayLossPct >= limits.botDailyLossPct
        ? `The bot lost ${pct(bot.dayLossPct)} today; the limit is ${limits.botDailyLossPct} %.`
        : portfolio.dayLossPct >= limits.dailyLossPct
          ? `The portfolio lost ${pct(portfolio.dayLossPct)} today; the limit is ${limits.dailyLossPct} %.`
          : null,
  }),
});
