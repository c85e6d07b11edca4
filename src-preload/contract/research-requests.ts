import * as z from "zod";
import type { BotConfig } from "./bots.ts";
import { backtestRequestSchema, backtestRulesSchema } from "./research.ts";
import type { BacktestReport, SweepPoint, TradeGroup } from "./research.ts";
import {
  monteCarloOptionsSchema,
  searchSchema,
  walkForwardOptionsSchema,
} from "./research-studies.ts";
import type {
  DeflatedSharpe,
  MonteCarloReport,
  Neighbourhood,
  Search,
  SubPeriodReport,
  WalkForwardReport,
} from "./research-studies.ts";
import { timeframeSchema } from "./time.ts";

const span = {
  timeframe: timeframeSchema,
  /** First and one past the last candle's open time, ms UTC. */
  from: z.number().int().min(0),
  to: z.number().int().min(0),
};

/** What the trader asks of the lab. */
export const researchJobSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("backtest"), request: backtestRequestSchema }),
  z.strictObject({
    kind: z.literal("sweep"),
    request: backtestRequestSchema,
    search: searchSchema,
  }),
  z.strictObject({
    kind: z.literal("walk_forward"),
    request: backtestRequestSchema,
    search: searchSchema,
    windows: walkForwardOptionsSchema,
  }),
  z.strictObject({
    kind: z.literal("monte_carlo"),
    /** Of a kept report of a back-test. */
    report: z.number().int().positive(),
    options: monteCarloOptionsSchema,
  }),
  /** Every strategy at its defaults on every one of these symbols. */
  z.strictObject({
    kind: z.literal("tournament"),
    strategies: z.array(z.string().min(1)).min(1, "Choose at least one strategy.").max(50),
    symbols: z.array(z.string().min(3)).min(1, "Choose at least one symbol.").max(100),
    ...span,
    rules: backtestRulesSchema.prefault({}),
  }),
  /** These bots as they are configured, on one account with the risk layers. */
  z.strictObject({
    kind: z.literal("portfolio"),
    bots: z.array(z.string().min(1)).min(1, "Choose at least one bot.").max(1000),
    from: span.from,
    to: span.to,
  }),
]);
export type ResearchJob = z.infer<typeof researchJobSchema>;
export type ResearchKind = ResearchJob["kind"];

/** One job of the lab, waiting or at work. */
export interface ResearchJobView {
  readonly id: number;
  readonly kind: ResearchKind;
  /** In words, e.g. "Sweep of mean_reversion_bb, BTC/USDT 15m, 200 combinations". */
  readonly title: string;
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  /** 0..1 */
  readonly progress: number;
  /** What went wrong, or "". */
  readonly reason: string;
  /** Id of the report it has become, once done. */
  readonly report: number | null;
  /** Wall time, ms UTC. */
  readonly startedAt: number;
}

/** Whether decisions on cut histories were the same as on the whole one. */
export interface LookAheadVerdict {
  readonly ok: boolean;
  /** Decisions compared. */
  readonly checked: number;
  /** One sentence. */
  readonly reason: string;
}

export interface SweepResult {
  readonly search: Search;
  readonly points: readonly SweepPoint[];
  /** Index of the best point; null when none has enough trades. */
  readonly best: number | null;
  /** Of a full grid only. */
  readonly neighbourhoods: readonly Neighbourhood[] | null;
  readonly deflated: DeflatedSharpe | null;
  /** The best combination's own back-test. */
  readonly report: BacktestReport | null;
}

export interface TournamentRow {
  readonly strategy: string;
  readonly symbol: string;
  /** Null where it could not be run; then `reason` says why. */
  readonly point: SweepPoint | null;
  readonly buyAndHold: number | null;
  readonly reason: string;
}

