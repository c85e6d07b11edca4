import type { OrderPurpose, OrderStatus } from "../../src-preload/contract/portfolio.ts";
import type { OrderRepository, StoredFill, StoredOrder } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

interface OrderRow {
  readonly client_order_id: string;
  readonly bot_id: string;
  readonly position_id: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly purpose: OrderPurpose;
  readonly quantity: string;
  readonly expected_price: string;
  readonly status: OrderStatus;
  readonly reason: string;
  readonly candle_time: number;
  readonly created_at: number;
  readonly answered_at: number | null;
}

interface FillRow {
  readonly fill_id: string;
  readonly client_order_id: string;
  readonly bot_id: string;
  readonly position_id: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly fee_currency: string;
  readonly slippage_bps: string;
  readonly time: number;
}

const toOrder = (row: OrderRow): StoredOrder => ({
  clientOrderId: row.client_order_id,
  botId: row.bot_id,
  positionId: row.position_id,
  symbol: row.symbol,
  side: row.side,
  purpose: row.purpose,
  quantity: row.quantity,
  expectedPrice: row.expected_price,
  status: row.status,
  reason: row.reason,
  candleTime: row.candle_time,
  createdAt: row.created_at,
  answeredAt: row.answered_at,
});

const toFill = (row: FillRow): StoredFill => ({
  fillId: row.fill_id,
  clientOrderId: row.client_order_id,
  botId: row.bot_id,
  positionId: row.position_id,
  symbol: row.symbol,
  side: row.side,
  quantity: row.quantity,
  price: row.price,
  fee: row.fee,
  feeCurrency: row.fee_currency,
  slippageBps: row.slippage_bps,
  time: row.time,
});

/** Orders and fills of ledger.db. An answered order and a fill never change; neither is ever deleted. */
export function orderRepository(db: Database): OrderRepository {
  const insertIntent = db.prepare<[StoredOrder]>(
    `INSERT INTO orders (client_order_id, bot_id, position_id, symbol, side, purpose, quantity, expected_price,
       status, reason, candle_time, created_at, answered_at)
     VALUES (@clientOrderId, @botId, @positionId, @symbol, @side, @purpose, @quantity, @expectedPrice,
       @status, @reason, @candleTime, @createdAt, @answeredAt)`,
  );
  const get = db.prepare<[string], OrderRow>("SELECT * FROM orders WHERE client_order_id = ?");
  const answer = db.prepare<[string, string, number, string]>(
    "UPDATE orders SET status = ?, reason = ?, answered_at = ? WHERE client_order_id = ?",
  );
  // The words of the partial index, so that these read nothing but the few open rows.
  const OPEN = "status IN ('intent', 'unresolved')";
  const open = db.prepare<[], OrderRow>(`SELECT * FROM orders WHERE ${OPEN} ORDER BY seq`);
  const openOf = db.prepare<[string], OrderRow>(
    `SELECT * FROM orders INDEXED BY orders_one_open WHERE ${OPEN} AND bot_id = ?`,
  );
  const anyOpen = db
    .prepare<[], number>(`SELECT 1 FROM orders INDEXED BY orders_one_open WHERE ${OPEN} LIMIT 1`)
    .pluck();
  // Every tick asks whether its bot has an open order; nearly always no bot has one. Only what is committed counts.
  let noneOpen = false;
  const listAll = db.prepare<[number], OrderRow>("SELECT * FROM orders ORDER BY seq DESC LIMIT ?");
  const listOfBot = db.prepare<[string, number], OrderRow>(
    "SELECT * FROM orders WHERE bot_id = ? ORDER BY seq DESC LIMIT ?",
  );
  const listOfPosition = db.prepare<[string, number], OrderRow>(
    "SELECT * FROM orders WHERE position_id = ? ORDER BY seq DESC LIMIT ?",
  );
  const insertFill = db.prepare<[StoredFill]>(
    `INSERT INTO fills (fill_id, client_order_id, bot_id, position_id, symbol, side, quantity, price, fee,
       fee_currency, slippage_bps, time)
     VALUES (@fillId, @clientOrderId, @botId, @positionId, @symbol, @side, @quantity, @price, @fee,
       @feeCurrency, @slippageBps, @time)
     ON CONFLICT (fill_id) DO NOTHING`,
  );
  const fills = (where: string): ((...keys: (string | number)[]) => FillRow[]) => {
    const statement = db.prepare<(string | number)[], FillRow>(
      `SELECT * FROM fills ${where} ORDER BY seq DESC LIMIT ?`,
    );
    return (...keys) => statement.all(...keys);
  };
  const fillsOfOrder = fills("WHERE client_order_id = ?");
  const fillsOfPosition = fills("WHERE position_id = ?");
  const fillsOfBot = fills("WHERE bot_id = ?");
  const fillsAll = fills("");

  return {
    insertIntent: (order) => {
      noneOpen = false;
      insertIntent.run(order);
    },
    get: (clientOrderId) => {
      const row = get.get(clientOrderId);
      return row === undefined ? null : toOrder(row);
    },
    answer: (clientOrderId, status, reason, answeredAt) => {
      if (answer.run(status, reason, answeredAt, clientOrderId).changes === 0) {
        throw new Error(`Order ${clientOrderId} is not in the ledger.`);
      }
    },
    open: () => open.all().map(toOrder),
    openOf: (botId) => {
      if (noneOpen) return null;
      const row = openOf.get(botId);
      if (row === undefined && !db.inTransaction) noneOpen = anyOpen.get() === undefined;
      return row === undefined ? null : toOrder(row);
    },
    list: ({ botId, positionId, limit }) => {
      if (positionId !== undefined) {
        const rows = listOfPosition.all(positionId, limit).map(toOrder);
        return botId === undefined ? rows : rows.filter((order) => order.botId === botId);
      }
      return (botId === undefined ? listAll.all(limit) : listOfBot.all(botId, limit)).map(toOrder);
    },
    insertFill: (fill) => insertFill.run(fill).changes === 1,
    fills: ({ clientOrderId, positionId, botId, limit = -1 }) => {
      let rows: FillRow[];
      if (clientOrderId !== undefined) rows = fillsOfOrder(clientOrderId, limit);
      else if (positionId !== undefined) rows = fillsOfPosition(positionId, limit);
      else if (botId !== undefined) rows = fillsOfBot(botId, limit);
      else rows = fillsAll(limit);
      return rows.toReversed().map(toFill);
    },
  };
}
