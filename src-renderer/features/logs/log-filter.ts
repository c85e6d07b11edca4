import type { LogLevel, LogRecord } from "../../../src-preload/contract/logs.ts";

export interface LogFilter {
  /** Levels to show; none means all. */
  readonly levels: readonly LogLevel[];
  /** "" for any. */
  readonly event: string;
  /** "" for any. */
  readonly botId: string;
  /** Found anywhere in the record, in any case. */
  readonly text: string;
}

/** Most records that the window keeps. */
const KEPT = 5000;

/** Whether a record passes, by the same rules as the main process's query. */
export function matchesLog(record: LogRecord, filter: LogFilter): boolean {
  if (filter.levels.length > 0 && !filter.levels.includes(record.level)) return false;
  if (filter.event !== "" && record.event !== filter.event) return false;
  if (filter.botId !== "" && record.bot_id !== filter.botId) return false;
  return (
    filter.text === "" || JSON.stringify(record).toLowerCase().includes(filter.text.toLowerCase())
  );
}

export interface NumberedRecord {
  /** Grows with each record read; the row's key. */
  readonly serial: number;
  readonly record: LogRecord;
}

/** Puts new records (in order of arrival) on top of the newest-first list, up to the limit. */
export function prependLogs(
  shown: readonly NumberedRecord[],
  fresh: readonly LogRecord[],
  filter: LogFilter,
): readonly NumberedRecord[] {
  const passing = fresh.filter((record) => matchesLog(record, filter));
  if (passing.length === 0) return shown;
  let serial = shown[0]?.serial ?? 0;
  const numbered = passing.map((record) => {
    serial += 1;
    return { serial, record };
  });
  return [...numbered.reverse(), ...shown].slice(0, KEPT);
}

/** Numbers an answer of the main process, which is newest first. */
export const numberLogs = (records: readonly LogRecord[]): readonly NumberedRecord[] =>
  records.map((record, index) => ({ serial: records.length - index, record }));
