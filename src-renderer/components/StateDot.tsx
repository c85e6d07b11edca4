import type { BotHealth } from "../../src-preload/contract/bots.ts";
import { HEALTH_WORD } from "../format/words.ts";

const COLOUR: Readonly<Record<BotHealth, string>> = {
  on_time: "var(--ok)",
  warming_up: "var(--info)",
  overdue: "var(--bad)",
  error: "var(--bad)",
  paused: "var(--warn)",
  stopped: "var(--stopped)",
  waiting: "var(--info)",
};

/** Shape of each state, so that colour is never the only sign. Drawn in a box of 12. */
function Shape({ health }: { readonly health: BotHealth }) {
  switch (health) {
    case "on_time":
      return <circle cx="6" cy="6" r="4.5" fill="currentColor" />;
    case "waiting":
      return <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />;
    case "warming_up":
      return (
        <>
          <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M6 2.25a3.75 3.75 0 0 1 0 7.5z" fill="currentColor" />
        </>
      );
    case "overdue":
      return <path d="M6 1.2 11.2 10.6H.8z" fill="currentColor" />;
    case "error":
      return (
        <path
          d="m2.5 2.5 7 7m0-7-7 7"
          stroke="currentColor"
          strokeWidth="2.25"
          strokeLinecap="round"
        />
      );
    case "paused":
      return <path d="M3 2h2v8H3zM7 2h2v8H7z" fill="currentColor" />;
    case "stopped":
      return (
        <rect
          x="2.75"
          y="2.75"
          width="6.5"
          height="6.5"
          rx="1"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
        />
      );
  }
}

interface StateDotProps {
  readonly health: BotHealth;
  /** The sentence shown on hover. */
  readonly reason?: string;
  readonly size?: number;
}

/** A bot's health as a coloured shape with its word for screen readers. */
export function StateDot({ health, reason, size = 12 }: StateDotProps) {
  const word = HEALTH_WORD[health];
  // Some reasons begin with the word: "Warming up, 30 of 416 closed candles."
  const label = reason?.startsWith(word) ? reason : reason ? `${word}: ${reason}` : word;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 12 12"
      role="img"
      aria-label={label}
      style={{ color: COLOUR[health], flex: "none" }}
    >
      <title>{label}</title>
      <Shape health={health} />
    </svg>
  );
}
