import { Button } from "@mantine/core";
import { CircleCheck, Hand, OctagonX } from "lucide-react";
import { KILL_WORDS } from "../../../src-preload/contract/risk-limits.ts";
import type { DeadManState, DeadManView, KillView } from "../../../src-preload/contract/risk.ts";
import { Card } from "../../components/Card.tsx";
import { formatCountdown, formatDateTime } from "../../format/time.ts";
import { useEngineText } from "../../state/clock.ts";
import { askKill } from "../../state/kill.ts";
import { useZone } from "../../state/settings.ts";
import { checkIn } from "./check-in.ts";
import classes from "./risk.module.css";

export function KillCard({ kill }: { readonly kill: KillView }) {
  const zone = useZone();
  const on = kill.level !== "off";
  return (
    <Card title="Kill switch">
      <div className={`${classes.state} ${on ? "tone-loss" : ""}`} data-testid="kill-state">
        {on ? (
          <OctagonX size={18} aria-hidden="true" />
        ) : (
          <CircleCheck size={18} aria-hidden="true" />
        )}
        {kill.level === "off" ? "Off" : KILL_WORDS[kill.level].label}
      </div>
      <p className="dim">
        {kill.level === "off"
          ? "Bots enter as their strategies and limits say."
          : `${KILL_WORDS[kill.level].does} Thrown by the ${kill.by ?? "trader"} at ${formatDateTime(kill.since, zone)}.`}
      </p>
      <div className={classes.buttons}>
        {kill.level === "close" ? null : (
          <Button color="danger" onClick={() => askKill("throw")} data-testid="kill-open">
            {on ? "Raise…" : "Throw kill switch…"}
          </Button>
        )}
        {on ? (
          <Button
            variant="default"
            onClick={() => askKill("release")}
            data-testid="kill-card-release"
          >
            Release…
          </Button>
        ) : null}
      </div>
    </Card>
  );
}

const STATE: Readonly<Record<DeadManState, { readonly word: string; readonly tone: string }>> = {
  ok: { word: "Checked in", tone: "tone-gain" },
  reminder: { word: "Check in soon", tone: "tone-warn" },
  no_entries: { word: "No new entries", tone: "tone-loss" },
  stopped: { word: "Stopped", tone: "tone-loss" },
};
const COMES: Readonly<Record<DeadManState, string>> = {
  ok: "",
  reminder: "A reminder",
  no_entries: "No new entries",
  stopped: "The stop",
};

export function DeadManCard({ deadMan }: { readonly deadMan: DeadManView | null }) {
  const zone = useZone();
  const next = deadMan?.next ?? null;
  const left = useEngineText(() => formatCountdown(next === null ? null : next.at - Date.now()));
  if (deadMan === null) {
    return (
      <Card title="Dead man's switch">
        <div className={classes.state}>Off</div>
        <p className="dim">Nobody has to check in; Settings switches it on.</p>
      </Card>
    );
  }
  const { word, tone } = STATE[deadMan.state];
  return (
    <Card title="Dead man's switch">
      <div className={`${classes.state} ${tone}`} data-testid="dead-man-state">
        <Hand size={18} aria-hidden="true" />
        {word}
      </div>
      <p className="dim">
        Last check-in {formatDateTime(deadMan.lastCheckIn, zone)}.{" "}
        {next === null ? "Check in to let bots enter again." : `${COMES[next.state]} in ${left}.`}
      </p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => void checkIn()} data-testid="check-in">
          Check in
        </Button>
      </div>
    </Card>
  );
}
