import type { EquityRepository, EquityRow, FleetEquityRow } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

type Figures = readonly [
  time: number,
  equity: string,
  realised: string,
  unrealised: string,
  exposure: string,
];

const toRow = (row: Figures): FleetEquityRow => ({
  time: row[0],
  equity: row[1],
  realised: row[2],
  unrealised: row[3],
  exposure: row[4],
});

const NOTHING: Omit<FleetEquityRow, "time"> = {
  equity: "0",
  realised: "0",
  unrealised: "0",
  exposure: "0",
};
const DAY_MS = 86_400_000;
const COLUMNS = "time, equity, realised, unrealised, exposure";
const VALUES = "@time, @equity, @realised, @unrealised, @exposure";
const REPLACE = `equity = excluded.equity, realised = excluded.realised, unrealised = excluded.unrealised,
  exposure = excluded.exposure`;

/** Equity over time of each bot and of the fleet; a second row of the same instant replaces the first. */
export function equityRepository(db: Database): EquityRepository {
  const insert = db.prepare<[EquityRow]>(
    `INSERT INTO equity (bot_id, ${COLUMNS}) VALUES (@botId, ${VALUES})
     ON CONFLICT (bot_id, time) DO UPDATE SET ${REPLACE}`,
  );
  const insertFleet = db.prepare<[FleetEquityRow]>(
    `INSERT INTO fleet_equity (${COLUMNS}) VALUES (${VALUES})
     ON CONFLICT (time) DO UPDATE SET ${REPLACE}`,
  );
  const ofBot = db
    .prepare<[string, number], Figures>(
      `SELECT ${COLUMNS} FROM equity WHERE bot_id = ? ORDER BY time DESC LIMIT ?`,
    )
    .raw();
  const before = db
    .prepare<[string, number], Figures>(
      `SELECT ${COLUMNS} FROM equity WHERE bot_id = ? AND time < ? ORDER BY time DESC LIMIT 1`,
    )
    .raw();
  const fleet = db
    .prepare<[number], Figures>(
      `SELECT ${COLUMNS} FROM fleet_equity WHERE time <= ? ORDER BY time DESC LIMIT 1`,
    )
    .raw();
  const first = db.prepare<[], number | null>("SELECT min(time) FROM fleet_equity").pluck();
  const last = db.prepare<[], number | null>("SELECT max(time) FROM fleet_equity").pluck();

  const laterThatDay = (table: string, same: string): string =>
    `SELECT 1 FROM ${table} later WHERE ${same} later.time > row.time
       AND later.time < (floor(row.time / ${DAY_MS}) + 1) * ${DAY_MS}`;
  const thinBots = db.prepare<[number, number]>(
    // By way of the bots, so that only the old end of each bot's rows is looked at.
    `DELETE FROM equity WHERE (bot_id, time) IN (SELECT row.bot_id, row.time
       FROM bots CROSS JOIN equity row ON row.bot_id = bots.id AND row.time < ?
       WHERE EXISTS (${laterThatDay("equity", "later.bot_id = row.bot_id AND")}) LIMIT ?)`,
  );
  const thinFleet = db.prepare<[number, number]>(
    `DELETE FROM fleet_equity WHERE time IN (SELECT time FROM fleet_equity row
       WHERE time < ? AND EXISTS (${laterThatDay("fleet_equity", "")}) LIMIT ?)`,
  );

  return {
    thin: (before, most) => {
      const { changes } = thinBots.run(before, most);
      return changes < most ? changes + thinFleet.run(before, most - changes).changes : changes;
    },
    insert: (row) => {
      insert.run(row);
    },
    insertFleet: (row) => {
      insertFleet.run(row);
    },
    ofBot: (botId, limit) =>
      ofBot
        .all(botId, limit)
        .toReversed()
        .map((row) => ({ botId, ...toRow(row) })),
    fleetAt: (times) =>
      times.map((time) => {
        const row = fleet.get(time);
        return { ...(row === undefined ? NOTHING : toRow(row)), time };
      }),
    range: () => {
      const from = first.get() ?? null;
      const to = last.get() ?? null;
      return from === null || to === null ? null : { first: from, last: to };
    },
    before: (botId, time) => {
      const row = before.get(botId, time);
      return row === undefined ? null : { botId, ...toRow(row) };
    },
  };
}
