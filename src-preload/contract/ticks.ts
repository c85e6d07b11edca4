import * as z from "zod";
import type { Timeframe } from "./time.ts";

/** How a fire time ended. Every fire time ends as exactly one of these. */
export type FireOutcome = "ran" | "missed" | "coalesced" | "skipped" | "cancelled";

/** What a tick that ran came to. */
export type TickResult =
  | "entry"
  | "exit"
  | "hold"
  | "no_signal"
  | "denied"
  | "warming_up"
  | "stale"
  | "error"
  | "none";

export type Regime =
  | "trending_up"
  | "trending_down"
  | "ranging"
  | "squeeze"
  | "breakout"
  | "high_volatility"
  | "transition";

/** One condition of a strategy or of a risk layer, with its numbers. */
export interface Condition {
  readonly label: string;
  readonly held: boolean;
  /** The figures, ready to read: "RSI 31.2 < 35". */
  readonly detail: string;
}

/** One line that a step of the tick added. `ms` is real time spent in it. */
export interface TickStep {
  readonly step: "candles" | "metrics" | "stop" | "strategy" | "risk" | "order" | "ledger";
  readonly ms: number;
  readonly note: string;
}

/**
 * The truth about one fire time of one bot: the log record, the row in the tick table and the answer to
 * "why did it not trade?". Times are ms UTC on the engine's clock.
 */
export interface TickReport {
  /** `${botId}@${fireTime}`: a fire time has one report. */
  readonly id: string;
  readonly botId: string;
  readonly botName: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly strategy: string;
  readonly fireTime: number;
  /** Last of the fire times this report stands for (several only when coalesced or missed in a row). */
  readonly lastFireTime: number;
  /** How many fire times this report stands for. */
  readonly fireCount: number;
  readonly outcome: FireOutcome;
  readonly result: TickResult;
  readonly startedAt: number | null;
  /** Start minus fire time on the engine's clock, ms. */
  readonly latenessMs: number;
  /** The same in real time: what the machine really took to start the tick, ms. */
  readonly realLatenessMs: number;
  /** Real time from start to end of the tick, ms. */
  readonly durationMs: number;
  /** Real time of the tick without waiting for the exchange, ms. */
  readonly engineMs: number;
  /** Open time of the closed candle that was decided on. */
  readonly candleTime: number | null;
  readonly price: number | null;
  readonly regime: Regime | null;
  readonly signal: "long" | "short" | "exit" | null;
  readonly confidence: number | null;
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly conditions: readonly Condition[];
  readonly steps: readonly TickStep[];
  readonly clientOrderId: string | null;
  readonly error: string | null;
}

/** Percentiles over one bucket of time, ms. */
export interface LatencyBucket {
  /** Start of the bucket, engine time. */
  readonly time: number;
  readonly ticks: number;
  readonly duration: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly lateness: { readonly p50: number; readonly p95: number; readonly p99: number };
}

export interface TickCounts {
  readonly ran: number;
  readonly missed: number;
  readonly coalesced: number;
  readonly skipped: number;
  readonly cancelled: number;
  /** Ran with lateness under 1 s and no error. */
  readonly onTime: number;
  readonly errors: number;
}

export const tickRequests = {
  "ticks:list": z.strictObject({
    botId: z.string().optional(),
    outcomes: z.array(z.enum(["ran", "missed", "coalesced", "skipped", "cancelled"])).optional(),
    results: z
      .array(
        z.enum([
          "entry",
          "exit",
          "hold",
          "no_signal",
          "denied",
          "warming_up",
          "stale",
          "error",
          "none",
        ]),
      )
      .optional(),
    before: z.number().optional(),
    limit: z.number().int().min(1).max(1000),
  }),
  "ticks:latency": z.strictObject({
    /** Length of the window that ends now, engine ms. */
    windowMs: z.number().int().min(60_000),
    buckets: z.number().int().min(4).max(240),
    botId: z.string().optional(),
  }),
} as const;

export interface TickResponses {
  "ticks:list": readonly TickReport[];
  "ticks:latency": { readonly buckets: readonly LatencyBucket[]; readonly total: TickCounts };
}

export interface TickEvents {
  "ticks:new": readonly TickReport[];
}
