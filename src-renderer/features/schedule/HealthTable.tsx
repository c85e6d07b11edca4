import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { BotScheduleHealth, ScheduleHealth } from "../../../src-preload/contract/schedule.ts";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { StateDot } from "../../components/StateDot.tsx";
import { formatMs, formatNumber, formatSigned, plural, UNKNOWN } from "../../format/numbers.ts";
import { useBots } from "../../state/bots.ts";
import { useRowHeight } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";
import { healthValue, heartbeat, sortHealth } from "./health-rows.ts";
import type { HealthKey } from "./health-rows.ts";
import classes from "./health.module.css";

interface Column {
  readonly key: HealthKey;
  readonly label: string;
  readonly hint: string;
  /** Colour of a figure above 0. */
  readonly tone?: string;
}

const percentiles = (key: "late" | "took", label: string, what: string): readonly Column[] =>
  ([50, 95, 99] as const).map((p) => ({
    key: `${key}${p}` as const,
    label: p === 50 ? `${label} p50` : `p${p}`,
    hint: `${what}, ${p}th percentile, ms`,
  }));

const COLUMNS: readonly Column[] = [
  { key: "ticks", label: "Ran", hint: "Ticks that ran" },
  ...percentiles("late", "Late", "Lateness, engine time"),
  ...percentiles("took", "Took", "Duration, real time"),
  { key: "missed", label: "Missed", hint: "Fire times beyond the grace time", tone: "tone-loss" },
  {
    key: "coalesced",
    label: "Coal.",
    hint: "Fire times that became one run with a later one",
    tone: "tone-warn",
  },
  {
    key: "skipped",
    label: "Skip.",
    hint: "Fire times during the tick before",
    tone: "tone-warn",
  },
  {
    key: "cancelled",
    label: "Canc.",
    hint: "Ended by the run limit, a stop or the drain",
    tone: "tone-warn",
  },
  {
    key: "outliers",
    label: "Outl.",
    hint: "Outliers: ticks that took more than 5 times the median of the bot's last 200",
    tone: "tone-warn",
  },
];

const NUMBERS_OF_MS = new Set<HealthKey>([
  "late50",
  "late95",
  "late99",
  "took50",
  "took95",
  "took99",
]);

function figure(row: BotScheduleHealth, { key, tone }: Column): ReactNode {
  const value = healthValue(row, key);
  if (typeof value !== "number") return <span className="dim">{UNKNOWN}</span>;
  if (NUMBERS_OF_MS.has(key)) return formatMs(value);
  if (tone === undefined) return formatNumber(value, 0);
  return <span className={value > 0 ? tone : "dim"}>{formatNumber(value, 0)}</span>;
}

function Creep({ creep }: Pick<BotScheduleHealth, "creep">) {
  if (creep === null) return <span className="dim">none</span>;
  const { perDayPct, growthPct, days, p } = creep;
  return (
    <span
      className="tone-warn"
      title={`Duration grew by ${formatNumber(growthPct, 1)} % over ${plural(days, "day")}, p = ${p.toPrecision(2)}`}
    >
      {formatSigned(perDayPct, 1)} % a day
    </span>
  );
}

function Heart({ botId }: { readonly botId: string }) {
  const health = useBots((s) => s.byId.get(botId)?.health ?? "stopped");
  const reason = useBots((s) => s.byId.get(botId)?.healthReason ?? "");
  const { word, tone } = heartbeat(health);
  return (
    <span className="row" title={reason}>
      <StateDot health={health} reason={reason} size={10} />
      <span className={`ellipsis ${tone}`}>{word}</span>
    </span>
  );
}

function Total({ total }: { readonly total: ScheduleHealth }) {
  const three = (p: ScheduleHealth["lateness"]): string =>
    p === null ? UNKNOWN : `${formatMs(p.p50)} / ${formatMs(p.p95)} / ${formatMs(p.p99)} ms`;
  return (
    <>
      p50 / p95 / p99 of all: late {three(total.lateness)}, took {three(total.duration)};{" "}
      {plural(total.outliers, "outlier")}
    </>
  );
}

/** Each bot's lateness and duration, what did not run, outliers, creep and heartbeat. */
export function HealthTable({ windowMs }: { readonly windowMs: number }) {
  const [sort, setSort] = useState<{ readonly key: HealthKey; readonly descending: boolean }>({
    key: "name",
    descending: false,
  });
  const health = useRequest("schedule:health", { windowMs }, { everyMs: 3000 });
  const rowHeight = useRowHeight();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => sortHealth(health.value?.bots ?? [], sort.key, sort.descending),
    [health.value, sort],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const header = ({ key, label, hint }: Column, left = false) => (
    <span
      key={key}
      role="columnheader"
      aria-sort={sort.key === key ? (sort.descending ? "descending" : "ascending") : "none"}
      className={left ? classes.left : ""}
    >
      <button
        type="button"
        className={classes.sort}
        title={hint}
        onClick={() =>
          setSort((old) => ({
            key,
            descending: old.key === key ? !old.descending : key !== "name",
          }))
        }
      >
        {label}
        {sort.key !== key ? null : sort.descending ? (
          <ArrowDown size={12} aria-hidden="true" />
        ) : (
          <ArrowUp size={12} aria-hidden="true" />
        )}
      </button>
    </span>
  );
  return (
    <Card
      title="Health"
      note={health.value ? <Total total={health.value.total} /> : null}
      padded={false}
    >
      {health.failure ? <FailureNote failure={health.failure} onRetry={health.reload} /> : null}
      {health.loading ? <Loading /> : null}
      {health.value?.bots.length === 0 ? <Empty title="No bots yet" /> : null}
      <div
        ref={scroller}
        className={classes.scroller}
        role="table"
        aria-label="Health of each bot's schedule"
        aria-rowcount={rows.length + 1}
        data-testid="health-table"
      >
        <div role="row" className={`${classes.row} ${classes.head}`}>
          {header({ key: "name", label: "Bot", hint: "The bot's name" }, true)}
          <span
            role="columnheader"
            className={classes.left}
            title="Whether the bot ticked when it should have"
          >
            Heartbeat
          </span>
          {COLUMNS.map((column) => header(column))}
          {header({
            key: "creep",
            label: "Creep",
            hint: "Growth of the duration over days that is statistically real: a leak, or growing data",
          })}
        </div>
        <div style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <div
                key={row.botId}
                role="row"
                aria-rowindex={index + 2}
                className={`${classes.row} ${classes.line}`}
                style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                data-testid="health-row"
              >
                <span role="cell" className={classes.left}>
                  <Link
                    href={`/bots/${encodeURIComponent(row.botId)}`}
                    className="ellipsis"
                    title={row.botName}
                  >
                    {row.botName}
                  </Link>
                </span>
                <span role="cell" className={classes.left}>
                  <Heart botId={row.botId} />
                </span>
                {COLUMNS.map((column) => (
                  <span key={column.key} role="cell">
                    {figure(row, column)}
                  </span>
                ))}
                <span role="cell">
                  <Creep creep={row.creep} />
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </Card>
  );
}
