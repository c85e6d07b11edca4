import { Button, SegmentedControl } from "@mantine/core";
import { Download, Upload } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import type { CoverageView } from "../../../src-preload/contract/data.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { plural } from "../../format/numbers.ts";
import { engineNow } from "../../state/clock.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";
import { BackfillForm, BackfillList, type BackfillDraft } from "./BackfillPanel.tsx";
import { timeframesOf, wholeSpan } from "./coverage-model.ts";
import { CoverageMap } from "./CoverageMap.tsx";
import { FileDialog, type FileDirection } from "./FileDialog.tsx";
import { FindingTable } from "./FindingTable.tsx";
import { MarketPanel } from "./MarketPanel.tsx";
import { MetricTable } from "./MetricTable.tsx";
import classes from "./data.module.css";

const DAY = 86_400_000;
const VIEWS = [
  { value: "coverage", label: "Coverage" },
  { value: "metrics", label: "Metrics" },
  { value: "integrity", label: "Integrity" },
  { value: "market", label: "Market" },
];
const SPANS = [
  { value: "0", label: "All" },
  { value: String(365 * DAY), label: "1 y" },
  { value: String(90 * DAY), label: "90 d" },
  { value: String(7 * DAY), label: "7 d" },
];

const dayBefore = (now: number, days: number): string =>
  new Date(now - days * DAY).toISOString().slice(0, 10);

/** What do I know of the markets, and can it be trusted? */
export default function DataPage({ view = "coverage" }: { readonly view?: string | undefined }) {
  const [, navigate] = useLocation();
  const [file, setFile] = useState<FileDirection | null>(null);
  return (
    <div className="page" data-testid="page-data">
      <PageHeader title="Data">
        <SegmentedControl
          value={view}
          onChange={(value) => navigate(value === "coverage" ? "/data" : `/data/${value}`)}
          data={VIEWS}
          aria-label="View"
          data-testid="data-view"
        />
        <Button
          variant="default"
          leftSection={<Upload size={14} />}
          onClick={() => setFile("import")}
          data-testid="import-csv"
        >
          Import CSV
        </Button>
        <Button
          variant="default"
          leftSection={<Download size={14} />}
          onClick={() => setFile("export")}
          data-testid="export-csv"
        >
          Export CSV
        </Button>
      </PageHeader>
      {file === null ? null : (
        <FileDialog
          direction={file}
          kind={view === "metrics" ? "metric" : "candles"}
          onClose={() => setFile(null)}
        />
      )}
      <div className="page-body">
        {view === "coverage" ? <Coverage /> : null}
        {view === "metrics" ? <MetricTable /> : null}
        {view === "integrity" ? <FindingTable /> : null}
        {view === "market" ? <MarketPanel /> : null}
      </div>
    </div>
  );
}

function Coverage() {
  const coverage = useRequest("data:coverage", undefined, { everyMs: 5000 });
  useEventThrottled("data:changed", 500, () => true, coverage.reload);
  useEventThrottled("market:changed", 2000, () => true, coverage.reload);
  const [chosen, setChosen] = useState<Timeframe | null>(null);
  const [spanMs, setSpanMs] = useState(0);
  const now = engineNow() ?? Date.now();
  const [draft, setDraft] = useState<BackfillDraft>(() => ({
    symbols: [],
    timeframe: "1h",
    day: dayBefore(now, 365),
    verify: false,
  }));
  const change = (part: Partial<BackfillDraft>): void => setDraft((old) => ({ ...old, ...part }));

  const all = coverage.value ?? [];
  const timeframes = timeframesOf(all);
  const shown = chosen !== null && timeframes.includes(chosen) ? chosen : (timeframes[0] ?? null);
  const series = all.filter(({ timeframe }) => timeframe === shown);
  const span = spanMs === 0 ? wholeSpan(series, now) : { from: now - spanMs, to: now };
  const open = ({ symbol, timeframe }: CoverageView): void =>
    change({ symbols: [...new Set([...draft.symbols, symbol])], timeframe });
  const total = all.reduce((sum, each) => sum + each.count, 0);
  return (
    <div className={classes.coverage}>
      <Card
        title="Stored candles"
        note={
          coverage.value
            ? `${plural(total, "candle")} in ${plural(all.length, "series", "series")}`
            : undefined
        }
        padded={false}
        actions={
          <>
            {timeframes.length > 0 && shown !== null ? (
              <SegmentedControl
                aria-label="Timeframe"
                value={shown}
                onChange={(value) => setChosen(timeframes.find((each) => each === value) ?? null)}
                data={[...timeframes]}
                data-testid="coverage-timeframe"
              />
            ) : null}
            <SegmentedControl
              aria-label="Time that is shown"
              value={String(spanMs)}
              onChange={(value) => setSpanMs(Number(value))}
              data={SPANS}
              data-testid="coverage-span"
            />
          </>
        }
      >
        {coverage.failure ? (
          <FailureNote failure={coverage.failure} onRetry={coverage.reload} />
        ) : null}
        {coverage.loading ? <Loading /> : null}
        {coverage.value?.length === 0 ? (
          <Empty title="No candles yet" height={200}>
            Bots store what they fetch; a backfill brings older candles.
          </Empty>
        ) : null}
        {series.length > 0 ? (
          <>
            <CoverageMap series={series} span={span} onOpen={open} />
            <div className={classes.legend}>
              <span>
                <i className={classes.candles} /> stored
              </span>
              <span>
                <i className={classes.real} /> missing at the exchange too
              </span>
              <span>
                <i className={classes.open} /> missing, will be asked for again
              </span>
              <span className="spread" />
              <span>Enter on a row: backfill it</span>
            </div>
          </>
        ) : null}
      </Card>
      <div className={classes.side}>
        <BackfillForm
          draft={draft}
          change={change}
          known={[...new Set(all.map(({ symbol }) => symbol))]}
        />
        <BackfillList />
      </div>
    </div>
  );
}
