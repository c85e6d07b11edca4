/** What a strategy file imports from "tickdeck". `resources/new-strategy/tickdeck.d.ts` tells an editor the same. */
import * as z from "zod";
import { adx } from "../../engine/indicators/adx.ts";
import { atr } from "../../engine/indicators/atr.ts";
import { bollinger } from "../../engine/indicators/bollinger.ts";
import { correlation, simpleReturns } from "../../engine/indicators/correlation.ts";
import { ema } from "../../engine/indicators/ema.ts";
import { macd } from "../../engine/indicators/macd.ts";
import { percentileRank } from "../../engine/indicators/percentile.ts";
import { rsi } from "../../engine/indicators/rsi.ts";
import {
  adxSettled,
  emaSettled,
  macdSettled,
  wilderSettled,
} from "../../engine/indicators/settle.ts";
import { sma } from "../../engine/indicators/sma.ts";
import { zScore } from "../../engine/indicators/moments.ts";
import { hold, newest } from "../../engine/strategies/decisions.ts";
import {
  numberField,
  periodField,
  stopFields,
  wholeField,
} from "../../engine/strategies/fields.ts";

interface SwitchSpec {
  readonly title: string;
  readonly help: string;
  readonly default: boolean;
}
interface ChoiceSpec {
  readonly title: string;
  readonly help: string;
  readonly default: string;
  readonly choices: readonly [string, ...string[]];
}

const fields = Object.freeze({
  whole: wholeField,
  number: numberField,
  period: periodField,
  stop: stopFields,
  /** True or false. */
  onOff: (spec: SwitchSpec) =>
    z.boolean().default(spec.default).meta({ title: spec.title, description: spec.help }),
  /** One of a few words. */
  choice: (spec: ChoiceSpec) =>
    z.enum(spec.choices).default(spec.default).meta({ title: spec.title, description: spec.help }),
});

const indicators = Object.freeze({
  sma,
  ema,
  rsi,
  macd,
  bollinger,
  atr,
  adx,
  correlation,
  simpleReturns,
  zScore,
  percentileRank,
});

/** Candles until a smoothed indicator no longer depends on where its history began. */
const settled = Object.freeze({
  ema: emaSettled,
  wilder: wilderSettled,
  adx: adxSettled,
  macd: macdSettled,
});

/** Gives back what it is given: there for the types. */
const defineStrategy = (strategy: unknown): unknown => strategy;

export const prelude = { defineStrategy, fields, hold, indicators, newest, settled, z };
