import * as z from "zod";
import type { Side } from "../../../src-preload/contract/bots.ts";
import type { Condition } from "../../../src-preload/contract/ticks.ts";
import { atr } from "../indicators/atr.ts";
import { quantileInPlace } from "../indicators/quantile.ts";
import { wilderSettled } from "../indicators/settle.ts";
import { enterEither, exitWhenAny, hold, newest, tail, warmingUp } from "./decisions.ts";
import type { SideCase } from "./decisions.ts";
import { numberField, stopFields, wholeField } from "./fields.ts";
import { DAY, readMetric, windowChanges, windowValues, withoutMetric } from "./metric-reading.ts";
import type { Reading } from "./metric-reading.ts";
import type { Strategy, StrategyInput } from "./types.ts";
import { compare, figure, limit, percent, quantity } from "./words.ts";

const params = z.strictObject({
  windowDays: wholeField({
    title: "Window",
    help: "Days of its own history that each metric is ranked in.",
    unit: "days",
    default: 30,
    min: 10,
    max: 90,
    step: 1,
  }),
  changeHours: wholeField({
    title: "Open-interest change",
    help: "Hours over which the change of open interest is taken.",
    unit: "hours",
    default: 24,
    min: 4,
    max: 168,
    step: 1,
  }),
  extremePercentile: numberField({
    title: "Extreme",
    help: "A metric is extreme beyond this percentile; on the low side, under 100 minus it.",
    unit: "percentile",
    default: 90,
    min: 60,
    max: 99,
    step: 1,
  }),
  leastScore: wholeField({
    title: "Score needed",
    help: "Points on one side, of three, that make its crowd one to trade against.",
    unit: "points",
    default: 2,
    min: 2,
    max: 3,
    step: 1,
  }),
  longestHold: wholeField({
    title: "Longest hold",
    help: "A position is closed after this many candles.",
    unit: "candles",
    default: 24,
    min: 1,
    max: 500,
    step: 1,
  }),
  ...stopFields(2),
});
type Params = z.infer<typeof params>;

const POINTS = 3;

/** One metric's verdict: on which side it sees a crowd. */
interface Point {
  readonly longCrowd: boolean;
  readonly shortCrowd: boolean;
  readonly condition: Condition;
}

/** The score of both crowds, or why there is none. */
interface Score {
  readonly longCrowd: number;
  readonly shortCrowd: number;
  readonly conditions: readonly Condition[];
}

/** Beyond the high percentile a crowd of longs, under the low one a crowd of shorts. */
function twoSided(
  label: string,
  name: string,
  now: number,
  window: Float64Array,
  p: Params,
  text: (value: number) => string,
): Point {
  const high = quantileInPlace(window, p.extremePercentile / 100);
  const low = quantileInPlace(window, (100 - p.extremePercentile) / 100);
  const longCrowd = now > high;
  const shortCrowd = now < low;
  const top = `percentile ${figure(p.extremePercentile, 2)} at ${text(high)}`;
  const bottom = `percentile ${figure(100 - p.extremePercentile, 2)} at ${text(low)}`;
  const inside = `is between ${bottom} and ${top}`;
  const extreme = longCrowd ? `> ${top}` : `< ${bottom}`;
  return {
    longCrowd,
    shortCrowd,
    condition: {
      label,
      held: longCrowd || shortCrowd,
      detail: `${name} ${text(now)} ${longCrowd || shortCrowd ? extreme : inside}`,
    },
  };
}

/** Leverage that builds up crowds whichever side is the crowded one: a point for both. */
function rising(changes: Float64Array, p: Params): Point {
  const now = newest(changes);
  const high = quantileInPlace(changes, p.extremePercentile / 100);
  const condition = compare(
    "Open interest rising fast",
    quantity(`open interest over ${p.changeHours} h`, now, percent(now, 2)),
    ">",
    quantity(`percentile ${figure(p.extremePercentile, 2)} at`, high, percent(high, 2)),
  );
  return { longCrowd: condition.held, shortCrowd: condition.held, condition };
}

