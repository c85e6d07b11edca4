import { ActionIcon, Tooltip } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import type { OrderView } from "../../../src-preload/contract/portfolio.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { Conditions, rulesOf } from "../../components/Conditions.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { SidePanel } from "../../components/SidePanel.tsx";
import { formatMoney, formatNumber, formatPrice, formatQuantity } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { ORDER_WORD } from "../../format/words.ts";
import { useZone } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";
import { ORDER_TONE } from "./OrderTable.tsx";
import classes from "./positions.module.css";

interface LinkProps {
  readonly title: string;
  readonly time: number | null;
  readonly children: ReactNode;
}

function ChainLink({ title, time, children }: LinkProps) {
  const zone = useZone();
  return (
    <li className={classes.link}>
      <div className={classes.linkHead}>
        <b>{title}</b>
        <span className="dim">{time === null ? "" : formatDateTime(time, zone)}</span>
      </div>
      <div className="selectable">{children}</div>
    </li>
  );
}

function OrderChain({
  order,
  tick,
}: {
  readonly order: OrderView;
  readonly tick: TickReport | undefined;
}) {
  const { fill } = order;
  return (
    <>
      <h3 className="section-title">
        {order.purpose}: {order.side} {formatQuantity(order.quantity)}
      </h3>
      <ol className={classes.chain}>
        <ChainLink
          title={order.purpose === "stop" ? "Stop reached" : "Signal"}
          time={tick?.fireTime ?? null}
        >
          {tick ? tick.reason : order.reason}
          {tick && tick.conditions.length > 0 ? (
            <Conditions conditions={tick.conditions} of={rulesOf(tick)} />
          ) : null}
        </ChainLink>
        <ChainLink title="Intent" time={order.createdAt}>
          {order.side} {formatQuantity(order.quantity)} {order.symbol}, expected at{" "}
          {formatPrice(order.expectedPrice)}
          <div className="mono dim">{order.clientOrderId}</div>
        </ChainLink>
        <ChainLink title="Order" time={order.answeredAt}>
          <span className={`tone-${ORDER_TONE[order.status]}`}>{ORDER_WORD[order.status]}</span>
          {order.status === "confirmed" ? null : `: ${order.reason}`}
        </ChainLink>
        <ChainLink title="Fill" time={fill?.time ?? null}>
          {fill ? (
            <>
              {formatPrice(fill.price)}, slippage {formatNumber(fill.slippageBps, 1)} bps, fee{" "}
              {formatMoney(fill.fee)} {fill.feeCurrency}
            </>
          ) : (
            <span className="dim">not filled</span>
          )}
        </ChainLink>
      </ol>
    </>
  );
}

interface ChainPanelProps {
  readonly positionId: string;
  readonly onClose: () => void;
}

/** A position from signal to fill: why, what was committed, what the exchange said, what happened. */
export function ChainPanel({ positionId, onClose }: ChainPanelProps) {
  const [, navigate] = useLocation();
  const orders = useRequest("portfolio:orders", { positionId, limit: 100 }, { everyMs: 3000 });
  const first = orders.value?.[0];
  const ticks = useRequest(
    "ticks:list",
    {
      ...(first ? { botId: first.botId } : {}),
      results: ["entry", "exit", "denied", "error"],
      limit: 300,
    },
    { when: orders.value?.map((order) => order.clientOrderId).join() ?? "" },
  );
  const inOrder = [...(orders.value ?? [])].sort((a, b) => a.createdAt - b.createdAt);
  return (
    <SidePanel
      title={
        <span className="ellipsis">{first ? `${first.botName}, ${first.symbol}` : "Position"}</span>
      }
      onClose={onClose}
      actions={
        first ? (
          <Tooltip label="Open the bot's page">
            <ActionIcon
              onClick={() => navigate(`/bots/${encodeURIComponent(first.botId)}`)}
              aria-label="Open the bot's page"
            >
              <ExternalLink size={16} />
            </ActionIcon>
          </Tooltip>
        ) : null
      }
    >
      {orders.failure ? <FailureNote failure={orders.failure} onRetry={orders.reload} /> : null}
      {orders.loading ? <Loading /> : null}
      {orders.value?.length === 0 ? (
        <Empty title="No orders">The ledger has no order for this position.</Empty>
      ) : null}
      {inOrder.map((order) => (
        <OrderChain
          key={order.clientOrderId}
          order={order}
          tick={ticks.value?.find((tick) => tick.clientOrderId === order.clientOrderId)}
        />
      ))}
    </SidePanel>
  );
}
