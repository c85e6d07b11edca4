import type { VirtualItem } from "@tanstack/react-virtual";
import { memo } from "react";
import { Link } from "wouter";
import type { TimelineLane } from "../../../src-preload/contract/schedule.ts";
import { StateDot } from "../../components/StateDot.tsx";
import { formatNumber, plural } from "../../format/numbers.ts";
import { useBots } from "../../state/bots.ts";
import { useCountdown } from "../../state/clock.ts";
import { HEAD_HEIGHT } from "./draw.ts";
import { laneSummary } from "./lanes.ts";
import type { LaneRow, LaneSummary } from "./lanes.ts";
import classes from "./timeline.module.css";

const NONE: LaneSummary = { ran: 0, late: 0, faults: 0 };

const Dot = memo(function Dot({ botId }: { readonly botId: string }) {
  const health = useBots((s) => s.byId.get(botId)?.health ?? "stopped");
  return <StateDot health={health} size={10} />;
});

function Next({ botId }: { readonly botId: string }) {
  const fireTime = useBots((s) => s.byId.get(botId)?.nextFireTime ?? null);
  return <>{useCountdown(fireTime)}</>;
}

/** A count, quiet while it is 0. */
function Count({ count, tone }: { readonly count: number; readonly tone: string }) {
  return <span className={count === 0 ? "dim" : tone}>{formatNumber(count, 0)}</span>;
}

interface LaneLabelsProps {
  readonly rows: readonly LaneRow[];
  readonly items: readonly VirtualItem[];
  readonly rowHeight: number;
  readonly lanes: ReadonlyMap<string, TimelineLane>;
  readonly view: { readonly from: number; readonly to: number };
  readonly hovered: string | null;
}

/** The lanes' names and their figures within the time shown: what the canvas draws, as a table to be read. */
export function LaneLabels({ rows, items, rowHeight, lanes, view, hovered }: LaneLabelsProps) {
  return (
    <div
      className={classes.labels}
      role="table"
      aria-label="Ticks of each bot in the time shown"
      aria-rowcount={rows.length + 1}
      data-testid="lane-table"
    >
      <div role="row" className={classes.labelHead} style={{ height: HEAD_HEIGHT }}>
        <span role="columnheader">Bot</span>
        <span role="columnheader" title="Ticks that ran">
          Ran
        </span>
        <span role="columnheader" title="Ticks that ran 1 s late or more">
          Late
        </span>
        <span
          role="columnheader"
          title="Missed, coalesced, skipped, cancelled or ended in an error"
        >
          Faults
        </span>
        <span role="columnheader" title="Time until the next tick">
          Next
        </span>
      </div>
      {items.map((item) => {
        const row = rows[item.index];
        if (!row) return null;
        const style = { height: rowHeight, transform: `translateY(${item.start}px)` };
        if (row.kind === "group") {
          return (
            <div key={`group ${row.key}`} role="row" className={classes.group} style={style}>
              <span role="cell" className="ellipsis">
                <b>{row.key}</b> <span className="dim">{plural(row.count, "bot")}</span>
              </span>
            </div>
          );
        }
        const lane = lanes.get(row.botId);
        const { ran, late, faults } = lane ? laneSummary(lane.marks, view) : NONE;
        return (
          <div
            key={row.botId}
            role="row"
            aria-rowindex={item.index + 2}
            className={classes.label}
            style={style}
            data-hovered={hovered === row.botId}
            data-testid="lane"
          >
            <span role="cell" className={classes.name}>
              <Dot botId={row.botId} />
              <Link
                href={`/bots/${encodeURIComponent(row.botId)}`}
                className="ellipsis"
                title={row.name}
              >
                {row.name}
              </Link>
            </span>
            <span role="cell">{formatNumber(ran, 0)}</span>
            <span role="cell">
              <Count count={late} tone="tone-warn" />
            </span>
            <span role="cell">
              <Count count={faults} tone="tone-loss" />
            </span>
            <span role="cell">
              <Next botId={row.botId} />
            </span>
          </div>
        );
      })}
    </div>
  );
}
