import BetterSqlite3 from "better-sqlite3";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  StoredFill,
  StoredOrder,
  StoredPosition,
} from "../../../../src-main/engine/store-port.ts";
import { openLedgerDb } from "../../../../src-main/store/ledger-db.ts";
import type { LedgerDb } from "../../../../src-main/store/ledger-db.ts";
import { LEDGER_MIGRATIONS } from "../../../../src-main/store/ledger-schema.ts";
import { DatabaseError } from "../../../../src-main/store/sqlite.ts";
import { insertBot, START } from "../../engine/orders/support.ts";

let folder: string;
let file: string;
let ledger: LedgerDb;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickdeck-ledger-"));
  file = join(folder, "ledger.db");
  ledger = openLedgerDb(file);
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

function breakPages(path: string, from = 2): void {
  const bytes = readFileSync(path);
  const start = from < 0 ? bytes.length + 4096 * from : 4096 * from;
  bytes.fill(0xa5, start, Math.min(bytes.length, start + 4096 * 10));
  writeFileSync(path, bytes);
}

const position = (id: string, change: Partial<StoredPosition> = {}): StoredPosition => ({
  id,
  botId: "1",
  symbol: "SOL/USDT",
  state: "OPENING",
  side: "long",
  quantity: "0",
  entryPrice: null,
  exitPrice: null,
  stopPrice: "95",
  fees: "0",
  realisedPnl: "0",
  openedAt: START,
  closedAt: null,
  entryCandle: START,
  checkedCandle: START,
  entryReason: "signal",
  exitReason: null,
  ...change,
});
const order = (id: string, change: Partial<StoredOrder> = {}): StoredOrder => ({
  clientOrderId: id,
  botId: "1",
  positionId: "p1",
  symbol: "SOL/USDT",
  side: "buy",
  purpose: "entry",
  quantity: "2",
  expectedPrice: "100",
  status: "intent",
  reason: "signal",
  candleTime: START,
  createdAt: START + 0.25,
  answeredAt: null,
  ...change,
});
const fill = (id: string, change: Partial<StoredFill> = {}): StoredFill => ({
  fillId: id,
  clientOrderId: "o1",
  botId: "1",
  positionId: "p1",
  symbol: "SOL/USDT",
  side: "buy",
  quantity: "2",
  price: "100.000000000000000001",
  fee: "0.2",
  feeCurrency: "USDT",
  slippageBps: "-1.5",
  time: START,
  ...change,
});
const OPEN = { state: "OPEN", quantity: "2", entryPrice: "100" } as const;
const CLOSED = { state: "CLOSED", closedAt: START + 5 } as const;

