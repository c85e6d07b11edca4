import { decimalText, money, ZERO } from "../engine/money.ts";
import type { Decimal } from "../engine/money.ts";
import type { EquityRepository, EquityRow } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

type Figures = readonly [
  time: number,
  equity: string,
  realised: string,
  unrealised: string,
  exposure: string,
];

interface Sums {
  equity: Decimal;
  realised: Decimal;
  unrealised: Decimal;
  exposure: Decimal;
}

const toRow = (botId: string, row: Figures): EquityRow => ({
  time: row[0],
  botId,
  equity: row[1],
  realised: row[2],
  unrealised: row[3],
  exposure: row[4],
});

const COLUMNS = "time, equity, realised, unrealised, exposure";

/** Equity over time, a row a bot and instant; a second row of the same instant replaces the first. */
export function equityRepository(db: Database): EquityRepository {
  const insert = db.prepare<[EquityRow]>(
    `INSERT INTO equity (bot_id, ${COLUMNS}) VALUES (@botId, @time, @equity, @realised, @unrealised, @exposure)
     ON CONFLICT (bot_id, time) DO UPDATE SET equity = excluded.equity, realised = excluded.realised,
       unrealised = excluded.unrealised, exposure = excluded.exposure`,
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
  const bots = db.prepare<[], { id: string; removed: number; last: number | null }>(
    "SELECT id, removed, (SELECT max(time) FROM equity WHERE bot_id = bots.id) AS last FROM bots",
  );
  const atOrBefore = db
    .prepare<[string, number], Figures>(
      `SELECT ${COLUMNS} FROM equity WHERE bot_id = ? AND time <= ? ORDER BY time DESC LIMIT 1`,
    )
    .raw();
  const first = db
    .prepare<[], number | null>(
      "SELECT min(first) FROM (SELECT (SELECT min(time) FROM equity WHERE bot_id = bots.id) AS first FROM bots)",
    )
    .pluck();
  const last = db
    .prepare<[], number | null>(
      "SELECT max(last) FROM (SELECT (SELECT max(time) FROM equity WHERE bot_id = bots.id) AS last FROM bots)",
    )
    .pluck();

  /** Adds to each of the ascending times the bot's last row at or before it: one index seek a time. */
  const addBot = (
    botId: string,
    times: readonly number[],
    until: number,
    sums: readonly Sums[],
  ): void => {
    let known: Figures | undefined;
    let figures: Sums | undefined;
    for (const [index, time] of times.entries()) {
      if (time > until) return;
      const row = atOrBefore.get(botId, time);
      if (row === undefined) continue;
      if (figures === undefined || row[0] !== known?.[0]) {
        known = row;
        figures = {
          equity: money(row[1]),
          realised: money(row[2]),
          unrealised: money(row[3]),
          exposure: money(row[4]),
        };
      }
      const at = sums[index];
      if (at === undefined) continue;
      at.equity = at.equity.plus(figures.equity);
      at.realised = at.realised.plus(figures.realised);
      at.unrealised = at.unrealised.plus(figures.unrealised);
      at.exposure = at.exposure.plus(figures.exposure);
    }
  };

  return {
    insert: (row) => {
      insert.run(row);
    },
    ofBot: (botId, limit) =>
      ofBot
        .all(botId, limit)
        .toReversed()
        .map((row) => toRow(botId, row)),
    fleetAt: (times) => {
      const ascending = times.toSorted((a, b) => a - b);
      const sums = ascending.map((): Sums => ({
        equity: ZERO,
        realised: ZERO,
        unrealised: ZERO,
        exposure: ZERO,
      }));
      for (const bot of bots.all()) {
        if (bot.last === null) continue;
        // A removed bot took its capital with it: it counts up to its last row.
        addBot(bot.id, ascending, bot.removed === 1 ? bot.last : Infinity, sums);
      }
      const byTime = new Map(ascending.map((time, index) => [time, sums[index]]));
      return times.map((time) => {
        const at = byTime.get(time);
        return {
          time,
          equity: decimalText(at?.equity ?? ZERO),
          realised: decimalText(at?.realised ?? ZERO),
          unrealised: decimalText(at?.unrealised ?? ZERO),
          exposure: decimalText(at?.exposure ?? ZERO),
        };
      });
    },
    range: () => {
      const from = first.get() ?? null;
      const to = last.get() ?? null;
      return from === null || to === null ? null : { first: from, last: to };
    },
    before: (botId, time) => {
      const row = before.get(botId, time);
      return row === undefined ? null : toRow(botId, row);
    },
  };
}
