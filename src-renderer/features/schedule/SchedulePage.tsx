import { SegmentedControl, Tooltip } from "@mantine/core";
import { useMemo, useState } from "react";
import type { LatencyBucket, TickCounts } from "../../../src-preload/contract/ticks.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { Card } from "../../components/Card.tsx";
import { FailureNote, Loading } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { formatNumber, formatShare } from "../../format/numbers.ts";
import { useRequest } from "../../state/use-request.ts";
import { TickList } from "./TickList.tsx";
import classes from "./schedule.module.css";

const HOUR = 3_600_000;
const WINDOWS = [
  { value: String(HOUR), label: "1 h" },
  { value: String(6 * HOUR), label: "6 h" },
  { value: String(24 * HOUR), label: "24 h" },
  { value: String(168 * HOUR), label: "7 d" },
];

const CHART_HEIGHT = 190;
const PERCENTILES = [
  { key: "p50", label: "p50", colour: "var(--dim)" },
  { key: "p95", label: "p95", colour: "var(--accent)" },
  { key: "p99", label: "p99", colour: "var(--warn)" },
] as const;

interface Counter {
  readonly key: keyof TickCounts;
  readonly label: string;
  readonly hint: string;
  /** A count above 0 is coloured. */
  readonly tone: string;
}

const COUNTERS: readonly Counter[] = [
  {
    key: "onTime",
    label: "Ran on time",
    hint: "Fire times that ran with lateness under 1 s and without an error",
    tone: "",
  },
  {
    key: "missed",
    label: "Missed",
    hint: "Misfires: the start would have been later than the grace time of 60 s, so the tick was not run",
    tone: "tone-loss",
  },
  {
    key: "coalesced",
    label: "Coalesced",
    hint: "Several fire times were due at once, after sleep or a stall, and became one run, for the latest",
    tone: "tone-warn",
  },
  {
    key: "skipped",
    label: "Skipped",
    hint: "Due while the previous tick of the same bot still ran; one instance a bot",
    tone: "tone-warn",
  },
  {
    key: "cancelled",
    label: "Cancelled",
    hint: "Due when the bot was stopped or the engine drained",
    tone: "tone-warn",
  },
  {
    key: "errors",
    label: "Errors",
    hint: "Ticks that ran and ended with an error; the reason is in the table below",
    tone: "tone-loss",
  },
];

const chartData = (buckets: readonly LatencyBucket[], what: "duration" | "lateness") =>
  buckets
    .filter((bucket) => bucket.ticks > 0)
    .map((bucket) => ({ time: bucket.time, ...bucket[what] }));

function Counters({ total }: { readonly total: TickCounts | undefined }) {
  return (
    <div className={classes.counters}>
      {COUNTERS.map(({ key, label, hint, tone }) => {
        const count = total?.[key];
        return (
          <Tooltip key={key} label={hint}>
            <div className={`card ${classes.counter}`} data-testid={`count-${key}`}>
              <div className="card-title">{label}</div>
              <div className={`${classes.figure} ${count !== undefined && count > 0 ? tone : ""}`}>
                {formatNumber(count, 0)}
                {key === "onTime" && total && total.ran > 0 ? (
                  <span className="dim" style={{ fontSize: 12, fontWeight: 400, marginLeft: 6 }}>
                    {formatShare(total.onTime / total.ran, 2)} of {formatNumber(total.ran, 0)}
                  </span>
                ) : null}
              </div>
            </div>
          </Tooltip>
        );
      })}
    </div>
  );
}

export default function SchedulePage() {
  const [windowMs, setWindowMs] = useState(24 * HOUR);
  const latency = useRequest("ticks:latency", { windowMs, buckets: 96 }, { everyMs: 3000 });
  const duration = useMemo(
    () => chartData(latency.value?.buckets ?? [], "duration"),
    [latency.value],
  );
  const lateness = useMemo(
    () => chartData(latency.value?.buckets ?? [], "lateness"),
    [latency.value],
  );
  const length = WINDOWS.find(({ value }) => value === String(windowMs))?.label ?? "";
  const empty = `The last ${length} of engine time have too few ticks for a line.`;
  return (
    <div className="page" data-testid="page-schedule">
      <PageHeader title="Schedule" note="engine time">
        <SegmentedControl
          value={String(windowMs)}
          onChange={(value) => setWindowMs(Number(value))}
          data={WINDOWS}
          aria-label="Length of the window, engine time"
          data-testid="window"
        />
      </PageHeader>
      <div className="page-body">
        {latency.failure ? (
          <FailureNote failure={latency.failure} onRetry={latency.reload} />
        ) : null}
        <Counters total={latency.value?.total} />
        <div className={classes.charts}>
          <Card title="Duration of ticks" note="real time from start to end">
            {latency.loading ? (
              <Loading height={CHART_HEIGHT} />
            ) : (
              <TimeChart
                data={duration}
                series={PERCENTILES}
                unit="ms"
                decimals={2}
                fromZero
                height={CHART_HEIGHT}
                label="Duration of ticks over time, ms"
                emptyText={empty}
              />
            )}
          </Card>
          <Card title="Lateness of ticks" note="start minus fire time, engine time">
            {latency.loading ? (
              <Loading height={CHART_HEIGHT} />
            ) : (
              <TimeChart
                data={lateness}
                series={PERCENTILES}
                unit="ms"
                decimals={2}
                fromZero
                height={CHART_HEIGHT}
                label="Lateness of ticks over time, ms"
                emptyText={empty}
              />
            )}
          </Card>
        </div>
        <TickList />
      </div>
    </div>
  );
}
