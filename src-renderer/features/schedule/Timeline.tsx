import { ActionIcon, Button, SegmentedControl, Tooltip } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { useLocation } from "wouter";
import { usePaint } from "../../charts/paint.ts";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { plural } from "../../format/numbers.ts";
import { strategyTitle, useBots } from "../../state/bots.ts";
import { engineNow } from "../../state/clock.ts";
import { useRowHeight, useZone } from "../../state/settings.ts";
import { HEAD_HEIGHT, drawScene } from "./draw.ts";
import type { DrawnRow } from "./draw.ts";
import { HoverCard, hoverAt } from "./HoverCard.tsx";
import type { Hover } from "./HoverCard.tsx";
import { LaneLabels } from "./LaneLabels.tsx";
import { Legend } from "./Legend.tsx";
import { laneRows, layoutLane, viewOf, zoomedEnd } from "./lanes.ts";
import { useTimeline } from "./use-timeline.ts";
import classes from "./timeline.module.css";

const MINUTE = 60_000;
const SPANS = [15 * MINUTE, 60 * MINUTE, 360 * MINUTE, 1440 * MINUTE] as const;
const SPAN_WORD: Readonly<Record<number, string>> = {
  [SPANS[0]]: "15 min",
  [SPANS[1]]: "1 h",
  [SPANS[2]]: "6 h",
  [SPANS[3]]: "24 h",
};
/** Up to so many bots all lanes are read; beyond, only those in view. */
const ALL_LANES = 100;
/** Marks on time closer than this would cover each other, px. */
const MARK_GAP = 3;
/** A press that moves less than this is a click, px. */
const CLICK_PX = 4;
const MACHINE = new Set(["sleep", "step", "stall"]);

interface Size {
  readonly width: number;
  readonly height: number;
}

