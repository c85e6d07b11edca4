import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RISK_DEFAULTS } from "../../../src-preload/contract/risk-limits.ts";
import type { Settings } from "../../../src-preload/contract/app.ts";
import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import {
  checkForm,
  cloneName,
  defaultParams,
  fieldOfFailure,
  newBotValues,
  paramError,
  rangeText,
  valuesOf,
} from "../../../src-renderer/features/bot-form/form-model.ts";
import {
  formGraceAdvice,
  graceAdvice,
  previewQuery,
  scheduleText,
} from "../../../src-renderer/features/bot-form/schedule-model.ts";
import {
  checkSettings,
  draftOf,
  fieldOfSettingsFailure,
  isChanged,
} from "../../../src-renderer/features/settings/settings-model.ts";
import { makeBot, makeField, makeStrategy } from "./make.ts";

const length = makeField({
  key: "length",
  label: "Band length",
  unit: "candles",
  kind: "integer",
  default: 20,
  min: 5,
  max: 200,
});
const width = makeField({
  key: "width",
  label: "Deviations",
  kind: "number",
  default: 2,
  min: 0.5,
  max: 5,
});
const trend = makeField({ key: "trend", label: "Trend filter", kind: "boolean", default: true });
const price = makeField({
  key: "price",
  label: "Price",
  kind: "choice",
  default: "close",
  choices: ["close", "typical"],
});
const strategy = makeStrategy([length, width, trend, price]);
const failure = (field?: string): Failure => ({
  code: "invalid",
  message: "Refused.",
  ...(field === undefined ? {} : { field }),
});

describe("a strategy's parameter", () => {
  it("is checked by kind and range, in a sentence with label, value and range", () => {
    for (const value of [5, 20, 200]) expect(paramError(length, value)).toBeNull();
    expect(paramError(length, 4)).toBe(
      "Band length is 4; enter a whole number from 5 to 200 candles.",
    );
    expect(paramError(length, 7.5)).toBe(
      "Band length is 7.5; enter a whole number from 5 to 200 candles.",
    );
    expect(paramError(length, "")).toBe(
      "Band length is empty; enter a whole number from 5 to 200 candles.",
    );
    expect(paramError(width, "-")).toBe(
      "Deviations is not a number; enter a number from 0.5 to 5.",
    );
    expect(paramError(trend, "yes")).toBe("Trend filter must be on or off.");
    expect(paramError(price, "open")).toBe("Price must be one of: close, typical.");
    expect(paramError(price, "typical")).toBeNull();
  });

  it("accepts exactly the numbers of its range", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -10, max: 10 }), (value) => {
        expect(paramError(width, value) === null).toBe(value >= 0.5 && value <= 5);
      }),
    );
  });

  it("says the limits that it has", () => {
    expect(rangeText({ ...length, unit: "" })).toBe("from 5 to 200");
    expect(rangeText(makeField({ key: "x", kind: "number", default: 1, min: 0 }))).toBe(
      "of at least 0",
    );
    expect(rangeText(makeField({ key: "x", kind: "number", default: 1, max: 3, unit: "%" }))).toBe(
      "of at most 3 %",
    );
    expect(rangeText(makeField({ key: "x", kind: "number", default: 1 }))).toBe("");
  });
});

