import { describe, expect, it } from "vitest";
import { TIMEFRAMES, timeframeMs } from "../../../src-preload/contract/time.ts";
import { isApplicable, nameOfBots, VERBS } from "../../../src-renderer/components/bot-verbs.ts";
import {
  columnsThatFit,
  gridTemplate,
  moneyWidth,
} from "../../../src-renderer/features/fleet/columns.tsx";
import {
  toggleChecked,
  toggleSort,
  useFleet,
} from "../../../src-renderer/features/fleet/fleet-store.ts";
import {
  filterBots,
  groupBots,
  sortBots,
  timeframeMinutes,
} from "../../../src-renderer/features/fleet/rows.ts";
import type { FleetFilter } from "../../../src-renderer/features/fleet/rows.ts";
import { makeBot, makeTick } from "./make.ts";

const ANY: FleetFilter = { text: "", strategy: null, status: null };
const ids = (bots: readonly { readonly id: string }[]): string[] => bots.map(({ id }) => id);

describe("filter", () => {
  const bots = [
    makeBot("a", { config: { name: "Alpha", symbol: "SOL/USDT" } }),
    makeBot("b", {
      config: { name: "Beta", symbol: "BTC/USDT", strategy: "leverage_composite", timeframe: "1h" },
      status: "paused",
      health: "paused",
    }),
    makeBot("c", { config: { name: "Gamma", symbol: "BTC/USDT" }, health: "overdue" }),
  ];

  it("finds every word anywhere in name, symbol, strategy and timeframe", () => {
    expect(ids(filterBots(bots, { ...ANY, text: "btc" }))).toEqual(["b", "c"]);
    expect(ids(filterBots(bots, { ...ANY, text: " BTC  1h " }))).toEqual(["b"]);
    expect(ids(filterBots(bots, { ...ANY, text: "btc sol" }))).toEqual([]);
    expect(ids(filterBots(bots, ANY))).toEqual(["a", "b", "c"]);
  });

  it("narrows by strategy, by state and to what needs a look", () => {
    expect(ids(filterBots(bots, { ...ANY, strategy: "leverage_composite" }))).toEqual(["b"]);
    expect(ids(filterBots(bots, { ...ANY, status: "running" }))).toEqual(["a", "c"]);
    expect(ids(filterBots(bots, { ...ANY, status: "attention" }))).toEqual(["c"]);
  });
});

describe("sort", () => {
  it("orders figures in both directions and leaves the unknown last", () => {
    const bots = [
      makeBot("none"),
      makeBot("slow", { lastTick: makeTick({ durationMs: 20 }) }),
      makeBot("fast", { lastTick: makeTick({ durationMs: 2 }) }),
    ];
    expect(ids(sortBots(bots, { key: "duration", descending: false }))).toEqual([
      "fast",
      "slow",
      "none",
    ]);
    expect(ids(sortBots(bots, { key: "duration", descending: true }))).toEqual([
      "slow",
      "fast",
      "none",
    ]);
  });

  it("orders names as people count, timeframes by length, states from worst to best", () => {
    const bots = [
      makeBot("bot 10", { config: { timeframe: "4h" }, health: "on_time" }),
      makeBot("bot 9", { config: { timeframe: "15m" }, health: "error" }),
      makeBot("Bot 1", { config: { timeframe: "1h" }, health: "paused" }),
    ];
    expect(ids(sortBots(bots, { key: "name", descending: false }))).toEqual([
      "Bot 1",
      "bot 9",
      "bot 10",
    ]);
    expect(ids(sortBots(bots, { key: "timeframe", descending: false }))).toEqual([
      "bot 9",
      "Bot 1",
      "bot 10",
    ]);
    expect(ids(sortBots(bots, { key: "health", descending: false }))).toEqual([
      "bot 9",
      "Bot 1",
      "bot 10",
    ]);
  });

  it("keeps equals in the order of their names, whichever way it sorts, and changes no input", () => {
    const bots = [makeBot("b"), makeBot("c"), makeBot("a")];
    expect(ids(sortBots(bots, { key: "pnlToday", descending: true }))).toEqual(["a", "b", "c"]);
    expect(ids(sortBots(bots, { key: "pnlToday", descending: false }))).toEqual(["a", "b", "c"]);
    expect(ids(bots)).toEqual(["b", "c", "a"]);
  });

  it("knows every timeframe's length as the contract does", () => {
    for (const timeframe of TIMEFRAMES)
      expect(timeframeMinutes(timeframe) * 60_000).toBe(timeframeMs(timeframe));
  });
});

