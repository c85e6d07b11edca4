import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { METRIC_SOURCES } from "../../../src-preload/contract/metrics.ts";
import type {
  MetricId,
  MetricSourceKind,
  MetricView,
} from "../../../src-preload/contract/metrics.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { Card } from "../../components/Card.tsx";
import { FailureNote } from "../../components/Message.tsx";
import { plural } from "../../format/numbers.ts";
import { formatDateTime, formatSpan } from "../../format/time.ts";
import type { Zone } from "../../format/time.ts";
import { ask } from "../../state/bridge.ts";
import { useSettings } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";
import { Field } from "./Field.tsx";
import type { SectionProps } from "./Field.tsx";
import { WEB_METRICS } from "./settings-model.ts";
import classes from "./sources.module.css";

const LABELS: Readonly<Record<MetricSourceKind, string>> = {
  exchange: "Exchange",
  web: "Public source",
  csv: "CSV file",
  off: "Off",
};

const ROWS: readonly { readonly name: MetricId; readonly label: string; readonly help: string }[] =
  [
    { name: "funding_rate", label: "Funding rate", help: "Each symbol's perpetual, every 8 hours" },
    { name: "open_interest", label: "Open interest", help: "Each symbol's perpetual, hourly" },
    { name: "long_short_ratio", label: "Long/short ratio", help: "Accounts, hourly" },
    { name: "nupl", label: "NUPL", help: "1 − 1/MVRV from Coin Metrics, daily" },
    { name: "stablecoin_supply", label: "Stablecoin supply", help: "DefiLlama, US dollars, daily" },
    { name: "fear_greed", label: "Fear and greed", help: "alternative.me, 0 to 100, daily" },
    { name: "btc_dominance", label: "BTC dominance", help: "A file of your own, per cent, daily" },
  ];

const isWeb = (name: MetricId): name is (typeof WEB_METRICS)[number] =>
  WEB_METRICS.some((web) => web === name);

/** What came of the last fetches of a metric, in a sentence. */
function Result({ views, zone }: { readonly views: readonly MetricView[]; readonly zone: Zone }) {
  const unasked = views.every(({ lastSync, lastValue }) => lastSync === null && lastValue === null);
  if (unasked) return <span className="dim">Nobody has asked for it yet.</span>;
  const failed = views.find(({ lastSync }) => (lastSync?.error ?? null) !== null);
  const [first] = views;
  const age =
    first?.ageMs == null
      ? "No value yet."
      : `${first.stale ? "Stale: last" : "Last"} value ${formatSpan(first.ageMs)} old${views.length > 1 ? ` (${plural(views.length, "symbol")})` : ""}.`;
  return (
    <>
      <span className={(first?.stale ?? false) ? "tone-warn" : "dim"}>{age}</span>{" "}
      {failed?.lastSync?.error ? (
        <span className={`${classes.bad} selectable`}>{failed.lastSync.error}</span>
      ) : null}{" "}
      {first?.nextSync == null ? null : (
        <span className="dim">Asked for next at {formatDateTime(first.nextSync, zone)}.</span>
      )}
    </>
  );
}

/** Where each metric is read from, and what that brought last. */
export function MetricsSection({ draft, errors, change }: SectionProps) {
  const zone = useSettings((s) => s.settings?.timeZone ?? "utc");
  const metrics = useRequest("metrics:list", undefined, { everyMs: 15_000 });
  const [busy, setBusy] = useState<MetricId | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const set = (name: MetricId, part: object): void =>
    change({ metrics: { ...draft.metrics, [name]: { ...draft.metrics[name], ...part } } });
  const sync = async (name: MetricId): Promise<void> => {
    setBusy(name);
    const answer = await ask("metrics:sync", { name });
    setBusy(null);
    setFailure(answer.ok ? null : answer.error);
    metrics.reload();
  };
  return (
    <Card
      title="Metrics"
      note={
        draft.sourceKind === "synthetic"
          ? "The synthetic market makes its own; these are for an exchange"
          : "A metric that is missing or stale means no entry, never zero"
      }
    >
      {ROWS.map(({ name, label, help }) => {
        const views = metrics.value?.filter((view) => view.name === name) ?? [];
        const { source } = draft.metrics[name];
        return (
          <Field key={name} label={label} help={help}>
            <div className={classes.choice}>
              <div className={classes.line}>
                <SegmentedControl
                  aria-label={`Source of ${label}`}
                  value={source}
                  onChange={(next) => set(name, { source: next })}
                  data={METRIC_SOURCES[name].map((kind) => ({ value: kind, label: LABELS[kind] }))}
                  data-testid={`metric-source-${name}`}
                />
                {isWeb(name) && source === "web" ? (
                  <TextInput
                    aria-label={`Address of ${label}`}
                    w={190}
                    placeholder="The source's own"
                    value={draft.metrics[name].url ?? ""}
                    onChange={(event) => set(name, { url: event.currentTarget.value })}
                    data-testid={`metric-url-${name}`}
                  />
                ) : null}
                {source === "off" || draft.sourceKind === "synthetic" ? null : (
                  <Button
                    variant="subtle"
                    size="xs"
                    loading={busy === name}
                    leftSection={<RefreshCw size={14} aria-hidden="true" />}
                    onClick={() => void sync(name)}
                    data-testid={`metric-sync-${name}`}
                  >
                    Ask now
                  </Button>
                )}
              </div>
              {source === "off" || metrics.value === null ? null : (
                <div className={classes.result} data-testid={`metric-result-${name}`}>
                  <Result views={views} zone={zone} />
                </div>
              )}
            </div>
          </Field>
        );
      })}
      {errors.metrics ? <p className={classes.bad}>{errors.metrics}</p> : null}
      {failure ? <FailureNote failure={failure} /> : null}
      {metrics.failure ? <FailureNote failure={metrics.failure} onRetry={metrics.reload} /> : null}
    </Card>
  );
}
