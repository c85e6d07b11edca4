import { Button } from "@mantine/core";
import { Hand, OctagonX } from "lucide-react";
import { KILL_WORDS } from "../../src-preload/contract/risk-limits.ts";
import type { DeadManState } from "../../src-preload/contract/risk.ts";
import { formatDateTime } from "../format/time.ts";
import { plural } from "../format/numbers.ts";
import { askKill } from "../state/kill.ts";
import { useStatus } from "../state/status.ts";
import { useZone } from "../state/settings.ts";
import { checkIn } from "../features/risk/check-in.ts";
import classes from "./shell.module.css";

const AWAY: Readonly<Record<Exclude<DeadManState, "ok">, string>> = {
  reminder: "Check in soon, or no bot enters any more.",
  no_entries:
    "Nobody has checked in: no bot enters any more. Open positions keep their stops and exits.",
  stopped: "Nobody has checked in for long: bots are stopped by the dead man's switch.",
};

/** The kill switch while it is on, and the dead man's switch from its reminder on: at the top of every page. */
export function RiskBanners() {
  const risk = useStatus((s) => s.status?.risk ?? null);
  const zone = useZone();
  if (risk === null) return null;
  const { kill, deadMan } = risk;
  const away = deadMan === null || deadMan.state === "ok" ? null : deadMan.state;
  return (
    <>
      {kill.level === "off" ? null : (
        <div
          className={`${classes.banner} ${classes.problem}`}
          role="alert"
          data-testid="kill-banner"
        >
          <OctagonX size={16} aria-hidden="true" />
          <span className="spread selectable">
            <b>Kill switch is on: {KILL_WORDS[kill.level].label.toLowerCase()}.</b> Thrown by the{" "}
            {kill.by ?? "trader"} at {formatDateTime(kill.since, zone)}.
            {kill.left > 0 ? ` ${plural(kill.left, "bot")} still to do.` : ""}
            {kill.note === "" ? "" : ` ${kill.note}`}
          </span>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => askKill("release")}
            data-testid="kill-release"
          >
            Release
          </Button>
        </div>
      )}
      {away === null ? null : (
        <div
          className={away === "reminder" ? classes.banner : `${classes.banner} ${classes.problem}`}
          role="alert"
          data-testid="dead-man-banner"
        >
          <Hand size={16} aria-hidden="true" />
          <span className="spread">{AWAY[away]}</span>
          <Button variant="default" size="compact-xs" onClick={() => void checkIn()}>
            Check in
          </Button>
        </div>
      )}
    </>
  );
}
