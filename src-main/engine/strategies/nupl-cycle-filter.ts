import * as z from "zod";
import { atr } from "../indicators/atr.ts";
import { ema } from "../indicators/ema.ts";
import { emaSettled, wilderSettled } from "../indicators/settle.ts";
import { meanAt } from "../indicators/sma.ts";
import { clamp01, enterEither, exitWhenAny, newest, tail, warmingUp } from "./decisions.ts";
import type { SideCase } from "./decisions.ts";
import { numberField, periodField, stopFields, wholeField } from "./fields.ts";
import { DAY, readMetric, windowValues, withoutMetric } from "./metric-reading.ts";
import type { Strategy } from "./types.ts";
import { compare, details, figure, limit, priced, quantity } from "./words.ts";

const nuplField = (title: string, help: string, value: number, min: number, max: number) =>
  numberField({ title, help, unit: "NUPL", default: value, min, max, step: 0.01 });

const params = z
  .strictObject({
    entryBelow: nuplField("Entry below", "Entries only while NUPL is under this.", 0.5, 0, 0.75),
    exitAbove: nuplField("Exit above", "Over this every position is closed.", 0.75, 0.3, 1),
    capitulation: nuplField("Capitulation", "Under this entries are smaller.", 0, -1, 0.3),
    capitulationSize: numberField({
      title: "Size in capitulation",
      help: "Share of the usual size for entries in capitulation.",
      unit: "share",
      default: 0.5,
      min: 0.1,
      max: 1,
      step: 0.05,
    }),
    meanDays: wholeField({
      title: "NUPL mean",
      help: "Days of the mean that NUPL must be above.",
      unit: "days",
      default: 30,
      min: 25,
      max: 365,
      step: 1,
    }),
    emaPeriod: periodField("Trend average", "Candles of the average the close must be above.", 50),
    ...stopFields(2),
  })
  .refine((p) => p.entryBelow <= p.exitAbove, {
    path: ["entryBelow"],
    message: "Entry below must not be over Exit above; lower the one or raise the other.",
  });
type Params = z.infer<typeof params>;

const warmup = (p: Params): number => Math.max(emaSettled(p.emaPeriod), wilderSettled(p.atrPeriod));

export const nuplCycleFilter: Strategy<typeof params> = {
  id: "nupl_cycle_filter",
  title: "NUPL cycle filter",
  summary:
    "Buys an uptrend only while the market's net unrealised profit (NUPL) is moderate and rising, with half the size in capitulation. Closes everything in euphoria; never shorts.",
  source:
    "NUPL: net unrealised profit and loss, 1 − 1 ÷ MVRV, after Rafael Schultze-Kraft and Glassnode (2019) on Tuur Demeester, Tamas Blummer and Michiel Lescrauwaet; the thresholds are Tickdeck's.",
  rules: {
    entry:
      "Long when the last published NUPL is under its entry limit and above its mean, with the close above the trend average. None over the exit limit. Under the capitulation limit at the smaller size.",
    exit: "Forced when NUPL is over the exit limit; otherwise the stop-loss ends the position.",
    stop: "Stop distance × ATR from the close.",
    confidence: "0.5 + (entry limit − NUPL), between 0 and 1: higher the earlier in the cycle.",
  },
  defaultTimeframe: "4h",
  params,
  needs: (p) => ({
    references: [],
    metrics: ["nupl"],
    metricWindowMs: (p.meanDays + 4) * DAY,
  }),
  warmup,
  decide(input) {
    const p = input.params;
    const need = warmup(p);
    const candles = tail(input.candles, need);
    if (candles === null) return warmingUp(input.symbol, input.candles.length, need);
    const read = readMetric(input, "nupl");
    if (!read.ok) return withoutMetric(input, read.reason);
    const value = read.value.last;
    const nupl = quantity("NUPL", value, figure(value, 3));
    if (input.position !== null) {
      return exitWhenAny(input.position, [compare("Euphoria", nupl, ">", limit(p.exitAbove))]);
    }
    const window = windowValues(read.value, p.meanDays * DAY);
    if (!window.ok) return withoutMetric(input, window.reason);
    const mean = meanAt(window.value, window.value.length - 1, window.value.length);
    const close = newest(candles.close);
    const conditions = [
      compare("NUPL moderate", nupl, "<", limit(p.entryBelow)),
      compare("NUPL rising", nupl, ">", quantity(`${p.meanDays}-day mean`, mean, figure(mean, 3))),
      compare(
        "Close above the trend average",
        priced("close", close),
        ">",
        priced(`EMA ${p.emaPeriod}`, newest(ema(candles.close, p.emaPeriod))),
      ),
    ];
    const capitulation = value < p.capitulation;
    const long: SideCase = {
      signal: conditions.every((condition) => condition.held),
      confidence: clamp01(0.5 + (p.entryBelow - value)),
      conditions,
      sizeFactor: capitulation ? p.capitulationSize : 1,
      story: capitulation
        ? `${details(conditions)}; capitulation (NUPL < ${figure(p.capitulation, 4)}), ${figure(p.capitulationSize, 4)} of the usual size`
        : details(conditions),
    };
    return enterEither(input, long, null, {
      close,
      atr: newest(atr(candles, p.atrPeriod)),
      multiple: p.stopAtr,
    });
  },
};