describe("the bot form", () => {
  const good = { ...newBotValues(strategy), name: "Alpha", symbol: "SOL/USDT" };

  it("starts with the strategy's defaults", () => {
    expect(newBotValues(strategy)).toMatchObject({
      strategy: "mean_reversion_bb",
      timeframe: "15m",
      capital: 1000,
      positionShare: 25,
    });
    expect(defaultParams(strategy)).toEqual({ length: 20, width: 2, trend: true, price: "close" });
  });

  it("makes the contract's config: the size as a share, only the strategy's own parameters", () => {
    const { config } = checkForm(
      { ...good, positionShare: 25, params: { ...good.params, stray: 1 } },
      strategy,
    );
    expect(config).toEqual({
      name: "Alpha",
      strategy: "mean_reversion_bb",
      symbol: "SOL/USDT",
      timeframe: "15m",
      capital: 1000,
      positionShare: 0.25,
      allowShort: false,
      schedule: { kind: "candle_close", offsetMs: 5000 },
      graceMs: 60_000,
      coalesce: true,
      runLimitMs: 120_000,
      params: { length: 20, width: 2, trend: true, price: "close" },
    });
  });

  it("finds every fault at once, each at its field", () => {
    const { config, errors } = checkForm(
      {
        ...good,
        name: " ",
        symbol: "btc",
        capital: "",
        positionShare: 26,
        params: { ...good.params, length: 1 },
      },
      strategy,
    );
    expect(config).toBeNull();
    expect(Object.keys(errors ?? {}).sort()).toEqual([
      "capital",
      "name",
      "params.length",
      "positionShare",
      "symbol",
    ]);
    expect(errors?.["name"]).toBe("Name is empty; give the bot a name.");
    expect(errors?.["capital"]).toContain("Capital is empty");
    expect(errors?.["positionShare"]).toBe(
      "Position size is 26 %; enter a share above 0 and up to 25 %.",
    );
  });

  it("refuses a capital of zero and a form without a strategy", () => {
    expect(checkForm({ ...good, capital: 0 }, strategy).errors?.["capital"]).toBe(
      "Capital must be above 0.",
    );
    expect(checkForm(good, undefined).errors?.["strategy"]).toContain("No strategy");
  });

  it("shows an existing bot as it is, with defaults where it names no value", () => {
    const bot = makeBot("a", { config: { positionShare: 0.07, params: { length: 30 } } });
    const values = valuesOf(bot, strategy);
    expect(values.positionShare).toBe(7);
    expect(values.params).toEqual({ length: 30, width: 2, trend: true, price: "close" });
    expect(checkForm({ ...values, name: "Alpha" }, strategy).config?.positionShare).toBeCloseTo(
      0.07,
      12,
    );
  });

  it("names a clone as no other bot, within 60 characters", () => {
    expect(cloneName("Alpha", new Set(["Alpha"]))).toBe("Alpha copy");
    expect(cloneName("Alpha", new Set(["Alpha copy", "Alpha copy 2"]))).toBe("Alpha copy 3");
    const long = cloneName("x".repeat(60), new Set());
    expect(long).toHaveLength(60);
    expect(long.endsWith(" copy")).toBe(true);
  });

  it("brings a refusal of the main process to its field, or to the top where there is none", () => {
    expect(fieldOfFailure(failure("params.length"), good)).toBe("params.length");
    expect(fieldOfFailure(failure("config.symbol"), good)).toBe("symbol");
    expect(fieldOfFailure(failure("params.unknown"), good)).toBeNull();
    expect(fieldOfFailure(failure("somewhere"), good)).toBeNull();
    expect(fieldOfFailure(failure(), good)).toBeNull();
  });
});

