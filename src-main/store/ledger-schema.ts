import type { Migration } from "./sqlite.ts";

/*
 * Amounts and prices are decimal text, never binary floats. Instants of the engine's clock are REAL (a scaled
 * clock may give a fraction of a ms); open times of candles are INTEGER. What the tables refuse, no code above them
 * can write.
 */
const UNSIGNED = (column: string): string =>
  `${column} TEXT NOT NULL CHECK (${column} GLOB '[0-9]*' AND ${column} NOT GLOB '*[^0-9.]*')`;
const SIGNED = (column: string): string =>
  `${column} TEXT NOT NULL CHECK (ltrim(${column}, '-') GLOB '[0-9]*' AND ltrim(${column}, '-') NOT GLOB '*[^0-9.]*')`;
const PRICE_OR_NULL = (column: string): string =>
  `${column} TEXT CHECK (${column} IS NULL OR (${column} GLOB '[0-9]*' AND ${column} NOT GLOB '*[^0-9.]*'))`;

export const LEDGER_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE bots (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL UNIQUE,
  config TEXT NOT NULL CHECK (json_valid(config)),
  status TEXT NOT NULL CHECK (status IN ('stopped', 'running', 'paused')),
  anchor REAL,
  running_since REAL,
  created_at REAL NOT NULL,
  -- A removed bot keeps its row: the books keep its trades and its id is never given again.
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
) STRICT;

CREATE TABLE positions (
  id TEXT PRIMARY KEY,
  bot_id TEXT NOT NULL REFERENCES bots (id),
  symbol TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('OPENING', 'OPEN', 'CLOSING', 'CLOSED')),
  side TEXT NOT NULL CHECK (side IN ('long', 'short')),
  ${UNSIGNED("quantity")},
  ${PRICE_OR_NULL("entry_price")},
  ${PRICE_OR_NULL("exit_price")},
  ${UNSIGNED("stop_price")},
  ${SIGNED("fees")},
  ${SIGNED("realised_pnl")},
  opened_at REAL NOT NULL,
  closed_at REAL,
  entry_candle INTEGER NOT NULL,
  checked_candle INTEGER NOT NULL,
  entry_reason TEXT NOT NULL,
  exit_reason TEXT,
  CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL)),
  CHECK (state IN ('OPEN', 'CLOSING') = (quantity <> '0')),
  CHECK (state NOT IN ('OPEN', 'CLOSING') OR entry_price IS NOT NULL),
  CHECK (checked_candle >= entry_candle)
) STRICT;
CREATE UNIQUE INDEX positions_one_open ON positions (bot_id) WHERE state <> 'CLOSED';
CREATE INDEX positions_closed ON positions (closed_at) WHERE state = 'CLOSED';
CREATE INDEX positions_closed_of_bot ON positions (bot_id, closed_at) WHERE state = 'CLOSED';
CREATE TRIGGER positions_forward_only BEFORE UPDATE OF state ON positions
WHEN NEW.state <> OLD.state AND NOT (
  (OLD.state = 'OPENING' AND NEW.state IN ('OPEN', 'CLOSED'))
  OR (OLD.state = 'OPEN' AND NEW.state = 'CLOSING')
  OR (OLD.state = 'CLOSING' AND NEW.state = 'CLOSED'))
BEGIN SELECT raise(ABORT, 'a position only goes forward: OPENING, OPEN, CLOSING, CLOSED'); END;
CREATE TRIGGER positions_closed_is_final BEFORE UPDATE ON positions
WHEN OLD.state = 'CLOSED'
BEGIN SELECT raise(ABORT, 'a closed position does not change'); END;
CREATE TRIGGER positions_kept BEFORE DELETE ON positions
BEGIN SELECT raise(ABORT, 'a position is never deleted'); END;

