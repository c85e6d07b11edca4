import type { BotHealth } from "../../../src-preload/contract/bots.ts";
import type { BotScheduleHealth } from "../../../src-preload/contract/schedule.ts";

export type HealthKey =
  | "name"
  | "ticks"
  | "late50"
  | "late95"
  | "late99"
  | "took50"
  | "took95"
  | "took99"
  | "missed"
  | "coalesced"
  | "skipped"
  | "cancelled"
  | "outliers"
  | "creep";

/** A bot's figure in a column; null where it is not known. Percentiles in ms, creep in % a day. */
export function healthValue(row: BotScheduleHealth, key: HealthKey): number | string | null {
  switch (key) {
    case "name":
      return row.botName;
    case "late50":
      return row.lateness?.p50 ?? null;
    case "late95":
      return row.lateness?.p95 ?? null;
    case "late99":
      return row.lateness?.p99 ?? null;
    case "took50":
      return row.duration?.p50 ?? null;
    case "took95":
      return row.duration?.p95 ?? null;
    case "took99":
      return row.duration?.p99 ?? null;
    case "creep":
      return row.creep?.perDayPct ?? null;
    case "ticks":
    case "missed":
    case "coalesced":
    case "skipped":
    case "cancelled":
    case "outliers":
      return row[key];
  }
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** A sorted copy; unknown figures come last in both directions, equal ones stand by name. */
export function sortHealth(
  rows: readonly BotScheduleHealth[],
  key: HealthKey,
  descending: boolean,
): BotScheduleHealth[] {
  const direction = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const x = healthValue(a, key);
    const y = healthValue(b, key);
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
    } else {
      const order =
        typeof x === "number" && typeof y === "number"
          ? x - y
          : collator.compare(String(x), String(y));
      if (order !== 0) return order * direction;
    }
    return collator.compare(a.botName, b.botName);
  });
}

/** The heartbeat of a bot that should tick: whether it did. Stopped and paused bots have none. */
export function heartbeat(health: BotHealth): { readonly word: string; readonly tone: string } {
  switch (health) {
    case "overdue":
      return { word: "silent", tone: "tone-loss" };
    case "stopped":
    case "paused":
      return { word: "none due", tone: "dim" };
    case "waiting":
      return { word: "first one due", tone: "dim" };
    case "error":
      return { word: "beats, errors", tone: "tone-loss" };
    case "on_time":
    case "warming_up":
      return { word: "beats", tone: "tone-gain" };
  }
}
