import type { EngineEvent, TimelineLane } from "../../../src-preload/contract/schedule.ts";
import { formatMs, plural } from "../../format/numbers.ts";
import { formatDateTime, formatSpan } from "../../format/time.ts";
import { RESULT_WORD } from "../../format/words.ts";
import { useCountdown } from "../../state/clock.ts";
import { useZone } from "../../state/settings.ts";
import { bandLabel, layoutLane, markAt } from "./lanes.ts";
import type { Mark } from "./lanes.ts";
import { SHAPES } from "./shapes.ts";
import classes from "./timeline.module.css";

/** What lies under the pointer; `x` and `y` are px on the canvas. */
export interface Hover {
  readonly x: number;
  readonly y: number;
  readonly botId: string | null;
  readonly name: string | null;
  readonly mark: Mark | null;
  readonly events: readonly EngineEvent[];
}

/** How far from a mark the pointer may be, px. */
const REACH = 8;

interface HoverQuery {
  readonly x: number;
  readonly y: number;
  readonly row: { readonly botId: string; readonly name: string } | null;
  readonly view: { readonly from: number; readonly to: number };
  readonly width: number;
  readonly gapMs: number;
  readonly data: {
    readonly lanes: ReadonlyMap<string, TimelineLane>;
    readonly events: readonly EngineEvent[];
  };
}

/** The mark and the events at a place of the canvas; null where there is neither lane nor event. */
export function hoverAt({ x, y, row, view, width, gapMs, data }: HoverQuery): Hover | null {
  const scale = (view.to - view.from) / width;
  const time = view.from + x * scale;
  const reach = REACH * scale;
  const lane = row ? data.lanes.get(row.botId) : undefined;
  const events = data.events.filter(
    (event) =>
      (event.botId === null || event.botId === row?.botId) &&
      time >= event.from - reach &&
      time <= event.to + reach,
  );
  if (!row && events.length === 0) return null;
  return {
    x,
    y,
    botId: row?.botId ?? null,
    name: row?.name ?? null,
    mark: lane ? markAt(layoutLane(lane, view, gapMs), time, reach) : null,
    events: events.slice(0, 3),
  };
}

function Line({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    <div className={classes.line}>
      <span className="dim">{label}</span>
      <span>{children}</span>
    </div>
  );
}

function MarkFigures({ mark }: { readonly mark: Mark }) {
  const zone = useZone();
  const left = useCountdown(mark.kind === "coming" ? mark.fireTime : null);
  const shape = SHAPES[mark.kind];
  return (
    <>
      <div className={classes.kind} style={{ color: `var(${shape.colour})` }}>
        {shape.word}
        {mark.fireCount > 1 ? `, ${plural(mark.fireCount, "fire time")}` : ""}
      </div>
      <Line label="Due">{formatDateTime(mark.fireTime, zone)}</Line>
      {mark.kind === "coming" ? <Line label="In">{left}</Line> : null}
      {mark.fireCount > 1 && mark.kind !== "late" ? (
        <Line label="Last due">{formatDateTime(mark.time, zone)}</Line>
      ) : null}
      {mark.latenessMs === null ? null : (
        <Line label="Late by">
          {mark.latenessMs < 1000 ? `${formatMs(mark.latenessMs)} ms` : formatSpan(mark.latenessMs)}
        </Line>
      )}
      {mark.durationMs !== null &&
      (mark.kind === "on_time" || mark.kind === "late" || mark.kind === "error") ? (
        <Line label="Took">{`${formatMs(mark.durationMs)} ms`}</Line>
      ) : null}
      {mark.result !== null && mark.result !== "none" ? (
        <Line label="Result">{RESULT_WORD[mark.result]}</Line>
      ) : null}
      {mark.kind === "coming" ? null : <div className="dim">A click opens this tick.</div>}
    </>
  );
}

interface HoverCardProps {
  readonly hover: Hover;
  readonly width: number;
  readonly height: number;
}

/** Exact figures of what is under the pointer, kept inside the canvas. */
export function HoverCard({ hover, width, height }: HoverCardProps) {
  if (!hover.mark && hover.events.length === 0) return null;
  const left = hover.x > width / 2;
  const up = hover.y > height / 2;
  return (
    <div
      className={classes.hover}
      style={{
        ...(left ? { right: width - hover.x + 14 } : { left: hover.x + 14 }),
        top: hover.y + (up ? -10 : 10),
        ...(up ? { transform: "translateY(-100%)" } : {}),
      }}
      data-testid="timeline-hover"
    >
      {hover.mark || hover.events.some(({ botId }) => botId !== null) ? <b>{hover.name}</b> : null}
      {hover.mark ? <MarkFigures mark={hover.mark} /> : null}
      {hover.events.map((event) => (
        <div key={`${event.kind} ${event.from} ${event.botId ?? ""}`} className={classes.event}>
          {event.botId === null ? <b>{bandLabel(event)}</b> : <b>{event.kind}</b>}
          <div>{event.reason}</div>
        </div>
      ))}
    </div>
  );
}
