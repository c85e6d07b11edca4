import type {
  Condition,
  Regime,
  TickReport,
  TickResult,
  TickStep,
} from "../../../src-preload/contract/ticks.ts";
import type { Clock } from "../clock.ts";
import type { Execution } from "../orders/executor.ts";
import type { FireRecord } from "../scheduler/types.ts";
import type { BotRuntime } from "./runtime.ts";

/** What a tick has found out so far; each step adds its line. */
export class TickDraft {
  readonly steps: TickStep[] = [];
  /** Engine time, ms UTC. */
  readonly startedAt: number;
  engineMs = 0;
  result: TickResult = "none";
  candleTime: number | null = null;
  price: number | null = null;
  regime: Regime | null = null;
  signal: TickReport["signal"] = null;
  confidence: number | null = null;
  reason = "";
  conditions: readonly Condition[] = [];
  clientOrderId: string | null = null;
  error: string | null = null;
  readonly #clock: Clock;
  readonly #started: number;
  #outsideMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.startedAt = clock.now();
    this.#started = clock.monotonic();
  }

  /** Runs one step and adds its line; `note` is made from what the step returned. */
  async step<T>(
    step: TickStep["step"],
    work: () => Promise<T>,
    note: (value: T) => string,
  ): Promise<T> {
    const from = this.#clock.monotonic();
    const value = await work();
    const ms = this.#clock.monotonic() - from;
    if (step === "candles" || step === "metrics") this.#outsideMs += ms;
    this.steps.push({ step, ms, note: note(value) });
    return value;
  }

  /** The same for a step that waits for nothing. */
  stepNow<T>(step: TickStep["step"], work: () => T, note: (value: T) => string): T {
    const from = this.#clock.monotonic();
    const value = work();
    this.steps.push({ step, ms: this.#clock.monotonic() - from, note: note(value) });
    return value;
  }

  /** Ends without a decision, for the reason of one layer. */
  deny({ label, detail }: Omit<Condition, "held">): void {
    this.conditions = [{ label, held: false, detail }];
    this.end("denied", detail);
  }

  end(result: TickResult, reason: string): void {
    this.result = result;
    this.reason = reason;
  }

  /** Stops the watch: real ms of the tick not spent waiting for the exchange. */
  close(): void {
    this.engineMs = this.#clock.monotonic() - this.#started - this.#outsideMs;
  }
}

/** Makes the report of one record of the scheduler; `draft` is null where the tick did not run. */
export function reportOf(bot: BotRuntime, record: FireRecord, draft: TickDraft | null): TickReport {
  const { config } = bot.stored;
  const cancelled = record.outcome === "cancelled";
  return {
    id: `${bot.stored.id}@${record.fireTime}`,
    botId: bot.stored.id,
    botName: config.name,
    symbol: config.symbol,
    timeframe: config.timeframe,
    strategy: config.strategy,
    fireTime: record.fireTime,
    lastFireTime: record.lastFireTime,
    fireCount: record.fireCount,
    outcome: record.outcome,
    result: draft === null ? "none" : draft.result,
    startedAt: draft?.startedAt ?? null,
    latenessMs: record.latenessMs,
    realLatenessMs: record.realLatenessMs,
    durationMs: record.durationMs,
    engineMs: draft?.engineMs ?? 0,
    candleTime: draft?.candleTime ?? null,
    price: draft?.price ?? null,
    regime: draft?.regime ?? null,
    signal: draft?.signal ?? null,
    confidence: draft?.confidence ?? null,
    reason: draft === null || cancelled ? record.reason : draft.reason,
    conditions: draft?.conditions ?? [],
    // A run that was given up may still add to its draft.
    steps: [...(draft?.steps ?? [])],
    clientOrderId: draft?.clientOrderId ?? null,
    error: draft?.error ?? null,
  };
}

/** The line of an order's step. */
export const noteOf = (execution: Execution): string =>
  execution.outcome === "confirmed"
    ? `confirmed at ${execution.fills.map((fill) => fill.price).join(", ")}`
    : `${execution.outcome}: ${execution.reason}`;
