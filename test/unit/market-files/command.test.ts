import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const start = Date.UTC(2024, 0, 1);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickdeck-data-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const data = (...args: readonly string[]): { code: number | null; out: string; err: string } => {
  const script = resolve(import.meta.dirname, "../../../scripts/data/main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
};

describe("npm run data", () => {
  it("imports with a word on every line that is refused, once as a trial; exports a range", () => {
    const file = join(folder, "in.csv");
    const hour = 3_600_000;
    writeFileSync(
      file,
      `time,open,high,low,close,volume\n${start},1,3,1,2,5\n${start + hour},9,3,1,2,5\n${start + 2 * hour},1,3,1,2,6\n`,
    );
    const series = ["--data-dir", folder, "--symbol", "BTC/USDT", "--timeframe", "1h"];
    const trial = data("import", file, ...series, "--dry-run");
    expect([trial.code, trial.out]).toEqual([
      0,
      [
        "3 lines with commas, a header, times in ms",
        "line 3 refused: its high 3 is below its open 9",
        "1 lines refused; 2 new, 0 changed, 0 stored already",
        "1 candles are missing in between",
        "Nothing was stored: --dry-run.",
        "",
      ].join("\n"),
    ]);
    expect(data("import", file, ...series).out).toContain("Stored: 2 added, 0 replaced.");
    const out = join(folder, "out.csv");
    expect(data("export", out, ...series, "--from", "2024-01-01T01:00Z").code).toBe(0);
    expect(readFileSync(out, "utf8")).toBe(
      `timestamp_ms,open,high,low,close,volume\n${start + 2 * hour},1,3,1,2,6\n`,
    );
  });

  it("refuses what makes no sense with one sentence, and makes nothing", () => {
    const series = ["--data-dir", folder, "--symbol", "BTC/USDT", "--timeframe", "1h"];
    const refusal = (...args: readonly string[]): string => {
      const { code, err } = data(...args);
      expect(code).not.toBe(0);
      return err.trim();
    };
    expect(refusal()).toContain("Usage:");
    expect(refusal("import", "x.csv")).toBe(
      "--data-dir is missing; give the folder of a workspace.",
    );
    expect(refusal("export", "x.csv", ...series)).toContain("holds no market.db");
    expect(refusal("import", "x.csv", ...series.with(5, "7h"))).toContain("give one of 1m, 3m");
    expect(refusal("import", "x.csv", ...series.with(3, "btc"))).toContain("give one as BTC/USDT");
    const metric = ["--data-dir", folder, "--metric"];
    expect(refusal("import", "x.csv", ...metric, "price")).toContain("give one of funding_rate");
    expect(refusal("import", "x.csv", ...metric, "nupl", "--symbol", "BTC/USDT")).toContain(
      "leave --symbol out",
    );
    expect(refusal("import", "x.csv", ...metric, "funding_rate")).toContain("give --symbol");
    expect(existsSync(join(folder, "market.db"))).toBe(false);
    mkdirSync(join(folder, "chromium"));
    symlinkSync(`host-${process.pid}`, join(folder, "chromium", "SingletonLock"));
    expect(refusal("import", "x.csv", ...series)).toContain("is open in Tickdeck; quit it first");
  });
});
