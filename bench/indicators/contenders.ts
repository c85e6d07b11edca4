/*
 * The npm indicator libraries beside ours, each called the way its documentation says, on the same candles and with
 * the same parameters. Libraries that take plain arrays get plain arrays.
 */
import { IndicatorsSync } from "@ixjb94/indicators";
import * as indicatorts from "indicatorts";
import * as ti from "technicalindicators";
import * as signals from "trading-signals";
import { adx } from "../../src-main/engine/indicators/adx.ts";
import { atr } from "../../src-main/engine/indicators/atr.ts";
import { bollinger } from "../../src-main/engine/indicators/bollinger.ts";
import { correlation } from "../../src-main/engine/indicators/correlation.ts";
import { ema } from "../../src-main/engine/indicators/ema.ts";
import { macd } from "../../src-main/engine/indicators/macd.ts";
import { deviation, variance, zScore } from "../../src-main/engine/indicators/moments.ts";
import { percentileRank } from "../../src-main/engine/indicators/percentile.ts";
import { rsi } from "../../src-main/engine/indicators/rsi.ts";
import { sma } from "../../src-main/engine/indicators/sma.ts";

/** One market's candles, as typed columns, as plain arrays and as objects. */
export interface BenchCandles {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly plain: {
    readonly high: number[];
    readonly low: number[];
    readonly close: number[];
  };
  readonly objects: { readonly high: number; readonly low: number; readonly close: number }[];
}

/** One library's way to an indicator; `series` picks the column that is compared with ours, oldest first. */
export interface Contender {
  readonly run: (candles: BenchCandles) => unknown;
  readonly series: (result: never) => ArrayLike<number | null | undefined>;
}

export interface Contest {
  readonly name: string;
  readonly ours: Contender;
  readonly peers: Readonly<Record<string, Contender>>;
}

const contender = <R>(
  run: (candles: BenchCandles) => R,
  series: (result: R) => ArrayLike<number | null | undefined>,
): Contender => ({ run, series });

const columnOf = (run: (candles: BenchCandles) => ArrayLike<number | null>): Contender =>
  contender(run, (result) => result);

const ix = new IndicatorsSync();

const macdInput = {
  fastPeriod: 12,
  slowPeriod: 26,
  signalPeriod: 9,
  SimpleMAOscillator: false,
  SimpleMASignal: false,
};
const newMacd = () =>
  new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9));

