import { Button } from "@mantine/core";
import { FlaskConical, TriangleAlert } from "lucide-react";
import { Link } from "wouter";
import { formatNumber } from "../format/numbers.ts";
import { useBots, loadBots } from "../state/bots.ts";
import { useStatus } from "../state/status.ts";
import { RiskBanners } from "./RiskBanners.tsx";
import classes from "./shell.module.css";

/** What needs attention, then what this is: at the top of every page. */
export function Banners() {
  const problem = useStatus((s) => s.status?.problem ?? null);
  const demo = useStatus((s) => s.status?.demo ?? false);
  const speed = useStatus((s) => s.status?.clock.speed ?? 1);
  const failure = useBots((s) => s.failure);
  return (
    <>
      {problem ? (
        <div className={`${classes.banner} ${classes.problem}`} role="alert" data-testid="problem">
          <TriangleAlert size={16} aria-hidden="true" />
          <span className="spread selectable">{problem}</span>
          <Button component={Link} href="/logs" variant="default" size="compact-xs">
            Open the log
          </Button>
        </div>
      ) : null}
      <RiskBanners />
      {failure ? (
        <div className={`${classes.banner} ${classes.problem}`} role="alert">
          <TriangleAlert size={16} aria-hidden="true" />
          <span className="spread selectable">The fleet could not be read. {failure.message}</span>
          <Button variant="default" size="compact-xs" onClick={() => void loadBots()}>
            Read again
          </Button>
        </div>
      ) : null}
      {demo ? (
        <div className={classes.banner} data-testid="demo-banner">
          <FlaskConical size={14} aria-hidden="true" />
          <span>
            Demonstration: synthetic market, paper money
            {speed > 1 ? `, time-lapse ×${formatNumber(speed, 0)}` : ""}
          </span>
        </div>
      ) : null}
    </>
  );
}
