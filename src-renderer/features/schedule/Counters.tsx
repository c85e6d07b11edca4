import { Tooltip } from "@mantine/core";
import type { OutcomeReasons } from "../../../src-preload/contract/schedule.ts";
import type { FireOutcome, TickCounts } from "../../../src-preload/contract/ticks.ts";
import { formatNumber, formatShare } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { useZone } from "../../state/settings.ts";
import classes from "./schedule.module.css";

interface Counter {
  readonly key: Exclude<keyof TickCounts, "ran">;
  readonly label: string;
  readonly hint: string;
  /** A count above 0 is coloured. */
  readonly tone: string;
  readonly outcome: FireOutcome | null;
}

const COUNTERS: readonly Counter[] = [
  {
    key: "onTime",
    label: "Ran on time",
    hint: "Fire times that ran with lateness under 1 s and without an error",
    tone: "",
    outcome: null,
  },
  {
    key: "missed",
    label: "Missed",
    hint: "Misfires: the start would have been later than the bot's grace time, so the tick was not run",
    tone: "tone-loss",
    outcome: "missed",
  },
  {
    key: "coalesced",
    label: "Coalesced",
    hint: "Several fire times were due at once, after sleep or a stall, and became one run, for the latest",
    tone: "tone-warn",
    outcome: "coalesced",
  },
  {
    key: "skipped",
    label: "Skipped",
    hint: "Due while the previous tick of the same bot still ran; one instance a bot",
    tone: "tone-warn",
    outcome: "skipped",
  },
  {
    key: "cancelled",
    label: "Cancelled",
    hint: "Ended by the bot's run limit, a stop or the engine's drain",
    tone: "tone-warn",
    outcome: "cancelled",
  },
  {
    key: "errors",
    label: "Errors",
    hint: "Ticks that ran and ended with an error; the Ticks view tells each reason",
    tone: "tone-loss",
    outcome: null,
  },
];

type Reasons = OutcomeReasons["reasons"];

function Hint({ hint, reasons }: { readonly hint: string; readonly reasons: Reasons }) {
  const zone = useZone();
  return (
    <>
      {hint}
      {reasons.map(({ reason, count, lastFireTime }) => (
        <div key={reason} className={classes.reason}>
          <b>{formatNumber(count, 0)}×</b> {reason}{" "}
          <span className="dim">last {formatDateTime(lastFireTime, zone)}</span>
        </div>
      ))}
    </>
  );
}

interface CountersProps {
  readonly total: TickCounts | undefined;
  readonly outcomes: readonly OutcomeReasons[];
}

/** How the fire times ended, each with its commonest reason; all reasons on hover. */
export function Counters({ total, outcomes }: CountersProps) {
  return (
    <div className={classes.counters}>
      {COUNTERS.map(({ key, label, hint, tone, outcome }) => {
        const count = total?.[key];
        const reasons = outcomes.find((known) => known.outcome === outcome)?.reasons ?? [];
        const [top] = reasons;
        return (
          <Tooltip
            key={key}
            label={<Hint hint={hint} reasons={reasons} />}
            maw={440}
            events={{ hover: true, focus: true, touch: false }}
          >
            <div
              className={`card ${classes.counter}`}
              data-testid={`count-${key}`}
              // The reasons are for the keyboard as well.
              tabIndex={reasons.length > 0 ? 0 : undefined}
            >
              <div className="card-title">{label}</div>
              <div className={`${classes.figure} ${count !== undefined && count > 0 ? tone : ""}`}>
                {formatNumber(count, 0)}
              </div>
              <div className={classes.why}>
                {key === "onTime"
                  ? total && total.ran > 0
                    ? `${formatShare(total.onTime / total.ran, 2)} of ${formatNumber(total.ran, 0)}`
                    : ""
                  : (top?.reason ?? "")}
              </div>
            </div>
          </Tooltip>
        );
      })}
    </div>
  );
}
