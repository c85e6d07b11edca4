import type { LogRecord } from "../../src-preload/contract/logs.ts";

/** A record before it is written. Without `engine_time` it gets the engine's time of writing. */
export type LogEntry = Omit<LogRecord, "time" | "engine_time"> & { readonly engine_time?: number };

/** Where records go. Writing never throws. */
export interface LogSink {
  write(entry: LogEntry): void;
}
