import type { OrderView, PositionView } from "../../../src-preload/contract/portfolio.ts";
import { money, quotient, sum, toNumber, ZERO } from "../money.ts";
import type { StoredFill, StoredOrder, StoredPosition } from "../store-port.ts";
import { worthOf } from "./account.ts";

/** Name and strategy of a bot for its rows. */
export interface BotLabel {
  readonly name: string;
  readonly strategy: string;
}

const numberOrNull = (value: string | null): number | null =>
  value === null ? null : toNumber(value);

/** A position for the window; `lastPrice` in quote currency, null for a closed one or where unknown. */
export function positionView(
  position: StoredPosition,
  label: BotLabel,
  lastPrice: number | null,
): PositionView {
  const { exposure, unrealised } = worthOf(
    ZERO,
    { realised: ZERO, fees: ZERO, trades: 0 },
    position,
    lastPrice,
  );
  return {
    id: position.id,
    botId: position.botId,
    botName: label.name,
    strategy: label.strategy,
    symbol: position.symbol,
    state: position.state,
    side: position.side,
    quantity: toNumber(position.quantity),
    entryPrice: numberOrNull(position.entryPrice),
    exitPrice: numberOrNull(position.exitPrice),
    stopPrice: toNumber(position.stopPrice),
    lastPrice,
    openedAt: position.openedAt,
    closedAt: position.closedAt,
    exposure: toNumber(exposure),
    unrealisedPnl: toNumber(unrealised),
    realisedPnl: toNumber(position.realisedPnl),
    fees: toNumber(position.fees),
    entryReason: position.entryReason,
    exitReason: position.exitReason,
  };
}

/** Several fills as one: average price and slippage by quantity, fees summed, the time of the last. */
function fillView(fills: readonly StoredFill[]): OrderView["fill"] {
  const last = fills.at(-1);
  if (last === undefined) return null;
  if (fills.length === 1) {
    return {
      price: toNumber(last.price),
      fee: toNumber(last.fee),
      feeCurrency: last.feeCurrency,
      slippageBps: toNumber(last.slippageBps),
      time: last.time,
    };
  }
  const quantity = sum(fills.map((fill) => fill.quantity));
  const weighted = (of: (fill: StoredFill) => string): number =>
    toNumber(quotient(sum(fills.map((fill) => money(of(fill)).times(fill.quantity))), quantity));
  return {
    price: weighted((fill) => fill.price),
    fee: toNumber(sum(fills.map((fill) => fill.fee))),
    feeCurrency: last.feeCurrency,
    slippageBps: weighted((fill) => fill.slippageBps),
    time: last.time,
  };
}

/** An order for the window, with all its fills as one. */
export const orderView = (
  order: StoredOrder,
  label: BotLabel,
  fills: readonly StoredFill[],
): OrderView => ({
  clientOrderId: order.clientOrderId,
  botId: order.botId,
  botName: label.name,
  positionId: order.positionId,
  symbol: order.symbol,
  side: order.side,
  purpose: order.purpose,
  quantity: toNumber(order.quantity),
  expectedPrice: toNumber(order.expectedPrice),
  status: order.status,
  reason: order.reason,
  createdAt: order.createdAt,
  answeredAt: order.answeredAt,
  fill: fillView(fills),
});
