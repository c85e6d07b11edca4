import * as z from "zod";

/** How likely a best result is more than the luck of many trials; docs/backtest-metrics.md, "Deflated Sharpe". */
export interface DeflatedSharpe {
  readonly trials: number;
  /** Sharpe ratio of a candle that the best of so many trials without skill is expected to show. */
  readonly threshold: number;
  /** That the true ratio is above 0 all the same, 0..1. */
  readonly probability: number;
}

const monteCarloOptionsSchema = z.strictObject({
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
interface Histogram {
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

const walkForwardOptionsSchema = z.strictObject({
  kind: z.enum(["rolling", "anchored"]).default("rolling"),
  inSampleMs: windowMs.default(180 * 86_400_000),
  outOfSampleMs: windowMs.default(60 * 86_400_000),
});
export type WalkForwardRequest = z.infer<typeof walkForwardOptionsSchema>;

/** What a best result is chosen by; larger is better. */
const OBJECTIVES = ["sharpe", "sortino", "totalReturn", "profitFactor"] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** The values of one parameter that a search tries: listed, or a range with a step. */
const axisSchema = z.union([
  z.strictObject({
    key: z.string().min(1),
    values: z
      .array(z.union([z.number(), z.string(), z.boolean()]))
      .min(1)
      .max(1000),
  }),
  z
    .strictObject({
      key: z.string().min(1),
      from: z.number(),
      to: z.number(),
      step: z.number().positive("The step of a range must be above 0."),
    })
    .refine((range) => range.from <= range.to, {
      path: ["to"],
      message: "The end of a range must not lie below its start.",
    }),
]);
export type Axis = z.infer<typeof axisSchema>;

/** One in-sample span, what was best there, and what that did out of sample. Fractions; annualised by compounding. */
export interface WalkForwardStep {
  readonly inSample: { readonly from: number; readonly to: number };
  readonly outOfSample: { readonly from: number; readonly to: number };
  readonly params: Readonly<Record<string, unknown>>;
  readonly inSampleReturn: number;
  readonly inSampleAnnual: number;
  readonly outOfSampleReturn: number;
  readonly outOfSampleAnnual: number;
  readonly inSampleSharpe: number | null;
  readonly outOfSampleSharpe: number | null;
  readonly outOfSampleDrawdown: number;
  readonly trades: number;
}

export interface WalkForwardReport {
  readonly steps: readonly WalkForwardStep[];
  /** In-sample spans in which no parameters made enough trades: nothing was traded after them. */
  readonly idle: number;
  /** Out-of-sample runs one after the other, each on what the one before left; quote currency. */
  readonly curve: { readonly time: readonly number[]; readonly equity: readonly number[] };
  readonly totalReturn: number;
  readonly maxDrawdown: number;
  /** Mean annual return out of sample ÷ in sample (Pardo 2008); null where the latter is not above 0. */
  readonly efficiency: number | null;
  /** Out-of-sample spans with a gain. */
  readonly profitable: number;
}

export interface SubPeriodReport {
  readonly periods: readonly {
    readonly from: number;
    readonly to: number;
    readonly totalReturn: number;
    readonly sharpe: number | null;
    readonly maxDrawdown: number;
    readonly trades: number;
  }[];
  /** Profitable in all three. */
  readonly robust: boolean;
  /** One sentence. */
  readonly verdict: string;
}

/** A point of a grid with its neighbours: the points at most one step away on every axis, itself included. */
export interface Neighbourhood {
  /** Index of the point in the sweep. */
  readonly index: number;
  readonly neighbours: number;
  /** Mean and least objective there; null where none of them has one. */
  readonly mean: number | null;
  readonly least: number | null;
}
