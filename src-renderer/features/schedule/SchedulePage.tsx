import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { FailureNote } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { useRequest } from "../../state/use-request.ts";
import { Counters } from "./Counters.tsx";
import { HealthTable } from "./HealthTable.tsx";
import { LatencyView } from "./LatencyView.tsx";
import { TickList } from "./TickList.tsx";
import { Timeline } from "./Timeline.tsx";
import classes from "./schedule.module.css";

const HOUR = 3_600_000;
const WINDOWS = [
  { value: String(HOUR), label: "1 h" },
  { value: String(6 * HOUR), label: "6 h" },
  { value: String(24 * HOUR), label: "24 h" },
  { value: String(168 * HOUR), label: "7 d" },
];

const VIEWS = [
  { value: "timeline", label: "Timeline" },
  { value: "latency", label: "Latency" },
  { value: "health", label: "Health" },
  { value: "ticks", label: "Ticks" },
] as const;
type View = (typeof VIEWS)[number]["value"];

/** Did everything run when it should? */
export default function SchedulePage() {
  const [view, setView] = useState<View>("timeline");
  const [windowMs, setWindowMs] = useState(24 * HOUR);
  const latency = useRequest("ticks:latency", { windowMs, buckets: 96 }, { everyMs: 3000 });
  const reasons = useRequest("schedule:reasons", { windowMs }, { everyMs: 3000 });
  const length = WINDOWS.find(({ value }) => value === String(windowMs))?.label ?? "";
  return (
    <div className="page" data-testid="page-schedule">
      <PageHeader title="Schedule" note={`engine time; counts of the last ${length}`}>
        <SegmentedControl
          value={view}
          onChange={setView}
          data={[...VIEWS]}
          aria-label="View"
          data-testid="schedule-view"
        />
        <SegmentedControl
          value={String(windowMs)}
          onChange={(value) => setWindowMs(Number(value))}
          data={WINDOWS}
          aria-label="Length of time that is counted, engine time"
          data-testid="window"
        />
      </PageHeader>
      <div className={`page-body ${classes.body}`}>
        {latency.failure ? (
          <FailureNote failure={latency.failure} onRetry={latency.reload} />
        ) : null}
        {reasons.failure ? (
          <FailureNote failure={reasons.failure} onRetry={reasons.reload} />
        ) : null}
        <Counters total={latency.value?.total} outcomes={reasons.value?.outcomes ?? []} />
        {view === "timeline" ? (
          <div className={classes.fill}>
            <Timeline />
          </div>
        ) : null}
        {view === "latency" ? (
          <LatencyView
            buckets={latency.value?.buckets ?? null}
            windowMs={windowMs}
            emptyText={`The last ${length} of engine time have too few ticks for a chart.`}
          />
        ) : null}
        {view === "health" ? (
          <div className={classes.fill}>
            <HealthTable windowMs={windowMs} />
          </div>
        ) : null}
        {view === "ticks" ? <TickList /> : null}
      </div>
    </div>
  );
}
