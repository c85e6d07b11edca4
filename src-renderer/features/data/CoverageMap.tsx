import { useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";
import type { CoverageView } from "../../../src-preload/contract/data.ts";
import { formatNumber } from "../../format/numbers.ts";
import { formatDate } from "../../format/time.ts";
import { useZone } from "../../state/settings.ts";
import {
  axisMarks,
  placed,
  segmentAt,
  segmentRange,
  segmentsOf,
  segmentText,
  type Segment,
  type Span,
} from "./coverage-model.ts";
import classes from "./data.module.css";

/** Half the width in which a gap is hit, px. */
const REACH = 5;

interface Pointed {
  readonly key: string;
  readonly segment: Segment;
  readonly at: Place;
}

/** Where the card points to, px in the window. */
interface Place {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

const CARD = { width: 280, height: 84 };

/** Below the row; above it where there is no room, and never outside the window. */
function cardStyle({ x, top, bottom }: Place): { readonly left: number; readonly top: number } {
  const left = Math.min(Math.max(8, x - CARD.width / 2), window.innerWidth - CARD.width - 8);
  const below = bottom + CARD.height < window.innerHeight;
  return { left, top: below ? bottom : top - CARD.height };
}

interface CoverageMapProps {
  readonly series: readonly CoverageView[];
  readonly span: Span;
  /** Enter or a double click on a row. */
  readonly onOpen: (series: CoverageView) => void;
}

/** Symbol × time: what is stored, and where something is missing. */
export function CoverageMap({ series, span, onOpen }: CoverageMapProps) {
  const zone = useZone();
  const [pointed, setPointed] = useState<Pointed | null>(null);
  return (
    <div className={classes.map} data-testid="coverage-map" onPointerLeave={() => setPointed(null)}>
      <div className={`${classes.mapRow} ${classes.axis}`}>
        <span>Symbol</span>
        <div className={classes.track}>
          {axisMarks(span, zone).map(({ at, label }) => (
            <span key={at} className={classes.mark} style={{ left: `${at * 100}%` }}>
              {label}
            </span>
          ))}
        </div>
        <span className={classes.num}>Candles</span>
        <span className={classes.num}>Missing</span>
        <span>First</span>
      </div>
      {series.map((each) => (
        <Row
          key={`${each.symbol} ${each.timeframe}`}
          series={each}
          span={span}
          pointed={pointed?.key === each.symbol ? pointed : null}
          onPoint={(segment, at) =>
            setPointed(segment === null || at === null ? null : { key: each.symbol, segment, at })
          }
          onOpen={() => onOpen(each)}
        />
      ))}
    </div>
  );
}

interface RowProps {
  readonly series: CoverageView;
  readonly span: Span;
  readonly pointed: Pointed | null;
  readonly onPoint: (segment: Segment | null, at: Place | null) => void;
  readonly onOpen: () => void;
}

function Row({ series, span, pointed, onPoint, onOpen }: RowProps) {
  const zone = useZone();
  const segments = segmentsOf(series);
  const shown = segments.filter((segment) => placed(segment, span) !== null);
  const length = span.to - span.from;
  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const scale = length / box.width;
    onPoint(segmentAt(shown, span.from + x * scale, REACH * scale), {
      x: event.clientX,
      top: box.top,
      bottom: box.bottom,
    });
  };
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === "Enter") {
      onOpen();
      return;
    }
    if (event.key === "Escape") {
      onPoint(null, null);
      return;
    }
    const row = event.currentTarget;
    const other =
      event.key === "ArrowDown"
        ? row.nextElementSibling
        : event.key === "ArrowUp"
          ? row.previousElementSibling
          : null;
    if (other instanceof HTMLElement && other.tabIndex === 0) {
      event.preventDefault();
      other.focus();
      return;
    }
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const now =
      pointed === null
        ? step > 0
          ? -1
          : shown.length
        : shown.findIndex((segment) => segment.from === pointed.segment.from);
    const next = shown[Math.min(Math.max(now + step, 0), shown.length - 1)];
    if (next === undefined) return;
    const box = row.querySelector("[data-track]")?.getBoundingClientRect();
    if (box === undefined) return;
    const middle = (Math.max(next.from, span.from) + Math.min(next.to, span.to)) / 2;
    const x = box.left + ((middle - span.from) / length) * box.width;
    onPoint(next, { x, top: box.top, bottom: box.bottom });
  };
  return (
    <div
      className={classes.mapRow}
      tabIndex={0}
      role="group"
      aria-label={`${series.symbol}: ${series.count} candles, ${series.missing} missing`}
      data-testid="coverage-row"
      data-symbol={series.symbol}
      onKeyDown={onKey}
      onBlur={() => onPoint(null, null)}
      onDoubleClick={onOpen}
    >
      <span className="ellipsis">{series.symbol}</span>
      <div className={classes.track} data-track onPointerMove={onMove}>
        {shown.map((segment) => {
          const place = placed(segment, span);
          return place === null ? null : (
            <div
              key={segment.from}
              className={classes[segment.kind]}
              data-kind={segment.kind}
              data-testid={segment.kind === "candles" ? "run" : "gap"}
              style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }}
            />
          );
        })}
        {pointed ? (
          <div
            className={classes.hover}
            style={{ ...cardStyle(pointed.at), width: CARD.width }}
            role="status"
            data-testid="coverage-hover"
          >
            <div className={classes.strong}>
              {series.symbol} {series.timeframe}
            </div>
            <div>{segmentText(pointed.segment)}</div>
            <div className="dim">{segmentRange(pointed.segment, series.timeframe, zone)}</div>
          </div>
        ) : null}
      </div>
      <span className={classes.num}>{formatNumber(series.count, 0)}</span>
      <span className={`${classes.num} ${series.missing > 0 ? "tone-warn" : "dim"}`}>
        {formatNumber(series.missing, 0)}
      </span>
      <span className="dim">{formatDate(series.first, zone)}</span>
    </div>
  );
}