export const CONTESTS: readonly Contest[] = [
  {
    name: "sma_20",
    ours: columnOf(({ close }) => sma(close, 20)),
    peers: {
      "trading-signals": columnOf(({ plain }) => new signals.SMA(20).updates(plain.close)),
      technicalindicators: columnOf(({ plain }) =>
        ti.SMA.calculate({ period: 20, values: plain.close }),
      ),
      indicatorts: columnOf(({ plain }) => indicatorts.sma(plain.close, { period: 20 })),
      "@ixjb94/indicators": columnOf(({ plain }) => ix.sma(plain.close, 20)),
    },
  },
  {
    name: "ema_20",
    ours: columnOf(({ close }) => ema(close, 20)),
    peers: {
      "trading-signals": columnOf(({ plain }) => new signals.EMA(20).updates(plain.close)),
      technicalindicators: columnOf(({ plain }) =>
        ti.EMA.calculate({ period: 20, values: plain.close }),
      ),
      indicatorts: columnOf(({ plain }) => indicatorts.ema(plain.close, { period: 20 })),
      "@ixjb94/indicators": columnOf(({ plain }) => ix.ema(plain.close, 20)),
    },
  },
  {
    name: "rsi_14",
    ours: columnOf(({ close }) => rsi(close, 14)),
    peers: {
      "trading-signals": columnOf(({ plain }) => new signals.RSI(14).updates(plain.close)),
      technicalindicators: columnOf(({ plain }) =>
        ti.RSI.calculate({ period: 14, values: plain.close }),
      ),
      indicatorts: columnOf(({ plain }) => indicatorts.rsi(plain.close, { period: 14 })),
      "@ixjb94/indicators": columnOf(({ plain }) => ix.rsi(plain.close, 14)),
    },
  },
  {
    name: "macd_12_26_9",
    ours: contender(
      ({ close }) => macd(close, 12, 26, 9),
      (result) => result.signal,
    ),
    peers: {
      "trading-signals": contender(
        ({ plain }) => newMacd().updates(plain.close),
        (result) => result.map((point) => point?.signal),
      ),
      technicalindicators: contender(
        ({ plain }) => ti.MACD.calculate({ ...macdInput, values: plain.close }),
        (result) => result.map((point) => point.signal),
      ),
      indicatorts: contender(
        ({ plain }) => indicatorts.macd(plain.close, { fast: 12, slow: 26, signal: 9 }),
        (result) => result.signalLine,
      ),
      "@ixjb94/indicators": contender(
        ({ plain }) => ix.macd(plain.close, 12, 26, 9),
        (result) => result[1] ?? [],
      ),
    },
  },
  {
    name: "bollinger_20_2",
    ours: contender(
      ({ close }) => bollinger(close, 20, 2),
      (result) => result.upper,
    ),
    peers: {
      "trading-signals": contender(
        ({ plain }) => new signals.BollingerBands(20, 2).updates(plain.close),
        (result) => result.map((bands) => bands?.upper),
      ),
      technicalindicators: contender(
        ({ plain }) => ti.BollingerBands.calculate({ period: 20, stdDev: 2, values: plain.close }),
        (result) => result.map((bands) => bands.upper),
      ),
      indicatorts: contender(
        ({ plain }) => indicatorts.bb(plain.close, { period: 20 }),
        (result) => result.upper,
      ),
      "@ixjb94/indicators": contender(
        ({ plain }) => ix.bbands(plain.close, 20, 2),
        (result) => result[2] ?? [],
      ),
    },
  },
  {
    name: "atr_14",
    ours: columnOf((candles) => atr(candles, 14)),
    peers: {
      "trading-signals": columnOf(({ objects }) => new signals.ATR(14).updates(objects)),
      technicalindicators: columnOf(({ plain }) => ti.ATR.calculate({ period: 14, ...plain })),
      indicatorts: contender(
        ({ plain }) => indicatorts.atr(plain.high, plain.low, plain.close, { period: 14 }),
        (result) => result.atrLine,
      ),
      "@ixjb94/indicators": columnOf(({ plain }) => ix.atr(plain.high, plain.low, plain.close, 14)),
    },
  },
  {
    name: "adx_14",
    ours: columnOf((candles) => adx(candles, 14)),
    peers: {
      "trading-signals": columnOf(({ objects }) => new signals.ADX(14).updates(objects)),
      technicalindicators: contender(
        ({ plain }) => ti.ADX.calculate({ period: 14, ...plain }),
        (result) => result.map((point) => point.adx),
      ),
      "@ixjb94/indicators": columnOf(({ plain }) => ix.adx(plain.high, plain.low, 14)),
    },
  },
  {
    name: "deviation_20",
    ours: columnOf(({ close }) => deviation(close, 20)),
    peers: {
      technicalindicators: columnOf(({ plain }) =>
        ti.SD.calculate({ period: 20, values: plain.close }),
      ),
      indicatorts: columnOf(({ plain }) => indicatorts.mstd(plain.close, { period: 20 })),
      "@ixjb94/indicators": columnOf(({ plain }) => ix.stddev(plain.close, 20)),
    },
  },
  {
    name: "variance_20",
    ours: columnOf(({ close }) => variance(close, 20)),
    peers: { "@ixjb94/indicators": columnOf(({ plain }) => ix.var(plain.close, 20)) },
  },
  { name: "z_score_20", ours: columnOf(({ close }) => zScore(close, 20)), peers: {} },
  {
    name: "correlation_20",
    ours: columnOf(({ close, volume }) => correlation(close, volume, 20)),
    peers: {},
  },
  {
    name: "percentile_rank_100",
    ours: columnOf(({ close }) => percentileRank(close, 100)),
    peers: {},
  },
];
