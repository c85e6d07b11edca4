import type { Request } from "../../src-preload/contract/index.ts";
import type {
  EngineEventKind,
  OutcomeReasons,
  ScheduleHealth,
  ScheduleResponses,
  TickMarks,
} from "../../src-preload/contract/schedule.ts";
import type { FireOutcome } from "../../src-preload/contract/ticks.ts";
import type { Clock } from "./clock.ts";
import { percentiles } from "./health/stats.ts";
import type { Creep } from "./health/trend.ts";
import type { EngineEventStore, TickSpread, TickStatsStore, TimeSpan } from "./store-port.ts";

export interface ScheduleQueryParts {
  readonly clock: Clock;
  readonly stats: TickStatsStore;
  readonly events: EngineEventStore;
  /** All bots, in the fleet's order. */
  readonly bots: () => readonly { readonly id: string; readonly name: string }[];
  /** Fire times of a bot from now up to `until`, at most `limit`, ascending. */
  readonly coming: (botId: string, until: number, limit: number) => readonly number[];
  readonly creep: (botId: string) => Creep | null;
}

const MARKS = 20_000;
const COMING = 500;
const EVENTS = 500;
const REFUSALS = 5_000;
const REASONS = 5;
const MACHINE: readonly EngineEventKind[] = ["sleep", "step", "stall"];
const BOTS: readonly EngineEventKind[] = ["heartbeat", "creep", "outlier"];
const OUTCOMES: readonly FireOutcome[] = ["ran", "missed", "coalesced", "skipped", "cancelled"];
/** Lower bounds of the bins of lateness, ms: about three a decade. */
const EDGES = [
  0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000, 300_000,
] as const;
const NO_MARKS: TickMarks = {
  fireTime: [],
  lastFireTime: [],
  fireCount: [],
  outcome: [],
  result: [],
  latenessMs: [],
  durationMs: [],
};

/** What the Schedule page reads. */
export class ScheduleQueries {
  readonly #parts: ScheduleQueryParts;

  constructor(parts: ScheduleQueryParts) {
    this.#parts = parts;
  }

  timeline(query: Request<"schedule:timeline">): ScheduleResponses["schedule:timeline"] {
    const { stats, events, bots, coming } = this.#parts;
    const { from, to, botIds } = query;
    const { marks, truncated } = stats.marks({ from, to, botIds, limit: MARKS });
    const wanted = botIds === undefined ? null : new Set(botIds);
    return {
      lanes: bots()
        .filter(({ id }) => wanted?.has(id) ?? true)
        .map(({ id, name }) => ({
          botId: id,
          botName: name,
          marks: marks.get(id) ?? NO_MARKS,
          coming: coming(id, to - 1, COMING).filter((time) => time >= from),
        })),
      events: [MACHINE, BOTS]
        .flatMap((kinds) => events.list({ from, to: to - 1, kinds, limit: EVENTS }))
        .filter(({ botId }) => botId === null || wanted === null || wanted.has(botId))
        .toSorted((a, b) => b.to - a.to),
      truncated,
    };
  }

  health({ windowMs }: Request<"schedule:health">): ScheduleResponses["schedule:health"] {
    const { stats, events, bots, creep } = this.#parts;
    const span = this.#last(windowMs);
    const spread = stats.spread(span);
    const outliers = events.countByBot("outlier", span);
    return {
      total: healthOf([...spread.values()], sum(outliers.values())),
      bots: bots().map(({ id, name }) => {
        const of = spread.get(id);
        return {
          botId: id,
          botName: name,
          ...healthOf(of === undefined ? [] : [of], outliers.get(id) ?? 0),
          creep: creep(id),
        };
      }),
    };
  }

  histogram(
    query: Request<"schedule:lateness-histogram">,
  ): ScheduleResponses["schedule:lateness-histogram"] {
    const { botId, windowMs } = query;
    const counts = this.#parts.stats.lateness({ ...this.#last(windowMs), botId, edges: EDGES });
    return { edges: EDGES, counts };
  }

  reasons({ windowMs }: Request<"schedule:reasons">): ScheduleResponses["schedule:reasons"] {
    const { counts, rows } = this.#parts.stats.refusals({
      ...this.#last(windowMs),
      limit: REFUSALS,
    });
    return {
      outcomes: OUTCOMES.map((outcome) => ({
        outcome,
        count: counts.get(outcome) ?? 0,
        reasons: grouped(rows.filter((row) => row.outcome === outcome)),
      })),
    };
  }

  #last(windowMs: number): TimeSpan {
    const to = this.#parts.clock.now() + 1;
    return { from: to - windowMs, to };
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

function healthOf(parts: readonly TickSpread[], outliers: number): ScheduleHealth {
  const joined = (pick: (part: TickSpread) => Float64Array): Float64Array => {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return pick(only);
    const all = new Float64Array(sum(parts.map((part) => pick(part).length)));
    let at = 0;
    for (const part of parts) {
      all.set(pick(part), at);
      at += pick(part).length;
    }
    return all;
  };
  const count = (outcome: FireOutcome): number => sum(parts.map((part) => part.counts[outcome]));
  return {
    lateness: percentiles(joined((part) => part.lateness)),
    duration: percentiles(joined((part) => part.duration)),
    ticks: count("ran"),
    missed: count("missed"),
    coalesced: count("coalesced"),
    skipped: count("skipped"),
    cancelled: count("cancelled"),
    outliers,
  };
}

/** Rows come newest first. Sentences that differ in their figures and units only are one. */
function grouped(rows: ReturnType<TickStatsStore["refusals"]>["rows"]): OutcomeReasons["reasons"] {
  const groups = new Map<string, { reason: string; count: number; lastFireTime: number }>();
  for (const { reason, count, lastFireTime } of rows) {
    const key = reason.replaceAll(/\d+(?:\.\d+)?(?: (?:ms|s|min|h)\b)?/g, "…");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { reason, count, lastFireTime });
    else group.count += count;
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count).slice(0, REASONS);
}
