import { describe, expect, it } from "vitest";
import { Notices } from "../../../src-main/desktop/notices.ts";
import type { Notice } from "../../../src-main/desktop/notices.ts";

function rig() {
  const shown: (Notice & { at: number })[] = [];
  const state = { now: 0, wanted: true };
  let timer: { at: number; call: () => void } | null = null;
  const notices = new Notices({
    wanted: () => state.wanted,
    show: (notice) => void shown.push({ ...notice, at: state.now }),
    after: (ms, call) => {
      timer = { at: state.now + ms, call };
      return () => {
        timer = null;
      };
    },
  });
  const advance = (ms: number): void => {
    const end = state.now + ms;
    while (timer !== null && timer.at <= end) {
      const { at, call } = timer;
      timer = null;
      state.now = at;
      call();
    }
    state.now = end;
  };
  let count = 0;
  const signal = (botId: string): void => {
    count += 1;
    notices.signal({ id: `s${count}`, botId, title: `Long ${botId}`, body: "why", time: 0 });
  };
  return { notices, shown, state, advance, signal };
}

describe("Notices", () => {
  it("shows a lone signal at once and leads to its bot", () => {
    const { shown, signal } = rig();
    signal("b7");
    expect(shown).toEqual([{ at: 0, title: "Long b7", body: "why", route: "/bots/b7" }]);
  });

  it("makes one summary of what comes within 5 s", () => {
    const { shown, signal, advance } = rig();
    signal("b1");
    for (const id of ["b2", "b3", "b4", "b5"]) {
      advance(1000);
      signal(id);
    }
    advance(60_000);
    expect(shown.slice(1)).toEqual([
      { at: 5000, title: "4 signals", body: "Long b2\nLong b3\nLong b4\nand 1 more", route: "/" },
    ]);
  });

  it("never shows two within 5 s and tells of every signal", () => {
    const { shown, signal, advance } = rig();
    for (let i = 0; i < 1000; i += 1) {
      signal(`b${i}`);
      advance(70);
    }
    advance(5000);
    const total = shown.reduce((sum, { title }) => sum + (Number.parseInt(title, 10) || 1), 0);
    expect(total).toBe(1000);
    for (const [i, { at }] of shown.entries()) {
      if (i > 0) expect(at - (shown[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(5000);
    }
  });

  it("is silent when switched off, also for those that wait", () => {
    const { shown, state, signal, advance } = rig();
    signal("b1");
    signal("b2");
    state.wanted = false;
    signal("b3");
    advance(10_000);
    expect(shown).toHaveLength(1);
    state.wanted = true;
    signal("b4");
    expect(shown.map(({ title }) => title)).toEqual(["Long b1", "Long b4"]);
  });

  it("is silent once stopped", () => {
    const { notices, shown, signal, advance } = rig();
    signal("b1");
    signal("b2");
    notices.stop();
    advance(10_000);
    expect(shown).toHaveLength(1);
  });
});