describe("the schedule of a bot", () => {
  const good = { ...newBotValues(strategy), name: "Alpha", symbol: "SOL/USDT" };
  const errorsOf = (change: Partial<typeof good>) =>
    checkForm({ ...good, ...change }, strategy).errors ?? {};

  it("comes back from the contract as it went in, whatever its kind", () => {
    const schedules: BotConfig["schedule"][] = [
      { kind: "interval" },
      { kind: "candle_close", offsetMs: 2500 },
      { kind: "cron", expression: "0 9 * * 1-5", zone: "Europe/Berlin" },
    ];
    for (const schedule of schedules) {
      for (const limits of [
        { graceMs: null, runLimitMs: null, coalesce: false },
        { graceMs: 1_800_000, runLimitMs: 90_000, coalesce: true },
      ]) {
        const bot = makeBot("a", { config: { schedule, ...limits } });
        const { config } = checkForm({ ...valuesOf(bot, strategy), name: "Alpha" }, strategy);
        expect(config).toMatchObject({ schedule, ...limits });
      }
    }
  });

  it("says what is wrong with each field", () => {
    expect(errorsOf({ offsetSeconds: 900 })["offsetSeconds"]).toBe(
      "Offset is 900 s; enter seconds from 0 to 899.",
    );
    expect(errorsOf({ graceSeconds: "" })["graceSeconds"]).toContain("Grace time is empty");
    expect(errorsOf({ runLimitSeconds: 0 })["runLimitSeconds"]).toContain("Run limit is 0 s");
    const cron = errorsOf({ scheduleKind: "cron", cronExpression: "* * *", cronZone: " " });
    expect(cron["cronExpression"]).toContain("has 3 fields");
    expect(cron["cronZone"]).toContain("Time zone is empty");
  });

  it("does not judge fields that are not in use", () => {
    expect(errorsOf({ scheduleKind: "interval", offsetSeconds: "", cronExpression: "" })).toEqual(
      {},
    );
    expect(errorsOf({ graceUnlimited: true, graceSeconds: "" })).toEqual({});
    expect(errorsOf({ runLimited: false, runLimitSeconds: "" })).toEqual({});
  });

  it("brings a refusal of the main process to its field", () => {
    expect(fieldOfFailure(failure("config.schedule.expression"), good)).toBe("cronExpression");
    expect(fieldOfFailure(failure("graceMs"), good)).toBe("graceSeconds");
  });

  it("warns where a minute of grace loses a long candle after sleep, and names what to allow", () => {
    const advice = formGraceAdvice(good, "4h");
    expect(advice?.text).toContain("A 4 h bot that sleeps through its close misses that candle");
    expect(advice).toMatchObject({ graceMs: 1_800_000, label: "Allow 30 min" });
    expect(formGraceAdvice({ ...good, graceSeconds: 1800 }, "4h")).toBeNull();
    expect(formGraceAdvice({ ...good, graceUnlimited: true }, "4h")).toBeNull();
    expect(formGraceAdvice({ ...good, graceSeconds: "" }, "4h")).toBeNull();
    expect(formGraceAdvice(good, "15m")).toBeNull();
    expect(formGraceAdvice(good, "8h")?.text).toContain("An 8 h bot");
    expect(graceAdvice(60_000, "1d")?.label).toBe("Allow 30 min");
    expect(graceAdvice(null, "1d")).toBeNull();
  });

  it("asks for a preview of what the fields hold, and for none where there is nothing to ask", () => {
    expect(previewQuery(good, "15m")).toEqual({
      schedule: { kind: "candle_close", offsetMs: 5000 },
      timeframe: "15m",
    });
    expect(
      previewQuery(
        { ...good, scheduleKind: "cron", cronExpression: " 0  9 * * *", endAt: 7 },
        "4h",
      ),
    ).toEqual({
      schedule: { kind: "cron", expression: "0 9 * * *", zone: "UTC" },
      timeframe: "4h",
      endAt: 7,
    });
    expect(previewQuery({ ...good, offsetSeconds: "" }, "15m")).toBeNull();
    expect(previewQuery({ ...good, scheduleKind: "interval" }, "15m")).toBeNull();
  });

  it("begins later and ends where it is told so", () => {
    const { config } = checkForm(
      { ...good, startAfterSeconds: 90, endAt: 1_800_000_000_000 },
      strategy,
    );
    expect(config).toMatchObject({ startOffsetMs: 90_000, endAt: 1_800_000_000_000 });
    expect(valuesOf(makeBot("a", { config: config ?? {} }), strategy)).toMatchObject({
      startAfterSeconds: 90,
      endAt: 1_800_000_000_000,
    });
    expect(checkForm({ ...good, startAfterSeconds: "" }, strategy).config).not.toHaveProperty(
      "startOffsetMs",
    );
    expect(errorsOf({ startAfterSeconds: -1 })["startAfterSeconds"]).toContain("enter seconds");
    expect(errorsOf({ endAt: "soon" })["endAt"]).toContain('End date is "soon"; write it as');
    expect(errorsOf({ graceSeconds: 0 })["graceSeconds"]).toContain("seconds from 1");
    expect(fieldOfFailure(failure("endAt"), good)).toBe("endAt");
    expect(fieldOfFailure(failure("startOffsetMs"), good)).toBe("startAfterSeconds");
  });

  it("is told in one line", () => {
    const text = (schedule: BotConfig["schedule"]) => scheduleText({ schedule, timeframe: "4h" });
    expect(text({ kind: "interval" })).toBe("every 4 h from the start");
    expect(text({ kind: "candle_close", offsetMs: 5000 })).toBe("5 s after each close");
    expect(text({ kind: "candle_close", offsetMs: 0 })).toBe("at each close");
    expect(text({ kind: "cron", expression: "0 9 * * *", zone: "UTC" })).toBe(
      "cron 0 9 * * *, UTC",
    );
  });
});

