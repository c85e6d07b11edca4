import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import type { Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { messageOf } from "../fault.ts";
import type { Fire, FireRecord } from "../scheduler/types.ts";
import type { TickStore } from "../store-port.ts";
import { decidedCandle } from "./runtime.ts";
import type { BotRuntime } from "./runtime.ts";
import { TickDraft, reportOf } from "./tick-draft.ts";

/** Counts of fire times since the engine started. */
export interface TickTotals {
  ran: number;
  onTime: number;
  accounted: number;
}

/** A tick that starts later than this after its fire time is not on time, ms. */
const ON_TIME_MS = 1000;

/** Turns drafts of ticks and records of the scheduler into the one report of each fire time: stored, counted, told. */
export class TickBook {
  readonly totals: TickTotals = { ran: 0, onTime: 0, accounted: 0 };
  readonly #clock: Clock;
  readonly #events: EventBus<EngineEvents>;
  readonly #ticks: Pick<TickStore, "insert">;
  readonly #drafts = new Map<string, TickDraft>();

  constructor(clock: Clock, events: EventBus<EngineEvents>, ticks: Pick<TickStore, "insert">) {
    this.#clock = clock;
    this.#events = events;
    this.#ticks = ticks;
  }

  /** The draft of a tick that begins. */
  begin({ jobId, fireTime }: Fire): TickDraft {
    const draft = new TickDraft(this.#clock);
    this.#drafts.set(`${jobId}@${fireTime}`, draft);
    return draft;
  }

  /** Accounts for a record; `bot` is undefined for one that was deleted meanwhile, which gets no report. */
  record(bot: BotRuntime | undefined, record: FireRecord): TickReport | null {
    const key = `${record.jobId}@${record.fireTime}`;
    const draft = this.#drafts.get(key) ?? null;
    this.#drafts.delete(key);
    if (bot === undefined) return null;
    if (draft !== null && record.error !== undefined && record.error !== null) {
      draft.error ??= messageOf(record.error);
      draft.end("error", draft.error);
    }
    const report = reportOf(bot, record, draft);
    bot.lastTick = report;
    bot.decided = decidedCandle(report) ?? bot.decided;
    this.totals.accounted += record.fireCount;
    if (report.outcome === "ran") {
      bot.ran += 1;
      this.totals.ran += 1;
      if (report.latenessMs < ON_TIME_MS && report.result !== "error") this.totals.onTime += 1;
    }
    try {
      this.#ticks.insert(report);
    } catch (error) {
      this.#events.emit("log", {
        level: "error",
        event: "store",
        botId: report.botId,
        reason: `The tick of ${report.botName} ran but could not be written to market.db: ${messageOf(error)}`,
      });
    }
    this.#events.emit("tick", report);
    return report;
  }
}
