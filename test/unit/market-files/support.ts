import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMarketDb } from "../../../src-main/store/market-db.ts";
import type { MarketDb } from "../../../src-main/store/market-db.ts";

/** A folder with a market.db of its own, gone when `close` was called. */
export interface Place {
  readonly folder: string;
  readonly db: MarketDb;
  /** Writes a file and gives its path. */
  readonly put: (name: string, content: string | Uint8Array) => string;
  readonly close: () => void;
}

export function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), "tickdeck-files-"));
  const db = openMarketDb(join(folder, "market.db"));
  return {
    folder,
    db,
    put: (name, content) => {
      const file = join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    close: () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
