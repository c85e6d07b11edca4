import type { BotView } from "../../../src-preload/contract/bots.ts";
import type { EngineEvent, TickMarks } from "../../../src-preload/contract/schedule.ts";
import type { FireOutcome, TickResult } from "../../../src-preload/contract/ticks.ts";
import { formatNumber, formatSigned } from "../../format/numbers.ts";
import { formatSpan } from "../../format/time.ts";

/** What a mark on a lane tells; each has its own colour and shape. */
export const MARK_CLASSES = [
  "on_time",
  "late",
  "missed",
  "coalesced",
  "skipped",
  "cancelled",
  "error",
  "coming",
] as const;
export type MarkClass = (typeof MARK_CLASSES)[number];

/** From this lateness on a tick that ran is told as late, ms; the same limit as in "ticks on time". */
export const LATE_FROM_MS = 1000;

/** Of a fire time that is accounted for. */
export function markClass(outcome: FireOutcome, result: TickResult, latenessMs: number): MarkClass {
  if (outcome !== "ran") return outcome;
  if (result === "error") return "error";
  return latenessMs >= LATE_FROM_MS ? "late" : "on_time";
}

/** What is drawn later lies on top: faults must not hide under what is usual. */
const RANK: Readonly<Record<MarkClass, number>> = {
  on_time: 0,
  coming: 1,
  cancelled: 2,
  coalesced: 3,
  skipped: 4,
  late: 5,
  error: 6,
  missed: 7,
};

/** One mark of a lane, times in ms UTC on the engine's clock. */
export interface Mark {
  readonly kind: MarkClass;
  /** First fire time it stands for. */
  readonly fireTime: number;
  /** Where it is drawn: the last fire time that it stands for, or the start of a late tick. */
  readonly time: number;
  readonly fireCount: number;
  readonly result: TickResult | null;
  /** Null for one to come. */
  readonly latenessMs: number | null;
  readonly durationMs: number | null;
}

interface LaneTicks {
  readonly marks: TickMarks;
  readonly coming: readonly number[];
}

