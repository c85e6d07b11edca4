import type { EngineEvent } from "../../src-preload/contract/schedule.ts";
import type { ClockChange } from "./clock-watch.ts";
import type { Clock } from "./clock.ts";
import type { EventBus } from "./event-bus.ts";
import type { EngineEvents } from "./events.ts";
import { messageOf } from "./fault.ts";
import type { Raise } from "./health/event-log.ts";
import { spoken } from "./scheduler/misfire.ts";
import type { Scheduler } from "./scheduler/scheduler.ts";
import type { OrderExecutor } from "./orders/executor.ts";
import type { LedgerStore } from "./store-port.ts";

export interface WakeParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly raise: Raise;
  readonly scheduler: Pick<Scheduler, "clockChanged">;
  readonly ledger: Pick<LedgerStore, "orders">;
  readonly executor: Pick<OrderExecutor, "resolve">;
  /** Asks the exchange how far its clock is from ours, and warns. Never rejects. */
  readonly checkOffset: (signal: AbortSignal) => Promise<void>;
  /** Fire times were judged by the changed clock. */
  readonly onJudged: () => void;
}

/** Engine ms that the look at orders and clock may keep overdue ticks waiting; then they go on without it. */
const LIMIT_MS = 10_000;

/**
 * What the engine does when the clock was set, the machine slept or the process stood still: says so, looks up orders
 * whose outcome is not known, asks the exchange for its clock, and lets the scheduler judge what is due.
 */
export class Wake {
  readonly #parts: WakeParts;
  #check: Promise<void> | null = null;

  constructor(parts: WakeParts) {
    this.#parts = parts;
  }

  /** Returns at once; what is overdue runs when the scheduler's gate, `check`, has opened. */
  changed(change: ClockChange): void {
    const { clock, events, raise, scheduler, onJudged } = this.#parts;
    raise(eventOf(change, clock));
    void this.check();
    // Time-lapse has a time of its own, which the machine's clock does not move.
    if (clock.mode === "time-lapse") return;
    clock.adjusted?.();
    const { reason } = scheduler.clockChanged(change);
    events.emit("log", { level: "info", event: "scheduler", reason });
    onJudged();
  }

  /**
   * Looks up orders without an outcome, and the exchange's clock; joins a look under way. Resolves when that is done or
   * 10 s of engine time have passed. Never rejects.
   */
  check(): Promise<void> {
    this.#check ??= this.#checkNow().finally(() => {
      this.#check = null;
    });
    return this.#check;
  }

  async #checkNow(): Promise<void> {
    const { clock, events, ledger, executor, checkOffset } = this.#parts;
    const limit = new AbortController();
    // Held, with a timer of held work: in time-lapse the look takes its real time and no more.
    const release = clock.hold();
    const work = (async () => {
      const bots = new Set(ledger.orders.open().map((order) => order.botId));
      // The executor has one call a bot under way: a tick that sends or looks up now is not disturbed.
      await Promise.all([
        checkOffset(limit.signal),
        ...[...bots].map((botId) => executor.resolve(botId, limit.signal)),
      ]);
      return "done" as const;
    })();
    const finished = new AbortController();
    try {
      const late = clock.sleep(LIMIT_MS, finished.signal).then(() => "late" as const);
      late.catch(() => undefined);
      if ((await Promise.race([work, late])) === "late") {
        limit.abort(new Error("The look at orders and clock took longer than 10 s."));
        // What was cut off ends by its signal; nobody waits for it.
        work.catch(() => undefined);
        events.emit("log", {
          level: "warn",
          event: "clock",
          reason:
            "Orders and the exchange's clock could not be looked at within 10 s of the clock's change; ticks go on, and each bot looks up its own open order first.",
        });
      }
    } catch (error) {
      events.emit("log", {
        level: "error",
        event: "clock",
        reason: `The look at open orders after the clock's change failed: ${messageOf(error)}`,
      });
    } finally {
      finished.abort(new Error("The look is over."));
      release();
    }
  }
}

function eventOf({ kind, deltaMs, source }: ClockChange, clock: Clock): EngineEvent {
  const now = clock.now();
  const length = spoken(Math.abs(deltaMs));
  const reason = {
    sleep: `The machine slept for ${length}${source === "power" ? "" : ", found by the clock"}; due ticks are judged by their grace time.`,
    step: `The machine's clock was set ${deltaMs > 0 ? "forward" : "back"} by ${length}; due ticks are judged by the new time.`,
    stall: `Tickdeck stood still for ${length}: something blocked its process, or the system kept its timers back.`,
  }[kind];
  // In time-lapse real ms are no engine ms: the event is an instant.
  const spanMs = clock.mode === "time-lapse" ? 0 : deltaMs;
  return {
    kind,
    from: Math.min(now, now - spanMs),
    to: Math.max(now, now - spanMs),
    botId: null,
    reason,
    detail: { deltaMs },
  };
}
