import * as z from "zod";
import { timeframeSchema } from "./time.ts";
import type { Timeframe } from "./time.ts";

/** Open times [from, to) without candles, ms UTC. */
export interface GapView {
  readonly from: number;
  readonly to: number;
  readonly missing: number;
  /** The exchange was asked again and has none. */
  readonly real: boolean;
  /** Engine ms; null when it has not been asked again yet. */
  readonly checkedAt: number | null;
}

/** What is stored of one symbol and timeframe. */
export interface CoverageView {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Open times of the first and the last candle, ms UTC. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** Candles missing between first and last. */
  readonly missing: number;
  readonly gaps: readonly GapView[];
}

export type BackfillState = "queued" | "running" | "paused" | "done" | "failed" | "cancelled";

/** One symbol's and timeframe's history being fetched. */
export interface BackfillView {
  readonly id: number;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Wanted from here on, ms UTC. */
  readonly from: number;
  /** What is held is compared with the exchange too. */
  readonly verify: boolean;
  readonly state: BackfillState;
  /** What it does, or why it stopped: one sentence. */
  readonly reason: string;
  /** 0..1 of the span of time that is wanted and that the exchange has. */
  readonly progress: number;
  readonly added: number;
  /** Stored candles that came with other figures and were replaced. */
  readonly changed: number;
  readonly refused: number;
  readonly requests: number;
  /** Engine ms. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

export const FINDING_KINDS = [
  "not_a_number",
  "not_positive",
  "wrong_order",
  "off_grid",
  "duplicate",
  "out_of_order",
  "open",
  "revised",
  "late",
  "gap",
] as const;
/** What was odd about a candle. `gap`, `late` and `revised` are told of; all others were refused. */
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface CandleFigures {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface FindingView {
  readonly id: number;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly kind: FindingKind;
  /** Open time as the exchange gave it, ms UTC; null where it was no time. */
  readonly candleTime: number | null;
  readonly reason: string;
  /** Of a revised candle: what was stored, and what has replaced it. */
  readonly before: CandleFigures | null;
  readonly after: CandleFigures | null;
  /** Engine ms. */
  readonly firstFound: number;
  readonly lastFound: number;
  /** How often the same was found. */
  readonly count: number;
}

const ids = z.strictObject({ ids: z.array(z.number().int().positive()).min(1).max(1000) });

export const dataRequests = {
  "data:coverage": z.void(),
  "data:timeframes": z.void(),
  "data:backfills": z.void(),
  "data:backfill": z.strictObject({
    symbols: z.array(z.string()).min(1, "Choose at least one symbol.").max(500),
    timeframe: timeframeSchema,
    /** Wanted from here on, ms UTC. */
    from: z.number().int(),
    verify: z.boolean(),
  }),
  "data:backfill-pause": ids,
  "data:backfill-resume": ids,
  "data:backfill-cancel": ids,
  "data:backfill-clear": z.void(),
  "data:findings": z.strictObject({
    kinds: z.array(z.enum(FINDING_KINDS)),
    limit: z.number().int().min(1).max(2000),
  }),
} as const;

export interface DataResponses {
  /** All series, by symbol and timeframe. */
  "data:coverage": readonly CoverageView[];
  /** Timeframes that can be had here, shortest first: the exchange's own, and those built from smaller ones. */
  "data:timeframes": readonly {
    readonly timeframe: Timeframe;
    readonly builtFrom: Timeframe | null;
  }[];
  /** Newest first. */
  "data:backfills": readonly BackfillView[];
  "data:backfill": {
    readonly started: readonly BackfillView[];
    readonly refused: readonly { readonly symbol: string; readonly reason: string }[];
  };
  "data:backfill-pause": null;
  "data:backfill-resume": null;
  "data:backfill-cancel": null;
  /** Takes those that have ended off the list. */
  "data:backfill-clear": null;
  /** Last found first; of all kinds when none is given. `counts` are of all, by kind. */
  "data:findings": {
    readonly rows: readonly FindingView[];
    readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  };
}

export interface DataEvents {
  /** Backfills, coverage or findings changed: ask anew. */
  "data:changed": null;
}
