import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { useLocation } from "wouter";
import { Pnl } from "../../components/Pnl.tsx";
import { plural } from "../../format/numbers.ts";
import { strategyTitle, useBots } from "../../state/bots.ts";
import { useRowHeight, useZone } from "../../state/settings.ts";
import { BotRow } from "./BotRow.tsx";
import { columnsThatFit, gridTemplate, moneyWidth } from "./columns.tsx";
import type { CellContext, Column } from "./columns.tsx";
import { toggleChecked, toggleSort, useFleet } from "./fleet-store.ts";
import type { FleetRow, GroupBy } from "./rows.ts";
import classes from "./fleet.module.css";

const HEADER_HEIGHT = 30;

function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(1200);
  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const observer = new ResizeObserver(() => setWidth(target.clientWidth));
    observer.observe(target);
    setWidth(target.clientWidth);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}

function Header({
  columns,
  botIds,
}: {
  readonly columns: readonly Column[];
  readonly botIds: readonly string[];
}) {
  const sort = useFleet((s) => s.sort);
  const checked = useFleet((s) => s.checked);
  const chosen = botIds.filter((id) => checked.has(id)).length;
  const all = botIds.length > 0 && chosen === botIds.length;
  return (
    <div role="row" aria-rowindex={1} className={classes.head}>
      <span role="columnheader" className={classes.cell}>
        <input
          type="checkbox"
          className={classes.check}
          aria-label={all ? "Select none" : "Select all shown"}
          checked={all}
          ref={(element) => {
            if (element) element.indeterminate = chosen > 0 && !all;
          }}
          onChange={() => useFleet.setState({ checked: all ? new Set() : new Set(botIds) })}
        />
      </span>
      {columns.map((column) => {
        const active = sort.key === column.key;
        return (
          <span
            key={column.key}
            role="columnheader"
            aria-sort={active ? (sort.descending ? "descending" : "ascending") : "none"}
            className={column.align === "right" ? `${classes.cell} ${classes.right}` : classes.cell}
          >
            <button
              type="button"
              className={classes.sort}
              title={column.hint}
              aria-label={column.label === "" ? "State" : `${column.label}: ${column.hint}`}
              onClick={() =>
                toggleSort(
                  column.key,
                  column.align === "right" &&
                    column.key !== "timeframe" &&
                    column.key !== "nextTick",
                )
              }
            >
              {column.label === "" && !active ? <span className={classes.headDot} /> : column.label}
              {active ? (
                sort.descending ? (
                  <ArrowDown size={12} aria-hidden="true" />
                ) : (
                  <ArrowUp size={12} aria-hidden="true" />
                )
              ) : null}
            </button>
          </span>
        );
      })}
      <span role="columnheader" className={classes.cell}>
        <span className="visually-hidden">Actions</span>
      </span>
    </div>
  );
}

interface GroupRowProps {
  readonly row: Extract<FleetRow, { readonly kind: "group" }>;
  readonly title: string;
  readonly top: number;
}

function GroupRow({ row, title, top }: GroupRowProps) {
  return (
    <div
      role="row"
      className={classes.group}
      style={{ transform: `translateY(${top}px)` }}
      data-testid="group-row"
    >
      <span role="gridcell" className="row">
        <b>{title}</b>
        <span className="dim">
          {plural(row.count, "bot")}, {row.running} running
        </span>
        <span className="spread" />
        <span className="dim">today</span> <Pnl value={row.pnlToday} />
        <span className="dim">total</span> <Pnl value={row.pnlTotal} />
      </span>
    </div>
  );
}

interface FleetTableProps {
  readonly rows: readonly FleetRow[];
  readonly groupBy: GroupBy;
}

/** The fleet, drawn row by row as it comes into view. Arrows move, Space checks, Enter opens, Esc closes. */
export function FleetTable({ rows, groupBy }: FleetTableProps) {
  const [scroller, width] = useWidth();
  const rowHeight = useRowHeight();
  const zone = useZone();
  const strategies = useBots((s) => s.strategies);
  const selected = useFleet((s) => s.selected);
  const checked = useFleet((s) => s.checked);
  const [, navigate] = useLocation();

  const money = useMemo(
    () => moneyWidth(rows.flatMap((row) => (row.kind === "bot" ? [row.bot] : []))),
    [rows],
  );
  const columns = useMemo(() => columnsThatFit(width, groupBy, money), [width, groupBy, money]);
  const context = useMemo<CellContext>(
    () => ({ zone, titleOf: (id) => strategyTitle(strategies, id) }),
    [zone, strategies],
  );
  const botIds = useMemo(
    () => rows.flatMap((row) => (row.kind === "bot" ? [row.bot.id] : [])),
    [rows],
  );
  const navigateRef = useRef(navigate);
  navigateRef.current = navigate;
  const open = useMemo(
    () => (id: string) => navigateRef.current(`/bots/${encodeURIComponent(id)}`),
    [],
  );

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: HEADER_HEIGHT,
    // Enough rows for the first paint before the element is measured.
    initialRect: { width: 1200, height: 640 },
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  const move = (step: number): void => {
    const at = selected === null ? -1 : botIds.indexOf(selected);
    const next = Math.min(
      Math.max(at < 0 ? (step > 0 ? 0 : botIds.length - 1) : at + step, 0),
      botIds.length - 1,
    );
    const id = botIds[next];
    if (id === undefined) return;
    useFleet.setState({ selected: id });
    virtualizer.scrollToIndex(rows.findIndex((row) => row.kind === "bot" && row.bot.id === id));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLButtonElement) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 600) / rowHeight) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step !== undefined) move(step);
    else if (event.key === "Enter" && selected !== null) open(selected);
    else if (event.key === " " && selected !== null) toggleChecked(selected);
    else if (event.key === "Escape") useFleet.setState({ selected: null });
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={classes.table}
      style={{ "--cols": gridTemplate(columns) } as React.CSSProperties}
      role="grid"
      aria-label="Bots"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={selected === null ? undefined : `bot-row-${selected}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      data-testid="fleet-table"
      data-count={botIds.length}
    >
      <Header columns={columns} botIds={botIds} />
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          if (row.kind === "group") {
            const title = groupBy === "strategy" ? strategyTitle(strategies, row.key) : row.key;
            return <GroupRow key={`group ${row.key}`} row={row} title={title} top={item.start} />;
          }
          return (
            <BotRow
              key={row.bot.id}
              bot={row.bot}
              columns={columns}
              context={context}
              top={item.start}
              index={item.index}
              checked={checked.has(row.bot.id)}
              selected={selected === row.bot.id}
              onOpen={open}
            />
          );
        })}
      </div>
    </div>
  );
}
