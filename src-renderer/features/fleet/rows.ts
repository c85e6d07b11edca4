import type { BotStatus, BotView } from "../../../src-preload/contract/bots.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";

export type GroupBy = "none" | "strategy" | "timeframe";
export type SortKey =
  | "health"
  | "name"
  | "symbol"
  | "strategy"
  | "timeframe"
  | "nextTick"
  | "lastTick"
  | "duration"
  | "lateness"
  | "result"
  | "signal"
  | "position"
  | "pnlToday"
  | "pnlTotal"
  | "equity";

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

export interface FleetFilter {
  readonly text: string;
  readonly strategy: string | null;
  readonly status: BotStatus | "attention" | null;
}

export type FleetRow =
  | {
      readonly kind: "group";
      readonly key: string;
      readonly count: number;
      readonly running: number;
      readonly pnlToday: number;
      readonly pnlTotal: number;
    }
  | { readonly kind: "bot"; readonly bot: BotView };

const UNIT_MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

/**
 * Candle length in minutes, read from the timeframe's own name. The contract's `timeframeMs` would bring
 * the schema library into the first chunk, which the first paint waits for.
 */
export const timeframeMinutes = (timeframe: Timeframe): number =>
  Number.parseInt(timeframe, 10) * (UNIT_MINUTES[timeframe.slice(-1)] ?? 1);

/** Worst first, so that sorting by state puts what needs a look at the top. */
const HEALTH_RANK: Readonly<Record<BotView["health"], number>> = {
  error: 0,
  overdue: 1,
  paused: 2,
  warming_up: 3,
  waiting: 4,
  on_time: 5,
  stopped: 6,
};

const needsAttention = (bot: BotView): boolean =>
  bot.health === "error" || bot.health === "overdue";

/** Bots whose name, symbol, strategy or timeframe hold every word of the text, and that pass the other filters. */
export function filterBots(bots: Iterable<BotView>, filter: FleetFilter): BotView[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const kept: BotView[] = [];
  for (const bot of bots) {
    const { config } = bot;
    if (filter.strategy !== null && config.strategy !== filter.strategy) continue;
    if (
      filter.status === "attention"
        ? !needsAttention(bot)
        : filter.status !== null && bot.status !== filter.status
    )
      continue;
    const haystack =
      `${config.name} ${config.symbol} ${config.strategy} ${config.timeframe}`.toLowerCase();
    if (words.every((word) => haystack.includes(word))) kept.push(bot);
  }
  return kept;
}

/** What a column sorts by; null is unknown and always comes last. */
function sortValue(bot: BotView, key: SortKey): number | string | null {
  const tick = bot.lastTick;
  switch (key) {
    case "health":
      return HEALTH_RANK[bot.health];
    case "name":
      return bot.config.name;
    case "symbol":
      return bot.config.symbol;
    case "strategy":
      return bot.config.strategy;
    case "timeframe":
      return timeframeMinutes(bot.config.timeframe);
    case "nextTick":
      return bot.nextFireTime;
    case "lastTick":
      return tick ? (tick.startedAt ?? tick.fireTime) : null;
    case "duration":
      return tick?.durationMs ?? null;
    case "lateness":
      return tick?.latenessMs ?? null;
    case "result":
      return tick?.result ?? null;
    case "signal":
      return tick?.signal ?? null;
    case "position":
      return bot.position.side === null ? null : bot.position.unrealisedPnl;
    case "pnlToday":
      return bot.pnlToday;
    case "pnlTotal":
      return bot.pnlTotal;
    case "equity":
      return bot.equity;
  }
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const compareKnown = (a: number | string, b: number | string): number =>
  typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));

/** A sorted copy. Unknown values come last in both directions; equal ones stand by name, then id, so that rows do not jump. */
export function sortBots(bots: readonly BotView[], sort: Sort): BotView[] {
  const direction = sort.descending ? -1 : 1;
  const keyed = bots.map((bot) => ({ bot, value: sortValue(bot, sort.key) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1;
    } else {
      const order = compareKnown(a.value, b.value);
      if (order !== 0) return order * direction;
    }
    return collator.compare(a.bot.config.name, b.bot.config.name) || (a.bot.id < b.bot.id ? -1 : 1);
  });
  return keyed.map(({ bot }) => bot);
}

/** Rows of the table: with grouping, each group has a header row with its counts and sums in quote currency. */
export function groupBots(sorted: readonly BotView[], groupBy: GroupBy): FleetRow[] {
  if (groupBy === "none") return sorted.map((bot) => ({ kind: "bot", bot }));
  const groups = new Map<string, BotView[]>();
  for (const bot of sorted) {
    const key = bot.config[groupBy];
    const members = groups.get(key);
    if (members) members.push(bot);
    else groups.set(key, [bot]);
  }
  const first = (members: readonly BotView[]): number =>
    members[0] ? timeframeMinutes(members[0].config.timeframe) : 0;
  const ordered = [...groups].sort(([a, inA], [b, inB]) =>
    groupBy === "timeframe" ? first(inA) - first(inB) : collator.compare(a, b),
  );
  return ordered.flatMap(([key, members]) => {
    const header: FleetRow = {
      kind: "group",
      key,
      count: members.length,
      running: members.filter((bot) => bot.status === "running").length,
      pnlToday: members.reduce((sum, bot) => sum + bot.pnlToday, 0),
      pnlTotal: members.reduce((sum, bot) => sum + bot.pnlTotal, 0),
    };
    return [header, ...members.map((bot): FleetRow => ({ kind: "bot", bot }))];
  });
}
