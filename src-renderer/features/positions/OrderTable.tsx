import type { OrderStatus, OrderView } from "../../../src-preload/contract/portfolio.ts";
import { formatMoney, formatNumber, formatPrice, formatQuantity } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { ORDER_WORD } from "../../format/words.ts";
import type { Tone } from "../../format/words.ts";
import { useZone } from "../../state/settings.ts";

export const ORDER_TONE: Readonly<Record<OrderStatus, Tone>> = {
  intent: "info",
  confirmed: "plain",
  rejected: "loss",
  denied: "warn",
  unresolved: "loss",
};

interface OrderTableProps {
  readonly orders: readonly OrderView[];
  readonly selected: string | null;
  readonly onSelect: (positionId: string) => void;
}

/** Orders, newest first. */
export function OrderTable({ orders, selected, onSelect }: OrderTableProps) {
  const zone = useZone();
  return (
    <table className="table" data-testid="order-table">
      <thead>
        <tr>
          <th>Committed</th>
          <th>Bot</th>
          <th>Symbol</th>
          <th>Purpose</th>
          <th>Side</th>
          <th className="num">Size</th>
          <th className="num">Expected</th>
          <th className="num">Filled</th>
          <th className="num">Slippage bps</th>
          <th className="num">Fee</th>
          <th>Answer</th>
        </tr>
      </thead>
      <tbody>
        {orders.map((order) => (
          <tr
            key={order.clientOrderId}
            className="clickable"
            tabIndex={0}
            aria-selected={selected === order.positionId}
            title={order.reason}
            onClick={() => onSelect(order.positionId)}
            onKeyDown={(event) => {
              if (event.key === "Enter") onSelect(order.positionId);
            }}
          >
            <td>{formatDateTime(order.createdAt, zone)}</td>
            <td>{order.botName}</td>
            <td>{order.symbol}</td>
            <td>{order.purpose}</td>
            <td>{order.side}</td>
            <td className="num">{formatQuantity(order.quantity)}</td>
            <td className="num">{formatPrice(order.expectedPrice)}</td>
            <td className="num">{formatPrice(order.fill?.price)}</td>
            <td className="num">{formatNumber(order.fill?.slippageBps, 1)}</td>
            <td className="num">{formatMoney(order.fill?.fee)}</td>
            <td className={`tone-${ORDER_TONE[order.status]}`}>{ORDER_WORD[order.status]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
