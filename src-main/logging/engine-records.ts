import type { LogLevel, LogRecord } from "../../src-preload/contract/logs.ts";
import type { TickReport } from "../../src-preload/contract/ticks.ts";
import type { EngineEvents } from "../engine/events.ts";
import type { LogEntry, LogSink } from "./entry.ts";

function levelOf(report: TickReport): LogLevel {
  if (report.error !== null || report.result === "error") return "error";
  if (report.outcome !== "ran" || report.result === "stale") return "warn";
  return "info";
}

/** The one record of a fire time. */
function tickEntry(report: TickReport): LogEntry {
  return {
    level: levelOf(report),
    event: "tick",
    reason: report.reason,
    bot_id: report.botId,
    symbol: report.symbol,
    strategy: report.strategy,
    fire_time: report.fireTime,
    lateness_ms: report.latenessMs,
    tick_duration_ms: report.durationMs,
    signal_generated: report.signal !== null,
    outcome: report.outcome,
    result: report.result,
    ...(report.error === null ? {} : { error: report.error }),
    engine_time: report.startedAt ?? report.fireTime + report.latenessMs,
  };
}

function noteEntry(note: EngineEvents["log"]): LogEntry {
  return {
    level: note.level,
    event: note.event,
    reason: note.reason,
    ...(note.botId === undefined ? {} : { bot_id: note.botId }),
    ...(note.error === undefined ? {} : { error: note.error }),
  };
}

interface EventSource {
  on<K extends keyof EngineEvents>(
    event: K,
    listener: (payload: EngineEvents[K]) => void,
  ): () => void;
}

/** How many of the newest records are looked through for what a crash kept out of the log. */
const CATCH_UP_RECORDS = 500;

/**
 * Writes the records that a crash kept out of the log: a tick is stored first and logged then, so what the store has
 * and the log's newest records have not is written now. `reports` are the newest stored ones.
 */
export async function catchUp(
  reports: readonly TickReport[],
  log: LogSink & {
    query(query: {
      readonly event: string;
      readonly limit: number;
    }): Promise<{ readonly records: readonly LogRecord[] }>;
  },
): Promise<void> {
  const { records } = await log.query({ event: "tick", limit: CATCH_UP_RECORDS });
  const logged = new Set(records.map((record) => `${record.bot_id}@${record.fire_time}`));
  for (const report of reports.toReversed()) {
    if (!logged.has(report.id)) log.write(tickEntry(report));
  }
}

/** Writes one record for each tick and each note of the engine, until the returned function is called. */
export function recordEngine(events: EventSource, sink: LogSink): () => void {
  const stops = [
    events.on("tick", (report) => sink.write(tickEntry(report))),
    events.on("log", (note) => sink.write(noteEntry(note))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