function score(input: StrategyInput<Params>): Reading<Score> {
  const p = input.params;
  const windowMs = p.windowDays * DAY;
  const interest = readMetric(input, "open_interest");
  if (!interest.ok) return interest;
  const funding = readMetric(input, "funding_rate");
  if (!funding.ok) return funding;
  const ratio = readMetric(input, "long_short_ratio");
  if (!ratio.ok) return ratio;
  const changes = windowChanges(interest.value, (p.changeHours * DAY) / 24, windowMs);
  if (!changes.ok) return changes;
  const rates = windowValues(funding.value, windowMs);
  if (!rates.ok) return rates;
  const ratios = windowValues(ratio.value, windowMs);
  if (!ratios.ok) return ratios;
  const points = [
    rising(changes.value, p),
    twoSided("Funding extreme", "funding", funding.value.last, rates.value, p, (value) =>
      percent(value, 4),
    ),
    twoSided(
      "Long/short ratio extreme",
      "long/short ratio",
      ratio.value.last,
      ratios.value,
      p,
      (value) => figure(value, 3),
    ),
  ];
  return {
    ok: true,
    value: {
      longCrowd: points.filter((point) => point.longCrowd).length,
      shortCrowd: points.filter((point) => point.shortCrowd).length,
      conditions: points.map((point) => point.condition),
    },
  };
}

const warmup = (p: Params): number => wilderSettled(p.atrPeriod);

export const leverageComposite: Strategy<typeof params> = {
  id: "leverage_composite",
  title: "Leverage composite",
  summary:
    "Scores how crowded the leveraged side is by open interest, funding and the long/short ratio, each against its own last 30 days, and trades against a side with two points or more. Leaves when the score falls or after 24 candles.",
  source:
    "Tickdeck's own rule on a known idea: extremes of leverage mean-revert. Tried and rejected as siblings: following open interest, fading funding alone, basis convergence.",
  rules: {
    entry:
      "A point for each of: the change of open interest beyond its high percentile (for either side: leverage builds up); funding beyond its high percentile (crowded longs) or under its low one (crowded shorts); the long/short account ratio likewise. Short against longs, long against shorts, when that side has the score needed. No entry when both have it, or when one of the three metrics is missing, stale or too short.",
    exit: "When the score of the crowd traded against falls under the score needed, or after the longest hold.",
    stop: "Stop distance × ATR from the close.",
    confidence: "Score ÷ 3.",
  },
  defaultTimeframe: "1h",
  params,
  needs: (p) => ({
    references: [],
    metrics: ["open_interest", "funding_rate", "long_short_ratio"],
    // One day more than the statistics look at, for the spacing of the points.
    metricWindowMs: p.windowDays * DAY + (p.changeHours * DAY) / 24 + DAY,
  }),
  warmup,
  decide(input) {
    const p = input.params;
    const { position } = input;
    const need = warmup(p);
    const candles = tail(input.candles, need);
    if (candles === null) return warmingUp(input.symbol, input.candles.length, need);

    const scored = score(input);
    if (position !== null) {
      const tooLong = compare(
        "Held long enough",
        quantity("candles held", position.candlesHeld, String(position.candlesHeld)),
        "≥",
        limit(p.longestHold),
      );
      if (!scored.ok) {
        return tooLong.held
          ? exitWhenAny(position, [tooLong])
          : withoutMetric(input, scored.reason);
      }
      const against = position.side === "short" ? "longCrowd" : "shortCrowd";
      const now = scored.value[against];
      return exitWhenAny(position, [
        compare(
          "Crowd gone",
          quantity(
            `score of crowded ${against === "longCrowd" ? "longs" : "shorts"}`,
            now,
            `${now}`,
          ),
          "<",
          limit(p.leastScore),
        ),
        tooLong,
      ]);
    }
    if (!scored.ok) return withoutMetric(input, scored.reason);

    const { longCrowd, shortCrowd, conditions } = scored.value;
    const caseOf = (side: Side): SideCase => {
      const points = side === "short" ? longCrowd : shortCrowd;
      const found = quantity(
        `score of crowded ${side === "short" ? "longs" : "shorts"}`,
        points,
        `${points}`,
      );
      const enough = compare("Score", found, "≥", limit(p.leastScore));
      return {
        signal: enough.held,
        confidence: points / POINTS,
        conditions: [...conditions, enough],
        sizeFactor: 1,
      };
    };
    const long = caseOf("long");
    const short = caseOf("short");
    const scores = `crowded longs ${longCrowd}, crowded shorts ${shortCrowd} of ${POINTS} points, ${p.leastScore} needed`;
    if (long.signal && short.signal) {
      return hold(`no entry: both sides look crowded: ${scores}`, long.conditions);
    }
    return enterEither(
      input,
      long,
      short,
      { close: newest(candles.close), atr: newest(atr(candles, p.atrPeriod)), multiple: p.stopAtr },
      scores,
    );
  },
};
