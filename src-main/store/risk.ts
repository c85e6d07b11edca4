import type { BreakerKind, RiskEventView } from "../../src-preload/contract/risk.ts";
import type { RiskRepository, StoredBreaker } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

interface BreakerRow {
  readonly id: string;
  readonly kind: BreakerKind;
  readonly scope: string;
  readonly tripped_at: number;
  readonly until: number | null;
  readonly reason: string;
}

type EventRow = RiskEventView;

/** Breakers, their history, peaks and the portfolio's drawdown, in ledger.db. An event is never changed. */
export function riskRepository(db: Database): RiskRepository {
  const breakers = db.prepare<[], BreakerRow>(
    "SELECT * FROM risk_breakers ORDER BY tripped_at, id",
  );
  const trip = db.prepare<[StoredBreaker]>(
    `INSERT INTO risk_breakers (id, kind, scope, tripped_at, until, reason)
     VALUES (@id, @kind, @scope, @trippedAt, @until, @reason)
     ON CONFLICT (id) DO UPDATE SET tripped_at = excluded.tripped_at, until = excluded.until, reason = excluded.reason`,
  );
  const clear = db.prepare<[string]>("DELETE FROM risk_breakers WHERE id = ?");
  const event = db.prepare<[RiskEventView]>(
    `INSERT INTO risk_events (time, kind, action, scope, reason, note)
     VALUES (@time, @kind, @action, @scope, @reason, @note)`,
  );
  const events = db.prepare<[number], EventRow>(
    "SELECT time, kind, action, scope, reason, note FROM risk_events ORDER BY seq DESC LIMIT ?",
  );
  const peaks = db.prepare<[], [string, number]>("SELECT scope, peak FROM risk_peaks").raw();
  const savePeak = db.prepare<[string, number]>(
    "INSERT INTO risk_peaks (scope, peak) VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET peak = excluded.peak",
  );
  const saveDrawdown = db.prepare<[number, number]>(
    "INSERT INTO risk_drawdown (time, pct) VALUES (?, ?) ON CONFLICT (time) DO UPDATE SET pct = excluded.pct",
  );
  const drawdown = db
    .prepare<[number], [number, number]>(
      "SELECT time, pct FROM (SELECT time, pct FROM risk_drawdown ORDER BY time DESC LIMIT ?) ORDER BY time",
    )
    .raw();
  return {
    breakers: () =>
      breakers.all().map(({ tripped_at: trippedAt, ...row }) => ({ ...row, trippedAt })),
    trip: (breaker, of) => {
      db.transaction(() => {
        trip.run(breaker);
        event.run(of);
      })();
    },
    clear: (id, of) => {
      db.transaction(() => {
        clear.run(id);
        event.run(of);
      })();
    },
    insertEvent: (of) => {
      event.run(of);
    },
    events: (limit) => events.all(limit),
    peaks: () => new Map(peaks.all()),
    save: (rows, point) => {
      db.transaction(() => {
        for (const { scope, peak } of rows) savePeak.run(scope, peak);
        if (point !== null) saveDrawdown.run(point.time, point.drawdownPct);
      })();
    },
    drawdown: (limit) => drawdown.all(limit).map(([time, drawdownPct]) => ({ time, drawdownPct })),
  };
}
