import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RISK_DEFAULTS, RISK_WIDEST } from "../../../src-preload/contract/risk-limits.ts";
import { riskLimitsSchema } from "../../../src-preload/contract/risk.ts";
import { requestSchemas } from "../../../src-preload/contract/index.ts";
import type { Channel } from "../../../src-preload/contract/index.ts";
import { bench, config, OURS, PAGE, settings, view } from "./support.ts";

const channels = Object.keys(requestSchemas) as Channel[];

describe("who may ask", () => {
  const strangers = [
    { page: "https://example.com/", ownMainFrame: true },
    { page: "tickdeck://app/other.html", ownMainFrame: true },
    { page: "tickdeck://app/index.html.evil", ownMainFrame: true },
    { page: "", ownMainFrame: true },
    { page: PAGE, ownMainFrame: false },
  ];
  for (const sender of strangers) {
    it(`refuses ${JSON.stringify(sender)} and says so in the log`, async () => {
      const { dispatch, writes, logged } = bench();
      const answer = await dispatch(sender, "bots:start", { ids: ["b1"] });
      expect(answer).toMatchObject({ ok: false, error: { code: "forbidden" } });
      expect(writes).toEqual([]);
      expect(logged).toHaveLength(1);
    });
  }

  it("answers our page on any of its routes", async () => {
    const { dispatch } = bench();
    const answer = await dispatch(
      { page: `${PAGE}#/bots/b1`, ownMainFrame: true },
      "bots:list",
      undefined,
    );
    expect(answer).toEqual({ ok: true, value: [view("b1")] });
  });
});

describe("what may be asked", () => {
  const unknown = [
    "bots:explode",
    "",
    "__proto__",
    "constructor",
    "toString",
    7,
    null,
    undefined,
    {},
  ];
  for (const channel of unknown) {
    it(`refuses the channel ${JSON.stringify(channel)}`, async () => {
      const { dispatch, writes } = bench();
      const answer = await dispatch(OURS, channel, { ids: ["b1"] });
      expect(answer).toMatchObject({ ok: false, error: { code: "not_found" } });
      expect(writes).toEqual([]);
    });
  }

  it("hands a good payload to its handler", async () => {
    const { dispatch, writes } = bench();
    expect(await dispatch(OURS, "bots:create", { config })).toEqual({
      ok: true,
      value: view("b2"),
    });
    expect(await dispatch(OURS, "bots:pause", { ids: ["b1"] })).toEqual({
      ok: true,
      value: { done: 1, refused: [] },
    });
    expect(await dispatch(OURS, "app:set-speed", { speed: 900 })).toEqual({
      ok: true,
      value: null,
    });
    expect(writes).toEqual([
      ["create", config],
      ["pause", ["b1"]],
      ["setSpeed", 900],
    ]);
  });

  it("takes settings from before a new one was known, with its default", () => {
    const { keepAwake: _keepAwake, ...stored } = settings;
    expect(requestSchemas["app:save-settings"].parse({ settings: stored })).toEqual({
      settings: { ...settings, keepAwake: true },
    });
  });

  it("takes settings from before there were limits of risk, with their defaults", () => {
    const { risk: _risk, killShortcut: _killShortcut, ...stored } = settings;
    const { settings: read } = requestSchemas["app:save-settings"].parse({ settings: stored });
    expect(read.risk).toEqual(RISK_DEFAULTS);
    expect(read.killShortcut).toBe("CommandOrControl+Alt+Shift+K");
    expect(riskLimitsSchema.parse({ stallMs: 5 })).toEqual({ ...RISK_DEFAULTS, stallMs: 5 });
    expect(riskLimitsSchema.parse(RISK_WIDEST)).toEqual(RISK_WIDEST);
  });

  it("hands the switches of risk their words", async () => {
    const { dispatch, writes } = bench();
    await dispatch(OURS, "risk:kill", { level: "close", note: " Now " });
    await dispatch(OURS, "risk:release", { note: "All is well" });
    await dispatch(OURS, "risk:check-in", undefined);
    await dispatch(OURS, "risk:reset-breaker", { id: "daily_loss:", note: "A late fill" });
    await dispatch(OURS, "risk:lock-pair", { symbol: "BTC/USDT", hours: 1, note: "" });
    expect(writes).toEqual([
      ["kill", "close", "window", "Now"],
      ["release", "window", "All is well"],
      ["checkIn"],
      ["resetBreaker", "daily_loss:", "A late fill"],
      ["lockPair", "BTC/USDT"],
    ]);
    expect(await dispatch(OURS, "risk:reset-breaker", { id: "x", note: "Gone" })).toMatchObject({
      ok: false,
      error: { code: "not_found" },
    });
  });

  it("tells the window of saved settings", async () => {
    const { dispatch, writes } = bench();
    await dispatch(OURS, "app:save-settings", { settings });
    expect(writes).toEqual([
      ["saveSettings", settings],
      ["settingsChanged", settings],
    ]);
  });
});

