import type { LogRecord, LogResponses } from "../../src-preload/contract/logs.ts";
import { LOG_LEVELS } from "../../src-preload/contract/logs.ts";
import type { Request } from "../../src-preload/contract/index.ts";

export type LogQuery = Request<"logs:query">;
export type LogAnswer = LogResponses["logs:query"];

/** The conditions of a query, on a record and, cheaply and never too strictly, on its JSON line. */
export interface Matcher {
  line(line: string): boolean;
  record(record: LogRecord): boolean;
}

/** What a value looks like inside a JSON string, lower case. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1).toLowerCase();

export function matcher(query: LogQuery): Matcher {
  const text = query.text?.trim().toLowerCase() ?? "";
  const levels = query.levels === undefined ? null : new Set<string>(query.levels);
  const needles = [text, query.event ?? "", query.botId ?? ""].filter((n) => n !== "").map(inJson);
  return {
    line: (line) => {
      if (needles.length === 0) return true;
      const lower = line.toLowerCase();
      return needles.every((needle) => lower.includes(needle));
    },
    record: (record) =>
      (levels === null || levels.has(record.level)) &&
      (query.event === undefined || record.event === query.event) &&
      (query.botId === undefined || record.bot_id === query.botId) &&
      (text === "" ||
        Object.values(record).some((value) => String(value).toLowerCase().includes(text))),
  };
}

/** The record in a line, or null for a line that a crash or a stranger left. */
export function parseRecord(line: string): LogRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const known =
    "time" in value &&
    typeof value.time === "number" &&
    "engine_time" in value &&
    typeof value.engine_time === "number" &&
    "level" in value &&
    LOG_LEVELS.some((level) => level === value.level) &&
    "event" in value &&
    typeof value.event === "string" &&
    "reason" in value &&
    typeof value.reason === "string";
  // Checked field by field above; the optional ones are written by this module alone.
  return known ? (value as unknown as LogRecord) : null;
}
