import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RiskEventView } from "../../../../src-preload/contract/risk.ts";
import type { StoredBreaker } from "../../../../src-main/engine/store-port.ts";
import { openLedgerDb } from "../../../../src-main/store/ledger-db.ts";
import type { LedgerDb } from "../../../../src-main/store/ledger-db.ts";
import { LEDGER_MIGRATIONS } from "../../../../src-main/store/ledger-schema.ts";
import { openDatabase } from "../../../../src-main/store/sqlite.ts";

const T = 1_709_251_200_000;
const breaker = (change: Partial<StoredBreaker> = {}): StoredBreaker => ({
  id: "bot_drawdown:7",
  kind: "bot_drawdown",
  scope: "7",
  trippedAt: T + 0.5,
  until: null,
  reason: "Bot fell 21 %.",
  ...change,
});
const event = (change: Partial<RiskEventView> = {}): RiskEventView => ({
  time: T,
  kind: "bot_drawdown",
  action: "tripped",
  scope: "7",
  reason: "Bot fell 21 %.",
  note: "",
  ...change,
});

describe("risk in the ledger", () => {
  let dir: string;
  let file: string;
  let ledger: LedgerDb;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "tickdeck-ledger-"));
    file = join(dir, "ledger.db");
    ledger = openLedgerDb(file);
  });
  afterEach(() => {
    ledger.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const again = (): void => {
    ledger.close();
    ledger = openLedgerDb(file);
  };

  it("keeps breakers with their events until they are cleared", () => {
    ledger.risk.trip(breaker(), event());
    ledger.risk.trip(
      breaker({ id: "pair_lock:A/B", kind: "pair_lock", scope: "A/B", trippedAt: T, until: T + 9 }),
      event({ kind: "pair_lock" }),
    );
    again();
    expect(ledger.risk.breakers().map(({ id, until }) => [id, until])).toEqual([
      ["pair_lock:A/B", T + 9],
      ["bot_drawdown:7", null],
    ]);
    expect(ledger.risk.breakers()[1]).toEqual(breaker());
    ledger.risk.clear("bot_drawdown:7", event({ action: "reset", note: "Fine" }));
    expect(ledger.risk.breakers()).toHaveLength(1);
    expect(ledger.risk.events(2).map(({ action, note }) => [action, note])).toEqual([
      ["reset", "Fine"],
      ["tripped", ""],
    ]);
  });

  it("keeps nothing of a breaker whose event is refused", () => {
    expect(() => {
      ledger.risk.trip(breaker(), { ...event(), reason: null as unknown as string });
    }).toThrow(/NOT NULL/);
    expect(ledger.risk.breakers()).toEqual([]);
    expect(() => {
      ledger.risk.trip(breaker({ until: T - 1 }), event());
    }).toThrow(/CHECK/);
  });

  it("keeps peaks, the newest of each, and the drawdown by time", () => {
    ledger.risk.save([{ scope: "", peak: 2200.5 }], { time: T, drawdownPct: 1.5 });
    ledger.risk.save(
      [
        { scope: "", peak: 2300 },
        { scope: "7", peak: 1000 },
      ],
      { time: T + 1, drawdownPct: 0 },
    );
    ledger.risk.save([], null);
    again();
    expect(ledger.risk.peaks()).toEqual(
      new Map([
        ["", 2300],
        ["7", 1000],
      ]),
    );
    expect(ledger.risk.drawdown(1)).toEqual([{ time: T + 1, drawdownPct: 0 }]);
    expect(ledger.risk.drawdown(9)).toHaveLength(2);
  });

  it("never changes nor loses an event", () => {
    ledger.risk.insertEvent(event());
    ledger.close();
    const db = openDatabase({ file, migrations: LEDGER_MIGRATIONS, synchronous: "FULL" });
    expect(() => db.exec("UPDATE risk_events SET note = 'x'")).toThrow(/does not change/);
    expect(() => db.exec("DELETE FROM risk_events")).toThrow(/never deleted/);
    db.close();
    ledger = openLedgerDb(file);
  });

  it("comes to a ledger of the schema before it, which keeps what it had", () => {
    const old = join(dir, "old.db");
    const before = LEDGER_MIGRATIONS.filter(({ version }) => version < 3);
    const db = openDatabase({ file: old, migrations: before, synchronous: "FULL" });
    db.exec(`INSERT INTO named_values VALUES ('settings', '{"a":1}')`);
    db.close();
    const opened = openLedgerDb(old);
    expect(opened.values.get("settings")).toEqual({ a: 1 });
    opened.risk.trip(breaker(), event());
    expect(opened.risk.breakers()).toHaveLength(1);
    opened.close();
  });
});
