import type {
  DeadManState,
  DeadManView,
  RiskEventView,
} from "../../../src-preload/contract/risk.ts";
import type { RiskLimits } from "../../../src-preload/contract/risk-limits.ts";
import type { Cancel, Clock } from "../clock.ts";
import type { LedgerStore } from "../store-port.ts";
import { deadManAt, deadManSentence } from "./dead-man.ts";

interface TraderParts {
  readonly clock: Clock;
  readonly ledger: Pick<LedgerStore, "values" | "risk">;
  readonly limits: () => RiskLimits;
  readonly wall?: () => number;
  readonly closeAll: (reason: string) => void;
  readonly tell: (event: RiskEventView) => void;
}

const CHECK_IN = "risk_check_in";
const MINUTE_MS = 60_000;
/** In time-lapse a look comes this many real ms after the last, give or take. */
const LAPSE_LOOK_MS = 6_000;

/** The dead man's switch at work: keeps the last check-in, and tells of each state as it comes. */
export class TraderWatch {
  readonly #parts: TraderParts;
  /** Wall time, ms UTC. */
  #checkedIn = 0;
  #state: DeadManState | null = null;
  #cancel: Cancel = () => {};

  constructor(parts: TraderParts) {
    this.#parts = parts;
  }

  start(): void {
    const { wall, ledger } = this.#parts;
    if (wall === undefined) return;
    const stored = ledger.values.get(CHECK_IN);
    this.#checkedIn = typeof stored === "number" ? stored : wall();
    // The clock begins with the first start.
    if (stored !== this.#checkedIn) ledger.values.set(CHECK_IN, this.#checkedIn);
    this.#look();
  }

  stop(): void {
    this.#cancel();
  }

  /** Null where nobody is there to check in, or the switch is off. */
  view(): DeadManView | null {
    const { wall, limits: read } = this.#parts;
    const limits = read();
    if (wall === undefined || !limits.deadMan) return null;
    const now = wall();
    // A wall that was set back must not make the last check-in one of the future.
    return deadManAt(Math.min(this.#checkedIn, now), now, limits);
  }

  /** The trader is there; what was on hold goes on. */
  checkIn(): DeadManView | null {
    const { wall, ledger } = this.#parts;
    if (wall === undefined) return null;
    const before = this.view()?.state ?? "ok";
    this.#checkedIn = wall();
    ledger.values.set(CHECK_IN, this.#checkedIn);
    this.#state = "ok";
    if (before !== "ok") {
      const event = this.#event("check_in", "Checked in; bots may enter again.");
      ledger.risk.insertEvent(event);
      this.#parts.tell(event);
    }
    return this.view();
  }

  #event(action: "check_in" | "state", reason: string): RiskEventView {
    const scope = action === "state" ? (this.#state ?? "") : "";
    return { time: this.#parts.clock.now(), kind: "dead_man", action, scope, reason, note: "" };
  }

  #look(): void {
    const { clock, ledger, tell, closeAll, limits: read } = this.#parts;
    const limits = read();
    const before = this.#state;
    this.#state = this.view()?.state ?? "ok";
    const sentence = deadManSentence(this.#state, limits);
    if (this.#state !== before && sentence !== null) {
      const event = this.#event("state", sentence);
      // After a restart it is told again, but it happened once.
      if (before !== null) ledger.risk.insertEvent(event);
      tell(event);
      if (this.#state === "stopped" && limits.deadManStop === "close") closeAll(sentence);
    }
    const wait = Math.max(MINUTE_MS, LAPSE_LOOK_MS * clock.speed);
    this.#cancel = clock.at(clock.now() + wait, () => this.#look(), "fire");
  }
}
