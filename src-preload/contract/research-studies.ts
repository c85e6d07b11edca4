import * as z from "zod";

/** How likely a best result is more than the luck of many trials; docs/backtest-metrics.md, "Deflated Sharpe". */
export interface DeflatedSharpe {
  readonly trials: number;
  /** Sharpe ratio of a candle that the best of so many trials without skill is expected to show. */
  readonly threshold: number;
  /** That the true ratio is above 0 all the same, 0..1. */
  readonly probability: number;
}

export const monteCarloOptionsSchema = z.strictObject({
  /** `shuffle`: the same trades in another order. `bootstrap`: blocks of trades drawn with replacement. */
  method: z.enum(["shuffle", "bootstrap"]).default("bootstrap"),
  runs: z.number().int().min(100, "Give at least 100 runs.").max(100_000).default(5000),
  /** Mean length of a block, trades. */
  block: z.number().int().min(1).max(1000).default(5),
  /** Ruin is the loss of this share of the starting equity. */
  ruinLoss: z.number().gt(0).max(1).default(0.5),
  seed: z.number().int().min(0).max(0x7f_ff_ff_ff).default(1),
});
export type MonteCarloRequest = z.infer<typeof monteCarloOptionsSchema>;

/** Counts of values in bins of one width, from `from` up. */
export interface Histogram {
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
}

/** What the same trades could have brought. Equity in quote currency; quantiles are those of 5, 25, 50, 75 and 95 %. */
export interface MonteCarloReport {
  readonly method: MonteCarloRequest["method"];
  readonly runs: number;
  readonly trades: number;
  readonly startEquity: number;
  readonly ruinLoss: number;
  readonly ruinProbability: number;
  /** Of an end below the start. */
  readonly lossProbability: number;
  /** Quantiles of equity after so many trades, columns of one length. */
  readonly fan: {
    readonly trades: readonly number[];
    readonly p5: readonly number[];
    readonly p25: readonly number[];
    readonly p50: readonly number[];
    readonly p75: readonly number[];
    readonly p95: readonly number[];
  };
  readonly finals: Histogram;
  readonly finalQuantiles: readonly number[];
  /** Fractions of the peak. */
  readonly drawdowns: Histogram;
  readonly drawdownQuantiles: readonly number[];
}

const windowMs = z.number().int().positive();

export const walkForwardOptionsSchema = z.strictObject({
  kind: z.enum(["rolling", "anchored"]).default("rolling"),
  inSampleMs: windowMs.default(180 * 86_400_000),
  outOfSampleMs: windowMs.default(60 * 86_400_000),
});
export type WalkForwardRequest = z.infer<typeof walkForwardOptionsSchema>;
