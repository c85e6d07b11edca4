import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdxStream, adx } from "../../../../src-main/engine/indicators/adx.ts";
import { AtrStream, atr } from "../../../../src-main/engine/indicators/atr.ts";
import {
  BollingerStream,
  bollinger,
  bollingerAt,
} from "../../../../src-main/engine/indicators/bollinger.ts";
import {
  CorrelationStream,
  correlation,
  correlationAt,
} from "../../../../src-main/engine/indicators/correlation.ts";
import { EmaStream, ema } from "../../../../src-main/engine/indicators/ema.ts";
import { MacdStream, macd } from "../../../../src-main/engine/indicators/macd.ts";
import {
  DeviationStream,
  VarianceStream,
  ZScoreStream,
  deviation,
  variance,
  zScore,
  zScoreAt,
} from "../../../../src-main/engine/indicators/moments.ts";
import {
  PercentileRankStream,
  percentileRank,
  percentileRankAt,
} from "../../../../src-main/engine/indicators/percentile.ts";
import { RsiStream, rsi } from "../../../../src-main/engine/indicators/rsi.ts";
import { SmaStream, meanAt, sma } from "../../../../src-main/engine/indicators/sma.ts";
import { apart, numbers } from "./series.ts";

interface Columns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Each indicator as columns and as one value after the other. */
const both: Readonly<
  Record<
    string,
    {
      readonly batch: (columns: Columns, period: number) => readonly Float64Array[];
      readonly stream: (period: number) => (columns: Columns, i: number) => readonly number[];
    }
  >
> = {
  sma: {
    batch: ({ close }, period) => [sma(close, period)],
    stream: (period) => {
      const stream = new SmaStream(period);
      return ({ close }, i) => [stream.push(close[i] ?? 0)];
    },
  },
  ema: {
    batch: ({ close }, period) => [ema(close, period)],
    stream: (period) => {
      const stream = new EmaStream(period);
      return ({ close }, i) => [stream.push(close[i] ?? 0)];
    },
  },
  rsi: {
    batch: ({ close }, period) => [rsi(close, period)],
    stream: (period) => {
      const stream = new RsiStream(period);
      return ({ close }, i) => [stream.push(close[i] ?? 0)];
    },
  },
  macd: {
    batch: ({ close }, period) => {
      const out = macd(close, period, 2 * period, 5);
      return [out.macd, out.signal, out.histogram];
    },
    stream: (period) => {
      const stream = new MacdStream(period, 2 * period, 5);
      return ({ close }, i) => {
        const out = stream.push(close[i] ?? 0);
        return [out.macd, out.signal, out.histogram];
      };
    },
  },
  bollinger: {
    batch: ({ close }, period) => {
      const out = bollinger(close, period, 2);
      return [out.middle, out.upper, out.lower];
    },
    stream: (period) => {
      const stream = new BollingerStream(period, 2);
      return ({ close }, i) => {
        const out = stream.push(close[i] ?? 0);
        return [out.middle, out.upper, out.lower];
      };
    },
  },
  atr: {
    batch: (columns, period) => [atr(columns, period)],
    stream: (period) => {
      const stream = new AtrStream(period);
      return ({ high, low, close }, i) => [
        stream.push({ high: high[i] ?? 0, low: low[i] ?? 0, close: close[i] ?? 0 }),
      ];
    },
  },
  adx: {
    batch: (columns, period) => [adx(columns, period)],
    stream: (period) => {
      const stream = new AdxStream(period);
      return ({ high, low }, i) => [stream.push({ high: high[i] ?? 0, low: low[i] ?? 0 })];
    },
  },
  correlation: {
    batch: ({ close, high }, period) => [correlation(close, high, period)],
    stream: (period) => {
      const stream = new CorrelationStream(period);
      return ({ close, high }, i) => [stream.push(close[i] ?? 0, high[i] ?? 0)];
    },
  },
  zScore: {
    batch: ({ close }, period) => [zScore(close, period)],
    stream: (period) => {
      const stream = new ZScoreStream(period);
      return ({ close }, i) => [stream.push(close[i] ?? 0)];
    },
  },
  variance: {
    batch: ({ close }, period) => [variance(close, period)],
    stream: (period) => {
      const stream = new VarianceStream(period);
      return ({ close }, i) => [stream.push(close[i] ?? 0)];
    },
  },
  deviation: {
    batch: ({ close }, period) => [deviation(close, period)],
    stream: (period) => {
      const stream = new DeviationStream(period);
      return ({ close }, i) => [stream.push(close[i] ?? 0)];
    },
  },
  percentileRank: {
    batch: ({ close }, period) => [percentileRank(close, period)],
    stream: (period) => {
      const stream = new PercentileRankStream(period);
      return ({ close }, i) => [stream.push(close[i] ?? 0)];
    },
  },
};

