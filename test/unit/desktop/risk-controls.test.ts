import { describe, expect, it } from "vitest";
import { KILL_LEVELS, KILL_WORDS } from "../../../src-preload/contract/risk-limits.ts";
import type { KillOutcome } from "../../../src-preload/contract/risk.ts";
import { killSentence, RiskControls } from "../../../src-main/desktop/risk-controls.ts";
import type { RiskControlsParts } from "../../../src-main/desktop/risk-controls.ts";

const outcome = (change: Partial<KillOutcome> = {}): KillOutcome => ({
  kill: { level: "entries", since: 0, by: "tray", note: "", left: 0 },
  cancelled: 0,
  closed: 0,
  refused: [],
  ...change,
});

function controls(change: Partial<RiskControlsParts> = {}) {
  const seen: string[] = [];
  const keys = new Map<string, () => void>();
  const risk = new RiskControls({
    risk: () => ({
      kill: async (level, by) => {
        seen.push(`kill ${level} ${by}`);
        return outcome();
      },
      checkIn: () => {
        seen.push("check in");
        return { state: "ok", lastCheckIn: 0, next: null };
      },
    }),
    notify: ({ title, body }) => seen.push(`notice ${title}: ${body}`),
    navigate: (route) => seen.push(`go ${route}`),
    say: (level, reason) => seen.push(`${level} ${reason}`),
    confirm: async ({ button }) => {
      seen.push(`ask ${button}`);
      return true;
    },
    shortcuts: {
      register: (name, callback) => {
        keys.set(name, callback);
        return true;
      },
      unregister: (name) => void keys.delete(name),
    },
    ...change,
  });
  return { risk, seen, keys };
}

describe("the kill switch outside the window", () => {
  it("is thrown by its keys at once, for entries only, and shows the Risk page", async () => {
    const { risk, seen, keys } = controls();
    risk.useShortcut("CommandOrControl+Alt+K");
    keys.get("CommandOrControl+Alt+K")?.();
    await new Promise(setImmediate);
    expect(seen[0]).toBe("kill entries shortcut");
    expect(seen).toContain("go /risk");
    risk.useShortcut("Alt+F9");
    expect([...keys.keys()]).toEqual(["Alt+F9"]);
    risk.useShortcut(null);
    expect(keys.size).toBe(0);
  });

  it("says when the system refuses the keys", () => {
    const taken = controls({
      shortcuts: { register: () => false, unregister: () => undefined },
    });
    taken.risk.useShortcut("Alt+K");
    expect(taken.seen[0]).toMatch(/^warn The kill switch's keys Alt\+K belong to another program/);
    const thrown = controls({
      shortcuts: {
        register: () => {
          throw new Error("bad accelerator");
        },
        unregister: () => undefined,
      },
    });
    thrown.risk.useShortcut("Alt+K");
    expect(thrown.seen[0]).toContain("bad accelerator");
  });

  it("asks before what cannot be undone, and does nothing when the answer is no", async () => {
    const yes = controls();
    await yes.risk.choose("close");
    expect(yes.seen.slice(0, 2)).toEqual(["ask Close all positions", "kill close tray"]);
    const no = controls({ confirm: async () => false });
    await no.risk.choose("cancel");
    expect(no.seen).toEqual([]);
    const plain = controls();
    await plain.risk.choose("entries");
    expect(plain.seen[0]).toBe("kill entries tray");
  });

  it("says so when nothing is open yet, or when it could not be thrown", async () => {
    const closed = controls({ risk: () => null });
    expect(await closed.risk.throw("close", "command line")).toBeNull();
    expect(closed.seen[0]).toMatch(/^error The kill switch was not thrown/);
    const failing = controls({
      risk: () => ({
        kill: () => Promise.reject(new Error("disk full")),
        checkIn: () => null,
      }),
    });
    expect(await failing.risk.throw("close", "command line")).toBeNull();
    expect(failing.seen[0]).toContain("disk full");
  });

  it("tells of trips and of the dead man's switch, not of what the trader did", () => {
    const { risk, seen } = controls();
    const event = { time: 0, scope: "", reason: "R.", note: "" } as const;
    risk.told({ ...event, kind: "daily_loss", action: "tripped" });
    risk.told({ ...event, kind: "dead_man", action: "state" });
    risk.told({ ...event, kind: "kill", action: "thrown" });
    risk.told({ ...event, kind: "daily_loss", action: "reset" });
    expect(seen).toEqual([
      "notice A limit of risk was reached: R.",
      "notice Dead man's switch: R.",
    ]);
    risk.checkIn();
    expect(seen.at(-1)).toBe("info Checked in from the tray.");
  });
});

describe("killSentence", () => {
  it("says what is on, what was done and what is left", () => {
    expect(killSentence(outcome())).toBe("Kill switch is on: no new entries.");
    expect(
      killSentence(
        outcome({
          kill: { level: "close", since: 0, by: "tray", note: "", left: 1 },
          cancelled: 1,
          closed: 3,
          refused: [{ id: "7", reason: "No price." }],
        }),
      ),
    ).toBe(
      "Kill switch is on: close all positions; 1 open orders settled, 3 positions closed. Not done yet: bot 7: No price. It is tried again every half minute while Tickdeck runs.",
    );
  });
  it("has words for each choice that say exactly what it does", () => {
    for (const level of KILL_LEVELS)
      expect(KILL_WORDS[level].does).toMatch(/no bot enters any more/i);
  });
});
