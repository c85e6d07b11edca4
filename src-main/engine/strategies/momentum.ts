import * as z from "zod";
import { atr } from "../indicators/atr.ts";
import { macd } from "../indicators/macd.ts";
import { rsi } from "../indicators/rsi.ts";
import { macdSettled, wilderSettled } from "../indicators/settle.ts";
import { meanAt } from "../indicators/sma.ts";
import { allOf, clamp01, enterEither, exitWhenAny, newest, tail, warmingUp } from "./decisions.ts";
import { numberField, periodField, stopFields } from "./fields.ts";
import type { Decision, StrategyInput } from "./types.ts";
import { compare, figure, limit, price, priced, quantity } from "./words.ts";
import type { Condition } from "../../../src-preload/contract/ticks.ts";
import type { Side } from "../../../src-preload/contract/bots.ts";

/** The fields that both momentum strategies share; `stop` is the default multiple of ATR. */
export const momentumFields = (stop: number) => ({
  rsiPeriod: periodField("RSI period", "Candles of the relative strength index.", 14),
  rsiCross: numberField({
    title: "RSI line",
    help: "A long needs the RSI to cross above this line, a short to cross below it.",
    unit: "points",
    default: 50,
    min: 20,
    max: 80,
    step: 1,
  }),
  macdFast: periodField("MACD fast", "Candles of the fast average.", 12),
  macdSlow: periodField("MACD slow", "Candles of the slow average; above the fast one.", 26),
  macdSignal: periodField("MACD signal", "Candles of the signal line's average.", 9),
  ...stopFields(stop),
});

const paramsShape = z.object(momentumFields(1.5));
export type MomentumParams = z.infer<typeof paramsShape>;

/** The one rule between two fields, for `refine`. */
export const macdInOrder = (p: { macdFast: number; macdSlow: number }): boolean =>
  p.macdFast < p.macdSlow;
export const MACD_ORDER = {
  path: ["macdFast"],
  message: "MACD fast must be below MACD slow; lower the fast period or raise the slow one.",
};

/** Candles until RSI, MACD and ATR are settled; one more for the crossing. */
export const momentumWarmup = (p: MomentumParams): number =>
  Math.max(
    wilderSettled(p.rsiPeriod),
    wilderSettled(p.atrPeriod),
    macdSettled(p.macdSlow, p.macdSignal),
  ) + 1;

/** How far the RSI must be beyond its line, in points, to add its whole quarter of confidence. */
const RSI_REACH = 10;
/** Size of the histogram, in ATR, that adds its whole quarter. */
const HISTOGRAM_REACH = 0.25;

export const MOMENTUM_CONFIDENCE =
  "0.5 + 0.25 × min(1, RSI's points beyond the line ÷ 10) + 0.25 × min(1, |histogram| ÷ (0.25 × ATR)).";

/**
 * The momentum rule on the last `need` candles. With a `trendPeriod`, longs only above that mean and shorts
 * only below it.
 */
export function decideMomentum(
  input: StrategyInput<MomentumParams>,
  need: number,
  trendPeriod: number | null,
): Decision {
  const p = input.params;
  const candles = tail(input.candles, need);
  if (candles === null) return warmingUp(input.symbol, input.candles.length, need);
  const { histogram } = macd(candles.close, p.macdFast, p.macdSlow, p.macdSignal);
  const bar = newest(histogram);
  const zero = limit(0);
  const barNow = quantity("MACD histogram", bar, price(bar));

  if (input.position !== null) {
    const relation = input.position.side === "long" ? "<" : ">";
    return exitWhenAny(input.position, [
      compare("Histogram changed its sign", barNow, relation, zero),
    ]);
  }

  const close = newest(candles.close);
  const strengths = rsi(candles.close, p.rsiPeriod);
  const strength = newest(strengths);
  const strengthBefore = strengths.at(-2) ?? Number.NaN;
  const barBefore = histogram.at(-2) ?? Number.NaN;
  const range = newest(atr(candles, p.atrPeriod));
  const trend = trendPeriod === null ? null : meanAt(candles.close, need - 1, trendPeriod);
  const confidence =
    0.5 +
    0.25 * clamp01(Math.abs(strength - p.rsiCross) / RSI_REACH) +
    0.25 * (range > 0 ? clamp01(Math.abs(bar) / (HISTOGRAM_REACH * range)) : 0);

  const caseOf = (side: Side) => {
    const long = side === "long";
    const relation = long ? ">" : "<";
    const crossed = long
      ? strengthBefore <= p.rsiCross && strength > p.rsiCross
      : strengthBefore >= p.rsiCross && strength < p.rsiCross;
    const conditions: Condition[] = [
      {
        label: `RSI crosses ${long ? "above" : "below"} ${figure(p.rsiCross, 4)}`,
        held: crossed,
        detail: `RSI ${figure(strengthBefore, 1)} → ${figure(strength, 1)} ${crossed ? "crosses" : "does not cross"} ${long ? "above" : "below"} ${figure(p.rsiCross, 4)}`,
      },
      compare(`Histogram ${long ? "above" : "below"} 0`, barNow, relation, zero),
      compare(
        `Histogram ${long ? "rising" : "falling"}`,
        quantity("histogram", bar, price(bar)),
        relation,
        priced("the one before", barBefore),
      ),
    ];
    if (trend !== null) {
      conditions.push(
        compare(
          `Close ${long ? "above" : "below"} the trend mean`,
          priced("close", close),
          relation,
          priced(`${trendPeriod} mean`, trend),
        ),
      );
    }
    return allOf(conditions, confidence);
  };
  return enterEither(input, caseOf("long"), caseOf("short"), {
    close,
    atr: range,
    multiple: p.stopAtr,
  });
}
