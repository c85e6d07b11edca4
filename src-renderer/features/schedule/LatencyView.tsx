import { useViewportSize } from "@mantine/hooks";
import { useMemo } from "react";
import type { LatencyBucket } from "../../../src-preload/contract/ticks.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { Card } from "../../components/Card.tsx";
import { FailureNote, Loading } from "../../components/Message.tsx";
import { useLoop } from "../../state/loop.ts";
import { useRequest } from "../../state/use-request.ts";
import { LatenessHistogram } from "./LatenessHistogram.tsx";
import classes from "./schedule.module.css";

/** Of bars, counters, titles and gaps around the two rows of charts, px. */
const AROUND = 330;
const LEAST_HEIGHT = 170;
const MOST_HEIGHT = 320;
const PERCENTILES = [
  { key: "p50", label: "p50", colour: "var(--dim)" },
  { key: "p95", label: "p95", colour: "var(--accent)" },
  { key: "p99", label: "p99", colour: "var(--warn)" },
] as const;
const LOOP = [{ key: "p99", label: "p99", colour: "var(--warn)" }] as const;

const chartData = (buckets: readonly LatencyBucket[], what: "duration" | "lateness") =>
  buckets
    .filter((bucket) => bucket.ticks > 0)
    .map((bucket) => ({ time: bucket.time, ...bucket[what] }));

interface LatencyViewProps {
  readonly buckets: readonly LatencyBucket[] | null;
  readonly windowMs: number;
  readonly emptyText: string;
}

/** How late and how long: a histogram, percentiles over time, and the event loop that all ticks share. */
export function LatencyView({ buckets, windowMs, emptyText }: LatencyViewProps) {
  const { height: windowHeight } = useViewportSize();
  const height = Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, (windowHeight - AROUND) / 2));
  const histogram = useRequest("schedule:lateness-histogram", { windowMs }, { everyMs: 3000 });
  const loop = useLoop((s) => s.points);
  const loopData = useMemo(() => loop.map(({ time, p99 }) => ({ time, p99 })), [loop]);
  const duration = useMemo(() => chartData(buckets ?? [], "duration"), [buckets]);
  const lateness = useMemo(() => chartData(buckets ?? [], "lateness"), [buckets]);
  const overTime = (data: typeof duration, label: string) =>
    buckets === null ? (
      <Loading height={height} />
    ) : (
      <TimeChart
        data={data}
        series={PERCENTILES}
        unit="ms"
        decimals={2}
        fromZero
        height={height}
        label={label}
        emptyText={emptyText}
      />
    );
  return (
    <div className={classes.charts}>
      <Card title="Ticks by lateness" note="start minus fire time, engine ms">
        {histogram.failure ? (
          <FailureNote failure={histogram.failure} onRetry={histogram.reload} />
        ) : null}
        {histogram.loading ? (
          <Loading height={height} />
        ) : (
          <LatenessHistogram
            edges={histogram.value?.edges ?? []}
            counts={histogram.value?.counts ?? []}
            height={height}
            emptyText={emptyText}
          />
        )}
      </Card>
      <Card title="Event loop" note="delay of the main process, p99, wall time">
        <TimeChart
          data={loopData}
          series={LOOP}
          unit="ms"
          decimals={1}
          fromZero
          height={height}
          label="Event-loop delay over the last ten minutes of wall time, ms"
          emptyText="The line begins a second after the window opens."
        />
      </Card>
      <Card title="Lateness over time" note="start minus fire time, engine time">
        {overTime(lateness, "Lateness of ticks over time, ms")}
      </Card>
      <Card title="Duration over time" note="real time from start to end">
        {overTime(duration, "Duration of ticks over time, ms")}
      </Card>
    </div>
  );
}
