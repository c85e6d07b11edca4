import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listBackups, makeBackup } from "../../../src-main/housekeeping/backups.ts";
import { Housekeeping } from "../../../src-main/housekeeping/housekeeping.ts";
import type { Chore } from "../../../src-main/housekeeping/housekeeping.ts";
import { pruneHistory } from "../../../src-main/housekeeping/prune.ts";
import { openLedgerDb } from "../../../src-main/store/ledger-db.ts";
import { insertBot } from "../engine/orders/support.ts";

const START = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("housekeeping", () => {
  const values = new Map<string, unknown>();
  let told: [string, string][];
  let open: Housekeeping[];

  function keep(...chores: Chore[]): Housekeeping {
    const made = new Housekeeping({
      chores,
      values: { get: (key) => values.get(key), set: (key, value) => void values.set(key, value) },
      now: () => Date.now(),
      after: (ms, work) => {
        const timer = setTimeout(work, ms);
        return () => clearTimeout(timer);
      },
      onResult: (level, sentence) => told.push([level, sentence]),
    });
    open.push(made);
    return made;
  }
  const backup = (run: Chore["run"]): Chore => ({ name: "backup", cron: "15 3 * * *", run });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 10 * 60_000)
      await vi.advanceTimersByTimeAsync(Math.min(left, 10 * 60_000));
  };

  beforeEach(() => {
    vi.useFakeTimers({ now: START });
    values.clear();
    told = [];
    open = [];
  });
  afterEach(async () => {
    for (const one of open) await one.stop();
    vi.useRealTimers();
  });

  it("runs a chore soon after the first start, then once a night, and knows when next", async () => {
    const at: number[] = [];
    const house = keep(
      backup(async () => {
        at.push(Date.now());
        return "Done.";
      }),
    );
    house.start();
    await pass(3 * DAY);
    expect(at[0]).toBe(START + 60_000);
    expect(at).toHaveLength(4);
    for (const time of at.slice(1)) expect(new Date(time).getHours()).toBe(3);
    const [job] = house.jobs();
    expect(job).toMatchObject({ lastResult: "Done.", lastFailed: false, running: false });
    expect(new Date(job?.nextAt ?? 0).getMinutes()).toBe(15);
  });

  it("makes up for a missed night once after a start or a wake, and for nothing younger than a day", async () => {
    let runs = 0;
    const chore = backup(async () => {
      runs += 1;
      return "Done.";
    });
    values.set("housekeeping", {
      backup: {
        lastAt: START - 23 * HOUR,
        lastSuccessAt: START - 23 * HOUR,
        lastResult: "Done.",
        lastFailed: false,
        lastMs: 1,
      },
    });
    const house = keep(chore);
    house.start();
    await pass(5 * 60_000);
    expect(runs).toBe(0);
    // Asleep: the wall goes on and no timer fires.
    vi.setSystemTime(START + 3 * DAY);
    house.catchUp();
    house.catchUp();
    await pass(5 * 60_000);
    expect(runs).toBe(1);
  });

  it("keeps and tells a failure, tries again when asked, and remembers over a restart", async () => {
    let broken = true;
    const chore = backup(async () => {
      if (broken) throw new Error("The disk is full.");
      return "Done.";
    });
    const house = keep(chore);
    await expect(house.run("backup")).rejects.toThrow("The disk is full.");
    expect(house.jobs()[0]).toMatchObject({ lastFailed: true, lastSuccessAt: null });
    expect(told).toEqual([["error", "The disk is full."]]);
    const next = keep(chore);
    expect(next.jobs()[0]).toMatchObject({ lastResult: "The disk is full.", lastFailed: true });
    broken = false;
    await expect(next.run("backup")).resolves.toBe("Done.");
    expect(next.jobs()[0]).toMatchObject({ lastFailed: false, lastSuccessAt: START });
  });

  it("runs one chore at a time and refuses a second of the same", async () => {
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => (resolve = done));
    const order: string[] = [];
    const house = keep(
      backup(async () => {
        order.push("backup begins");
        await promise;
        order.push("backup ends");
        return "";
      }),
      {
        name: "prune",
        cron: "45 3 * * *",
        run: async () => {
          order.push("prune");
          return "";
        },
      },
    );
    const first = house.run("backup");
    const second = house.run("prune");
    await expect(house.run("backup")).rejects.toThrow("A backup is running already");
    expect(house.jobs().map(({ running }) => running)).toEqual([true, true]);
    const stopped = house.stop();
    await expect(house.run("prune")).rejects.toThrow("Tickdeck is closing");
    resolve();
    await Promise.all([first, second, stopped]);
    expect(order).toEqual(["backup begins", "backup ends", "prune"]);
  });
});

describe("pruning", () => {
  it("deletes in small goes with a turn between them, by the engine's clock", async () => {
    const left = { ticks: 450, events: 0 };
    const asked: number[] = [];
    let turns = 0;
    const prunable = (what: keyof typeof left) => ({
      what,
      prune: (before: number, most: number) => {
        asked.push(before);
        const gone = Math.min(left[what], most);
        left[what] -= gone;
        return gone;
      },
    });
    const sentence = await pruneHistory({
      prunables: () => [prunable("ticks"), prunable("events")],
      now: () => START,
      keepDays: () => 10,
      turn: async () => void (turns += 1),
    });
    expect(sentence).toBe("Deleted 450 ticks older than 10 days.");
    expect([left.ticks, turns]).toEqual([0, 2]);
    expect(new Set(asked)).toEqual(new Set([START - 10 * DAY]));
  });
});

describe("backups", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tickdeck-backups-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("are real ledgers, kept for 14 days, newest first", async () => {
    const ledger = openLedgerDb(join(folder, "ledger.db"));
    insertBot(ledger, "1");
    const backups = join(folder, "backups");
    for (let day = 0; day <= 20; day += 2)
      await makeBackup(backups, START + day * DAY, (to) => ledger.backup(to));
    ledger.close();
    writeFileSync(join(backups, "notes.txt"), "mine");
    const kept = listBackups(backups);
    expect(kept.map(({ time }) => (time - START) / DAY)).toEqual([20, 18, 16, 14, 12, 10, 8, 6]);
    expect(kept[0]?.name).toBe("ledger-2026-03-21T12-00-00Z.db");
    const restored = openLedgerDb(join(backups, kept[0]?.name ?? ""));
    expect(restored.bots.list().map(({ id }) => id)).toEqual(["1"]);
    restored.close();
  });

  it("leave the older ones when a new one fails, and take away what an interrupted one left", async () => {
    const ledger = openLedgerDb(join(folder, "ledger.db"));
    const backups = join(folder, "backups");
    mkdirSync(backups);
    await makeBackup(backups, START, (to) => ledger.backup(to));
    ledger.close();
    writeFileSync(join(backups, "ledger-2026-03-02T00-00-00Z.db.partial"), "half");
    const fails = makeBackup(backups, START + 30 * DAY, () => Promise.reject(new Error("full")));
    await expect(fails).rejects.toThrow("full");
    expect(readdirSync(backups)).toEqual(["ledger-2026-03-01T12-00-00Z.db"]);
  });
});
