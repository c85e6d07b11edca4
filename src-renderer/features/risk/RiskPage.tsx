import { Button, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { Link } from "wouter";
import type { RiskOverview, SymbolRisk } from "../../../src-preload/contract/risk.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { formatMoney, formatNumber, plural } from "../../format/numbers.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";
import { Breakers } from "./Breakers.tsx";
import { CorrelationMatrix } from "./CorrelationMatrix.tsx";
import { LimitBars } from "./LimitBars.tsx";
import { LockPair } from "./LockPair.tsx";
import { BotRiskTable, HistoryTable, RefusalTable } from "./RiskTables.tsx";
import { DeadManCard, KillCard } from "./Switches.tsx";
import classes from "./risk.module.css";

const CHART_HEIGHT = 220;
const DRAWDOWN = [{ key: "drawdown", label: "Drawdown", colour: "var(--series-2)" }] as const;

function Exposure({ rows }: { readonly rows: readonly SymbolRisk[] }) {
  if (rows.length === 0) {
    return (
      <Empty title="No exposure" height={CHART_HEIGHT}>
        Open positions are drawn here by symbol, against the limit of each.
      </Empty>
    );
  }
  return (
    <div className={classes.exposure}>
      {rows.map(({ symbol, long, short, limit }) => {
        const used = long + short;
        const width = (value: number): string =>
          `${limit > 0 ? Math.min(100, (value / limit) * 100) : 100}%`;
        return (
          <div key={symbol}>
            <div className={classes.barHead}>
              <span>{symbol}</span>
              <span className="dim">
                {short > 0 ? (long > 0 ? "long and short" : "short") : "long"}
              </span>
              <span className="spread" />
              <span>{formatMoney(used)}</span>
              <span className="dim">of {formatNumber(limit, 0)}</span>
            </div>
            <div className={classes.track} style={{ display: "flex" }}>
              <div style={{ width: width(long), background: "var(--accent)" }} />
              <div style={{ width: width(short), background: "var(--series-2)" }} />
            </div>
          </div>
        );
      })}
    </div>
  );
}

function Overview({ risk, reload }: { readonly risk: RiskOverview; readonly reload: () => void }) {
  const drawdown = useRequest("risk:drawdown", { points: 400 }, { everyMs: 5000 });
  const refusals = useRequest("ticks:list", { results: ["denied"], limit: 100 }, { everyMs: 5000 });
  const history = useRequest("risk:events", { limit: 200 }, { everyMs: 10_000 });
  const [list, setList] = useState<"refusals" | "history">("refusals");
  useEventThrottled("risk:changed", 500, () => true, history.reload);
  const points = useMemo(
    () =>
      (drawdown.value ?? []).map(({ time, drawdownPct }) => ({
        time,
        drawdown: drawdownPct === 0 ? 0 : -drawdownPct,
      })),
    [drawdown.value],
  );
  const { correlation, portfolio } = risk;
  return (
    <div className={classes.body}>
      <div className={classes.top}>
        <Card
          title="Limits"
          note="used, and what is left"
          actions={
            <Button component={Link} href="/settings/risk" variant="default" size="compact-xs">
              Change limits
            </Button>
          }
        >
          <LimitBars bars={risk.bars} />
        </Card>
        <div className={classes.switches}>
          <KillCard kill={risk.kill} />
          <DeadManCard deadMan={risk.deadMan} />
        </div>
      </div>
      <Card
        title="Breakers"
        note="Limits that were reached hold entries back; exits always go through"
        padded={false}
        actions={<LockPair symbols={correlation.symbols} onDone={reload} />}
      >
        <Breakers breakers={risk.breakers} onReset={reload} />
      </Card>
      <div className={classes.charts}>
        <Card
          title="Drawdown from peak"
          note={`${formatNumber(-portfolio.drawdownPct, 2)} % from ${formatMoney(portfolio.peak)} USDT`}
        >
          {drawdown.loading ? (
            <Loading height={CHART_HEIGHT} />
          ) : (
            <TimeChart
              data={points}
              series={DRAWDOWN}
              unit="%"
              decimals={2}
              height={CHART_HEIGHT}
              label="Drawdown of the portfolio from its peak over time, %"
              fromZero
              emptyText="The line has a point an hour and begins with the second."
            />
          )}
        </Card>
        <Card title="Exposure by symbol" note="of the limit per symbol, USDT">
          <Exposure rows={risk.exposure} />
        </Card>
        <Card
          title="Correlation of returns"
          note={`newest ${correlation.candles} candles, of all symbols in use`}
        >
          <CorrelationMatrix symbols={correlation.symbols} values={correlation.values} />
        </Card>
      </div>
      <div className={classes.tables}>
        <Card title="Bots" note="deepest drawdown first" padded={false}>
          <BotRiskTable bots={risk.bots} />
        </Card>
        <Card
          title={list === "refusals" ? "Refused entries" : "History"}
          note="newest first"
          padded={false}
          actions={
            <SegmentedControl
              value={list}
              onChange={setList}
              data={[
                { value: "refusals", label: "Refused" },
                { value: "history", label: "History" },
              ]}
              aria-label="What to list"
              data-testid="risk-list"
            />
          }
        >
          {list === "refusals" ? (
            <RefusalTable ticks={refusals.value ?? []} />
          ) : (
            <HistoryTable events={history.value ?? []} />
          )}
        </Card>
      </div>
    </div>
  );
}

/** How close am I to each limit? */
export default function RiskPage() {
  const risk = useRequest("risk:overview", undefined, { everyMs: 2000 });
  useEventThrottled("risk:changed", 300, () => true, risk.reload);
  const { value } = risk;
  return (
    <div className="page" data-testid="page-risk">
      <PageHeader
        title="Risk"
        note={
          value === null
            ? null
            : value.breakers.length === 0
              ? "no breaker is tripped"
              : plural(value.breakers.length, "breaker")
        }
      />
      {risk.failure ? <FailureNote failure={risk.failure} onRetry={risk.reload} /> : null}
      {value ? <Overview risk={value} reload={risk.reload} /> : <Loading />}
    </div>
  );
}
