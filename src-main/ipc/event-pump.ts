import type { AppStatus, SignalNotice } from "../../src-preload/contract/app.ts";
import type { BotView } from "../../src-preload/contract/bots.ts";
import type { EventChannel, Events } from "../../src-preload/contract/index.ts";
import type { LogRecord } from "../../src-preload/contract/logs.ts";
import type { RiskStatus } from "../../src-preload/contract/risk.ts";
import type { TickReport } from "../../src-preload/contract/ticks.ts";
import type { EngineEvents } from "../engine/events.ts";

/** Shortest distance between two batches, real ms. */
const BATCH_MS = 100;
/** What a batch holds at most while nobody looks; the window reads older ones by request. */
const KEPT_RECORDS = 500;
const KEPT_SIGNALS = 20;

interface EventSource {
  on<K extends keyof EngineEvents>(
    event: K,
    listener: (payload: EngineEvents[K]) => void,
  ): () => void;
}

export interface EventPumpOptions {
  readonly send: <E extends EventChannel>(event: E, payload: Events[E]) => void;
  /** False while the window is hidden: batches wait, bounded, until `wake`. */
  readonly watched: () => boolean;
  /** The bot as it is now; null when it is gone. */
  readonly botView: (id: string) => BotView | null;
  /** Risk as it is now; null while nothing is open. */
  readonly riskStatus: () => RiskStatus | null;
  /** Calls once after `ms` real ms, until cancelled. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/**
 * Brings the engine's events to the window in batches, at most 10 a second however fast the engine runs. Bots that
 * changed are read when their batch leaves, so that a bot is in it once, as it is by then.
 */
export class EventPump {
  readonly #options: EventPumpOptions;
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #portfolio = new Set<string>();
  readonly #series = new Set<string>();
  #dataChanged = false;
  #ticks: TickReport[] = [];
  #logs: LogRecord[] = [];
  #signals: SignalNotice[] = [];
  #risk = false;
  #status: AppStatus | null = null;
  #stopped = false;
  #cancelBatch: (() => void) | null = null;

  constructor(options: EventPumpOptions) {
    this.#options = options;
  }

  /** Listens to the engine until the returned function is called. */
  attach(events: EventSource): () => void {
    const stops = [
      events.on("bot", ({ botId, removed }) => {
        (removed ? this.#removed : this.#changed).add(botId);
        (removed ? this.#changed : this.#removed).delete(botId);
        this.#arm();
      }),
      events.on("tick", (report) => {
        this.#ticks = appended(this.#ticks, report, KEPT_RECORDS);
        this.#arm();
      }),
      events.on("portfolio", ({ botId }) => {
        this.#portfolio.add(botId);
        this.#arm();
      }),
      events.on("data", () => {
        this.#dataChanged = true;
        this.#arm();
      }),
      events.on("market", ({ symbol, timeframe }) => {
        this.#series.add(`${symbol} ${timeframe}`);
        this.#arm();
      }),
      events.on("risk", () => {
        this.#risk = true;
        this.#arm();
      }),
      events.on("signal", (notice) => {
        this.#signals = appended(this.#signals, notice, KEPT_SIGNALS);
        this.#arm();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** A record was written to the log. */
  logged(record: LogRecord): void {
    this.#logs = appended(this.#logs, record, KEPT_RECORDS);
    this.#arm();
  }

  /** The state of the whole; of several in one batch the last is sent. */
  report(status: AppStatus): void {
    this.#status = status;
    this.#arm();
  }

  /** The window came into view: sends what has gathered. */
  wake(): void {
    this.#arm();
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelBatch?.();
    this.#cancelBatch = null;
  }

  #arm(): void {
    if (this.#stopped || this.#cancelBatch !== null || !this.#options.watched()) return;
    this.#cancelBatch = this.#options.after(BATCH_MS, () => {
      this.#cancelBatch = null;
      this.#flush();
    });
  }

  #flush(): void {
    const { send, watched, botView } = this.#options;
    if (!watched()) return;
    if (this.#changed.size > 0 || this.#removed.size > 0) {
      const bots: BotView[] = [];
      const removed = [...this.#removed];
      for (const id of this.#changed) {
        const view = botView(id);
        if (view === null) removed.push(id);
        else bots.push(view);
      }
      this.#changed.clear();
      this.#removed.clear();
      send("bots:changed", { bots, removed });
    }
    if (this.#ticks.length > 0) send("ticks:new", this.#ticks);
    if (this.#logs.length > 0) send("logs:new", this.#logs);
    if (this.#portfolio.size > 0) send("portfolio:changed", { botIds: [...this.#portfolio] });
    if (this.#dataChanged) send("data:changed", null);
    if (this.#series.size > 0) send("market:changed", { series: [...this.#series] });
    this.#dataChanged = false;
    this.#series.clear();
    const risk = this.#risk ? this.#options.riskStatus() : null;
    if (risk !== null) send("risk:changed", risk);
    this.#risk = false;
    for (const notice of this.#signals) send("app:signal", notice);
    this.#ticks = [];
    this.#logs = [];
    this.#signals = [];
    this.#portfolio.clear();
    if (this.#status !== null) send("app:status-changed", this.#status);
    this.#status = null;
  }
}

/** The list with one more, without its oldest when it grew beyond `most` by half. */
function appended<T>(list: T[], item: T, most: number): T[] {
  list.push(item);
  return list.length > most * 1.5 ? list.slice(-most) : list;
}
