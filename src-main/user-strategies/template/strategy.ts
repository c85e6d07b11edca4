/** A strategy that works as it is: a breakout with a stop, to be changed into one's own. */
export const strategyText = (name: string, title: string): string => `/*
 * ${title}: a starting point. Save this file and Tickdeck takes it up at once; a mistake shows under
 * Settings → Your own strategies, with its line. Try it with: npm run test-strategies -- ${name}
 */
import { defineStrategy, fields, hold, indicators, newest, settled, z } from "tickdeck";

export default defineStrategy({
  // As it stands in the list of strategies.
  title: ${JSON.stringify(title)},
  summary: "Buys when the close breaks the highest high of the candles before; leaves at the lowest low.",
  defaultTimeframe: "1h",

  // Each field becomes a field of the bot's form, with its range and its help.
  params: z.strictObject({
    period: fields.period("Channel", "Candles whose highest high is to be broken.", 20, 200),
    // \`atrPeriod\` and \`stopAtr\`: where the stop-loss goes. An entry without a stop is refused.
    ...fields.stop(2),
  }),

  // How many closed candles \`decide\` gets. Until there are so many the bot says "warming up". \`settled\` knows
  // how long an average needs to forget where its history began.
  warmup: (params) => Math.max(params.period + 1, settled.wilder(params.atrPeriod)),

  // Called once for each closed candle. Pure: the same input must give the same decision, so there is no clock, no
  // chance, and nothing to keep between two calls. Every decision says why, with its numbers.
  decide({ candles, position, params }) {
    const close = newest(candles.close);
    const before = candles.length - 1;
    const highest = Math.max(...candles.high.subarray(before - params.period, before));
    const lowest = Math.min(...candles.low.subarray(before - params.period, before));

    if (position !== null) {
      return close < lowest
        ? { action: "exit", reason: \`close \${close} under the channel's low \${lowest}\` }
        : hold(\`holding: close \${close}, channel's low \${lowest}, stop \${position.stopPrice}\`);
    }

    const broken = {
      label: "Close above the channel",
      held: close > highest,
      detail: \`close \${close}, highest high \${highest}\`,
    };
    if (!broken.held) return hold(\`no entry: \${broken.detail}\`, [broken]);
    const atr = newest(indicators.atr(candles, params.atrPeriod));
    return {
      action: "enter",
      side: "long",
      confidence: 0.5,
      stopPrice: close - params.stopAtr * atr,
      reason: \`long: \${broken.detail}\`,
      conditions: [broken],
    };
  },
});
`;

/** Its test. */
export const testText = (name: string): string => `// Run with: npm run test-strategies -- ${name}
import { candlesOf, decideOn, equal, ok, test } from "tickdeck/test";
import strategy from "./${name}.ts";

/** A quiet market, then these closes. */
const after = (...closes: number[]) =>
  candlesOf([...Array.from({ length: 350 }, (_, i) => 100 + (i % 2)), ...closes]);

test("buys a close above the channel, with its stop below the close", () => {
  const decision = decideOn(strategy, { candles: after(105) });
  equal(decision.action, "enter");
  ok(decision.action === "enter" && decision.stopPrice < 105, "the stop is below the close");
});

test("does nothing inside the channel, and says why", () => {
  const decision = decideOn(strategy, { candles: after(100.5) });
  equal(decision.action, "hold");
  ok(decision.reason.startsWith("no entry"), decision.reason);
});

test("leaves below the channel", () => {
  const position = { side: "long", entryPrice: 105, stopPrice: 90, candlesHeld: 3 } as const;
  equal(decideOn(strategy, { candles: after(95), position }).action, "exit");
});
`;
