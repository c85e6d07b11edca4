import { Tooltip } from "@mantine/core";
import { memo, useMemo } from "react";
import type { ReactNode } from "react";
import { sinceCapitalChanged } from "../../charts/equity.ts";
import { Pnl } from "../../components/Pnl.tsx";
import { Sparkline } from "../../components/Sparkline.tsx";
import { formatMoney, formatNumber, formatShare, plural } from "../../format/numbers.ts";
import { useStatus } from "../../state/status.ts";
import { useRequest } from "../../state/use-request.ts";
import classes from "./fleet.module.css";

interface CardProps {
  readonly title: string;
  readonly hint: string;
  readonly testid: string;
  readonly side?: ReactNode;
  readonly children: ReactNode;
}

function Card({ title, hint, testid, side, children }: CardProps) {
  return (
    <Tooltip label={hint}>
      <div className={classes.card} data-testid={testid}>
        <div>
          <div className="card-title">{title}</div>
          <div className={classes.figure}>{children}</div>
        </div>
        {side}
      </div>
    </Tooltip>
  );
}

/** The sparkline's points are read again each 2 s; between reads the card's figure is the newest. */
const EquityLine = memo(function EquityLine() {
  const { value } = useRequest("portfolio:equity", { points: 120 }, { everyMs: 2000 });
  const values = useMemo(
    () => sinceCapitalChanged(value ?? []).map((point) => point.equity),
    [value],
  );
  return <Sparkline values={values} width={132} height={40} label="Equity over time" />;
});

const unit = <span className={classes.unit}>USDT</span>;

/** Are the bots well, and what are they worth: five figures. */
export function FleetCards() {
  const status = useStatus((s) => s.status);
  const bots = status?.bots;
  return (
    <div className={classes.cards}>
      <Card
        title="Equity"
        hint="Capital of all bots with their profits and losses, quote currency"
        testid="card-equity"
        side={<EquityLine />}
      >
        {formatMoney(status?.equity)}
        {unit}
      </Card>
      <Card
        title="Today"
        hint="Profit or loss of all bots since 00:00 UTC, after fees"
        testid="card-today"
      >
        <Pnl value={status?.pnlToday ?? null} />
        {unit}
      </Card>
      <Card
        title="Exposure"
        hint="Value of all open positions at the last price"
        testid="card-exposure"
      >
        {formatMoney(status?.exposure)}
        {unit}
      </Card>
      <Card
        title="Ticks on time"
        hint="Share of fire times that ran with lateness under 1 s"
        testid="card-on-time"
      >
        {formatShare(status?.onTimeShare, 2)}
        <span className={classes.unit}>of {formatNumber(status?.ticksTotal, 0)}</span>
      </Card>
      <Card
        title="Bots running"
        hint={
          bots
            ? `${plural(bots.running, "bot")} running, ${bots.paused} paused, ${bots.error} with an error`
            : "Bots running"
        }
        testid="card-running"
      >
        {formatNumber(bots?.running, 0)}
        <span className={classes.unit}>of {formatNumber(bots?.total, 0)}</span>
        {bots && bots.error > 0 ? (
          <span className={`${classes.alert} tone-loss`}>{plural(bots.error, "error")}</span>
        ) : null}
      </Card>
    </div>
  );
}