describe("a bad payload", () => {
  const cases: readonly [string, Channel, unknown, string, RegExp][] = [
    [
      "the form's own sentence",
      "bots:create",
      { config: { ...config, name: " " } },
      "name",
      /^Name is empty; give/,
    ],
    [
      "a wrong type",
      "bots:create",
      { config: { ...config, capital: "many" } },
      "capital",
      /^capital: .*number.*\.$/,
    ],
    [
      "an unknown key",
      "bots:create",
      { config: { ...config, leverage: 3 } },
      "leverage",
      /leverage.*\.$/,
    ],
    [
      "a nested setting",
      "app:save-settings",
      { settings: { ...settings, paper: { ...settings.paper, feeBps: -1 } } },
      "paper.feeBps",
      /^paper\.feeBps: .*\.$/,
    ],
    [
      "a base URL",
      "app:test-exchange",
      { marketSource: { kind: "exchange", exchangeId: "binance", baseUrl: "ftp://x" } },
      "marketSource.baseUrl",
      /^Base URL must start with http/,
    ],
    ["no bots", "bots:start", { ids: [] }, "ids", /\.$/],
    ["a release without a note", "risk:release", { note: " x " }, "note", /^Write a note/],
    ["a fourth choice", "risk:kill", { level: "explode", note: "" }, "level", /level.*\.$/],
    [
      "a limit beyond its range",
      "app:save-settings",
      { settings: { ...settings, risk: { ...settings.risk, botDrawdownPct: 0 } } },
      "risk.botDrawdownPct",
      /^Drawdown of a bot must be a number from 0\.1 to 100 %\.$/,
    ],
    [
      "a timeline that ends before it begins",
      "schedule:timeline",
      { from: 2000, to: 1000 },
      "to",
      /^The window must end after it begins/,
    ],
  ];
  for (const [what, channel, payload, field, sentence] of cases) {
    it(`is refused with its field: ${what}`, async () => {
      const { dispatch, writes } = bench();
      const answer = await dispatch(OURS, channel, payload);
      expect(answer).toMatchObject({ ok: false, error: { code: "invalid", field } });
      expect(!answer.ok && answer.error.message).toMatch(sentence);
      expect(!answer.ok && answer.error.message).not.toMatch(/\n/);
      expect(writes).toEqual([]);
    });
  }
});

describe("what goes wrong inside", () => {
  it("passes an expected refusal on, with its field", async () => {
    const { dispatch, logged } = bench();
    const answer = await dispatch(OURS, "bots:create", { config: { ...config, strategy: "luck" } });
    expect(answer).toEqual({
      ok: false,
      error: { code: "invalid", message: 'There is no strategy "luck".', field: "strategy" },
    });
    expect(logged).toEqual([]);
  });

  it("keeps an unexpected error to the log", async () => {
    const { dispatch, logged } = bench({
      status: () => Promise.reject(new Error("no such column: secret_column")),
    });
    const answer = await dispatch(OURS, "app:status", undefined);
    expect(answer).toMatchObject({ ok: false, error: { code: "internal" } });
    expect(JSON.stringify(answer)).not.toMatch(/secret_column|\bat /);
    expect(logged).toMatchObject([{ level: "error", event: "ipc" }]);
    expect(logged[0]?.error).toMatch(/secret_column[\s\S]*\n\s+at /);
  });
});

describe("any payload on any channel", () => {
  for (const channel of channels) {
    it(`${channel} answers with a Result and writes only what parses`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }),
          async (payload) => {
            const { dispatch, writes } = bench();
            const answer = await dispatch(OURS, channel, payload);
            expect(typeof answer.ok).toBe("boolean");
            if (requestSchemas[channel].safeParse(payload).success) return;
            expect(answer).toMatchObject({ ok: false, error: { code: "invalid" } });
            expect(writes).toEqual([]);
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  it("a bot with one field spoilt is refused and not created", async () => {
    const spoilt = fc
      .constantFrom(...(Object.keys(config) as (keyof typeof config)[]))
      .chain((key) => fc.anything().map((value) => ({ ...config, [key]: value })));
    await fc.assert(
      fc.asyncProperty(spoilt, async (draft) => {
        const { dispatch, writes } = bench();
        const answer = await dispatch(OURS, "bots:create", { config: draft });
        const fits = requestSchemas["bots:create"].safeParse({ config: draft }).success;
        if (!fits || draft.strategy !== config.strategy) expect(answer.ok).toBe(false);
        expect(writes.length).toBe(answer.ok ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });
});
