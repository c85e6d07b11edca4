import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventBus } from "../../../src-main/engine/event-bus.ts";
import type { EngineEvents } from "../../../src-main/engine/events.ts";
import { catchUp, recordEngine } from "../../../src-main/logging/engine-records.ts";
import type { LogEntry } from "../../../src-main/logging/entry.ts";
import { Log } from "../../../src-main/logging/log.ts";
import { redact } from "../../../src-main/logging/redact.ts";
import type { LogRecord } from "../../../src-preload/contract/logs.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tickdeck-log-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

let wall = 0;
const open = (over: { maxBytes?: number; keptFiles?: number } = {}): Log => {
  wall = 1000;
  return new Log({ dir, now: () => wall++, ...over });
};
const note = (reason: string, over: Partial<LogEntry> = {}): LogEntry => ({
  level: "info",
  event: "engine",
  reason,
  ...over,
});
const lines = (name = "tickdeck.log"): LogRecord[] =>
  readFileSync(join(dir, name), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogRecord);
const reasons = (records: readonly LogRecord[]): string[] => records.map((record) => record.reason);

const report: TickReport = {
  id: "b1@5000",
  botId: "b1",
  botName: "BTC",
  symbol: "BTC/USDT",
  timeframe: "15m",
  strategy: "mean_reversion_bb",
  fireTime: 5000,
  lastFireTime: 5000,
  fireCount: 1,
  outcome: "ran",
  result: "entry",
  startedAt: 5012,
  latenessMs: 12,
  realLatenessMs: 1,
  durationMs: 3.5,
  engineMs: 2,
  candleTime: 0,
  price: 1,
  regime: null,
  signal: "long",
  confidence: 0.5,
  reason: "close 99 < lower band 100",
  conditions: [],
  steps: [],
  clientOrderId: null,
  error: null,
};

describe("what a record is", () => {
  it("carries wall time and the engine's time", () => {
    const log = open();
    log.write(note("before"));
    log.useEngineTime(() => 77);
    log.write(note("after"));
    expect(lines()).toEqual([
      { time: 1000, engine_time: 1000, level: "info", event: "engine", reason: "before" },
      { time: 1001, engine_time: 77, level: "info", event: "engine", reason: "after" },
    ]);
  });

  it("is on disk when write returns, and whoever listens has it", () => {
    const log = open();
    const heard: LogRecord[] = [];
    const stop = log.onRecord((record) => heard.push(record));
    log.write(note("one\nline"));
    expect(reasons(lines())).toEqual(["one\nline"]);
    stop();
    log.write(note("two"));
    expect(reasons(heard)).toEqual(["one\nline"]);
  });

  it("is one for each tick, with its fields", () => {
    const log = open();
    const events = new EventBus<EngineEvents>((error) => {
      throw error;
    });
    recordEngine(events, log);
    events.emit("tick", report);
    expect(lines()).toEqual([
      {
        time: 1000,
        engine_time: 5012,
        level: "info",
        event: "tick",
        reason: "close 99 < lower band 100",
        bot_id: "b1",
        symbol: "BTC/USDT",
        strategy: "mean_reversion_bb",
        fire_time: 5000,
        lateness_ms: 12,
        tick_duration_ms: 3.5,
        signal_generated: true,
        outcome: "ran",
        result: "entry",
      },
    ]);
  });

  it("is made up for where a crash came between the store and the log, and never twice", async () => {
    const log = open();
    const events = new EventBus<EngineEvents>((error) => {
      throw error;
    });
    recordEngine(events, log);
    events.emit("tick", report);
    const lost = { ...report, id: "b1@6000", fireTime: 6000 };
    await catchUp([lost, report], log);
    await catchUp([lost, report], log);
    expect(lines().map((line) => line.fire_time)).toEqual([5000, 6000]);
  });

  it("has a level that tells what needs a look", () => {
    const log = open();
    const events = new EventBus<EngineEvents>((error) => {
      throw error;
    });
    recordEngine(events, log);
    const missed = {
      ...report,
      outcome: "missed",
      result: "none",
      startedAt: null,
      signal: null,
    } as const;
    events.emit("tick", { ...missed, latenessMs: 70_000 });
    events.emit("tick", { ...report, result: "error", error: "it broke" });
    events.emit("log", { level: "debug", event: "order", reason: "sent", botId: "b1" });
    expect(lines()).toMatchObject([
      { level: "warn", outcome: "missed", engine_time: 75_000, signal_generated: false },
      { level: "error", error: "it broke" },
      { level: "debug", event: "order", bot_id: "b1" },
    ]);
  });
});

describe("secrets", () => {
  const texts = [
    "GET https://x/api?symbol=A&signature=deadbeef&timestamp=1",
    'headers {"X-MBX-APIKEY":"deadbeef","a":1}',
    "Authorization: Bearer deadbeef",
    "http://user:deadbeef@host/path",
    "apiKey=deadbeef, secret: deadbeef; end",
  ];
  for (const text of texts) {
    it(`are not written: ${text}`, () => {
      const log = open();
      log.write(note(text, { error: text }));
      expect(readFileSync(log.file, "utf8")).not.toContain("deadbeef");
    });
  }

  it("leave plain sentences alone", () => {
    const plain = "The token BTC/USDT: RSI 31.2 < 35, see https://x.test/a@b";
    expect(redact(plain).replace("[removed]", "")).toContain(
      "RSI 31.2 < 35, see https://x.test/a@b",
    );
  });
});

