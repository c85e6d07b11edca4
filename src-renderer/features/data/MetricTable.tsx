import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { formatNumber, UNKNOWN } from "../../format/numbers.ts";
import { formatDateTime, formatSpan } from "../../format/time.ts";
import { useZone } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";

const METRIC_WORD: Readonly<Record<string, string>> = {
  funding_rate: "Funding rate",
  open_interest: "Open interest",
  long_short_ratio: "Long/short ratio",
  nupl: "NUPL",
  stablecoin_supply: "Stablecoin supply",
  fear_greed: "Fear and greed",
  btc_dominance: "BTC dominance",
};

/** Five significant digits at most: metrics range from a funding rate to a supply of billions. */
const figure = (value: number | null): string =>
  value === null
    ? UNKNOWN
    : Math.abs(value) >= 1000
      ? formatNumber(value, 0)
      : formatNumber(value, Math.abs(value) < 0.1 ? 6 : 4);

/** What is known of the market besides candles, and how old it is. */
export function MetricTable() {
  const zone = useZone();
  const ages = useRequest("data:metric-ages", undefined, { everyMs: 3000 });
  return (
    <Card title="Metrics" note="as bots would get them now" padded={false}>
      {ages.failure ? <FailureNote failure={ages.failure} onRetry={ages.reload} /> : null}
      {ages.loading ? <Loading /> : null}
      {ages.value?.length === 0 ? (
        <Empty title="No metric was asked for yet" height={160}>
          Metrics appear here once a bot that reads them has ticked.
        </Empty>
      ) : null}
      {ages.value && ages.value.length > 0 ? (
        <table className="table" data-testid="metric-table">
          <thead>
            <tr>
              <th>Metric</th>
              <th>Symbol</th>
              <th className="num">Value</th>
              <th>Known since</th>
              <th className="num">Age</th>
              <th className="num">Values</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {ages.value.map((metric) => (
              <tr key={`${metric.name} ${metric.symbol ?? ""}`}>
                <td>{METRIC_WORD[metric.name] ?? metric.name}</td>
                <td>{metric.symbol ?? <span className="dim">market</span>}</td>
                <td className="num">{figure(metric.value)}</td>
                <td>{formatDateTime(metric.time, zone)}</td>
                <td className="num">
                  {metric.ageMs === null ? UNKNOWN : formatSpan(metric.ageMs)}
                </td>
                <td className="num">{formatNumber(metric.points, 0)}</td>
                <td
                  className={
                    metric.trouble !== "" ? "tone-loss" : metric.late ? "tone-warn" : "tone-gain"
                  }
                >
                  {metric.trouble !== "" ? metric.trouble : metric.late ? "late" : "current"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </Card>
  );
}
