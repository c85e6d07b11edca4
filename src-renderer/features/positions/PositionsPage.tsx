import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import type { PositionView } from "../../../src-preload/contract/portfolio.ts";
import { sinceCapitalChanged } from "../../charts/equity.ts";
import { ExposureChart } from "../../charts/ExposureChart.tsx";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { actOnBots } from "../../components/bot-actions.tsx";
import { formatMoney, plural } from "../../format/numbers.ts";
import { useBots } from "../../state/bots.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";
import { ChainPanel } from "./ChainPanel.tsx";
import { OrderTable } from "./OrderTable.tsx";
import { PositionTable } from "./PositionTable.tsx";
import classes from "./positions.module.css";

const CHART_HEIGHT = 190;
const EQUITY = [{ key: "equity", label: "Equity", colour: "var(--accent)" }] as const;
const PNL = [
  { key: "realised", label: "Realised", colour: "var(--accent)" },
  { key: "unrealised", label: "Unrealised", colour: "var(--series-2)" },
] as const;

function closePosition({ botId }: PositionView): void {
  const bot = useBots.getState().byId.get(botId);
  if (bot) actOnBots("close", [bot]);
}

type View = "open" | "closed" | "orders";

export default function PositionsPage() {
  const [view, setView] = useState<View>("open");
  const [selected, setSelected] = useState<string | null>(null);
  const open = useRequest("portfolio:positions", { state: "open", limit: 5000 }, { everyMs: 3000 });
  const closed = useRequest("portfolio:positions", { state: "closed", limit: 500 });
  const orders = useRequest("portfolio:orders", { limit: 500 });
  const equity = useRequest("portfolio:equity", { points: 400 }, { everyMs: 5000 });
  useEventThrottled(
    "portfolio:changed",
    1000,
    () => true,
    () => {
      open.reload();
      closed.reload();
      orders.reload();
    },
  );

  const points = useMemo(
    () =>
      sinceCapitalChanged(equity.value ?? []).map(
        ({ time, equity: value, realised, unrealised }) => ({
          time,
          equity: value,
          realised,
          unrealised,
        }),
      ),
    [equity.value],
  );
  const exposure = open.value?.reduce((sum, position) => sum + position.exposure, 0) ?? null;
  const shown = view === "open" ? open : view === "closed" ? closed : orders;
  const select = (id: string): void => setSelected(id === selected ? null : id);

  return (
    <div className="page" data-testid="page-positions">
      <PageHeader
        title="Positions"
        note={open.value ? `${plural(open.value.length, "position")} open` : null}
      />
      <div className={classes.body}>
        <div className={classes.main}>
          <div className={classes.charts}>
            <Card
              title="Exposure"
              note={
                <>
                  <span style={{ color: "var(--accent)" }}>long</span>,{" "}
                  <span style={{ color: "var(--series-2)" }}>short</span> by symbol,{" "}
                  {formatMoney(exposure)} USDT
                </>
              }
            >
              {open.loading ? (
                <Loading height={CHART_HEIGHT} />
              ) : (
                <ExposureChart positions={open.value ?? []} height={CHART_HEIGHT} />
              )}
            </Card>
            <Card title="Equity" note="since the capital last changed">
              {equity.failure ? (
                <FailureNote failure={equity.failure} onRetry={equity.reload} />
              ) : null}
              {equity.loading ? (
                <Loading height={CHART_HEIGHT} />
              ) : (
                <TimeChart
                  data={points}
                  series={EQUITY}
                  unit="USDT"
                  decimals={2}
                  height={CHART_HEIGHT}
                  label="Equity of the fleet over time, USDT"
                  emptyText="The line begins with the second point in time."
                />
              )}
            </Card>
            <Card title="Realised and unrealised">
              {equity.loading ? (
                <Loading height={CHART_HEIGHT} />
              ) : (
                <TimeChart
                  data={points}
                  series={PNL}
                  unit="USDT"
                  decimals={2}
                  height={CHART_HEIGHT}
                  label="Realised and unrealised profit and loss over time, USDT"
                  fromZero
                  emptyText="The lines begin with the first trade."
                />
              )}
            </Card>
          </div>
          <Card
            title={
              view === "orders" ? "Orders" : view === "open" ? "Open positions" : "Closed trades"
            }
            note={
              shown.value
                ? `${plural(shown.value.length, view === "orders" ? "order" : view === "open" ? "position" : "trade")}; a row shows its way from signal to fill`
                : null
            }
            padded={false}
            actions={
              <SegmentedControl
                value={view}
                onChange={(value) => setView(value)}
                data={[
                  { value: "open", label: "Open" },
                  { value: "closed", label: "Closed" },
                  { value: "orders", label: "Orders" },
                ]}
                aria-label="What to list"
                data-testid="positions-view"
              />
            }
          >
            {shown.failure ? <FailureNote failure={shown.failure} onRetry={shown.reload} /> : null}
            {shown.loading ? <Loading /> : null}
            {shown.value?.length === 0 ? (
              <Empty
                title={
                  view === "open"
                    ? "No open positions"
                    : view === "closed"
                      ? "No closed trades yet"
                      : "No orders yet"
                }
              >
                {view === "open"
                  ? "Positions of all bots are listed here from the moment that an entry is committed."
                  : "They appear here as bots trade."}
              </Empty>
            ) : null}
            {view === "orders" ? (
              orders.value && orders.value.length > 0 ? (
                <OrderTable orders={orders.value} selected={selected} onSelect={select} />
              ) : null
            ) : (
              <PositionList
                positions={(view === "open" ? open.value : closed.value) ?? []}
                selected={selected}
                onSelect={select}
                {...(view === "open" ? { onClose: closePosition } : {})}
              />
            )}
          </Card>
        </div>
        {selected === null ? null : (
          <ChainPanel key={selected} positionId={selected} onClose={() => setSelected(null)} />
        )}
      </div>
    </div>
  );
}

type PositionListProps = Omit<React.ComponentProps<typeof PositionTable>, "withBot">;

function PositionList(props: PositionListProps) {
  return props.positions.length === 0 ? null : <PositionTable {...props} withBot />;
}