describe("the settings form", () => {
  const saved: Settings = {
    theme: "dark",
    timeZone: "utc",
    density: "normal",
    pnlColours: "default",
    notifySignals: true,
    closeToTray: true,
    keepAwake: true,
    scheduling: "single",
    marketSource: { kind: "synthetic", seed: 42 },
    clock: { mode: "time-lapse", speed: 900 },
    paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
    drainLimitSeconds: 30,
    risk: RISK_DEFAULTS,
    killShortcut: null,
    retentionDays: 180,
  };
  const draft = draftOf(saved);

  it("gives back what it was made from", () => {
    expect(checkSettings(draft).settings).toEqual(saved);
    const exchange: Settings = {
      ...saved,
      marketSource: { kind: "exchange", exchangeId: "binance", baseUrl: null },
      clock: { mode: "system" },
    };
    expect(checkSettings(draftOf(exchange)).settings).toEqual(exchange);
  });

  it("takes an empty base URL as the exchange's own and refuses one without a scheme", () => {
    const exchange = { ...draft, sourceKind: "exchange", exchangeId: "binance" } as const;
    expect(checkSettings({ ...exchange, baseUrl: "  " }).settings?.marketSource).toMatchObject({
      baseUrl: null,
    });
    expect(checkSettings({ ...exchange, baseUrl: "127.0.0.1:8080" }).errors?.baseUrl).toContain(
      "http://",
    );
    expect(checkSettings({ ...exchange, exchangeId: "" }).errors?.exchangeId).toContain(
      "No exchange is chosen",
    );
  });

  it("says what is wrong with each number and ignores the fields not in use", () => {
    expect(checkSettings({ ...draft, drainLimitSeconds: 0 }).errors).toEqual({
      drainLimitSeconds: "Drain limit is 0; enter a whole number from 1 to 600 s.",
    });
    expect(checkSettings({ ...draft, seed: "" }).errors?.seed).toContain("Seed is empty");
    expect(checkSettings({ ...draft, slippageMinBps: 20 }).errors?.slippageMinBps).toContain(
      "smallest must not be above",
    );
    expect(checkSettings({ ...draft, clockMode: "system", speed: "" }).errors).toBeNull();
  });

  it("counts as changed only what would be saved", () => {
    expect(isChanged(draft, saved)).toBe(false);
    expect(isChanged({ ...draft, exchangeId: "binance" }, saved)).toBe(false);
    expect(isChanged({ ...draft, sourceKind: "exchange" }, saved)).toBe(true);
    expect(isChanged({ ...draft, feeBps: 7.5 }, saved)).toBe(true);
  });

  it("has a field for each limit of risk, with its range said at the field", () => {
    const limits = (change: Partial<typeof draft.risk>) => ({
      ...draft,
      risk: { ...draft.risk, ...change },
    });
    expect(isChanged(limits({ botDrawdownPct: 10 }), saved)).toBe(true);
    expect(checkSettings(limits({ botDrawdownPct: 10 })).settings?.risk.botDrawdownPct).toBe(10);
    expect(checkSettings(limits({ botDrawdownPct: "" })).errors).toEqual({
      "risk.botDrawdownPct": "Drawdown of a bot must be a number from 0.1 to 100 %.",
    });
    expect(checkSettings(limits({ maxOpenPositions: 2.5 })).errors).toEqual({
      "risk.maxOpenPositions": "Open positions must be a whole number from 1 to 5000.",
    });
    expect(checkSettings(limits({ deadManRemindHours: 30 })).errors).toEqual({
      "risk.deadManRemindHours": "The reminder must not come after the end of new entries.",
    });
    expect(checkSettings({ ...draft, killShortcut: "K" }).errors?.killShortcut).toContain(
      "modifiers and a key",
    );
    expect(checkSettings({ ...draft, killShortcut: " " }).settings?.killShortcut).toBeNull();
    expect(fieldOfSettingsFailure(failure("settings.risk.stallMs"))).toBe("risk.stallMs");
  });

  it("finds the field that a refusal names", () => {
    expect(fieldOfSettingsFailure(failure("settings.marketSource.baseUrl"))).toBe("baseUrl");
    expect(fieldOfSettingsFailure(failure("clock"))).toBe("clockMode");
    expect(fieldOfSettingsFailure(failure("elsewhere"))).toBeNull();
    expect(fieldOfSettingsFailure(failure())).toBeNull();
  });
});
