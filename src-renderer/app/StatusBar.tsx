import { Menu, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import type { EnginePhase } from "../../src-preload/contract/app.ts";
import { formatMs, formatNumber, formatShare, formatSigned, UNKNOWN } from "../format/numbers.ts";
import { formatDate, formatTime, zoneLabel } from "../format/time.ts";
import { ask } from "../state/bridge.ts";
import { engineNow, useEngineText } from "../state/clock.ts";
import { useZone } from "../state/settings.ts";
import { useStatus } from "../state/status.ts";
import { RiskCells } from "./RiskCells.tsx";
import classes from "./shell.module.css";

const SPEEDS = [1, 60, 300, 900, 3600, 14_400] as const;

const PHASE: Readonly<Record<EnginePhase, { readonly word: string; readonly tone: string }>> = {
  starting: { word: "Starting", tone: "tone-info" },
  running: { word: "Running", tone: "tone-gain" },
  draining: { word: "Draining", tone: "tone-warn" },
  stopped: { word: "Stopped", tone: "dim" },
  failed: { word: "Failed", tone: "tone-loss" },
};

interface CellProps {
  readonly hint: string;
  /** Leaves a narrow bar: "optional" first, then "minor". */
  readonly leaves?: "optional" | "minor";
  readonly children: ReactNode;
}

function Cell({ hint, leaves, children }: CellProps) {
  return (
    <Tooltip label={hint}>
      <span className={leaves ? `${classes.cell} ${classes[leaves]}` : classes.cell}>
        {children}
      </span>
    </Tooltip>
  );
}

function EngineTime() {
  const zone = useZone();
  const time = useEngineText((now) => formatTime(now, zone));
  const date = useEngineText((now) => formatDate(now, zone));
  const label = zoneLabel(zone, engineNow() ?? 0);
  return (
    <Cell hint="The engine's time, on which every tick is due">
      <span>{date}</span>
      <b className={classes.time} data-testid="engine-time">
        {time}
      </b>
      <span>{label}</span>
    </Cell>
  );
}

async function setSpeed(speed: number): Promise<void> {
  const answer = await ask("app:set-speed", { speed });
  if (!answer.ok) {
    notifications.show({
      color: "danger",
      title: "The speed was not changed",
      message: answer.error.message,
    });
  }
}

function Speed({ speed }: { readonly speed: number }) {
  return (
    <Menu position="top" width={160}>
      <Menu.Target>
        <button type="button" className={classes.cell} data-testid="speed">
          Time-lapse <b>×{formatNumber(speed, 0)}</b>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Engine seconds a second</Menu.Label>
        {SPEEDS.map((choice) => (
          <Menu.Item
            key={choice}
            onClick={() => void setSpeed(choice)}
            data-testid={`speed-${choice}`}
            fw={choice === speed ? 600 : 400}
          >
            ×{formatNumber(choice, 0)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** How the engine is, on every page. */
export function StatusBar() {
  const status = useStatus((s) => s.status);
  if (!status) {
    return (
      <footer className={classes.status} data-testid="status-bar">
        <span className={classes.cell}>Waiting for the engine</span>
      </footer>
    );
  }
  const { exchange, clock } = status;
  const phase = PHASE[status.phase];
  const reach = exchange.reachable === false ? "tone-loss" : "";
  return (
    <footer className={classes.status} data-testid="status-bar" data-phase={status.phase}>
      <Cell hint="State of the engine">
        <span className={`${classes.phase} ${phase.tone}`}>{phase.word}</span>
      </Cell>
      <Cell hint="Where candles come from, and how far its clock is from ours">
        <b className={reach}>{exchange.label}</b>
        <span>
          {exchange.reachable === false
            ? "not reachable"
            : exchange.clockOffsetMs === null
              ? null
              : `${formatSigned(exchange.clockOffsetMs, 0)} ms`}
        </span>
      </Cell>
      <Cell hint="Event-loop delay of the main process, 99th percentile" leaves="minor">
        Loop p99 <b>{formatMs(status.eventLoopP99Ms)} ms</b>
      </Cell>
      <Cell hint="Share of the exchange's rate limit in use" leaves="optional">
        Budget <b>{exchange.budgetUsed === null ? UNKNOWN : formatShare(exchange.budgetUsed, 0)}</b>
      </Cell>
      <Cell
        hint="Requests sent to the exchange, and the least that this work can be done with"
        leaves="optional"
      >
        Requests <b>{formatNumber(exchange.requests, 0)}</b> (at least{" "}
        <b>{formatNumber(exchange.requestsMinimum, 0)}</b> needed)
      </Cell>
      <Cell hint="Ticks at work now" leaves="minor">
        Running ticks <b>{formatNumber(status.runningTicks, 0)}</b>
      </Cell>
      <span className="spread" />
      <RiskCells risk={status.risk} />
      {clock.mode === "time-lapse" ? <Speed speed={clock.speed} /> : null}
      <EngineTime />
    </footer>
  );
}