describe("what is written is read back", () => {
  it("after the file is opened again, to the last digit", () => {
    insertBot(ledger, "1");
    ledger.positions.insert(position("p1"));
    ledger.orders.insertIntent(order("o1"));
    expect(ledger.orders.insertFill(fill("f1"))).toBe(true);
    ledger.orders.answer("o1", "confirmed", "signal", START + 3);
    ledger.values.set("settings", { theme: "dark", list: [1, null] });
    const [bot] = ledger.bots.list();
    ledger.close();
    ledger = openLedgerDb(file);
    expect(ledger.bots.list()).toEqual([bot]);
    expect(ledger.positions.open()).toEqual([position("p1")]);
    expect(ledger.positions.openOf("1")).toEqual(position("p1"));
    expect(ledger.orders.get("o1")).toEqual(
      order("o1", { status: "confirmed", answeredAt: START + 3 }),
    );
    expect(ledger.orders.fills({ positionId: "p1" })).toEqual([fill("f1")]);
    expect(ledger.values.get("settings")).toEqual({ theme: "dark", list: [1, null] });
    expect(ledger.values.get("never")).toBeUndefined();
  });

  it("and a transaction that throws leaves nothing", () => {
    insertBot(ledger, "1");
    expect(() =>
      ledger.transaction(() => {
        ledger.positions.insert(position("p1"));
        ledger.transaction(() => ledger.orders.insertIntent(order("o1")));
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(ledger.positions.count()).toBe(0);
    expect(ledger.orders.open()).toEqual([]);
  });

  it("refuses a value that JSON cannot carry", () => {
    expect(() => ledger.values.set("x", undefined)).toThrow(/"x" cannot be kept/);
    expect(ledger.values.get("x")).toBeUndefined();
  });
});

describe("a ledger of an older Tickdeck", () => {
  it("is brought to the newest schema and keeps its rows", () => {
    const path = join(folder, "older.db");
    const raw = new BetterSqlite3(path);
    const [first] = LEDGER_MIGRATIONS;
    raw.exec(first?.sql ?? "");
    raw.pragma("user_version = 1");
    raw.close();
    insertBot(ledger, "1");
    const [bot] = ledger.bots.list();
    if (bot === undefined) throw new Error("no bot");
    const old = new BetterSqlite3(path);
    old
      .prepare(
        "INSERT INTO bots (id, ordinal, config, status, created_at) VALUES ('1', 1, ?, 'stopped', 0)",
      )
      .run(JSON.stringify(bot.config));
    old.close();
    const opened = openLedgerDb(path);
    expect(opened.bots.list()).toMatchObject([{ id: "1", config: bot.config }]);
    expect(opened.equity.range()).toBeNull();
    opened.close();
  });
});

describe("bots", () => {
  it("keeps the id of a removed bot out of use and its trades in the books", () => {
    insertBot(ledger, "1");
    insertBot(ledger, "2");
    ledger.positions.insert(position("p1", { botId: "2" }));
    expect(() => ledger.bots.remove("2")).toThrow(/holds a position in SOL\/USDT; close it first/);
    ledger.positions.update(position("p1", { botId: "2", ...CLOSED }));
    ledger.bots.remove("2");
    expect(ledger.bots.list().map((bot) => bot.id)).toEqual(["1"]);
    expect(ledger.bots.nextOrdinal()).toBe(3);
    expect(ledger.positions.closed({ botId: "2", limit: 9 })).toHaveLength(1);
    expect(() => ledger.bots.remove("2")).toThrow(/not in the ledger/);
  });
  it("throws for an update of an unknown bot", () => {
    insertBot(ledger, "1");
    const [bot] = ledger.bots.list();
    if (bot === undefined) throw new Error("no bot");
    expect(() => ledger.bots.update({ ...bot, id: "9" })).toThrow(/Bot 9 is not in the ledger/);
    ledger.bots.update({ ...bot, status: "paused", anchor: 12.5 });
    expect(ledger.bots.list()[0]).toMatchObject({ status: "paused", anchor: 12.5 });
  });
});

describe("wrong states are impossible", () => {
  beforeEach(() => {
    insertBot(ledger, "1");
    insertBot(ledger, "2");
    ledger.positions.insert(position("p1"));
    ledger.orders.insertIntent(order("o1"));
  });

  it("one open position and one open order a bot; a client order id once", () => {
    expect(() => ledger.positions.insert(position("p2"))).toThrow(/UNIQUE/);
    expect(() => ledger.orders.insertIntent(order("o2"))).toThrow(/UNIQUE/);
    ledger.orders.answer("o1", "rejected", "no", START);
    expect(() => ledger.orders.insertIntent(order("o1"))).toThrow(/UNIQUE/);
    ledger.positions.insert(position("p2", { botId: "2" }));
  });

  it.each<[string, Partial<StoredPosition>]>([
    ["open with nothing", { state: "OPEN" }],
    ["open without a price", { state: "OPEN", quantity: "1" }],
    ["closed without a time", { state: "CLOSED" }],
    ["closed but holding", { ...CLOSED, quantity: "1", entryPrice: "1" }],
    ["a quantity with an exponent", { ...OPEN, quantity: "1e3" }],
    ["a negative quantity", { ...OPEN, quantity: "-2" }],
    ["a price that is no number", { ...OPEN, entryPrice: "NaN" }],
    ["an unknown state", { state: "FLAT" as never }],
    ["a step over OPEN", { state: "CLOSING", quantity: "1", entryPrice: "1" }],
  ])("no position that is %s", (_what, change) => {
    expect(() => ledger.positions.update(position("p1", change))).toThrow();
    expect(ledger.positions.get("p1")).toEqual(position("p1"));
  });

  it("no step back, and no change after the close", () => {
    ledger.positions.update(position("p1", OPEN));
    expect(() => ledger.positions.update(position("p1"))).toThrow(/only goes forward/);
    expect(() => ledger.positions.update(position("p1", CLOSED))).toThrow(/only goes forward/);
    ledger.positions.update(position("p1", { ...OPEN, state: "CLOSING" }));
    expect(() => ledger.positions.update(position("p1", OPEN))).toThrow(/only goes forward/);
    ledger.positions.update(position("p1", CLOSED));
    expect(() => ledger.positions.update(position("p1", { ...CLOSED, fees: "9" }))).toThrow(
      /closed position does not change/,
    );
  });

  it("an answer is final, an unknown one is not", () => {
    ledger.orders.answer("o1", "unresolved", "time-out", START);
    expect(ledger.orders.openOf("1")?.status).toBe("unresolved");
    expect(() => ledger.orders.answer("o1", "intent", "", START)).toThrow(/does not change/);
    ledger.orders.answer("o1", "confirmed", "", START);
    expect(() => ledger.orders.answer("o1", "rejected", "", START)).toThrow(/does not change/);
    expect(() => ledger.orders.answer("o9", "rejected", "", START)).toThrow(/not in the ledger/);
    expect(ledger.orders.open()).toEqual([]);
  });

  it("a fill is one fill, of an order that exists", () => {
    expect(ledger.orders.insertFill(fill("f1"))).toBe(true);
    expect(ledger.orders.insertFill(fill("f1", { quantity: "7" }))).toBe(false);
    expect(ledger.orders.fills({ clientOrderId: "o1" })).toEqual([fill("f1")]);
    expect(() => ledger.orders.insertFill(fill("f2", { clientOrderId: "o9" }))).toThrow(
      /FOREIGN KEY/,
    );
    expect(() => ledger.orders.insertFill(fill("f2", { quantity: "0" }))).toThrow(/CHECK/);
    expect(() => ledger.positions.insert(position("p9", { botId: "9" }))).toThrow(/FOREIGN KEY/);
  });

  it("no row of the books can be deleted or rewritten, whoever writes", () => {
    ledger.orders.insertFill(fill("f1"));
    const raw = new BetterSqlite3(file);
    for (const statement of [
      "DELETE FROM fills",
      "UPDATE fills SET price = '1'",
      "DELETE FROM orders",
      "DELETE FROM positions",
    ]) {
      expect(() => raw.exec(statement), statement).toThrow(/never deleted|does not change/);
    }
    raw.close();
  });
});

describe("lists and sums", () => {
  it("sums closed trades in decimals and leaves out what was never filled", () => {
    insertBot(ledger, "1");
    const close = (id: string, change: Partial<StoredPosition>): void => {
      ledger.positions.insert(position(id));
      if (change.entryPrice !== undefined) {
        ledger.positions.update(position(id, OPEN));
        ledger.positions.update(position(id, { ...OPEN, state: "CLOSING" }));
      }
      ledger.positions.update(position(id, { state: "CLOSED", ...change }));
    };
    close("p1", { closedAt: START + 1, entryPrice: "1", realisedPnl: "0.1", fees: "0.01" });
    close("p2", { closedAt: START + 2, entryPrice: "1", realisedPnl: "0.2", fees: "0.02" });
    close("p3", { closedAt: START + 3 });
    expect(ledger.positions.totals("1")).toEqual({ realisedPnl: "0.3", fees: "0.03", trades: 2 });
    expect(ledger.positions.realisedSince(START + 2)).toEqual(new Map([["1", "0.2"]]));
    expect(ledger.positions.closed({ limit: 2 }).map((row) => row.id)).toEqual(["p3", "p2"]);
    expect(ledger.positions.count()).toBe(3);
  });

  it("moves the checked candle forward only", () => {
    insertBot(ledger, "1");
    ledger.positions.insert(position("p1"));
    ledger.positions.setChecked("p1", START + 900);
    ledger.positions.setChecked("p1", START + 100);
    expect(ledger.positions.get("p1")?.checkedCandle).toBe(START + 900);
  });

  it("gives equity of a bot and of the fleet at any times", () => {
    insertBot(ledger, "1");
    const figures = { realised: "0.1", unrealised: "-0.1", exposure: "7" };
    const row = (time: number, equity: string) => ({ time, equity, ...figures });
    ledger.equity.insert({ botId: "1", ...row(10, "1000.1") });
    ledger.equity.insert({ botId: "1", ...row(20, "1000.2") });
    ledger.equity.insert({ botId: "1", ...row(20, "1000.9") });
    expect(ledger.equity.ofBot("1", 1)).toEqual([{ botId: "1", ...row(20, "1000.9") }]);
    expect(ledger.equity.ofBot("1", 9).map((point) => point.time)).toEqual([10, 20]);
    expect(ledger.equity.before("1", 20)?.equity).toBe("1000.1");
    expect(ledger.equity.before("1", 10)).toBeNull();
    expect(ledger.equity.range()).toBeNull();
    ledger.equity.insertFleet(row(15, "2"));
    ledger.equity.insertFleet(row(30, "3"));
    ledger.equity.insertFleet(row(30, "4"));
    expect(ledger.equity.range()).toEqual({ first: 15, last: 30 });
    expect(ledger.equity.fleetAt([30, 14, 15, 29.5, 99])).toEqual([
      row(30, "4"),
      { time: 14, equity: "0", realised: "0", unrealised: "0", exposure: "0" },
      row(15, "2"),
      row(29.5, "2"),
      row(99, "4"),
    ]);
  });
});

describe("files that cannot be used", () => {
  const refusal = (path: string): DatabaseError => {
    try {
      openLedgerDb(path).close();
    } catch (error) {
      if (error instanceof DatabaseError) return error;
      throw error;
    }
    throw new Error("It was opened.");
  };
  const unchanged = (path: string, sentence: RegExp): void => {
    const before = readFileSync(path);
    expect(refusal(path).message).toMatch(sentence);
    expect(readFileSync(path).equals(before)).toBe(true);
  };

  it("a file that is no database", () => {
    const path = join(folder, "text.db");
    writeFileSync(path, "not a database, but long enough to be taken for one. ".repeat(40));
    unchanged(path, /text\.db is damaged; move it away/);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it("a ledger with broken pages", () => {
    for (let n = 1; n <= 200; n += 1) insertBot(ledger, String(n));
    ledger.close();
    breakPages(file);
    unchanged(file, /ledger\.db is damaged/);
    ledger = openLedgerDb(join(folder, "other.db"));
  });

  it.each(["wal", "delete"])("a ledger of a newer Tickdeck, journal %s", (journal) => {
    const path = join(folder, "newer.db");
    const raw = new BetterSqlite3(path);
    raw.pragma(`journal_mode = ${journal}`);
    raw.exec("CREATE TABLE later (x)");
    raw.pragma("user_version = 99");
    raw.close();
    unchanged(path, /newer Tickdeck \(schema 99, this one knows \d+\); update Tickdeck/);
  });

  it("a database of another program", () => {
    const path = join(folder, "foreign.db");
    const raw = new BetterSqlite3(path);
    raw.exec("CREATE TABLE contacts (name)");
    raw.close();
    unchanged(path, /database of another program; move it away/);
  });

  it.skipIf(process.getuid?.() === 0)("a file without the right to write", () => {
    ledger.close();
    chmodSync(file, 0o444);
    chmodSync(folder, 0o555);
    unchanged(file, /cannot be written; make it writable/);
    chmodSync(folder, 0o755);
    unchanged(file, /ledger\.db cannot be written; make it writable/);
    chmodSync(file, 0o644);
    ledger = openLedgerDb(file);
  });

  it("a folder in place of the file", () => {
    expect(refusal(folder).message).toMatch(/cannot be opened/);
  });
});

describe("old equity", () => {
  it("is thinned to the last row of each day, of each bot and of the fleet, a few rows at a time", () => {
    const HOUR = 3_600_000;
    const DAY = 24 * HOUR;
    const midnight = Math.floor(START / DAY) * DAY;
    const figures = { equity: "1", realised: "0", unrealised: "0", exposure: "0" };
    for (const botId of ["1", "2"]) insertBot(ledger, botId);
    for (let hour = 0; hour < 72; hour += 1) {
      const time = midnight + hour * HOUR + 0.5;
      for (const botId of ["1", "2"]) ledger.equity.insert({ botId, time, ...figures });
      ledger.equity.insertFleet({ time, ...figures });
    }
    const before = midnight + 2 * DAY;
    const gone: number[] = [];
    for (let n = 30; n === 30; gone.push(n)) n = ledger.equity.thin(before, 30);
    expect(gone.reduce((sum, n) => sum + n)).toBe(3 * 2 * 23);
    const hours = ledger.equity
      .ofBot("2", 99)
      .map(({ time }) => Math.floor((time - midnight) / HOUR));
    expect(hours).toEqual([23, 47, ...Array.from({ length: 24 }, (_, i) => 48 + i)]);
    expect(ledger.equity.thin(before, 30)).toBe(0);
  });
});

describe("backup", () => {
  it("is a whole ledger that opens", async () => {
    insertBot(ledger, "1");
    const to = join(folder, "copy.db");
    writeFileSync(to, "an older copy");
    await ledger.backup(to);
    const copy = openLedgerDb(to);
    expect(copy.bots.list()).toEqual(ledger.bots.list());
    copy.close();
  });
  it("says what is wrong and leaves the older copy", async () => {
    await expect(ledger.backup(join(folder, "no", "copy.db"))).rejects.toThrow(
      /folder .* does not exist/,
    );
    const to = join(folder, "copy.db");
    writeFileSync(to, "an older copy");
    for (let n = 1; n <= 200; n += 1) insertBot(ledger, String(n));
    // Damage that came after an orderly end and left no trace in size and time of the file.
    ledger.close();
    breakPages(file, -1);
    writeFileSync(
      `${file}.clean`,
      `${statSync(file).size} ${statSync(file, { bigint: true }).mtimeNs}`,
    );
    ledger = openLedgerDb(file);
    const refused = ledger.backup(to);
    await expect(refused).rejects.toThrow(DatabaseError);
    await expect(refused).rejects.toThrow(/was not written: .*(damaged|malformed)/);
    expect(readFileSync(to, "utf8")).toBe("an older copy");
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("has what was committed when it began, whatever is committed meanwhile", async () => {
    insertBot(ledger, "1");
    const to = join(folder, "copy.db");
    const copying = ledger.backup(to);
    for (let n = 2; n <= 50; n += 1) insertBot(ledger, String(n));
    await copying;
    const copy = openLedgerDb(to);
    const ids = copy.bots.list().map(({ id }) => id);
    copy.close();
    expect(ids).toContain("1");
    expect(ledger.bots.list()).toHaveLength(50);
  });
});

describe("reading the whole file for damage", () => {
  /** Breaks pages and leaves size and last change as they were, as a bad disk would: only reading finds it. */
  const breakUnseen = (path: string): void => {
    const { atime, mtime } = statSync(path);
    // Not the pages that opening reads by itself.
    breakPages(path, -1);
    utimesSync(path, atime, mtime);
  };

  beforeEach(() => {
    for (let n = 1; n <= 200; n += 1) insertBot(ledger, String(n));
    ledger.close();
    // Whole ms, which utimes can put back.
    utimesSync(file, new Date(START), new Date(START));
    writeFileSync(`${file}.clean`, `${statSync(file).size} ${BigInt(START) * 1_000_000n}`);
  });

  it("is left out after an orderly end", () => {
    breakUnseen(file);
    ledger = openLedgerDb(file);
    expect(existsSync(`${file}.clean`)).toBe(false);
  });

  it("comes after an end that was not orderly", () => {
    const killed = openLedgerDb(file);
    insertBot(killed, "201");
    for (const end of ["", "-wal"]) copyFileSync(`${file}${end}`, `${file}.killed${end}`);
    killed.close();
    breakPages(`${file}.killed`);
    expect(() => openLedgerDb(`${file}.killed`)).toThrow(/ledger\.db\.killed is damaged/);
  });

  it("comes for a file that was put in the place of the one that was closed", () => {
    breakPages(file);
    expect(() => openLedgerDb(file)).toThrow(/ledger\.db is damaged/);
  });

  it("comes when a write-ahead log lies beside a marked file", () => {
    breakUnseen(file);
    writeFileSync(`${file}-wal`, "");
    expect(() => openLedgerDb(file)).toThrow(/ledger\.db is damaged/);
  });
});