/** A fleet on one account. Money in quote currency, fractions for shares. */
export interface PortfolioReport {
  readonly from: number;
  readonly to: number;
  readonly startEquity: number;
  readonly finalEquity: number;
  readonly totalReturn: number;
  readonly sharpe: number | null;
  readonly maxDrawdown: number;
  readonly trades: number;
  readonly fees: number;
  readonly curves: {
    readonly time: readonly number[];
    readonly equity: readonly number[];
    readonly underwater: readonly number[];
    readonly exposure: readonly number[];
  };
  readonly bots: readonly {
    readonly id: string;
    readonly name: string;
    readonly strategy: string;
    readonly symbol: string;
    readonly trades: number;
    readonly pnl: number;
    readonly fees: number;
  }[];
  readonly byStrategy: readonly TradeGroup[];
  readonly bySymbol: readonly TradeGroup[];
  /** Entries that the risk layers refused, by layer. */
  readonly refused: readonly { readonly layer: string; readonly count: number }[];
  /** Breakers and halts that tripped, with their time. */
  readonly halts: readonly { readonly time: number; readonly reason: string }[];
  readonly notes: readonly string[];
}

/** What a kept report holds, by kind. */
export type ResearchResult =
  | {
      readonly kind: "backtest";
      readonly report: BacktestReport;
      readonly subPeriods: SubPeriodReport | null;
      readonly lookAhead: LookAheadVerdict;
    }
  | {
      readonly kind: "sweep";
      readonly request: BacktestReport["request"];
      readonly result: SweepResult;
      readonly lookAhead: LookAheadVerdict;
    }
  | {
      readonly kind: "walk_forward";
      readonly request: BacktestReport["request"];
      readonly search: Search;
      readonly result: WalkForwardReport;
    }
  | { readonly kind: "monte_carlo"; readonly of: number; readonly result: MonteCarloReport }
  | {
      readonly kind: "tournament";
      readonly rows: readonly TournamentRow[];
      readonly deflated: DeflatedSharpe | null;
    }
  | { readonly kind: "portfolio"; readonly result: PortfolioReport };

/** A kept report in a list. */
export interface ReportSummary {
  readonly id: number;
  readonly kind: ResearchKind;
  readonly title: string;
  /** Wall time, ms UTC. */
  readonly createdAt: number;
  readonly strategy: string | null;
  readonly symbol: string | null;
  readonly totalReturn: number | null;
  readonly sharpe: number | null;
  readonly maxDrawdown: number | null;
  readonly trades: number | null;
  /** The trader's own words, or "". */
  readonly note: string;
}

/** Candles between two open times for the chart of a report, columns of one length, at most 5,000. */
export interface ReportCandles {
  readonly time: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
}

const reportId = z.strictObject({ id: z.number().int().positive() });

export const researchRequests = {
  /** Checks and queues a job; what is wrong with it is an error at once. */
  "research:run": researchJobSchema,
  "research:jobs": z.void(),
  "research:cancel": reportId,
  "research:reports": z.void(),
  "research:report": reportId,
  "research:candles": z.strictObject({
    id: z.number().int().positive(),
    from: z.number().int(),
    to: z.number().int(),
  }),
  "research:delete": z.strictObject({ ids: z.array(z.number().int().positive()).min(1).max(1000) }),
  "research:note": z.strictObject({
    id: z.number().int().positive(),
    note: z.string().max(500, "A note has at most 500 characters."),
  }),
  /** Asks where to save; the path, or null when the trader thought otherwise. */
  "research:export": z.strictObject({
    id: z.number().int().positive(),
    format: z.enum(["html", "csv", "json"]),
  }),
  /** The bot that a report (or one point of its sweep) describes, to be looked over in the form and then created. */
  "research:make-bot": z.strictObject({
    id: z.number().int().positive(),
    point: z.number().int().min(0).nullable(),
  }),
} as const;

export interface ResearchResponses {
  "research:run": ResearchJobView;
  /** At work, waiting, and the last 20 that ended; newest first. */
  "research:jobs": readonly ResearchJobView[];
  "research:cancel": ResearchJobView;
  "research:reports": readonly ReportSummary[];
  "research:report": { readonly summary: ReportSummary; readonly result: ResearchResult };
  "research:candles": ReportCandles;
  "research:delete": { readonly deleted: number };
  "research:note": ReportSummary;
  "research:export": { readonly path: string | null };
  "research:make-bot": BotConfig;
}

export interface ResearchEvents {
  /** Jobs whose state or progress changed. */
  "research:changed": readonly ResearchJobView[];
}