interface View {
  /** First and last instant shown, ms UTC. */
  readonly from: number;
  readonly to: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * The marks of one lane in the order they are drawn. Ticks on time that are closer than `gapMs` to the one before are
 * left out, as they would cover it; faults are all kept.
 */
export function layoutLane(lane: LaneTicks, { from, to }: View, gapMs: number): Mark[] {
  const { marks, coming } = lane;
  const shown: Mark[] = [];
  let lastOnTime = NEVER;
  for (let i = 0; i < marks.fireTime.length; i += 1) {
    const fireTime = marks.fireTime[i] ?? 0;
    const lastFireTime = marks.lastFireTime[i] ?? fireTime;
    const outcome = marks.outcome[i] ?? "ran";
    const result = marks.result[i] ?? "none";
    const latenessMs = marks.latenessMs[i] ?? 0;
    const kind = markClass(outcome, result, latenessMs);
    const time = kind === "late" ? fireTime + latenessMs : lastFireTime;
    if (time < from || fireTime > to) continue;
    if (kind === "on_time") {
      if (time - lastOnTime < gapMs) continue;
      lastOnTime = time;
    }
    shown.push({
      kind,
      fireTime,
      time,
      fireCount: marks.fireCount[i] ?? 1,
      result,
      latenessMs,
      durationMs: marks.durationMs[i] ?? 0,
    });
  }
  let lastComing = NEVER;
  for (const time of coming) {
    if (time < from || time > to || time - lastComing < gapMs) continue;
    lastComing = time;
    shown.push({
      kind: "coming",
      fireTime: time,
      time,
      fireCount: 1,
      result: null,
      latenessMs: null,
      durationMs: null,
    });
  }
  return shown.sort((a, b) => RANK[a.kind] - RANK[b.kind] || a.time - b.time);
}

/** The mark at an instant: the nearest within `toleranceMs`, of equally near ones the one drawn on top. */
export function markAt(marks: readonly Mark[], time: number, toleranceMs: number): Mark | null {
  let best: Mark | null = null;
  let bestDistance = toleranceMs;
  for (const mark of marks) {
    // A late tick and a row of missed times reach from the first fire time to the mark.
    const inside = time >= mark.fireTime && time <= mark.time && mark.time > mark.fireTime;
    const distance = inside ? 0 : Math.abs(mark.time - time);
    if (distance <= bestDistance) {
      best = mark;
      bestDistance = distance;
    }
  }
  return best;
}

export type LaneRow =
  | { readonly kind: "group"; readonly key: string; readonly count: number }
  | { readonly kind: "lane"; readonly botId: string; readonly name: string };

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Lanes of all bots, under a header for each strategy; both in order of names. */
export function laneRows(
  bots: readonly BotView[],
  titleOf: (strategy: string) => string,
): LaneRow[] {
  const groups = new Map<string, BotView[]>();
  for (const bot of bots) {
    const title = titleOf(bot.config.strategy);
    const members = groups.get(title);
    if (members) members.push(bot);
    else groups.set(title, [bot]);
  }
  return [...groups]
    .sort(([a], [b]) => collator.compare(a, b))
    .flatMap(([key, members]) => [
      { kind: "group" as const, key, count: members.length },
      ...members
        .map((bot) => ({ kind: "lane" as const, botId: bot.id, name: bot.config.name }))
        .sort((a, b) => collator.compare(a.name, b.name)),
    ]);
}

export interface LaneSummary {
  /** Fire times that ran within the view, those of them late, and those that did not run or ended in an error. */
  readonly ran: number;
  readonly late: number;
  readonly faults: number;
}

/** A lane's figures within the view, for those who read rather than look. */
export function laneSummary(marks: TickMarks, { from, to }: View): LaneSummary {
  let ran = 0;
  let late = 0;
  let faults = 0;
  for (let i = 0; i < marks.fireTime.length; i += 1) {
    const time = marks.fireTime[i] ?? 0;
    if (time < from || time > to) continue;
    const count = marks.fireCount[i] ?? 1;
    const outcome = marks.outcome[i] ?? "ran";
    const kind = markClass(outcome, marks.result[i] ?? "none", marks.latenessMs[i] ?? 0);
    if (outcome === "ran") ran += count;
    if (kind === "late") late += count;
    else if (kind !== "on_time") faults += count;
  }
  return { ran, late, faults };
}

/** Where the now-line stands in the view that follows it: what is past matters more than what comes. */
const NOW_AT = 0.75;

/** The view of this length that follows the engine's time, or that ends where the trader panned to. */
export function viewOf(spanMs: number, end: number | null, now: number): View {
  const to = end ?? now + spanMs * (1 - NOW_AT);
  return { from: to - spanMs, to };
}

/** The end of the view of another length that keeps the instant `at` in its place. */
export function zoomedEnd(view: View, spanMs: number, at: number): number {
  const share = (view.to - at) / (view.to - view.from);
  return at + share * spanMs;
}

/** What stands at the head of a band: "sleep 8 h 12 min", "clock +3.0 s", "stall 1.2 s". */
export function bandLabel(event: EngineEvent): string {
  const { kind, detail } = event;
  const span = formatSpan(
    detail["durationMs"] ?? Math.abs(detail["deltaMs"] ?? event.to - event.from),
  );
  if (kind === "step") {
    const delta = detail["deltaMs"] ?? 0;
    return Math.abs(delta) < 60_000
      ? `clock ${formatSigned(delta / 1000, 1)} s`
      : `clock ${delta < 0 ? "\u2212" : "+"}${span}`;
  }
  return `${kind} ${span}`;
}

/** Names of the histogram's bins from their lower bounds in ms: "0", "1", "2 s", the last "5 min and more". */
export function binLabels(edges: readonly number[]): string[] {
  const short = (ms: number): string => (ms < 1000 ? formatNumber(ms, 0) : formatSpan(ms));
  return edges.map((edge, index) =>
    index === edges.length - 1 ? `≥ ${short(edge)}` : short(edge),
  );
}

/** "under 1 ms", "2 to 5 ms", "5 min and more": a bin in full. */
export function binRange(edges: readonly number[], index: number): string {
  const from = edges[index] ?? 0;
  const to = edges[index + 1];
  if (to === undefined) return `${formatSpan(from)} and more`;
  if (from === 0) return `under ${formatSpan(to)}`;
  return `${formatSpan(from)} to ${formatSpan(to)}`;
}
