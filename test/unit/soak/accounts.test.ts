import { describe, expect, it } from "vitest";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { Chance } from "../../../scripts/soak/chance.ts";
import { FireAccounts } from "../../../scripts/soak/fire-accounts.ts";
import { Crash, Fuse, guarded } from "../../../scripts/soak/fuse.ts";
import { parseOptions } from "../../../scripts/soak/options.ts";

const MINUTE = 60_000;
const GRID = { anchor: 0, everyMs: 15 * MINUTE };

const report = (fireTime: number, more: Partial<TickReport> = {}): TickReport => ({
  id: `1@${fireTime}`,
  botId: "1",
  botName: "one",
  symbol: "BTC/USDT",
  timeframe: "15m",
  strategy: "momentum_rsi_macd",
  fireTime,
  lastFireTime: fireTime,
  fireCount: 1,
  outcome: "ran",
  result: "no_signal",
  startedAt: fireTime,
  latenessMs: 0,
  realLatenessMs: 0,
  durationMs: 0,
  engineMs: 0,
  candleTime: null,
  price: null,
  regime: null,
  signal: null,
  confidence: null,
  reason: "",
  conditions: [],
  steps: [],
  clientOrderId: null,
  error: null,
  ...more,
});

/** A bot that is due at 0, 15, 30 and 45 minutes. */
function hour(): FireAccounts {
  const accounts = new FireAccounts();
  accounts.begin("1", GRID, 0);
  accounts.end("1", 50 * MINUTE);
  return accounts;
}
const tell = (accounts: FireAccounts, told: TickReport, now = told.fireTime): void => {
  accounts.report(told, GRID.everyMs, now);
};

describe("accounts of fire times", () => {
  it("balance when each fire time is reported once, alone or in a row", () => {
    const accounts = hour();
    tell(accounts, report(0));
    tell(
      accounts,
      report(15 * MINUTE, { lastFireTime: 30 * MINUTE, fireCount: 2, outcome: "coalesced" }),
    );
    tell(accounts, report(45 * MINUTE));
    expect(accounts.audit()).toMatchObject({
      fireTimes: 4,
      unaccounted: 0,
      doubled: 0,
      undue: 0,
      overlaps: 0,
      early: 0,
      findings: [],
    });
    expect(accounts.outcomes).toMatchObject({ ran: 2, coalesced: 2 });
  });

  it("find what was dropped, doubled, not due, too early and at the same time", () => {
    const accounts = hour();
    tell(accounts, report(0), 20 * MINUTE);
    tell(accounts, report(0), 20 * MINUTE);
    tell(accounts, report(15 * MINUTE, { startedAt: 14 * MINUTE }), 21 * MINUTE);
    tell(accounts, report(31 * MINUTE));
    tell(accounts, report(60 * MINUTE));
    const audit = accounts.audit();
    expect(audit).toMatchObject({ unaccounted: 2, doubled: 1, undue: 2, early: 1 });
    // The second run of 0, and that of 15, began while the first of 0 had not ended.
    expect(audit.overlaps).toBe(2);
    expect(audit.findings.join(" ")).toContain(`nothing is known of the fire time ${30 * MINUTE}`);
  });

  it("owe nothing for the time between two spans", () => {
    const accounts = hour();
    accounts.begin("1", GRID, 100 * MINUTE);
    accounts.end("1", 105 * MINUTE);
    for (const time of [0, 15, 30, 45, 105]) tell(accounts, report(time * MINUTE));
    expect(accounts.audit()).toMatchObject({ fireTimes: 5, unaccounted: 0, undue: 0 });
  });
});

describe("a fuse", () => {
  it("blows at the armed call, before or after it, and refuses all from then on", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 20; seed += 1) {
      let calls = 0;
      let blown = 0;
      const fuse = new Fuse(new Chance(seed), () => (blown += 1));
      const store = guarded({ inner: { put: () => (calls += 1) } }, fuse);
      fuse.arm(3, (name) => name === "inner.put");
      expect([store.inner.put(), store.inner.put()]).toEqual([1, 2]);
      expect(() => store.inner.put()).toThrow(Crash);
      expect(() => store.inner.put()).toThrow(Crash);
      expect([fuse.blown, blown]).toEqual([true, 1]);
      seen.add(calls);
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([2, 3]);
  });
});

describe("soak options", () => {
  it("have defaults", () => {
    expect(parseOptions([])).toMatchObject({ bots: 45, days: 365, seed: 1, json: false });
    expect(parseOptions(["--faults", "sleeps,crashes"])?.faults).toEqual(
      new Set(["sleeps", "crashes"]),
    );
  });

  it.each([
    [["--days", "x"], '--days is "x"; give a whole number from 1 to 3650.'],
    [["--bots", "0"], '--bots is "0"; give a whole number from 1 to 2000.'],
    [["--faults", "fire"], /--faults names "fire", which is none; use all, none or a list of /],
    [["--wrong"], /^Unknown option '--wrong'/],
  ])("refuse %j with one sentence", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