const reducedMotion = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A lane for each bot with what became of its fire times and those to come, on the engine's time. */
export function Timeline() {
  const byId = useBots((s) => s.byId);
  const strategies = useBots((s) => s.strategies);
  const zone = useZone();
  const paint = usePaint();
  const rowHeight = Math.round(useRowHeight() * 0.75);
  const [, navigate] = useLocation();
  const [spanMs, setSpanMs] = useState<number>(SPANS[1]);
  const [end, setEnd] = useState<number | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  // Ticks change the map ten times a second; the lanes change with names and strategies only.
  const names = [...byId.values()]
    .map(({ id, config }) => `${id} ${config.name} ${config.strategy}`)
    .join("\n");
  const rows = useMemo(
    () => laneRows([...useBots.getState().byId.values()], (id) => strategyTitle(strategies, id)),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the list stands for the map it is made of
    [names, strategies],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 4,
    paddingStart: HEAD_HEIGHT,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  const items = virtualizer.getVirtualItems();

  const [data, read] = useTimeline(spanMs, () => {
    const now = engineNow();
    if (now === null) return null;
    const botIds =
      byId.size <= ALL_LANES
        ? undefined
        : items.flatMap(({ index }) => {
            const row = rows[index];
            return row?.kind === "lane" ? [row.botId] : [];
          });
    return { ...viewOf(spanMs, end, now), botIds };
  });
  const firstRow = items[0]?.index;
  useEffect(read, [read, end, spanMs, byId.size > ALL_LANES ? firstRow : 0]);

  useEffect(() => {
    const target = scroller.current;
    const board = canvas.current;
    if (!target || !board) return undefined;
    const measure = (): void =>
      setSize({ width: board.parentElement?.clientWidth ?? 0, height: target.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    measure();
    return () => observer.disconnect();
  }, []);

  const scene = useRef<() => void>(() => {});
  const drawn = useRef({ at: 0, from: 0, now: 0, dirty: true });
  drawn.current.dirty = true;
  scene.current = () => {
    const now = engineNow();
    const context = canvas.current?.getContext("2d");
    if (now === null || !context || size.width === 0) return;
    const view = viewOf(spanMs, end, now);
    const pixels = size.width / spanMs;
    const last = drawn.current;
    const moved =
      Math.abs(view.from - last.from) * pixels >= 0.5 || Math.abs(now - last.now) * pixels >= 0.5;
    const wall = performance.now();
    if (!last.dirty && (!moved || (reducedMotion() && wall - last.at < 1000))) return;
    drawn.current = { at: wall, from: view.from, now, dirty: false };
    const scrollTop = scroller.current?.scrollTop ?? 0;
    const ratio = window.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawScene(context, {
      ...size,
      ...view,
      rowHeight,
      now,
      zone,
      bands: data.events.filter(({ kind }) => MACHINE.has(kind)),
      rows: items.flatMap(({ index, start }): DrawnRow[] => {
        const row = rows[index];
        if (!row) return [];
        const top = start - scrollTop;
        if (row.kind === "group")
          return [{ top, marks: null, events: [], selected: false, hovered: null }];
        const lane = data.lanes.get(row.botId);
        const onLane = hover?.botId === row.botId;
        return [
          {
            top,
            marks: lane ? layoutLane(lane, view, MARK_GAP / pixels) : [],
            events: data.events.filter(({ botId }) => botId === row.botId),
            selected: onLane,
            hovered: onLane ? (hover?.mark?.fireTime ?? null) : null,
          },
        ];
      }),
    });
  };
  useEffect(() => {
    let frame = 0;
    const next = (): void => {
      scene.current();
      frame = requestAnimationFrame(next);
    };
    frame = requestAnimationFrame(next);
    return () => cancelAnimationFrame(frame);
  }, []);
  // A new theme changes the colours and nothing else that this component would see.
  useEffect(() => {
    drawn.current.dirty = true;
  }, [paint]);

  const press = useRef<{ readonly x: number; readonly end: number } | null>(null);
  const dragged = useRef(false);
  const viewNow = () => viewOf(spanMs, end, engineNow() ?? 0);
  const zoom = (next: number, share: number): void => {
    const view = viewNow();
    if (end !== null) setEnd(zoomedEnd(view, next, view.from + share * (view.to - view.from)));
    setSpanMs(next);
    setHover(null);
  };
  const pan = (share: number): void => setEnd(viewNow().to + share * spanMs);
  const step = (direction: 1 | -1, share: number): void => {
    const at = SPANS.findIndex((span) => span === spanMs) + direction;
    const next = SPANS[at];
    if (next !== undefined) zoom(next, share);
  };

  // React listens to the wheel passively; zooming must keep the page from scrolling.
  const onWheel = useRef<(event: WheelEvent) => void>(() => {});
  onWheel.current = (event) => {
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.ctrlKey) {
      step(event.deltaY > 0 ? 1 : -1, event.offsetX / size.width);
    } else if (sideways !== 0) {
      pan(sideways / size.width);
    } else return;
    event.preventDefault();
  };
  useEffect(() => {
    const board = canvas.current;
    const listener = (event: WheelEvent): void => onWheel.current(event);
    board?.addEventListener("wheel", listener, { passive: false });
    return () => board?.removeEventListener("wheel", listener);
  }, []);

  const find = (x: number, y: number): Hover | null => {
    const index = Math.floor((y + (scroller.current?.scrollTop ?? 0) - HEAD_HEIGHT) / rowHeight);
    const row = y < HEAD_HEIGHT ? undefined : rows[index];
    return hoverAt({
      x,
      y,
      row: row?.kind === "lane" ? row : null,
      view: viewNow(),
      width: size.width,
      data,
      gapMs: (MARK_GAP * spanMs) / size.width,
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "ArrowLeft") pan(-0.25);
    else if (event.key === "ArrowRight") pan(0.25);
    else if (event.key === "+") step(-1, 0.5);
    else if (event.key === "-") step(1, 0.5);
    else if (event.key === "0") setEnd(null);
    else return;
    event.preventDefault();
  };

  return (
    <Card
      title="Timeline"
      note={
        data.truncated
          ? "the oldest of very many ticks are left out; zoom in to see all"
          : plural(byId.size, "bot")
      }
      padded={false}
      actions={
        <>
          <Tooltip label="Earlier (left arrow, or drag)">
            <ActionIcon onClick={() => pan(-0.5)} aria-label="Earlier">
              <ChevronLeft size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Later (right arrow, or drag)">
            <ActionIcon onClick={() => pan(0.5)} aria-label="Later">
              <ChevronRight size={16} />
            </ActionIcon>
          </Tooltip>
          <Button
            variant="default"
            size="compact-xs"
            disabled={end === null}
            onClick={() => setEnd(null)}
            data-testid="timeline-now"
          >
            {end === null ? "Following now" : "Back to now"}
          </Button>
          <SegmentedControl
            value={String(spanMs)}
            onChange={(value) => zoom(Number(value), 0.5)}
            data={SPANS.map((span) => ({ value: String(span), label: SPAN_WORD[span] ?? "" }))}
            aria-label="Length of time shown"
            data-testid="timeline-zoom"
          />
        </>
      }
    >
      <Legend />
      {data.failure ? <FailureNote failure={data.failure} onRetry={read} /> : null}
      <div className={classes.board}>
        <div
          ref={scroller}
          className={classes.scroller}
          tabIndex={0}
          role="group"
          aria-label="Timeline of ticks: left and right pan, plus and minus zoom, 0 goes back to now"
          onKeyDown={onKeyDown}
          onScroll={() => setHover(null)}
          data-testid="timeline"
          data-lanes={data.lanes.size}
        >
          <div className={classes.sheet} style={{ height: virtualizer.getTotalSize() }}>
            <LaneLabels
              rows={rows}
              items={items}
              rowHeight={rowHeight}
              lanes={data.lanes}
              view={viewNow()}
              hovered={hover?.botId ?? null}
            />
            <div className={classes.canvasColumn}>
              <div className={classes.hoverHolder}>
                {hover ? <HoverCard hover={hover} width={size.width} height={size.height} /> : null}
              </div>
              <canvas
                ref={canvas}
                className={classes.canvas}
                aria-hidden="true"
                width={size.width * window.devicePixelRatio}
                height={size.height * window.devicePixelRatio}
                style={{
                  width: size.width,
                  height: size.height,
                  cursor: hover?.mark && hover.mark.kind !== "coming" ? "pointer" : "grab",
                }}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  press.current = { x: event.nativeEvent.offsetX, end: viewNow().to };
                  dragged.current = false;
                }}
                onPointerMove={(event) => {
                  const { offsetX, offsetY } = event.nativeEvent;
                  const from = press.current;
                  if (!from) {
                    setHover(find(offsetX, offsetY));
                    return;
                  }
                  if (Math.abs(offsetX - from.x) >= CLICK_PX) dragged.current = true;
                  if (!dragged.current) return;
                  setHover(null);
                  setEnd(from.end - ((offsetX - from.x) / size.width) * spanMs);
                }}
                onPointerUp={(event) => {
                  press.current = null;
                  if (dragged.current) return;
                  const { offsetX, offsetY } = event.nativeEvent;
                  const found = find(offsetX, offsetY);
                  if (found?.botId && found.mark && found.mark.kind !== "coming") {
                    navigate(
                      `/bots/${encodeURIComponent(found.botId)}/ticks/${found.mark.fireTime}`,
                    );
                  }
                }}
                onPointerLeave={() => setHover(null)}
              />
            </div>
          </div>
        </div>
        {rows.length === 0 ? (
          <div className={classes.over}>
            {data.loaded ? (
              <Empty title="No lanes yet">
                Each bot has a lane here, from the moment that it is made.
              </Empty>
            ) : (
              <Loading />
            )}
          </div>
        ) : null}
      </div>
    </Card>
  );
}
