import { Button } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "wouter";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import { CandleChart } from "../../charts/CandleChart.tsx";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { TickTable } from "../../components/TickTable.tsx";
import { PositionTable } from "../positions/PositionTable.tsx";
import { plural } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { useZone } from "../../state/settings.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";

const CHART_HEIGHT = 340;
const EQUITY_SERIES = [{ key: "equity", label: "Equity", colour: "var(--accent)" }] as const;

interface PartProps {
  readonly bot: BotView;
}

/** Read again after each tick of the bot. */
const afterTick = (bot: BotView): { readonly when: string } => ({ when: bot.lastTick?.id ?? "" });

const useBotPositions = (bot: BotView) => {
  const positions = useRequest(
    "portfolio:positions",
    { botId: bot.id, state: "all", limit: 200 },
    afterTick(bot),
  );
  useEventThrottled(
    "portfolio:changed",
    500,
    ({ botIds }) => botIds.includes(bot.id),
    positions.reload,
  );
  return positions;
};

export function BotChart({ bot }: PartProps) {
  const { symbol, timeframe } = bot.config;
  const candles = useRequest("market:candles", { symbol, timeframe, limit: 500 }, afterTick(bot));
  const positions = useBotPositions(bot);
  let content;
  if (candles.value && candles.value.time.length > 0) {
    content = (
      <CandleChart
        candles={candles.value}
        positions={positions.value ?? []}
        lengthMs={timeframeMs(timeframe)}
        height={CHART_HEIGHT}
        label={`Candles of ${symbol}, ${timeframe}, with the bot's entries, exits and stop`}
      />
    );
  } else if (candles.loading) {
    content = <Loading rows={8} height={CHART_HEIGHT} />;
  } else {
    content = (
      <Empty title="No candles yet" height={CHART_HEIGHT}>
        Candles of {symbol} are kept from the bot's first tick on.
      </Empty>
    );
  }
  return (
    <Card
      title={symbol}
      note={
        <>
          {timeframe} candles, closed; <span style={{ color: "var(--accent)" }}>▲ ▼</span> entry,{" "}
          <span className="gain">●</span> <span className="loss">●</span> exit
        </>
      }
    >
      {candles.failure ? <FailureNote failure={candles.failure} onRetry={candles.reload} /> : null}
      {positions.failure ? (
        <FailureNote failure={positions.failure} onRetry={positions.reload} />
      ) : null}
      {content}
    </Card>
  );
}

interface BotTicksProps extends PartProps {
  /** Fire time of the tick to open, ms UTC; null for the latest ticks. */
  readonly tick: number | null;
}

export function BotTicks({ bot, tick }: BotTicksProps) {
  const ticks = useRequest(
    "ticks:list",
    { botId: bot.id, limit: 50, ...(tick === null ? {} : { before: tick + 1 }) },
    tick === null ? afterTick(bot) : {},
  );
  const zone = useZone();
  let note = null;
  if (tick !== null) note = `up to ${formatDateTime(tick, zone)}`;
  else if (ticks.value)
    note = `the last ${plural(ticks.value.length, "tick")} of ${plural(bot.ticks, "tick")}`;
  return (
    <Card
      title="Ticks"
      note={note}
      padded={false}
      actions={
        tick === null ? null : (
          <Button
            component={Link}
            href={`/bots/${encodeURIComponent(bot.id)}`}
            variant="default"
            size="compact-xs"
          >
            Show the latest
          </Button>
        )
      }
    >
      {ticks.failure ? <FailureNote failure={ticks.failure} onRetry={ticks.reload} /> : null}
      {ticks.loading ? <Loading /> : null}
      {ticks.value?.length === 0 ? (
        <Empty title="No ticks yet">
          A started bot takes its first tick at its next fire time.
        </Empty>
      ) : null}
      {ticks.value && ticks.value.length > 0 ? (
        <TickTable
          ticks={ticks.value}
          withBot={false}
          opened={tick === null ? null : `${bot.id}@${tick}`}
        />
      ) : null}
    </Card>
  );
}

export function BotTrades({ bot }: PartProps) {
  const positions = useBotPositions(bot);
  return (
    <Card title="Trades" padded={false}>
      {positions.failure ? (
        <FailureNote failure={positions.failure} onRetry={positions.reload} />
      ) : null}
      {positions.loading ? <Loading rows={3} /> : null}
      {positions.value?.length === 0 ? <Empty title="No trades yet" /> : null}
      {positions.value && positions.value.length > 0 ? (
        <PositionTable positions={positions.value} withBot={false} />
      ) : null}
    </Card>
  );
}

export function BotEquity({ bot }: PartProps) {
  const equity = useRequest("portfolio:equity", { botId: bot.id, points: 300 }, afterTick(bot));
  const data = useMemo(
    () => equity.value?.map(({ time, equity: value }) => ({ time, equity: value })) ?? [],
    [equity.value],
  );
  return (
    <Card title="Equity">
      {equity.failure ? <FailureNote failure={equity.failure} onRetry={equity.reload} /> : null}
      {equity.loading ? (
        <Loading rows={5} height={160} />
      ) : (
        <TimeChart
          data={data}
          series={EQUITY_SERIES}
          unit="USDT"
          decimals={2}
          height={160}
          label="Equity of the bot over time, USDT"
          emptyText="The line begins with the second point in time."
        />
      )}
    </Card>
  );
}
