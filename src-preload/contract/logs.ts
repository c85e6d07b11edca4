import * as z from "zod";

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One JSON line of the log. A tick's record carries the tick fields; others only `event` and `reason`. */
export interface LogRecord {
  /** Wall time, ms UTC. */
  readonly time: number;
  /** Engine time, ms UTC; differs from `time` in time-lapse. */
  readonly engine_time: number;
  readonly level: LogLevel;
  /** What kind of record: "tick", "engine", "scheduler", "order", "exchange", "desktop" … */
  readonly event: string;
  readonly reason: string;
  readonly bot_id?: string;
  readonly symbol?: string;
  readonly strategy?: string;
  readonly fire_time?: number;
  readonly lateness_ms?: number;
  readonly tick_duration_ms?: number;
  readonly signal_generated?: boolean;
  readonly outcome?: string;
  readonly result?: string;
  readonly error?: string;
}

export const logRequests = {
  "logs:query": z.strictObject({
    levels: z.array(z.enum(LOG_LEVELS)).optional(),
    event: z.string().optional(),
    botId: z.string().optional(),
    /** Found anywhere in the record, case-insensitive. */
    text: z.string().max(200).optional(),
    limit: z.number().int().min(1).max(2000),
  }),
  "logs:open-folder": z.void(),
} as const;

export interface LogResponses {
  /** Newest first. */
  "logs:query": { readonly records: readonly LogRecord[]; readonly file: string };
  "logs:open-folder": null;
}

export interface LogEvents {
  "logs:new": readonly LogRecord[];
}