describe("groups", () => {
  const bots = [
    makeBot("a", { config: { strategy: "x", timeframe: "4h" }, pnlToday: 1, pnlTotal: 10 }),
    makeBot("b", { config: { strategy: "y", timeframe: "15m" }, pnlToday: 2 }),
    makeBot("c", {
      config: { strategy: "x", timeframe: "15m" },
      pnlToday: -4,
      pnlTotal: 5,
      status: "stopped",
    }),
  ];
  const keys = (rows: ReturnType<typeof groupBots>): string[] =>
    rows.map((row) => (row.kind === "group" ? `# ${row.key}` : row.bot.id));

  it("has a header with counts and sums above each group, and the sorted order within", () => {
    const rows = groupBots(bots, "strategy");
    expect(keys(rows)).toEqual(["# x", "a", "c", "# y", "b"]);
    expect(rows[0]).toEqual({
      kind: "group",
      key: "x",
      count: 2,
      running: 1,
      pnlToday: -3,
      pnlTotal: 15,
    });
  });

  it("orders timeframes by length", () => {
    expect(keys(groupBots(bots, "timeframe"))).toEqual(["# 15m", "b", "c", "# 4h", "a"]);
  });

  it("has no headers without grouping", () => {
    expect(keys(groupBots(bots, "none"))).toEqual(["a", "b", "c"]);
  });
});

describe("columns", () => {
  it("all fit into a wide window; names come before strategy and lateness at 1280 px; with less room the least needed leave first and name, next tick, position and total stay", () => {
    expect(columnsThatFit(1500, "none")).toHaveLength(15);
    const usual = columnsThatFit(1172, "none").map(({ key }) => key);
    expect(usual).toHaveLength(13);
    expect(usual).not.toContain("strategy");
    expect(usual).not.toContain("lateness");
    const narrow = columnsThatFit(500, "none").map(({ key }) => key);
    expect(narrow).toEqual(["health", "name", "nextTick", "position", "pnlTotal"]);
    const middle = columnsThatFit(1000, "none").map(({ key }) => key);
    expect(middle).not.toContain("equity");
    expect(middle).toContain("result");
  });

  it("of money are as wide as the fleet's longest amount, so that no figure is cut", () => {
    const small = moneyWidth([makeBot("a")]);
    const large = moneyWidth([makeBot("a"), makeBot("b", { equity: -1_234_567.89 })]);
    expect(large).toBeGreaterThan(small);
    const width = columnsThatFit(2000, "none", large).find(({ key }) => key === "equity")?.width;
    expect(width).toBe(large);
  });

  it("do not repeat what the group's header says", () => {
    expect(columnsThatFit(2000, "strategy").map(({ key }) => key)).not.toContain("strategy");
  });

  it("make a grid with the checkbox and the menu at the ends", () => {
    const columns = columnsThatFit(2000, "none");
    const template = gridTemplate(columns);
    expect(template.startsWith("28px 22px minmax(")).toBe(true);
    expect(template.endsWith(" 28px")).toBe(true);
  });
});

describe("the table's state", () => {
  it("turns the order on the second click and starts figures from the largest", () => {
    toggleSort("pnlToday", true);
    expect(useFleet.getState().sort).toEqual({ key: "pnlToday", descending: true });
    toggleSort("pnlToday", true);
    expect(useFleet.getState().sort).toEqual({ key: "pnlToday", descending: false });
    toggleSort("name", false);
    expect(useFleet.getState().sort).toEqual({ key: "name", descending: false });
  });

  it("checks and unchecks a bot without changing the old set", () => {
    const before = useFleet.getState().checked;
    toggleChecked("a");
    expect([...useFleet.getState().checked]).toEqual(["a"]);
    toggleChecked("a");
    expect(useFleet.getState().checked.size).toBe(0);
    expect(before.size).toBe(0);
  });
});

describe("actions", () => {
  it("apply only to bots that they change", () => {
    const running = makeBot("r");
    const paused = makeBot("p", { status: "paused" });
    const stopped = makeBot("s", { status: "stopped" });
    const able = (verb: Parameters<typeof isApplicable>[0]): string[] =>
      ids([running, paused, stopped].filter((bot) => isApplicable(verb, bot)));
    expect(able("start")).toEqual(["s"]);
    expect(able("pause")).toEqual(["r"]);
    expect(able("resume")).toEqual(["p"]);
    expect(able("stop")).toEqual(["r", "p"]);
    expect(able("delete")).toEqual(["r", "p", "s"]);
  });

  it("ask before anything that stops watching positions or cannot be undone", () => {
    expect(VERBS.start.warning).toBeNull();
    expect(VERBS.resume.warning).toBeNull();
    for (const verb of ["pause", "stop", "delete"] as const)
      expect(VERBS[verb].warning).not.toBeNull();
    expect(nameOfBots([makeBot("x")])).toBe("x");
    expect(nameOfBots([makeBot("x"), makeBot("y")])).toBe("2 bots");
  });
});
