import * as z from "zod";
import { botConfigSchema } from "../../src-preload/contract/bots.ts";
import type { BotStatus } from "../../src-preload/contract/bots.ts";
import type { BotRepository, StoredBot } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

interface Row {
  readonly id: string;
  readonly ordinal: number;
  readonly config: string;
  readonly status: BotStatus;
  readonly anchor: number | null;
  readonly running_since: number | null;
  readonly created_at: number;
}

function fromRow(row: Row): StoredBot {
  const parsed = botConfigSchema.safeParse(JSON.parse(row.config));
  if (!parsed.success) {
    throw new Error(
      `Bot ${row.id} has a configuration in the ledger that this Tickdeck cannot read: ${z.prettifyError(parsed.error)}`,
    );
  }
  return {
    id: row.id,
    config: parsed.data,
    status: row.status,
    anchor: row.anchor,
    runningSince: row.running_since,
    createdAt: row.created_at,
    ordinal: row.ordinal,
  };
}

const COLUMNS = "id, ordinal, config, status, anchor, running_since, created_at";

/** Bots of ledger.db. A removed one keeps its row, so that its trades stay in the books. */
export function botRepository(db: Database): BotRepository {
  const list = db.prepare<[], Row>(
    `SELECT ${COLUMNS} FROM bots WHERE removed = 0 ORDER BY ordinal`,
  );
  const insert = db.prepare<[string, number, string, string, number | null, number | null, number]>(
    `INSERT INTO bots (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = db.prepare<[number, string, string, number | null, number | null, number, string]>(
    `UPDATE bots SET ordinal = ?, config = ?, status = ?, anchor = ?, running_since = ?, created_at = ?
     WHERE id = ? AND removed = 0`,
  );
  const held = db.prepare<[string], { symbol: string }>(
    "SELECT symbol FROM positions WHERE bot_id = ? AND state <> 'CLOSED'",
  );
  const remove = db.prepare<[string]>(
    "UPDATE bots SET removed = 1, status = 'stopped', anchor = NULL, running_since = NULL WHERE id = ? AND removed = 0",
  );
  const nextOrdinal = db
    .prepare<[], number>("SELECT coalesce(max(ordinal), 0) + 1 FROM bots")
    .pluck();
  const unknown = (id: string): Error => new Error(`Bot ${id} is not in the ledger.`);
  return {
    list: () => list.all().map(fromRow),
    insert: (bot) => {
      const config = JSON.stringify(bot.config);
      insert.run(
        bot.id,
        bot.ordinal,
        config,
        bot.status,
        bot.anchor,
        bot.runningSince,
        bot.createdAt,
      );
    },
    update: (bot) => {
      const { changes } = update.run(
        bot.ordinal,
        JSON.stringify(bot.config),
        bot.status,
        bot.anchor,
        bot.runningSince,
        bot.createdAt,
        bot.id,
      );
      if (changes === 0) throw unknown(bot.id);
    },
    remove: (id) => {
      const position = held.get(id);
      if (position !== undefined) {
        throw new Error(
          `Bot ${id} holds a position in ${position.symbol}; close it first, then delete the bot.`,
        );
      }
      if (remove.run(id).changes === 0) throw unknown(id);
    },
    nextOrdinal: () => nextOrdinal.get() ?? 1,
  };
}
