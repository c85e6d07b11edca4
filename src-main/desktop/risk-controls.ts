import type {
  DeadManView,
  KillBy,
  KillLevel,
  KillOutcome,
  RiskEventView,
} from "../../src-preload/contract/risk.ts";
import { KILL_WORDS } from "../../src-preload/contract/risk-limits.ts";
import { messageOf } from "../engine/fault.ts";
import type { Notice } from "./notices.ts";

interface RiskPort {
  kill(level: KillLevel, by: KillBy, note?: string): Promise<KillOutcome>;
  checkIn(): DeadManView | null;
}

export interface RiskControlsParts {
  /** Null until the data folder is open. */
  readonly risk: () => RiskPort | null;
  readonly notify: (notice: Notice) => void;
  /** Brings the window to the front, on a page. */
  readonly navigate: (route: string) => void;
  readonly say: (level: "error" | "warn" | "info", reason: string) => void;
  /** Asks whether to go on; true where nobody is there to answer. */
  readonly confirm: (question: {
    readonly message: string;
    readonly detail: string;
    readonly button: string;
  }) => Promise<boolean>;
  readonly shortcuts: {
    register(keys: string, callback: () => void): boolean;
    unregister(keys: string): void;
  };
}

const PAGE = "/risk";

/** What throwing the kill switch came to, in one sentence or two. */
export function killSentence({ kill, cancelled, closed, refused }: KillOutcome): string {
  const level = kill.level === "off" ? "entries" : kill.level;
  const done = [
    ...(level === "entries" ? [] : [`${cancelled} open orders settled`]),
    ...(level === "close" ? [`${closed} positions closed`] : []),
  ].join(", ");
  const left = refused.map(({ id, reason }) => `bot ${id}: ${reason}`).join("; ");
  return `Kill switch is on: ${KILL_WORDS[level].label.toLowerCase()}${done === "" ? "" : `; ${done}`}.${left === "" ? "" : ` Not done yet: ${left} It is tried again every half minute while Tickdeck runs.`}`;
}

/** The kill switch and the dead man's switch outside the window: tray, keys, command line, notifications. */
export class RiskControls {
  readonly #parts: RiskControlsParts;
  #keys: string | null = null;

  constructor(parts: RiskControlsParts) {
    this.#parts = parts;
  }

  /** Takes the keys for the kill switch, or lets go of them with null; what the system refuses is in the log. */
  useShortcut(keys: string | null): void {
    const { shortcuts, say } = this.#parts;
    if (keys === this.#keys) return;
    if (this.#keys !== null) shortcuts.unregister(this.#keys);
    this.#keys = keys;
    if (keys === null) return;
    let taken = false;
    try {
      taken = shortcuts.register(keys, () => void this.throw("entries", "shortcut"));
    } catch (error) {
      say("warn", `The kill switch's keys ${keys} were refused: ${messageOf(error)}`);
      return;
    }
    if (!taken)
      say(
        "warn",
        `The kill switch's keys ${keys} belong to another program; choose others in Settings.`,
      );
  }

  /** From the tray: asks before what cannot be undone. */
  async choose(level: KillLevel): Promise<void> {
    const { label, does, button } = KILL_WORDS[level];
    const goOn =
      level === "entries" ||
      (await this.#parts.confirm({ message: `${label}?`, detail: does, button }));
    if (goOn) await this.throw(level, "tray");
  }

  /** Throws it, says what came of it, and shows the Risk page. Null while the data folder is not open. */
  async throw(level: KillLevel, by: KillBy): Promise<KillOutcome | null> {
    const { risk, notify, navigate, say } = this.#parts;
    const port = risk();
    if (port === null) {
      say("error", "The kill switch was not thrown: the data folder is not open yet; try again.");
      return null;
    }
    try {
      const outcome = await port.kill(level, by);
      notify({ title: "Kill switch is on", body: killSentence(outcome), route: PAGE });
      if (by === "shortcut") navigate(PAGE);
      return outcome;
    } catch (error) {
      const body = `The kill switch could not be thrown: ${messageOf(error)}`;
      say("error", body);
      notify({ title: "Kill switch", body, route: PAGE });
      return null;
    }
  }

  /** For a start that was made for this alone: what to print, and whether all of it is done. */
  async fromCommandLine(
    level: KillLevel,
  ): Promise<{ readonly sentence: string; readonly done: boolean }> {
    const outcome = await this.throw(level, "command line");
    if (outcome === null) {
      return { sentence: "The kill switch could not be thrown; the log says why.", done: false };
    }
    return { sentence: killSentence(outcome), done: outcome.refused.length === 0 };
  }

  checkIn(): void {
    const view = this.#parts.risk()?.checkIn() ?? null;
    if (view !== null) this.#parts.say("info", "Checked in from the tray.");
  }

  /** Notifies of what a trader who is away must know. */
  told({ kind, action, reason }: RiskEventView): void {
    if (action !== "tripped" && action !== "state") return;
    const title = kind === "dead_man" ? "Dead man's switch" : "A limit of risk was reached";
    this.#parts.notify({ title, body: reason, route: PAGE });
  }
}
