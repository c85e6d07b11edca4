import { Tooltip } from "@mantine/core";
import { OctagonX } from "lucide-react";
import { Link } from "wouter";
import type { DeadManView, RiskStatus } from "../../src-preload/contract/risk.ts";
import { formatCountdown } from "../format/time.ts";
import { plural } from "../format/numbers.ts";
import { useEngineText } from "../state/clock.ts";
import { askKill } from "../state/kill.ts";
import classes from "./shell.module.css";

const NEXT = {
  ok: "nothing",
  reminder: "a reminder",
  no_entries: "no new entries",
  stopped: "bots are stopped",
} as const;

function DeadMan({ deadMan }: { readonly deadMan: DeadManView }) {
  const { next, state } = deadMan;
  // It counts a person's hours: the wall's, not the engine's.
  const left = useEngineText(() => formatCountdown(next === null ? 0 : next.at - Date.now()));
  return (
    <Tooltip
      label={`Dead man's switch: ${next === null ? "nothing comes after this" : `then ${NEXT[next.state]}`}, unless you check in on the Risk page`}
    >
      <Link href="/risk" className={classes.cell ?? ""} data-testid="dead-man" data-state={state}>
        Check-in{" "}
        <b className={state === "ok" ? "" : "tone-warn"}>{next === null ? "overdue" : left}</b>
      </Link>
    </Tooltip>
  );
}

/** The two switches on every page: time left to check in, breakers, and the kill switch's button. */
export function RiskCells({ risk }: { readonly risk: RiskStatus }) {
  const on = risk.kill.level !== "off";
  return (
    <>
      {risk.breakers > 0 ? (
        <Tooltip label="Limits that were reached and hold entries back; the Risk page shows them">
          <Link href="/risk" className={classes.cell ?? ""} data-testid="breakers-cell">
            <b className="tone-loss">{plural(risk.breakers, "breaker")}</b>
          </Link>
        </Tooltip>
      ) : null}
      {risk.deadMan ? <DeadMan deadMan={risk.deadMan} /> : null}
      <Tooltip label="Stop entries, cancel orders or close all positions">
        <button
          type="button"
          className={`${classes.cell} ${classes.kill}`}
          onClick={() => askKill("throw")}
          data-testid="kill-switch"
          data-on={on}
        >
          <OctagonX size={14} aria-hidden="true" />
          {on ? "Kill switch on" : "Kill switch"}
        </button>
      </Tooltip>
    </>
  );
}
