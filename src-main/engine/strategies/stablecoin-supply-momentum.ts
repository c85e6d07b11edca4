import * as z from "zod";
import { atr } from "../indicators/atr.ts";
import { wilderSettled } from "../indicators/settle.ts";
import { meanAt } from "../indicators/sma.ts";
import { zScoreAt } from "../indicators/moments.ts";
import { allOf, clamp01, enterEither, exitWhenAny, newest, tail, warmingUp } from "./decisions.ts";
import { numberField, periodField, stopFields, wholeField } from "./fields.ts";
import { DAY, readMetric, windowChanges, withoutMetric } from "./metric-reading.ts";
import type { Reading } from "./metric-reading.ts";
import type { Strategy, StrategyInput } from "./types.ts";
import { compare, figure, limit, percent, priced, quantity } from "./words.ts";

const zField = (title: string, help: string, value: number) =>
  numberField({ title, help, unit: "deviations", default: value, min: -2, max: 3, step: 0.1 });

const params = z
  .strictObject({
    changeDays: wholeField({
      title: "Supply change",
      help: "Days over which the change of the total supply is taken.",
      unit: "days",
      default: 30,
      min: 5,
      max: 120,
      step: 1,
    }),
    windowDays: wholeField({
      title: "Window",
      help: "Days of its own history that the change is compared with.",
      unit: "days",
      default: 365,
      min: 60,
      max: 730,
      step: 5,
    }),
    entryAbove: zField("Entry above", "A long needs the z-score of the change above this.", 0.5),
    exitBelow: zField("Exit below", "A long is closed when the z-score is below this.", 0),
    trendPeriod: periodField("Trend mean", "Candles of the mean the close must be above.", 50, 400),
    ...stopFields(2),
  })
  .refine((p) => p.exitBelow <= p.entryAbove, {
    path: ["exitBelow"],
    message: "Exit below must not be over Entry above; lower the one or raise the other.",
  });
type Params = z.infer<typeof params>;

const warmup = (p: Params): number => Math.max(p.trendPeriod, wilderSettled(p.atrPeriod));

interface SupplyMomentum {
  /** Change of the supply over the days asked, as a fraction. */
  readonly change: number;
  /** In deviations of its own window. */
  readonly z: number;
}

function momentum(input: StrategyInput<Params>): Reading<SupplyMomentum> {
  const p = input.params;
  const supply = readMetric(input, "stablecoin_supply");
  if (!supply.ok) return supply;
  const changes = windowChanges(supply.value, p.changeDays * DAY, p.windowDays * DAY);
  if (!changes.ok) return changes;
  const count = changes.value.length;
  const z = zScoreAt(changes.value, count - 1, count);
  if (Number.isNaN(z)) {
    return { ok: false, reason: "stablecoin supply did not vary over its window" };
  }
  return { ok: true, value: { change: newest(changes.value), z } };
}

export const stablecoinSupplyMomentum: Strategy<typeof params> = {
  id: "stablecoin_supply_momentum",
  title: "Stablecoin supply momentum",
  summary:
    "Buys an uptrend while the total supply of stablecoins grows faster than it usually did in the last year: new money on its way. Leaves when growth falls below its average; never shorts.",
  source:
    "Tickdeck's own rule: standard score of a 30-day rate of change, with a moving-mean filter; supply after DefiLlama's total of USD-pegged stablecoins.",
  rules: {
    entry:
      "Long when the z-score of the supply's change, within the changes of the window, is above its entry limit and the close is above the trend mean.",
    exit: "When the z-score is below its exit limit.",
    stop: "Stop distance × ATR from the close.",
    confidence: "0.5 + (z-score − entry limit) ÷ 4, at most 1.",
  },
  defaultTimeframe: "4h",
  params,
  needs: (p) => ({
    references: [],
    metrics: ["stablecoin_supply"],
    metricWindowMs: (p.windowDays + p.changeDays + 4) * DAY,
  }),
  warmup,
  decide(input) {
    const p = input.params;
    const need = warmup(p);
    const candles = tail(input.candles, need);
    if (candles === null) return warmingUp(input.symbol, input.candles.length, need);
    const read = momentum(input);
    if (!read.ok) return withoutMetric(input, read.reason);
    const { change, z: score } = read.value;
    const zNow = quantity(
      `supply over ${p.changeDays} days ${percent(change, 2)}, z-score`,
      score,
      figure(score, 2),
    );
    if (input.position !== null) {
      return exitWhenAny(input.position, [
        compare("Supply growth below average", zNow, "<", limit(p.exitBelow)),
      ]);
    }
    const close = newest(candles.close);
    const long = allOf(
      [
        compare("Supply growing fast", zNow, ">", limit(p.entryAbove)),
        compare(
          "Close above the trend mean",
          priced("close", close),
          ">",
          priced(`${p.trendPeriod} mean`, meanAt(candles.close, need - 1, p.trendPeriod)),
        ),
      ],
      clamp01(0.5 + (score - p.entryAbove) / 4),
    );
    return enterEither(input, long, null, {
      close,
      atr: newest(atr(candles, p.atrPeriod)),
      multiple: p.stopAtr,
    });
  },
};
