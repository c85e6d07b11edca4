import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseOptions } from "../../../scripts/lookahead/options.ts";
import { createStrategy } from "../../../src-main/user-strategies/template/create.ts";
import { candlesOf } from "../engine/strategies/market.ts";

const SCRIPT = resolve(import.meta.dirname, "../../../scripts/lookahead.ts");
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "tickdeck-lookahead-"));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function lookahead(...args: string[]): { status: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    encoding: "utf8",
  });
  return { status, out: stdout, error: stderr };
}

/** Writes a file into the folder of this test; its path. */
function file(name: string, text: string | Buffer): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const HEADER = "timestamp_ms,open,high,low,close,volume";
const HOUR = 3_600_000;

describe("npm run lookahead", () => {
  it("passes a strategy of the house on the built-in market, its metrics and references included", () => {
    for (const strategy of ["leverage_composite", "correlation_regime"]) {
      const { status, out } = lookahead("--strategy", strategy, "--candles", "600", "--json");
      expect(JSON.parse(out.trim().split("\n").at(-1) ?? "")).toMatchObject({
        strategy,
        passed: true,
        decisions: 601,
        found: { look_ahead: 0, unstable: 0, older_history: 0 },
        notes: [],
      });
      expect(status).toBe(0);
    }
  });

  it("checks a strategy of a workspace's folder in its own process, and catches one that remembers", () => {
    const data = join(dir, "workspace");
    mkdirSync(join(data, "strategies"), { recursive: true });
    createStrategy(join(data, "strategies"), "mine");
    const run = (name: string) =>
      lookahead("--strategy", name, "--data-dir", data, "--candles", "300", "--json");
    const fine = run("user:mine");
    expect([fine.status, fine.error]).toEqual([0, ""]);
    expect(JSON.parse(fine.out)).toMatchObject({ strategy: "user:mine", passed: true });

    writeFileSync(
      join(data, "strategies", "memory.ts"),
      `import { defineStrategy, hold, z } from "tickdeck";
      let calls: number = 0;
      export default defineStrategy({
        title: "Memory", params: z.strictObject({}), warmup: () => 5,
        decide: () => hold("call " + (calls += 1)),
      });`,
    );
    const caught = run("user:memory");
    expect(caught.status).toBe(1);
    expect(JSON.parse(caught.out)).toMatchObject({ passed: false });
    const missing = run("user:nobody");
    expect([missing.status, missing.error]).toEqual([2, expect.stringContaining("nobody")]);
    expect(lookahead("--strategy", "user:mine").error).toContain("--data-dir is missing");
  });

  it("catches a cheat in a file of one's own, and shows where", () => {
    const cheat = file(
      "cheat.mjs",
      `export default {
        id: "cheat", title: "Cheat", defaultTimeframe: "1h",
        params: { safeParse: (raw) => ({ success: true, data: raw }) },
        needs: () => ({ references: [], metrics: [], metricWindowMs: 0 }),
        warmup: () => 5,
        decide({ candles, position }) {
          const close = candles.close;
          const next = new Float64Array(close.buffer, close.byteOffset + close.byteLength)[0];
          const up = next > close.at(-1);
          const reason = "the next close is " + (up ? "higher" : "not higher");
          if (position !== null) return { action: up ? "hold" : "exit", reason, conditions: [] };
          return up
            ? { action: "enter", side: "long", confidence: 1, stopPrice: 1, sizeFactor: 1, reason, conditions: [] }
            : { action: "hold", reason, conditions: [] };
        },
      };`,
    );
    const { status, out } = lookahead("--strategy", cheat, "--candles", "300");
    expect(status).toBe(1);
    expect(out).toMatch(
      /UTC {2}looks ahead\n +exit: the next close is not higher\n +hold: the next close is higher\n/,
    );
    expect(out).toMatch(/Not passed: \d+ × look_ahead\.\n$/);
  });

  it("takes candles of one's own, plain or gzip, and says what is wrong with them by line", () => {
    const candles = candlesOf(
      Array.from({ length: 700 }, (_, i) => ((i * 7919) % 41) / 1000 - 0.02),
      "1h",
      4,
    );
    const lines = [...candles.time].map((time, i) =>
      [time, candles.open[i], candles.high[i], candles.low[i], candles.close[i], 1].join(","),
    );
    const good = file("good.csv.gz", gzipSync([HEADER, ...lines, ""].join("\n")));
    const passed = lookahead("--strategy", "momentum_rsi_macd", "--csv", good);
    expect(passed.out).toMatch(/momentum_rsi_macd on SOL\/USDT 1h\n331 decisions/);
    expect(passed.status).toBe(0);

    const wrong = (name: string, text: string[], ...rest: string[]): string => {
      const { status, error } = lookahead(
        "--strategy",
        "momentum_rsi_macd",
        "--csv",
        file(name, text.join("\n")),
        ...rest,
      );
      expect(status).toBe(2);
      return error;
    };
    expect(wrong("header.csv", ["time,close", "1,2"])).toMatch(
      /header\.csv line 1 must be "timestamp_ms,open,high,low,close,volume"; write the header so\.\n$/,
    );
    expect(wrong("text.csv", [HEADER, lines[0] ?? "", "a,b,c,d,e,f"])).toMatch(
      /text\.csv line 3 must hold 6 numbers .*; correct or remove it\.\n$/,
    );
    const twisted = `${(candles.time[1] ?? 0) + HOUR},10,9,8,9,1`;
    expect(wrong("twisted.csv", [HEADER, lines[0] ?? "", lines[1] ?? "", twisted])).toMatch(
      /twisted\.csv line 4 cannot be used: its high 9 is below its open 10; correct or remove it\.\n$/,
    );
    expect(wrong("uneven.csv", [HEADER, "0,1,1,1,1,1", "7,1,1,1,1,1"])).toMatch(
      /uneven\.csv has candles 7 ms apart, which is none of 1m, 3m/,
    );
    expect(wrong("frame.csv", [HEADER, ...lines.slice(0, 3)], "--timeframe", "4h")).toMatch(
      /frame\.csv holds 1h candles, not 4h; leave --timeframe out or give another file\.\n$/,
    );
  });

  it.each([
    [["--strategy", "astrology"], /^There is no strategy "astrology"; --help lists them\.$/],
    [["--strategy", "nowhere.ts"], /^nowhere\.ts cannot be loaded: /],
    [
      ["--strategy", "nupl_cycle_filter", "--params", '{"emaPeriod":1}'],
      /^--params: Trend average is 1; it must be a whole number from 2 to 100 \(candles\)\.$/,
    ],
    [["--strategy", "nupl_cycle_filter", "--symbol", "XYZ/USDT"], /has no XYZ\/USDT; choose one/],
    [["--strategy", "nupl_cycle_filter", "--csv", "no.csv"], /^no\.csv cannot be read \(ENOENT\)/],
  ])("%j is refused in one sentence", (args, sentence) => {
    const { status, out, error } = lookahead(...args);
    expect(error.trim()).toMatch(sentence);
    expect(error.trim().split("\n")).toHaveLength(1);
    expect(out).toBe("");
    expect(status).toBe(2);
  });

  it.each([
    [[], /^--strategy is missing; give one of mean_reversion_bb/],
    [["--strategy", "x", "--params", "{"], /^--params is '\{'; give JSON/],
    [["--strategy", "x", "--symbol", "sol"], /^--symbol is "sol"; give a symbol/],
    [["--strategy", "x", "--timeframe", "7m"], /^--timeframe is "7m"; give one of/],
    [["--strategy", "x", "--candles", "0"], /^--candles is "0"; give a whole number/],
    [["--strategy", "x", "--to", "soon"], /^--to is "soon"; give a UTC time/],
    [["--strategy", "x", "--metric", "nupl=x.csv"], /^--metric goes with --csv/],
    [["--strategy", "x", "--reference", "a=b"], /^--reference goes with --csv/],
    [
      ["--strategy", "x", "--csv", "a", "--metric", "nupl"],
      /^--metric is "nupl"; write it as nupl=F/,
    ],
    [["--nonsense"], /nonsense'; --help lists the flags\.$/],
  ])("%j is wrong use", (args, sentence) => {
    expect(() => parseOptions(args)).toThrow(
      expect.objectContaining({ name: "UsageError", message: expect.stringMatching(sentence) }),
    );
  });

  it("--help tells all flags", () => {
    const { status, out } = lookahead("--help");
    expect(status).toBe(0);
    for (const flag of ["--strategy", "--csv", "--reference", "--metric", "--json"]) {
      expect(out).toContain(flag);
    }
  });
});
