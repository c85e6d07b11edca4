import * as z from "zod";
import type { FireOutcome, TickResult } from "./ticks.ts";

/** What happened to the machine's time, or to a bot's health. */
export type EngineEventKind = "sleep" | "step" | "stall" | "outlier" | "creep" | "heartbeat";

/** One such event. Times are ms UTC on the engine's clock, `from` ≤ `to`. */
export interface EngineEvent {
  readonly kind: EngineEventKind;
  readonly from: number;
  readonly to: number;
  /** Null for what happened to the machine. */
  readonly botId: string | null;
  /** One sentence. */
  readonly reason: string;
  /** Figures: `deltaMs` (real ms, below 0 for a wall that was set back), `durationMs`, `medianMs`, `perDayPct`, `growthPct`, `p`, `days`. */
  readonly detail: Readonly<Record<string, number>>;
}

/** Fire times of one bot in columns of one length, oldest first. */
export interface TickMarks {
  readonly fireTime: readonly number[];
  /** Last of the fire times that a mark stands for. */
  readonly lastFireTime: readonly number[];
  readonly fireCount: readonly number[];
  readonly outcome: readonly FireOutcome[];
  readonly result: readonly TickResult[];
  readonly latenessMs: readonly number[];
  readonly durationMs: readonly number[];
}

export interface TimelineLane {
  readonly botId: string;
  readonly botName: string;
  readonly marks: TickMarks;
  /** Fire times to come, up to the end of the window; at most 500. */
  readonly coming: readonly number[];
}

/** By nearest rank, ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Health over a window. Percentiles are of ticks that ran, null when none did. */
export interface ScheduleHealth {
  readonly lateness: Percentiles | null;
  readonly duration: Percentiles | null;
  /** Fire times by how they ended. */
  readonly ticks: number;
  readonly missed: number;
  readonly coalesced: number;
  readonly skipped: number;
  readonly cancelled: number;
  /** Ticks that took more than 5 times the median of the bot's last 200. */
  readonly outliers: number;
}

export interface BotScheduleHealth extends ScheduleHealth {
  readonly botId: string;
  readonly botName: string;
  /** Growth of the tick's duration over the last finished days that is statistically real, as of the last check (daily); null when there is none. */
  readonly creep: null | {
    readonly perDayPct: number;
    readonly growthPct: number;
    readonly p: number;
    readonly days: number;
  };
}

export interface OutcomeReasons {
  readonly outcome: FireOutcome;
  /** Fire times that ended so. */
  readonly count: number;
  /**
   * Commonest first, at most five; sentences that differ in their figures only are one, told in its newest words. Of a very
   * long row of events the newest 5000 are counted. Empty for `ran`.
   */
  readonly reasons: readonly {
    readonly reason: string;
    readonly count: number;
    readonly lastFireTime: number;
  }[];
}

/** Longest window that is answered. */
const LONGEST_MS = 92 * 86_400_000;

/** Length of the window that ends now, engine ms. */
const windowMs = z.number().int().min(60_000).max(LONGEST_MS);
const botId = z.string().min(1).max(64);

export const scheduleRequests = {
  /** What the fire times of [from, to) came to, ms UTC, and those to come. */
  "schedule:timeline": z
    .strictObject({
      from: z.number().int(),
      to: z.number().int(),
      botIds: z.array(botId).max(5000).optional(),
    })
    .refine(({ from, to }) => from < to && to - from <= LONGEST_MS, {
      error: "The window must end after it begins and be at most 92 days long.",
      path: ["to"],
    }),
  "schedule:health": z.strictObject({ windowMs }),
  "schedule:lateness-histogram": z.strictObject({ windowMs, botId: botId.optional() }),
  "schedule:reasons": z.strictObject({ windowMs }),
} as const;

export interface ScheduleResponses {
  "schedule:timeline": {
    /** A lane for each bot that exists, in the fleet's order. */
    readonly lanes: readonly TimelineLane[];
    /** Newest first; at most 500 of the machine's and 500 of the bots'. */
    readonly events: readonly EngineEvent[];
    /** There were more than 20,000 marks; the oldest were left out. */
    readonly truncated: boolean;
  };
  "schedule:health": {
    readonly total: ScheduleHealth;
    /** A row for each bot that exists, in the fleet's order. */
    readonly bots: readonly BotScheduleHealth[];
  };
  "schedule:lateness-histogram": {
    /** Lower bounds, ms, ascending; the last bin has no upper one. */
    readonly edges: readonly number[];
    /** Ticks that ran with edges[i] ≤ lateness < edges[i + 1]. */
    readonly counts: readonly number[];
  };
  "schedule:reasons": { readonly outcomes: readonly OutcomeReasons[] };
}
