import type { Side } from "../../src-preload/contract/bots.ts";
import { decimalText, sum, ZERO } from "../engine/money.ts";
import type { Decimal } from "../engine/money.ts";
import type { PositionRepository, StoredPosition } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

interface Row {
  readonly id: string;
  readonly bot_id: string;
  readonly symbol: string;
  readonly state: StoredPosition["state"];
  readonly side: Side;
  readonly quantity: string;
  readonly entry_price: string | null;
  readonly exit_price: string | null;
  readonly stop_price: string;
  readonly fees: string;
  readonly realised_pnl: string;
  readonly opened_at: number;
  readonly closed_at: number | null;
  readonly entry_candle: number;
  readonly checked_candle: number;
  readonly entry_reason: string;
  readonly exit_reason: string | null;
}

const toPosition = (row: Row): StoredPosition => ({
  id: row.id,
  botId: row.bot_id,
  symbol: row.symbol,
  state: row.state,
  side: row.side,
  quantity: row.quantity,
  entryPrice: row.entry_price,
  exitPrice: row.exit_price,
  stopPrice: row.stop_price,
  fees: row.fees,
  realisedPnl: row.realised_pnl,
  openedAt: row.opened_at,
  closedAt: row.closed_at,
  entryCandle: row.entry_candle,
  checkedCandle: row.checked_candle,
  entryReason: row.entry_reason,
  exitReason: row.exit_reason,
});

/** Positions of ledger.db. The tables refuse a step back, a second open position of a bot and a change after the close. */
export function positionRepository(db: Database): PositionRepository {
  const insert = db.prepare<[StoredPosition]>(
    `INSERT INTO positions (id, bot_id, symbol, state, side, quantity, entry_price, exit_price, stop_price, fees,
       realised_pnl, opened_at, closed_at, entry_candle, checked_candle, entry_reason, exit_reason)
     VALUES (@id, @botId, @symbol, @state, @side, @quantity, @entryPrice, @exitPrice, @stopPrice, @fees,
       @realisedPnl, @openedAt, @closedAt, @entryCandle, @checkedCandle, @entryReason, @exitReason)`,
  );
  const update = db.prepare<[StoredPosition]>(
    `UPDATE positions SET state = @state, quantity = @quantity, entry_price = @entryPrice, exit_price = @exitPrice,
       stop_price = @stopPrice, fees = @fees, realised_pnl = @realisedPnl, closed_at = @closedAt,
       checked_candle = @checkedCandle, exit_reason = @exitReason
     WHERE id = @id`,
  );
  const setChecked = db.prepare<[number, string, number]>(
    "UPDATE positions SET checked_candle = ? WHERE id = ? AND state <> 'CLOSED' AND checked_candle < ?",
  );
  const get = db.prepare<[string], Row>("SELECT * FROM positions WHERE id = ?");
  const open = db.prepare<[], Row>(
    "SELECT * FROM positions WHERE state <> 'CLOSED' ORDER BY opened_at, id",
  );
  const openOf = db.prepare<[string], Row>(
    "SELECT * FROM positions INDEXED BY positions_one_open WHERE bot_id = ? AND state <> 'CLOSED'",
  );
  const closed = db.prepare<[number], Row>(
    "SELECT * FROM positions WHERE state = 'CLOSED' ORDER BY closed_at DESC, id LIMIT ?",
  );
  const closedOfBot = db.prepare<[string, number], Row>(
    "SELECT * FROM positions WHERE state = 'CLOSED' AND bot_id = ? ORDER BY closed_at DESC, id LIMIT ?",
  );
  const figures = db
    .prepare<[string], [string, string]>(
      `SELECT realised_pnl, fees FROM positions
       WHERE state = 'CLOSED' AND bot_id = ? AND entry_price IS NOT NULL`,
    )
    .raw();
  const since = db
    .prepare<[number], [string, string]>(
      "SELECT bot_id, realised_pnl FROM positions WHERE state = 'CLOSED' AND closed_at >= ?",
    )
    .raw();
  const count = db.prepare<[], number>("SELECT count(*) FROM positions").pluck();
  return {
    insert: (position) => {
      insert.run(position);
    },
    update: (position) => {
      if (update.run(position).changes === 0) {
        throw new Error(`Position ${position.id} is not in the ledger.`);
      }
    },
    setChecked: (id, candleTime) => {
      setChecked.run(candleTime, id, candleTime);
    },
    get: (id) => {
      const row = get.get(id);
      return row === undefined ? null : toPosition(row);
    },
    open: () => open.all().map(toPosition),
    openOf: (botId) => {
      const row = openOf.get(botId);
      return row === undefined ? null : toPosition(row);
    },
    closed: ({ botId, limit }) =>
      (botId === undefined ? closed.all(limit) : closedOfBot.all(botId, limit)).map(toPosition),
    totals: (botId) => {
      const rows = figures.all(botId);
      return {
        realisedPnl: decimalText(sum(rows.map((row) => row[0]))),
        fees: decimalText(sum(rows.map((row) => row[1]))),
        trades: rows.length,
      };
    },
    realisedSince: (time) => {
      const byBot = new Map<string, Decimal>();
      for (const [botId, realised] of since.all(time)) {
        byBot.set(botId, (byBot.get(botId) ?? ZERO).plus(realised));
      }
      return new Map([...byBot].map(([botId, total]) => [botId, decimalText(total)]));
    },
    count: () => count.get() ?? 0,
  };
}