describe("rotation", () => {
  it("puts files aside by size and keeps only so many", () => {
    const log = open({ maxBytes: 300, keptFiles: 2 });
    for (let i = 0; i < 40; i += 1) log.write(note(`record ${i}`));
    expect(readdirSync(dir).toSorted()).toEqual([
      "tickdeck.1.log",
      "tickdeck.2.log",
      "tickdeck.log",
    ]);
    const kept = reasons([...lines("tickdeck.2.log"), ...lines("tickdeck.1.log"), ...lines()]);
    expect(kept).toEqual(
      Array.from({ length: kept.length }, (_, i) => `record ${40 - kept.length + i}`),
    );
  });

  it("goes on in the file of the run before", () => {
    open().write(note("yesterday"));
    open().write(note("today"));
    expect(reasons(lines())).toEqual(["yesterday", "today"]);
  });

  it("loses nothing after a line that a crash cut off", async () => {
    open().write(note("whole"));
    appendFileSync(join(dir, "tickdeck.log"), '{"time":1,"engine_ti');
    const log = open();
    log.write(note("next"));
    expect(reasons((await log.query({ limit: 10 })).records)).toEqual(["next", "whole"]);
  });
});

describe("query", () => {
  it("is newest first, across memory and all files, each record once", async () => {
    const before = open({ maxBytes: 20_000 });
    for (let i = 0; i < 500; i += 1) before.write(note(`record ${i}`));
    const log = new Log({ dir, now: () => wall++, maxBytes: 20_000 });
    for (let i = 500; i < 700; i += 1) log.write(note(`record ${i}`));
    const { records, file } = await log.query({ limit: 2000 });
    expect(reasons(records)).toEqual(Array.from({ length: 700 }, (_, i) => `record ${699 - i}`));
    expect(file).toBe(join(dir, "tickdeck.log"));
    expect(reasons((await log.query({ limit: 3 })).records)).toEqual([
      "record 699",
      "record 698",
      "record 697",
    ]);
  });

  it("stays whole while records come in and files are put aside", async () => {
    const before = open({ maxBytes: 5000 });
    for (let i = 0; i < 200; i += 1) before.write(note(`record ${i}`));
    const log = new Log({ dir, now: () => wall++, maxBytes: 5000 });
    const asked = log.query({ limit: 2000 });
    for (let i = 200; i < 400; i += 1) log.write(note(`record ${i}`));
    const seen = reasons((await asked).records);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen[0]).toBe("record 199");
  });

  it("reads characters that lie across two blocks", async () => {
    const before = open();
    before.write(note(`${"é€𝄞".repeat(40_000)} end`));
    for (let i = 0; i < 2; i += 1) before.write(note("short"));
    const log = open();
    const [, , long] = (await log.query({ limit: 3 })).records;
    expect(long?.reason).toBe(`${"é€𝄞".repeat(40_000)} end`);
  });

  const some = (log: Log): void => {
    log.write(note('Quote "BTC"', { level: "warn", event: "order", bot_id: "b1" }));
    log.write(note("plain", { bot_id: "b12", symbol: "ETH/USDT" }));
    log.write(note("broken", { level: "error", error: "Line one\nLine two" }));
  };
  const cases: readonly [string, Parameters<Log["query"]>[0], string[]][] = [
    ["levels", { levels: ["warn", "error"], limit: 9 }, ["broken", 'Quote "BTC"']],
    ["event", { event: "order", limit: 9 }, ['Quote "BTC"']],
    ["a bot, exactly", { botId: "b1", limit: 9 }, ['Quote "BTC"']],
    ["text in any case, with quotes", { text: ' quote "btc" ', limit: 9 }, ['Quote "BTC"']],
    ["text in another field", { text: "eth/usdt", limit: 9 }, ["plain"]],
    ["text over two lines", { text: "one\nline", limit: 9 }, ["broken"]],
    ["no match in names of fields", { text: "engine_time", limit: 9 }, []],
    [
      "everything",
      { levels: ["warn"], event: "order", botId: "b1", text: "btc", limit: 1 },
      ['Quote "BTC"'],
    ],
  ];
  for (const [what, query, expected] of cases) {
    it(`finds by ${what}, in memory and in files`, async () => {
      const log = open();
      some(log);
      expect(reasons((await log.query(query)).records)).toEqual(expected);
      expect(reasons((await open().query(query)).records)).toEqual(expected);
    });
  }

  it("passes over lines that are none of ours", async () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "tickdeck.log"), 'junk\n{"a":1}\nnull\n{"time":"x"}\n');
    const log = open();
    log.write(note("mine"));
    expect(reasons((await log.query({ limit: 9 })).records)).toEqual(["mine"]);
  });
});

describe("a log that cannot be written", () => {
  it("says so, keeps records in memory and disturbs nobody", async () => {
    writeFileSync(join(dir, "file"), "");
    const log = new Log({ dir: join(dir, "file", "logs"), now: () => 1 });
    log.write(note("kept"));
    expect(log.problem).toMatch(/cannot be written; make its folder writable/);
    expect(reasons((await log.query({ limit: 9 })).records)).toEqual(["kept"]);
  });

  it("recovers when its folder is there again", () => {
    const log = open();
    log.write(note("one"));
    rmSync(dir, { recursive: true });
    log.write(note("two"));
    expect(log.problem).toMatch(/cannot be written/);
    mkdirSync(dir);
    log.write(note("three"));
    expect(log.problem).toBeNull();
    expect(reasons(lines())).toEqual(["three"]);
  });
});
