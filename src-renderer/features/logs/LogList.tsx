import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Check, Copy } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import type { LogLevel, LogRecord } from "../../../src-preload/contract/logs.ts";
import { formatMs } from "../../format/numbers.ts";
import { formatDateTime, formatTime } from "../../format/time.ts";
import type { Zone } from "../../format/time.ts";
import { useBots } from "../../state/bots.ts";
import { useRowHeight, useZone } from "../../state/settings.ts";
import type { NumberedRecord } from "./log-filter.ts";
import classes from "./logs.module.css";

const LEVEL_TONE: Readonly<Record<LogLevel, string>> = {
  error: "tone-loss",
  warn: "tone-warn",
  info: "",
  debug: "dim",
};

function Json({ record }: { readonly record: LogRecord }) {
  const text = JSON.stringify(record, null, 2);
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={classes.json}>
      <pre className="mono">{text}</pre>
      <Tooltip label={clipboard.copied ? "Copied" : "Copy the record"}>
        <ActionIcon onClick={() => clipboard.copy(text)} aria-label="Copy the record">
          {clipboard.copied ? <Check size={14} /> : <Copy size={14} />}
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

interface LineProps {
  readonly record: LogRecord;
  readonly zone: Zone;
  readonly open: boolean;
  readonly onToggle: () => void;
}

const Line = memo(
  function Line({ record, zone, open, onToggle }: LineProps) {
    const name =
      record.bot_id === undefined
        ? undefined
        : useBots.getState().byId.get(record.bot_id)?.config.name;
    return (
      <>
        <button
          type="button"
          className={classes.line}
          aria-expanded={open}
          onClick={onToggle}
          data-testid="log-row"
          data-level={record.level}
        >
          <span className="dim">{formatTime(record.time, zone)}</span>
          <span>{formatDateTime(record.engine_time, zone)}</span>
          <span className={LEVEL_TONE[record.level]}>{record.level}</span>
          <span className="ellipsis">{record.event}</span>
          <span className="ellipsis">{name ?? record.bot_id ?? ""}</span>
          <span className={`ellipsis ${record.level === "error" ? "tone-loss" : ""}`}>
            {record.error ?? record.reason}
          </span>
          <span className={classes.num}>
            {record.tick_duration_ms === undefined ? "" : formatMs(record.tick_duration_ms)}
          </span>
          <span className={classes.num}>
            {record.lateness_ms === undefined ? "" : formatMs(record.lateness_ms)}
          </span>
        </button>
        {open ? <Json record={record} /> : null}
      </>
    );
  },
  (a, b) => a.record === b.record && a.zone === b.zone && a.open === b.open,
);

interface LogListProps {
  /** Newest first. */
  readonly records: readonly NumberedRecord[];
}

/** The log, drawn as it comes into view; a line opens to its whole JSON. */
export function LogList({ records }: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const zone = useZone();
  const height = useRowHeight() - 3;
  const virtualizer = useVirtualizer({
    count: records.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => records[index]?.serial ?? index,
    overscan: 10,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  const toggle = (serial: number): void => {
    const next = new Set(opened);
    if (!next.delete(serial)) next.add(serial);
    setOpened(next);
  };
  return (
    <div ref={scroller} className={classes.list} data-testid="log-list" data-count={records.length}>
      <div className={classes.head}>
        <span>Wall time</span>
        <span>Engine time</span>
        <span>Level</span>
        <span>Event</span>
        <span>Bot</span>
        <span>Reason</span>
        <span className={classes.num}>ms</span>
        <span className={classes.num}>Late ms</span>
      </div>
      <div style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
        {virtualizer.getVirtualItems().map((item) => {
          const numbered = records[item.index];
          if (!numbered) return null;
          return (
            <div
              key={item.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              className={classes.item}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Line
                record={numbered.record}
                zone={zone}
                open={opened.has(numbered.serial)}
                onToggle={() => toggle(numbered.serial)}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
