import { ActionIcon, Tooltip } from "@mantine/core";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import type { MetricId, MetricView } from "../../../src-preload/contract/metrics.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { Card } from "../../components/Card.tsx";
import { FailureNote, Loading } from "../../components/Message.tsx";
import { formatNumber, plural, UNKNOWN } from "../../format/numbers.ts";
import { formatDateTime, formatSpan } from "../../format/time.ts";
import { ask } from "../../state/bridge.ts";
import { useZone } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";
import classes from "./data.module.css";

/** Five significant digits at most: metrics range from a funding rate to a supply of billions. */
const figure = (value: number | null): string =>
  value === null
    ? UNKNOWN
    : Math.abs(value) >= 1000
      ? formatNumber(value, 0)
      : formatNumber(value, Math.abs(value) < 0.1 ? 6 : 4);

const keyOf = ({ name, symbol }: MetricView): string => `${name} ${symbol ?? ""}`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function stateOf({ source, stale, lastSync, lastValue }: MetricView): readonly [string, string] {
  if (source === "off") return ["dim", "off"];
  if (lastSync !== null && lastSync.error !== null) return ["loss", "failed"];
  if (lastValue === null) return ["dim", "no value yet"];
  return stale ? ["warn", "stale"] : ["gain", "current"];
}

/** What the last fetch brought, in words; the sentence of its error where it failed. */
const broughtBy = ({ lastSync }: MetricView): string =>
  lastSync === null
    ? UNKNOWN
    : (lastSync.error ?? plural(lastSync.added ?? 0, "new value", "new values"));

/** What is known of the market besides candles, where it comes from, and how old it is. */
export function MetricTable() {
  const zone = useZone();
  const metrics = useRequest("metrics:list", undefined, { everyMs: 3000 });
  const [busy, setBusy] = useState<ReadonlySet<MetricId>>(new Set());
  const [failure, setFailure] = useState<Failure | null>(null);

  const sync = async (name: MetricId): Promise<void> => {
    setBusy((old) => new Set([...old, name]));
    const answer = await ask("metrics:sync", { name });
    setFailure(answer.ok ? null : answer.error);
    setBusy((old) => new Set([...old].filter((each) => each !== name)));
    metrics.reload();
  };

  return (
    <Card title="Metrics" note="as bots would get them now" padded={false}>
      {metrics.failure ? <FailureNote failure={metrics.failure} onRetry={metrics.reload} /> : null}
      {failure ? <FailureNote failure={failure} /> : null}
      {metrics.loading ? <Loading /> : null}
      {metrics.value ? (
        <table className="table" data-testid="metric-table">
          <thead>
            <tr>
              <th>Metric</th>
              <th>Symbol</th>
              <th>Source</th>
              <th className="num">Value</th>
              <th>Known since</th>
              <th className="num">Age</th>
              <th className="num">Values</th>
              <th>State</th>
              <th>Last fetch</th>
              <th>Next fetch</th>
              <th aria-label="Sync now" />
            </tr>
          </thead>
          <tbody>
            {metrics.value.map((metric) => {
              const [tone, state] = stateOf(metric);
              const result = broughtBy(metric);
              return (
                <tr key={keyOf(metric)} data-metric={metric.name}>
                  <td>{capital(metric.title)}</td>
                  <td>{metric.symbol ?? <span className="dim">market</span>}</td>
                  <td>
                    <span title={metric.origin}>{metric.source}</span>
                  </td>
                  <td className="num">{figure(metric.lastValue)}</td>
                  <td>{formatDateTime(metric.knownAt, zone)}</td>
                  <td className="num">
                    {metric.ageMs === null ? UNKNOWN : formatSpan(metric.ageMs)}
                  </td>
                  <td className="num">{formatNumber(metric.values, 0)}</td>
                  <td className={`tone-${tone}`}>{state}</td>
                  <td className={classes.clipped} title={result} data-testid="metric-result">
                    {result}
                  </td>
                  <td>{formatDateTime(metric.nextSync, zone)}</td>
                  <td>
                    <Tooltip label={`Sync ${metric.title} now`}>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Sync ${metric.title} now`}
                        loading={busy.has(metric.name)}
                        disabled={metric.source === "off"}
                        onClick={() => void sync(metric.name)}
                        data-testid={`metric-sync-${metric.name}`}
                      >
                        <RefreshCw size={14} />
                      </ActionIcon>
                    </Tooltip>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      ) : null}
    </Card>
  );
}