/** Series of every temper: level and step far apart, flat, ties, jumps, signs, numbers at the ends of what a double holds. */
const values = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(1e-300, 1e-9, 1, 60_000, 1e12, 1e150),
      fc.constantFrom(0, 1e-13, 1e-9, 1e-3, 0.5),
      fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 150 }),
    )
    .map(([level, step, moves]) => moves.map((move) => level * (1 + step * move))),
  fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 150 }),
  fc.array(fc.constantFrom(80_000, 60_000, 60_000 + 1e-6, 1e-9, Number.NaN), { maxLength: 150 }),
);
const periods = fc.integer({ min: 2, max: 24 });

const columnsOf = (close: readonly number[], widths: readonly number[]): Columns => ({
  close: Float64Array.from(close),
  high: Float64Array.from(close, (value, i) => value + Math.abs(value) * (widths[i] ?? 0)),
  low: Float64Array.from(close, (value, i) => value - Math.abs(value) * (widths[i + 1] ?? 0)),
});
const widths = fc.array(fc.constantFrom(0, 0, 1e-9, 0.001, 0.3), { maxLength: 151 });

describe("columns and streams are one definition", () => {
  it.each(Object.entries(both))("%s: the same bits on any series", (_name, { batch, stream }) => {
    fc.assert(
      fc.property(values, widths, periods, (close, width, period) => {
        const columns = columnsOf(close, width);
        const push = stream(period);
        const whole = batch(columns, period);
        for (let i = 0; i < close.length; i++) {
          expect(push(columns, i)).toEqual(whole.map((column) => column[i]));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("a stream goes on where a column ended, wherever it is cut", () => {
    fc.assert(
      fc.property(values, periods, fc.nat(150), (close, period, at) => {
        const column = Float64Array.from(close);
        const cut = Math.min(at, column.length);
        const stream = new BollingerStream(period, 2);
        const means = new SmaStream(period);
        const whole = bollinger(column, period, 2);
        const made = {
          middle: new Float64Array(column.length),
          upper: new Float64Array(column.length),
          lower: new Float64Array(column.length),
        };
        const mean = new Float64Array(column.length);
        for (const [from, to] of [
          [0, cut],
          [cut, column.length],
        ] as const) {
          stream.fill(column, from, to, made);
          means.fill(column, from, to, mean);
        }
        expect(made).toEqual(whole);
        expect(mean).toEqual(sma(column, period));
      }),
    );
  });

  it("MACD is three EMAs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const next = numbers(seed);
        const close = Float64Array.from({ length: 120 }, () => 1000 + next() / 1000);
        const [fast, slow] = [ema(close, 12), ema(close, 26)];
        const line = fast.map((value, i) => value - (slow[i] ?? 0));
        const signal = new EmaStream(9);
        const out = macd(close, 12, 26, 9);
        for (let i = 25; i < close.length; i++) {
          const smooth = signal.push(line[i] ?? 0);
          expect(Math.abs((out.macd[i] ?? 1) - (line[i] ?? 0))).toBeLessThan(1e-11);
          if (i < 33) continue;
          expect(Math.abs((out.signal[i] ?? 1) - smooth)).toBeLessThan(1e-11);
        }
      }),
      { numRuns: 20 },
    );
  });
});

/** Two passes over the window, with sums that carry what rounding takes (Neumaier, 1974). */
function fresh(window: Float64Array): { mean: number; variance: number } {
  const sum = (value: (x: number) => number): number => {
    let total = 0;
    let lost = 0;
    for (const x of window) {
      const each = value(x);
      const next = total + each;
      lost += Math.abs(total) >= Math.abs(each) ? total - next + each : each - next + total;
      total = next;
    }
    return total + lost;
  };
  const base = window[0] ?? 0;
  const mean = sum((x) => x - base) / window.length;
  return {
    mean: base + mean,
    variance: sum((x) => (x - base - mean) ** 2) / window.length,
  };
}

/** Pearson's correlation of two windows in two passes. */
function freshCorrelation(a: Float64Array, b: Float64Array): number {
  const [one, other] = [fresh(a), fresh(b)];
  const [baseA, baseB] = [a[0] ?? 0, b[0] ?? 0];
  const [meanA, meanB] = [fresh(a.map((x) => x - baseA)).mean, fresh(b.map((x) => x - baseB)).mean];
  let both = 0;
  for (const [i, x] of a.entries()) both += (x - baseA - meanA) * ((b[i] ?? 0) - baseB - meanB);
  return both / a.length / Math.sqrt(one.variance * other.variance);
}

/** Violent, near-flat and flat spells that follow each other, `length` values. */
function spells(length: number, seed: number): Float64Array {
  const out = new Float64Array(length);
  let state = seed;
  let level = 60_000;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const chance = (state >>> 8) / 2 ** 24;
    const spell = Math.floor(i / 97) % 4;
    if (spell === 0) level = Math.max(1000, level * (1 + 0.2 * (chance - 0.5)));
    out[i] = spell === 1 ? level + 1e-6 * chance : spell === 2 ? level : level + chance;
  }
  return out;
}

describe("no accumulated error", () => {
  const LENGTH = 10_000_000;
  const series = spells(LENGTH, 5);
  const other = spells(LENGTH, 6);
  /** Windows all over the series, the last ones among them. */
  const looked = Array.from({ length: 4000 }, (_, i) =>
    i < 500 ? LENGTH - 1 - i : (i * 2503 + 997) % LENGTH,
  ).filter((i) => i > 1000);

  it.each([2, 20, 90])(
    "10 million values, windows of %i: mean, variance and z-score as in two fresh passes",
    (period) => {
      const bands = bollinger(series, period, 2);
      const [mean, spread] = [sma(series, period), variance(series, period)];
      const scores = zScore(series, period);
      let worst = 0;
      for (const i of looked) {
        const want = fresh(series.subarray(i - period + 1, i + 1));
        worst = Math.max(worst, apart(mean[i] ?? 0, want.mean));
        worst = Math.max(worst, apart(bands.middle[i] ?? 0, want.mean));
        expect(spread[i] === 0).toBe(want.variance === 0);
        if (want.variance === 0) expect(scores[i]).toBeNaN();
        else worst = Math.max(worst, apart(spread[i] ?? 0, want.variance));
      }
      expect(worst).toBeLessThan(1e-12);
    },
  );

  it("10 million pairs: correlation as in fresh passes", () => {
    const found = correlation(series, other, 20);
    let worst = 0;
    for (const i of looked) {
      const [a, b] = [series.subarray(i - 19, i + 1), other.subarray(i - 19, i + 1)];
      const want = freshCorrelation(a, b);
      if (Number.isNaN(want)) expect(found[i]).toBeNaN();
      else worst = Math.max(worst, Math.abs((found[i] ?? 9) - want));
    }
    expect(worst).toBeLessThan(1e-12);
  });

  it("10 million values: the smoothed ones as if begun a while ago", () => {
    const tail = (count: number) => series.subarray(LENGTH - count);
    const at = (column: Float64Array): number => column.at(-1) ?? Number.NaN;
    expect(apart(at(ema(series, 20)), at(ema(tail(2000), 20)))).toBeLessThan(1e-12);
    expect(apart(at(rsi(series, 14)), at(rsi(tail(2000), 14)))).toBeLessThan(1e-12);
    const columns = { high: series, low: series, close: series };
    const short = { high: tail(2000), low: tail(2000), close: tail(2000) };
    expect(apart(at(atr(columns, 14)), at(atr(short, 14)))).toBeLessThan(1e-12);
    expect(apart(at(adx(columns, 14)), at(adx(short, 14)))).toBeLessThan(1e-12);
  });

  it("a value that is no number is forgotten when it leaves the window", () => {
    fc.assert(
      fc.property(periods, fc.integer({ min: 0, max: 60 }), (period, at) => {
        const column = spells(150, 3);
        column[at] = Number.NaN;
        for (const [i, score] of variance(column, period).entries()) {
          expect(Number.isNaN(score)).toBe(i < period - 1 || (i >= at && i < at + period));
          if (!Number.isNaN(score)) {
            const want = fresh(column.subarray(i - period + 1, i + 1)).variance;
            expect(apart(score, want)).toBeLessThan(1e-12);
          }
        }
        expect(sma(column, period).findLastIndex((value) => Number.isNaN(value))).toBe(
          Math.max(period - 2, at + period - 1),
        );
      }),
    );
  });
});

describe("one window", () => {
  it("is what the column has there, to 1e-12", () => {
    const [a, b] = [spells(400, 8), spells(400, 9)];
    fc.assert(
      fc.property(periods, fc.integer({ min: 0, max: 399 }), (period, i) => {
        const bands = bollingerAt(a, i, period, 2);
        const pairs = [
          [meanAt(a, i, period), sma(a, period)[i]],
          [bands.upper, bollinger(a, period, 2).upper[i]],
          [bands.lower, bollinger(a, period, 2).lower[i]],
          [zScoreAt(a, i, period), zScore(a, period)[i]],
          [correlationAt(a, b, i, period), correlation(a, b, period)[i]],
          [percentileRankAt(a, i, period), percentileRank(a, period)[i]],
        ] as const;
        for (const [one, column = 0] of pairs) {
          expect(Number.isNaN(one)).toBe(Number.isNaN(column));
          if (!Number.isNaN(one)) {
            expect(Math.abs(one - column)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(one)));
          }
        }
      }),
    );
  });

  it("before the first full one there is none", () => {
    const short = Float64Array.of(1, 2, 3);
    expect(meanAt(short, 2, 4)).toBeNaN();
    expect(meanAt(short, 3, 2)).toBeNaN();
    expect(zScoreAt(short, 2, 4)).toBeNaN();
    expect(correlationAt(short, short, 2, 4)).toBeNaN();
    expect(bollingerAt(short, 2, 4, 2).upper).toBeNaN();
    expect(percentileRankAt(short, 2, 4)).toBeNaN();
  });
});
