import { SegmentedControl } from "@mantine/core";
import { Fragment, useState } from "react";
import type { CorrelationView } from "../../../src-preload/contract/market.ts";
import { TIMEFRAMES, type Timeframe } from "../../../src-preload/contract/time.ts";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { formatNumber, formatPrice, UNKNOWN } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { REGIME_WORD } from "../../format/words.ts";
import { useZone } from "../../state/settings.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";
import classes from "./data.module.css";

/** Regimes and correlations of all symbols in use, as of the last candle that closed. */
export function MarketPanel() {
  const [timeframe, setTimeframe] = useState<Timeframe | null>(null);
  const regimes = useRequest("market:regime", undefined, { everyMs: 10_000 });
  const matrix = useRequest("market:correlation", { timeframe }, { everyMs: 10_000 });
  const reload = (): void => {
    regimes.reload();
    matrix.reload();
  };
  useEventThrottled("market:changed", 1000, () => true, reload);
  const used = TIMEFRAMES.filter((each) => regimes.value?.some((row) => row.timeframe === each));
  const shown = timeframe ?? matrix.value?.timeframe ?? null;
  return (
    <div className={classes.market}>
      <Card
        title="Correlation of returns"
        note={
          matrix.value ? `last ${matrix.value.window} ${matrix.value.timeframe} candles` : undefined
        }
        actions={
          used.length > 1 && shown !== null ? (
            <SegmentedControl
              aria-label="Timeframe"
              value={shown}
              onChange={(value) => setTimeframe(used.find((each) => each === value) ?? null)}
              data={used}
            />
          ) : null
        }
      >
        {matrix.failure ? <FailureNote failure={matrix.failure} onRetry={matrix.reload} /> : null}
        {matrix.loading ? <Loading height={200} /> : null}
        {matrix.value ? <HeatMap view={matrix.value} /> : null}
      </Card>
      <Card title="Regime" note="of symbols in use" padded={false}>
        {regimes.failure ? (
          <FailureNote failure={regimes.failure} onRetry={regimes.reload} />
        ) : null}
        <Regimes rows={regimes.value} />
      </Card>
    </div>
  );
}

function Regimes({
  rows,
}: {
  readonly rows: ReturnType<typeof useRequest<"market:regime">>["value"];
}) {
  const zone = useZone();
  if (rows === null) return <Loading />;
  if (rows.length === 0) return <NoBots />;
  return (
    <table className="table" data-testid="regime-table">
      <thead>
        <tr>
          <th>Symbol</th>
          <th>Timeframe</th>
          <th>Regime</th>
          <th className="num">Close</th>
          <th>Candle</th>
          <th className="num">Bots</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.symbol} ${row.timeframe}`}>
            <td>{row.symbol}</td>
            <td>{row.timeframe}</td>
            <td className={row.regime === null ? "dim" : ""}>
              {row.regime === null ? "too few candles" : REGIME_WORD[row.regime]}
            </td>
            <td className="num">{formatPrice(row.close)}</td>
            <td>{formatDateTime(row.candleTime, zone).slice(5, 16)}</td>
            <td className="num">{row.bots}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const NoBots = () => (
  <Empty title="No symbol is in use" height={160}>
    Markets that bots trade are shown here.
  </Empty>
);

/** Symbol × symbol; the figure stands in each cell, colour only underlines it. */
function HeatMap({ view }: { readonly view: CorrelationView }) {
  const { symbols, matrix } = view;
  if (symbols.length === 0) return <NoBots />;
  const short = (symbol: string): string => symbol.split("/")[0] ?? symbol;
  return (
    <div className={classes.heatScroll}>
      <div
        className={classes.heat}
        style={{ gridTemplateColumns: `64px repeat(${symbols.length}, minmax(34px, 1fr))` }}
        role="table"
        aria-label="Correlation matrix"
        data-testid="correlation"
      >
        <span />
        {symbols.map((symbol) => (
          <span key={symbol} className={classes.heatHead} title={symbol}>
            {short(symbol)}
          </span>
        ))}
        {symbols.map((row, i) => (
          <Fragment key={row}>
            <span className={classes.heatRow} title={row}>
              {short(row)}
            </span>
            {symbols.map((column, j) => {
              const value = matrix[i]?.[j] ?? null;
              return (
                <span
                  key={column}
                  className={classes.cell}
                  data-empty={value === null || i === j ? "" : undefined}
                  title={`${row} and ${column}: ${value === null ? "too few candles in common" : formatNumber(value, 3)}`}
                  style={{
                    background:
                      value === null || i === j
                        ? "transparent"
                        : `color-mix(in srgb, var(${value < 0 ? "--series-2" : "--accent"}) ${Math.round(Math.abs(value) * 55)}%, transparent)`,
                  }}
                >
                  {value === null ? UNKNOWN : i === j ? "1" : formatNumber(value, 2)}
                </span>
              );
            })}
          </Fragment>
        ))}
      </div>
    </div>
  );
}
