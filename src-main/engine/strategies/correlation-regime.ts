import * as z from "zod";
import type { Condition } from "../../../src-preload/contract/ticks.ts";
import { atr } from "../indicators/atr.ts";
import { correlationAt, simpleReturns } from "../indicators/correlation.ts";
import { ema } from "../indicators/ema.ts";
import { emaSettled, wilderSettled } from "../indicators/settle.ts";
import { zScoreAt } from "../indicators/moments.ts";
import type { CandleColumns } from "../market/types.ts";
import {
  allOf,
  clamp01,
  enterEither,
  exitWhenAny,
  hold,
  newest,
  tail,
  warmingUp,
} from "./decisions.ts";
import { numberField, periodField, stopFields } from "./fields.ts";
import type { Decision, Strategy, StrategyInput } from "./types.ts";
import { compare, figure, limit, priced, quantity } from "./words.ts";
import type { Quantity } from "./words.ts";

const params = z
  .strictObject({
    correlationPeriod: periodField(
      "Correlation window",
      "Candles over which the returns are correlated with Bitcoin's.",
      90,
      500,
    ),
    highCorrelation: numberField({
      title: "High correlation",
      help: "Above this the symbol follows Bitcoin's momentum.",
      unit: "correlation",
      default: 0.75,
      min: 0.1,
      max: 0.99,
      step: 0.01,
    }),
    lowCorrelation: numberField({
      title: "Low correlation",
      help: "Below this the symbol's own mean reversion is traded.",
      unit: "correlation",
      default: 0.4,
      min: -0.5,
      max: 0.9,
      step: 0.01,
    }),
    emaFast: periodField("Fast average", "Candles of Bitcoin's fast average.", 20),
    emaSlow: periodField(
      "Slow average",
      "Candles of Bitcoin's slow average; above the fast one.",
      50,
    ),
    zPeriod: periodField(
      "Reversion window",
      "Candles of the symbol's own mean and deviation.",
      20,
      200,
    ),
    zEntry: numberField({
      title: "Reversion entry",
      help: "How far from its mean the symbol must be for an entry of its own.",
      unit: "deviations",
      default: 2,
      min: 0.5,
      max: 4,
      step: 0.1,
    }),
    ...stopFields(2),
  })
  .refine((p) => p.lowCorrelation < p.highCorrelation, {
    path: ["lowCorrelation"],
    message: "Low correlation must be below High correlation; lower the one or raise the other.",
  })
  .refine((p) => p.emaFast < p.emaSlow, {
    path: ["emaFast"],
    message:
      "Fast average must be below Slow average; lower the fast period or raise the slow one.",
  });
type Params = z.infer<typeof params>;

const warmup = (p: Params): number =>
  Math.max(p.correlationPeriod + 1, emaSettled(p.emaSlow), p.zPeriod, wilderSettled(p.atrPeriod));

/** Bitcoin against the symbol's own quote currency. */
const leaderOf = (symbol: string): string => `BTC/${symbol.split("/")[1] ?? "USDT"}`;

/**
 * Closes of both at the newest `count` open times that both have, oldest first: an outage of one must not shift
 * the pairs. Null where there are not that many.
 */
function paired(
  own: CandleColumns,
  leader: CandleColumns,
  count: number,
): { readonly own: Float64Array; readonly leader: Float64Array } | null {
  const ownCloses = new Float64Array(count);
  const leaderCloses = new Float64Array(count);
  let left = count;
  let i = own.length - 1;
  let j = leader.length - 1;
  while (left > 0 && i >= 0 && j >= 0) {
    const apart = (own.time[i] as number) - (leader.time[j] as number);
    if (apart > 0) i--;
    else if (apart < 0) j--;
    else {
      left--;
      ownCloses[left] = own.close[i--] as number;
      leaderCloses[left] = leader.close[j--] as number;
    }
  }
  return left > 0 ? null : { own: ownCloses, leader: leaderCloses };
}

/** High correlation: the leader's averages say the side. */
function follow(
  input: StrategyInput<Params>,
  candles: CandleColumns,
  leader: CandleColumns,
  rho: Quantity,
): Decision {
  const p = input.params;
  const name = leaderOf(input.symbol);
  const fast = priced(`${name} EMA ${p.emaFast}`, newest(ema(leader.close, p.emaFast)));
  const slow = priced(`EMA ${p.emaSlow}`, newest(ema(leader.close, p.emaSlow)));
  const high = compare("Correlation high", rho, ">", limit(p.highCorrelation));
  if (input.position !== null) {
    return exitWhenAny(input.position, [
      compare("Regime ended", rho, "≤", limit(p.highCorrelation)),
      compare("Momentum ended", fast, input.position.side === "long" ? "≤" : "≥", slow),
    ]);
  }
  const confidence = clamp01(
    0.5 + (0.5 * (rho.value - p.highCorrelation)) / (1 - p.highCorrelation),
  );
  return enterEither(
    input,
    allOf([high, compare("Bitcoin's momentum up", fast, ">", slow)], confidence),
    allOf([high, compare("Bitcoin's momentum down", fast, "<", slow)], confidence),
    stopOf(candles, p),
  );
}

