import type { CandleFigures, FindingKind, FindingView } from "../../src-preload/contract/data.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import type { Finding, FindingStore } from "../engine/market/findings.ts";
import type { Database } from "./sqlite.ts";

interface Row {
  readonly id: number;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly kind: FindingKind;
  readonly candle_time: number | null;
  readonly reason: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly first_found: number;
  readonly last_found: number;
  readonly count: number;
}

// JSON has no NaN, and a refused candle often has one: it is written as null and read as NaN again.
const write = (figures: CandleFigures | null): string | null =>
  figures === null ? null : JSON.stringify(figures);
const read = (text: string | null): CandleFigures | null => {
  if (text === null) return null;
  const { open, high, low, close, volume } = JSON.parse(text) as Record<string, number | null>;
  const figure = (value: number | null | undefined): number => value ?? Number.NaN;
  return {
    open: figure(open),
    high: figure(high),
    low: figure(low),
    close: figure(close),
    volume: figure(volume),
  };
};

/** Integrity findings in market.db. */
export class SqliteFindingStore implements FindingStore {
  readonly #db: Database;
  readonly #add;
  readonly #counts;
  readonly #prune;

  constructor(db: Database) {
    this.#db = db;
    this.#add = db.prepare<
      [string, string, string, number | null, string, string | null, string | null, number, number]
    >(
      `INSERT INTO candle_finding (symbol, timeframe, kind, candle_time, reason, before, after, first_found, last_found, count)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET last_found = excluded.last_found, count = count + 1`,
    );
    this.#counts = db.prepare<[], { readonly kind: FindingKind; readonly rows: number }>(
      "SELECT kind, count(*) AS rows FROM candle_finding GROUP BY kind",
    );
    this.#prune = db.prepare<[number]>(
      "DELETE FROM candle_finding WHERE id NOT IN (SELECT id FROM candle_finding ORDER BY last_found DESC LIMIT ?)",
    );
  }

  add(finding: Finding, foundAt: number): void {
    const { symbol, timeframe, kind, candleTime, reason, before, after } = finding;
    this.#add.run(
      symbol,
      timeframe,
      kind,
      candleTime,
      reason,
      write(before),
      write(after),
      foundAt,
      foundAt,
    );
  }

  list({ kinds, limit }: { readonly kinds: readonly FindingKind[]; readonly limit: number }): {
    readonly rows: readonly FindingView[];
    readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  } {
    const where = kinds.length === 0 ? "" : `WHERE kind IN (${kinds.map(() => "?").join(", ")})`;
    const rows = this.#db
      .prepare<(string | number)[], Row>(
        `SELECT * FROM candle_finding ${where} ORDER BY last_found DESC, id DESC LIMIT ?`,
      )
      .all(...kinds, limit);
    return {
      rows: rows.map((row) => ({
        id: row.id,
        symbol: row.symbol,
        timeframe: row.timeframe,
        kind: row.kind,
        candleTime: row.candle_time,
        reason: row.reason,
        before: read(row.before),
        after: read(row.after),
        firstFound: row.first_found,
        lastFound: row.last_found,
        count: row.count,
      })),
      counts: Object.fromEntries(this.#counts.all().map(({ kind, rows: n }) => [kind, n])),
    };
  }

  prune(count: number): void {
    this.#prune.run(count);
  }
}
