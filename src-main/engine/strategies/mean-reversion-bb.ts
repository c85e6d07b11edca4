import * as z from "zod";
import { adx } from "../indicators/adx.ts";
import { atr } from "../indicators/atr.ts";
import { bollingerAt } from "../indicators/bollinger.ts";
import { rsi } from "../indicators/rsi.ts";
import { adxSettled, wilderSettled } from "../indicators/settle.ts";
import { zScoreAt } from "../indicators/moments.ts";
import { meanAt } from "../indicators/sma.ts";
import { allOf, clamp01, enterEither, exitWhenAny, newest, tail, warmingUp } from "./decisions.ts";
import { numberField, periodField, stopFields } from "./fields.ts";
import type { Strategy } from "./types.ts";
import { compare, figure, limit, price, priced, quantity } from "./words.ts";
import type { Condition } from "../../../src-preload/contract/ticks.ts";

const params = z.strictObject({
  bandPeriod: periodField("Band period", "Candles of the mean and the deviation.", 20, 200),
  bandDeviations: numberField({
    title: "Band width",
    help: "How far the bands lie from the mean, in population standard deviations.",
    unit: "deviations",
    default: 2,
    min: 0.5,
    max: 4,
    step: 0.1,
  }),
  rsiPeriod: periodField("RSI period", "Candles of the relative strength index.", 14),
  rsiLong: numberField({
    title: "RSI for a long",
    help: "A long needs the RSI below this.",
    unit: "points",
    default: 35,
    min: 1,
    max: 50,
    step: 1,
  }),
  rsiShort: numberField({
    title: "RSI for a short",
    help: "A short needs the RSI above this.",
    unit: "points",
    default: 65,
    min: 50,
    max: 99,
    step: 1,
  }),
  adxPeriod: periodField("ADX period", "Candles of the average directional index.", 14),
  adxLimit: numberField({
    title: "Strong trend",
    help: "Above this ADX no position is taken against the trend.",
    unit: "points",
    default: 25,
    min: 5,
    max: 100,
    step: 1,
  }),
  trendPeriod: periodField(
    "Trend mean",
    "Candles of the mean that tells the trend's side.",
    50,
    400,
  ),
  ...stopFields(2),
});

const warmup = (p: z.infer<typeof params>): number =>
  Math.max(
    p.bandPeriod,
    p.trendPeriod,
    wilderSettled(p.rsiPeriod),
    wilderSettled(p.atrPeriod),
    adxSettled(p.adxPeriod),
  );

export const meanReversionBb: Strategy<typeof params> = {
  id: "mean_reversion_bb",
  title: "Mean reversion, Bollinger bands",
  summary:
    "Buys a close below the lower Bollinger band with a weak RSI and sells back at the middle band; mirrored for shorts. Stays out of a strong trend against it.",
  source:
    "John Bollinger, Bollinger on Bollinger Bands (2001); J. Welles Wilder, New Concepts in Technical Trading Systems (1978).",
  rules: {
    entry:
      "Long when the close is below the lower band and the RSI is below its limit; short when the close is above the upper band and the RSI is above its limit. Neither against a strong trend: ADX above its limit with the close on the other side of the trend mean.",
    exit: "At the middle band: a long when the close is at or above it, a short when the close is at or below it.",
    stop: "Stop distance × ATR from the close.",
    confidence:
      "|close − middle| in deviations ÷ (2 × band width), at most 1: a half at the band, 1 at twice its distance.",
  },
  defaultTimeframe: "15m",
  params,
  needs: () => ({ references: [], metrics: [], metricWindowMs: 0 }),
  warmup,
  decide(input) {
    const p = input.params;
    const need = warmup(p);
    const candles = tail(input.candles, need);
    if (candles === null) return warmingUp(input.symbol, input.candles.length, need);
    const last = need - 1;
    const now = newest(candles.close);
    const bands = bollingerAt(candles.close, last, p.bandPeriod, p.bandDeviations);
    const close = priced("close", now);

    if (input.position !== null) {
      const relation = input.position.side === "long" ? "≥" : "≤";
      const middle = priced("middle band", bands.middle);
      return exitWhenAny(input.position, [
        compare("Close at the middle band", close, relation, middle),
      ]);
    }

    const strength = newest(rsi(candles.close, p.rsiPeriod));
    const trend = newest(adx(candles, p.adxPeriod));
    const trendMean = meanAt(candles.close, last, p.trendPeriod);
    const score = zScoreAt(candles.close, last, p.bandPeriod);
    // A flat window has no deviation: it is at its mean.
    const distance = Number.isNaN(score) ? 0 : Math.abs(score);
    const confidence = clamp01(distance / (2 * p.bandDeviations));
    const rsiNow = quantity("RSI", strength, figure(strength, 1));
    const strong = trend > p.adxLimit;
    const calm = (against: boolean): Condition => ({
      label: "Not against a strong trend",
      held: !(strong && against),
      detail: `ADX ${figure(trend, 1)} ${strong ? ">" : "≤"} ${figure(p.adxLimit, 4)} with close ${now < trendMean ? "below" : "at or above"} the ${p.trendPeriod} mean ${price(trendMean)}`,
    });
    const long = allOf(
      [
        compare("Close below the lower band", close, "<", priced("lower band", bands.lower)),
        compare("RSI low", rsiNow, "<", limit(p.rsiLong)),
        calm(now < trendMean),
      ],
      confidence,
    );
    const short = allOf(
      [
        compare("Close above the upper band", close, ">", priced("upper band", bands.upper)),
        compare("RSI high", rsiNow, ">", limit(p.rsiShort)),
        calm(now > trendMean),
      ],
      confidence,
    );
    const inside = now >= bands.lower && now <= bands.upper;
    return enterEither(
      input,
      long,
      short,
      { close: now, atr: newest(atr(candles, p.atrPeriod)), multiple: p.stopAtr },
      inside
        ? `${close.text} is inside the bands ${price(bands.lower)}–${price(bands.upper)}`
        : undefined,
    );
  },
};