/** Low correlation: the symbol's own distance from its mean says the side. */
function revert(input: StrategyInput<Params>, candles: CandleColumns, rho: Quantity): Decision {
  const p = input.params;
  const score = zScoreAt(candles.close, candles.length - 1, p.zPeriod);
  // A flat window has no deviation: it is at its mean.
  const distance = Number.isNaN(score) ? 0 : score;
  const z0 = quantity(`z-score of ${p.zPeriod}`, distance, figure(distance, 2));
  const low = compare("Correlation low", rho, "<", limit(p.lowCorrelation));
  if (input.position !== null) {
    return exitWhenAny(input.position, [
      compare("Regime ended", rho, "≥", limit(p.lowCorrelation)),
      compare("Back at the mean", z0, input.position.side === "long" ? "≥" : "≤", limit(0)),
    ]);
  }
  const confidence = clamp01(Math.abs(distance) / (2 * p.zEntry));
  return enterEither(
    input,
    allOf([low, compare("Far below its mean", z0, "<", limit(-p.zEntry))], confidence),
    allOf([low, compare("Far above its mean", z0, ">", limit(p.zEntry))], confidence),
    stopOf(candles, p),
  );
}

const stopOf = (candles: CandleColumns, p: Params) => ({
  close: newest(candles.close),
  atr: newest(atr(candles, p.atrPeriod)),
  multiple: p.stopAtr,
});

/** The leader's candles that end with the symbol's own, or why they cannot be used. */
function leaderCandles(
  input: StrategyInput<Params>,
  own: CandleColumns,
  need: number,
): CandleColumns | string {
  const name = leaderOf(input.symbol);
  if (name === input.symbol) return own;
  const reference = input.reference(name);
  if (reference === null || reference.length === 0) return `candles of ${name} are missing`;
  const leader = tail(reference, need);
  if (leader === null) {
    return `warming up: ${name} has ${reference.length} of ${need} closed candles`;
  }
  return newest(leader.time) === newest(own.time)
    ? leader
    : `the last candle of ${name} is not the one of ${input.symbol}`;
}

export const correlationRegime: Strategy<typeof params> = {
  id: "correlation_regime",
  title: "Correlation regime",
  summary:
    "While the symbol moves with Bitcoin it follows Bitcoin's momentum; while it moves on its own it trades the symbol's own mean reversion; in between it does not enter. Leaves when the regime or the reason ends.",
  source:
    "Tickdeck's own rule from textbook parts: rolling Pearson correlation of returns, crossing of two exponential averages, z-score about a moving mean.",
  rules: {
    entry:
      "Correlation above the high limit: long while Bitcoin's fast average is above its slow one, short while it is below. Correlation below the low limit: long when the z-score of the symbol's close is below minus the entry, short when it is above it. Between the limits: none.",
    exit: "When the correlation leaves the regime. In the high regime also when Bitcoin's averages no longer say the position's side; in the low regime also when the close is back at its mean (z-score 0). Which reason applies is told by the correlation at the decision.",
    stop: "Stop distance × ATR from the close.",
    confidence:
      "High regime: 0.5 + 0.5 × (correlation − high limit) ÷ (1 − high limit). Low regime: |z-score| ÷ (2 × entry), at most 1.",
  },
  defaultTimeframe: "4h",
  params,
  needs: (_params, symbol) => ({
    references: leaderOf(symbol) === symbol ? [] : [leaderOf(symbol)],
    metrics: [],
    metricWindowMs: 0,
  }),
  warmup,
  decide(input) {
    const p = input.params;
    const need = warmup(p);
    const candles = tail(input.candles, need);
    if (candles === null) return warmingUp(input.symbol, input.candles.length, need);
    const unknown = (why: string): Decision => {
      const condition: Condition = { label: "Correlation known", held: false, detail: why };
      return hold(
        input.position === null
          ? `no entry: ${why}`
          : `holding ${input.position.side} with its stop: ${why}, so the exit rule cannot be judged`,
        [condition],
      );
    };
    const leader = leaderCandles(input, candles, need);
    if (typeof leader === "string") return unknown(leader);
    const pairs = paired(candles, leader, p.correlationPeriod + 1);
    if (pairs === null) {
      return unknown(
        `fewer than ${p.correlationPeriod + 1} candles are at the same times as ${leaderOf(input.symbol)}'s`,
      );
    }
    const found = correlationAt(
      simpleReturns(pairs.own),
      simpleReturns(pairs.leader),
      p.correlationPeriod,
      p.correlationPeriod,
    );
    if (Number.isNaN(found)) return unknown("a price that did not move has no correlation");
    const rho = quantity(`correlation with ${leaderOf(input.symbol)}`, found, figure(found, 3));
    if (found > p.highCorrelation) return follow(input, candles, leader, rho);
    if (found < p.lowCorrelation) return revert(input, candles, rho);
    const between: Condition = {
      label: "Correlation high or low",
      held: false,
      detail: `${rho.text} is between ${figure(p.lowCorrelation, 4)} and ${figure(p.highCorrelation, 4)}`,
    };
    return input.position === null
      ? hold(`no entry: ${between.detail}`, [between])
      : exitWhenAny(input.position, [{ ...between, label: "Regime ended", held: true }]);
  },
};
