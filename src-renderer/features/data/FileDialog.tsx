import { Autocomplete, Button, Group, Modal, SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import type { FileSeries } from "../../../src-preload/contract/files.ts";
import { METRIC_SOURCES, type MetricId } from "../../../src-preload/contract/metrics.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { TIMEFRAMES, type Timeframe } from "../../../src-preload/contract/time.ts";
import { FailureNote } from "../../components/Message.tsx";
import { ask } from "../../state/bridge.ts";
import { useRequest } from "../../state/use-request.ts";
import { FileJob } from "./FileJob.tsx";
import classes from "./data.module.css";

export type FileDirection = "import" | "export";

interface FileDialogProps {
  readonly direction: FileDirection;
  /** What the page shows, to begin with. */
  readonly kind: FileSeries["kind"];
  readonly onClose: () => void;
}

const WIDE: readonly MetricId[] = ["nupl", "stablecoin_supply", "fear_greed", "btc_dominance"];
const WHAT = [
  { value: "candles", label: "Candles" },
  { value: "metric", label: "Metric" },
];

/** Candles or a metric in or out as CSV: what, which file, what it would bring, and the word to store it. */
export function FileDialog({ direction, kind: shown, onClose }: FileDialogProps) {
  const job = useRequest("files:job", undefined, { everyMs: 300 });
  const [kind, setKind] = useState<string>(shown);
  const [symbol, setSymbol] = useState("");
  const [timeframe, setTimeframe] = useState<Timeframe>("1h");
  const [metric, setMetric] = useState<MetricId>("funding_rate");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const known = useRequest("bots:symbols", undefined);
  const coverage = useRequest("data:coverage", undefined);
  const metrics = useRequest("metrics:list", undefined);
  const wide = kind === "metric" && WIDE.includes(metric);
  const stored = coverage.value?.map((series) => series.symbol) ?? [];
  const symbols = [
    ...new Set(direction === "export" ? stored : [...stored, ...(known.value ?? [])]),
  ];
  const titleOf = (name: MetricId): string =>
    metrics.value?.find((each) => each.name === name)?.title ?? name.replaceAll("_", " ");

  const choose = async (): Promise<void> => {
    const series: FileSeries =
      kind === "candles"
        ? { kind: "candles", symbol: symbol.trim().toUpperCase(), timeframe }
        : { kind: "metric", name: metric, symbol: wide ? null : symbol.trim().toUpperCase() };
    setBusy(true);
    const answer = await ask(direction === "import" ? "files:import" : "files:export", { series });
    setBusy(false);
    setFailure(answer.ok ? null : answer.error);
    job.reload();
  };
  const wrong = (field: string): string | null =>
    failure?.field === field ? failure.message : null;
  const title = direction === "import" ? "Import CSV" : "Export CSV";

  if (job.value !== null)
    return (
      <Modal
        opened
        onClose={onClose}
        title={job.value.kind === "import" ? "Import CSV" : "Export CSV"}
        size={640}
      >
        <FileJob job={job.value} onChanged={job.reload} onClose={onClose} />
      </Modal>
    );
  return (
    <Modal opened onClose={onClose} title={title} size={640}>
      <form
        className={classes.form}
        data-testid="file-form"
        onSubmit={(event) => {
          event.preventDefault();
          void choose();
        }}
      >
        <SegmentedControl
          value={kind}
          onChange={setKind}
          data={WHAT}
          aria-label="What the file holds"
          data-testid="file-kind"
        />
        <div className={classes.two}>
          {kind === "candles" ? (
            <Select
              label="Timeframe"
              data={[...TIMEFRAMES]}
              value={timeframe}
              onChange={(value) => {
                const chosen = TIMEFRAMES.find((each) => each === value);
                if (chosen) setTimeframe(chosen);
              }}
              data-testid="file-timeframe"
            />
          ) : (
            <Select
              label="Metric"
              data={METRICS.map((name) => ({ value: name, label: titleOf(name) }))}
              value={metric}
              onChange={(value) => {
                const chosen = METRICS.find((each) => each === value);
                if (chosen) setMetric(chosen);
              }}
              data-testid="file-metric"
            />
          )}
          {wide ? null : (
            <Autocomplete
              label="Symbol"
              placeholder="BTC/USDT"
              data={symbols.toSorted()}
              limit={100}
              value={symbol}
              onChange={setSymbol}
              error={wrong("series.symbol")}
              data-testid="file-symbol"
            />
          )}
        </div>
        <div className="dim">
          {direction === "import"
            ? "Header, separator and the style of times are found by themselves; plain or gzip. Nothing is stored before you have seen what the file brings."
            : "All that is stored of it, oldest first; a name that ends in .gz is compressed."}
        </div>
        {failure !== null && failure.field === undefined ? <FailureNote failure={failure} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={busy}
            disabled={!wide && symbol.trim() === ""}
            data-testid="file-choose"
          >
            Choose file…
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

const METRICS = Object.keys(METRIC_SOURCES) as readonly MetricId[];
