import type { BulkOutcome } from "../../../src-preload/contract/bots.ts";
import type {
  KillBy,
  KillLevel,
  KillOutcome,
  KillView,
  RiskEventView,
} from "../../../src-preload/contract/risk.ts";
import type { Cancel, Clock } from "../clock.ts";
import type { LedgerStore } from "../store-port.ts";

interface KillParts {
  readonly clock: Clock;
  readonly ledger: Pick<LedgerStore, "values" | "risk" | "orders" | "positions" | "transaction">;
  /** Takes a bot's open order back; null when it has none any more. */
  readonly cancel: (
    botId: string,
  ) => Promise<{ readonly outcome: string; readonly reason?: string } | null>;
  readonly close: (botIds: readonly string[]) => Promise<BulkOutcome>;
  readonly onEvent: (event: RiskEventView) => void;
  /** A try that nobody waits for went wrong. */
  readonly onError: (error: unknown) => void;
}

interface Stored {
  readonly level: KillLevel | "off";
  readonly since: number | null;
  readonly by: KillBy | null;
  readonly note: string;
}

const KEY = "risk_kill";
const OFF: Stored = { level: "off", since: null, by: null, note: "" };
const RANK: Readonly<Record<KillLevel | "off", number>> = {
  off: 0,
  entries: 1,
  cancel: 2,
  close: 3,
};
const DOES: Readonly<Record<KillLevel, string>> = {
  entries: "No bot enters any more.",
  cancel: "Open orders are cancelled and no bot enters any more.",
  close: "Open orders are cancelled, all positions are closed and no bot enters any more.",
};
/** Engine ms until what could not be cancelled or closed is tried again. */
const AGAIN_MS = 30_000;

/** What is stored, or off when it is not ours; a level that cannot be read holds entries back. */
function parse(value: unknown): Stored {
  if (value === undefined) return OFF;
  const held: Partial<Stored> | null = value;
  if (held !== null && typeof held === "object" && held.level !== undefined && held.level in RANK) {
    return { ...OFF, ...held };
  }
  return { ...OFF, level: "entries", note: "The stored state could not be read." };
}

/**
 * The trader's way to stop: committed before anything is done, so that a crash or a restart in between changes
 * nothing. While it is at `cancel` or `close`, what is left is tried again every half minute until it is done. Only
 * `release` lowers it.
 */
export class KillSwitch {
  readonly #parts: KillParts;
  #state: Stored;
  #cancelAgain: Cancel = () => {};
  #acting: Promise<KillOutcome> | null = null;
  #running = false;

  constructor(parts: KillParts) {
    this.#parts = parts;
    this.#state = parse(parts.ledger.values.get(KEY));
  }

  view(): KillView {
    return { ...this.#state, left: this.#left().length };
  }

  get level(): KillLevel | "off" {
    return this.#state.level;
  }

  /** The engine runs: what a restart left undone is done. */
  start(): void {
    this.#running = true;
    if (this.#left().length > 0) this.#again(0);
  }

  stop(): void {
    this.#running = false;
    this.#cancelAgain();
  }

  /**
   * Throws it, or raises it to a stronger level, and does what the level says. Never lowers it: a weaker level than the
   * one that is on does what is left of that.
   */
  throw(level: KillLevel, by: KillBy, note: string): Promise<KillOutcome> {
    const { clock, ledger } = this.#parts;
    if (RANK[level] > RANK[this.#state.level]) {
      const time = clock.now();
      const state: Stored = { level, since: this.#state.since ?? time, by, note };
      const event: RiskEventView = {
        time,
        kind: "kill",
        action: "thrown",
        scope: "",
        reason: `Kill switch thrown by the ${by}: ${DOES[level]}`,
        note,
      };
      ledger.transaction(() => {
        ledger.values.set(KEY, state);
        ledger.risk.insertEvent(event);
      });
      this.#state = state;
      this.#parts.onEvent(event);
    }
    return this.#act();
  }

  /** Lets bots enter again; positions that were closed stay closed. Nothing happens when it is off. */
  release(by: KillBy, note: string): KillView {
    const { clock, ledger } = this.#parts;
    if (this.#state.level === "off") return this.view();
    const event: RiskEventView = {
      time: clock.now(),
      kind: "kill",
      action: "released",
      scope: "",
      reason: `Kill switch released by the ${by}; bots may enter again.`,
      note,
    };
    ledger.transaction(() => {
      ledger.values.set(KEY, OFF);
      ledger.risk.insertEvent(event);
    });
    this.#state = OFF;
    this.#cancelAgain();
    this.#parts.onEvent(event);
    return this.view();
  }

  /** Bots whose order is to be cancelled or whose position is to be closed. */
  #left(): readonly string[] {
    const rank = RANK[this.#state.level];
    const { orders, positions } = this.#parts.ledger;
    return [
      ...new Set([
        ...(rank >= RANK.cancel ? orders.open().map(({ botId }) => botId) : []),
        ...(rank >= RANK.close ? positions.open().map(({ botId }) => botId) : []),
      ]),
    ];
  }

  /** One act at a time; who comes meanwhile waits for it and, if its own level asks for more, for one after it. */
  async #act(): Promise<KillOutcome> {
    if (this.#acting !== null) await this.#acting;
    this.#acting ??= this.#actNow().finally(() => {
      this.#acting = null;
    });
    return await this.#acting;
  }

  async #actNow(): Promise<KillOutcome> {
    const { ledger, cancel, close } = this.#parts;
    const { level } = this.#state;
    const refused = new Map<string, string>();
    let cancelled = 0;
    let closed = 0;
    if (RANK[level] >= RANK.cancel && this.#running) {
      for (const { botId } of ledger.orders.open()) {
        const result = await cancel(botId);
        if (ledger.orders.openOf(botId) === null) cancelled += 1;
        else refused.set(botId, result?.reason ?? "Its order has no answer yet.");
      }
    }
    if (RANK[level] >= RANK.close && this.#running) {
      const holding = ledger.positions.open().map(({ botId }) => botId);
      const outcome = await close(holding);
      closed = outcome.done;
      for (const { id, reason } of outcome.refused) refused.set(id, reason);
    }
    if (this.#left().length > 0) this.#again(AGAIN_MS);
    return {
      kill: this.view(),
      cancelled,
      closed,
      refused: [...refused].map(([id, reason]) => ({ id, reason })),
    };
  }

  #again(ms: number): void {
    this.#cancelAgain();
    if (!this.#running) return;
    const { clock } = this.#parts;
    this.#cancelAgain = clock.at(
      clock.now() + ms,
      () => {
        if (this.#running && this.#left().length > 0) this.#act().catch(this.#parts.onError);
      },
      "fire",
    );
  }
}