CREATE TABLE orders (
  seq INTEGER PRIMARY KEY,
  client_order_id TEXT NOT NULL UNIQUE CHECK (length(client_order_id) BETWEEN 1 AND 36),
  bot_id TEXT NOT NULL REFERENCES bots (id),
  position_id TEXT NOT NULL REFERENCES positions (id),
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  purpose TEXT NOT NULL CHECK (purpose IN ('entry', 'exit', 'stop')),
  ${UNSIGNED("quantity")},
  ${UNSIGNED("expected_price")},
  status TEXT NOT NULL CHECK (status IN ('intent', 'confirmed', 'rejected', 'denied', 'unresolved')),
  reason TEXT NOT NULL,
  candle_time INTEGER NOT NULL,
  created_at REAL NOT NULL,
  answered_at REAL,
  CHECK ((status = 'intent') = (answered_at IS NULL)),
  CHECK (quantity <> '0')
) STRICT;
CREATE UNIQUE INDEX orders_one_open ON orders (bot_id) WHERE status IN ('intent', 'unresolved');
CREATE INDEX orders_of_bot ON orders (bot_id, seq);
CREATE INDEX orders_of_position ON orders (position_id, seq);
CREATE TRIGGER orders_answer_is_final BEFORE UPDATE ON orders
WHEN OLD.status NOT IN ('intent', 'unresolved') OR NEW.status = 'intent'
BEGIN SELECT raise(ABORT, 'an answered order does not change'); END;
CREATE TRIGGER orders_kept BEFORE DELETE ON orders
BEGIN SELECT raise(ABORT, 'an order is never deleted'); END;

CREATE TABLE fills (
  seq INTEGER PRIMARY KEY,
  fill_id TEXT NOT NULL UNIQUE,
  client_order_id TEXT NOT NULL REFERENCES orders (client_order_id),
  bot_id TEXT NOT NULL REFERENCES bots (id),
  position_id TEXT NOT NULL REFERENCES positions (id),
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  ${UNSIGNED("quantity")},
  ${UNSIGNED("price")},
  ${SIGNED("fee")},
  fee_currency TEXT NOT NULL,
  ${SIGNED("slippage_bps")},
  time REAL NOT NULL,
  CHECK (quantity <> '0'),
  CHECK (price <> '0')
) STRICT;
CREATE INDEX fills_of_order ON fills (client_order_id);
CREATE INDEX fills_of_position ON fills (position_id);
CREATE INDEX fills_of_bot ON fills (bot_id, seq);
CREATE TRIGGER fills_fixed BEFORE UPDATE ON fills
BEGIN SELECT raise(ABORT, 'a fill does not change'); END;
CREATE TRIGGER fills_kept BEFORE DELETE ON fills
BEGIN SELECT raise(ABORT, 'a fill is never deleted'); END;

CREATE TABLE equity (
  bot_id TEXT NOT NULL REFERENCES bots (id),
  time REAL NOT NULL,
  ${SIGNED("equity")},
  ${SIGNED("realised")},
  ${SIGNED("unrealised")},
  ${UNSIGNED("exposure")},
  PRIMARY KEY (bot_id, time)
) STRICT, WITHOUT ROWID;

-- "values" is a word of SQL.
CREATE TABLE named_values (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 2,
    sql: `
-- The sum of all bots as it was, kept: adding up the rows of 45 bots for a chart of a year takes a quarter of a second.
CREATE TABLE fleet_equity (
  time REAL PRIMARY KEY,
  ${SIGNED("equity")},
  ${SIGNED("realised")},
  ${SIGNED("unrealised")},
  ${UNSIGNED("exposure")}
) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 3,
    sql: `
CREATE TABLE risk_breakers (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  tripped_at REAL NOT NULL,
  -- Ends by itself then; NULL for one that only the trader ends.
  until REAL,
  reason TEXT NOT NULL,
  CHECK (until IS NULL OR until >= tripped_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE risk_events (
  seq INTEGER PRIMARY KEY,
  time REAL NOT NULL,
  kind TEXT NOT NULL,
  action TEXT NOT NULL,
  scope TEXT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE TRIGGER risk_events_fixed BEFORE UPDATE ON risk_events
BEGIN SELECT raise(ABORT, 'an event of risk does not change'); END;
CREATE TRIGGER risk_events_kept BEFORE DELETE ON risk_events
BEGIN SELECT raise(ABORT, 'an event of risk is never deleted'); END;

-- Figures to compare with a limit, not books: binary numbers. Scope is a bot, or empty for all together.
CREATE TABLE risk_peaks (
  scope TEXT PRIMARY KEY,
  peak REAL NOT NULL CHECK (peak >= 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE risk_drawdown (
  time REAL PRIMARY KEY,
  pct REAL NOT NULL CHECK (pct BETWEEN 0 AND 100)
) STRICT, WITHOUT ROWID;
`,
  },
];
