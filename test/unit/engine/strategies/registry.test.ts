import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { botConfigSchema } from "../../../../src-preload/contract/bots.ts";
import { referenceFleet } from "../../../../src-main/engine/bots/presets.ts";
import {
  STRATEGIES,
  describeStrategy,
  parseParams,
  strategyOf,
} from "../../../../src-main/engine/strategies/registry.ts";
import type { Strategy } from "../../../../src-main/engine/strategies/types.ts";
import { pageFile, pagesPresent, strategyPages } from "../../../../scripts/docs-strategies.ts";

function strategy(id: string): Strategy {
  const found = strategyOf(id);
  if (found === undefined) throw new Error(`no strategy ${id}`);
  return found;
}

const all = [...STRATEGIES.values()].map((each) => ({ id: each.id, each }));

describe("registry", () => {
  it("knows the seven strategies by id, and no others", () => {
    expect(STRATEGIES.size).toBe(7);
    for (const [id, each] of STRATEGIES) expect(each.id).toBe(id);
    expect(strategyOf("martingale")).toBeUndefined();
  });
});

describe.each(all)("$id", ({ each }) => {
  const view = describeStrategy(each);

  it("every parameter has a label, a sentence of help, unit, range, step and a default inside it", () => {
    expect(view.fields.length).toBeGreaterThan(0);
    for (const field of view.fields) {
      expect(field.label).not.toBe("");
      expect(field.help).toMatch(/^[A-Z].*\.$/);
      expect(field.unit).not.toBe("");
      expect(field.step).toBeGreaterThan(0);
      expect(field.default).toBeGreaterThanOrEqual(field.min ?? Number.POSITIVE_INFINITY);
      expect(field.default).toBeLessThanOrEqual(field.max ?? Number.NEGATIVE_INFINITY);
    }
  });

  it("nothing given means the defaults", () => {
    const defaults = Object.fromEntries(view.fields.map((field) => [field.key, field.default]));
    expect(parseParams(each, {})).toEqual({ ok: true, value: defaults });
    expect(parseParams(each, defaults)).toEqual({ ok: true, value: defaults });
  });

  it("a value outside its range is refused with field, value and range", () => {
    for (const field of view.fields) {
      for (const value of [(field.max ?? 0) + 1, (field.min ?? 0) - 1]) {
        const kind = field.kind === "integer" ? "a whole number" : "a number";
        expect(parseParams(each, { [field.key]: value })).toEqual({
          ok: false,
          field: field.key,
          message: `${field.label} is ${value}; it must be ${kind} from ${field.min} to ${field.max} (${field.unit}).`,
        });
      }
    }
  });

  it("anything at all is either accepted inside the ranges or refused in one sentence", () => {
    const keys = view.fields.map((field) => field.key);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys, "extra"), fc.jsonValue()), (raw) => {
        const parsed = parseParams(each, raw);
        if (!parsed.ok) {
          expect(parsed.message).toMatch(/^[^\n]{10,400}\.$/);
          return;
        }
        for (const field of view.fields) {
          const value = parsed.value[field.key];
          expect(value).toBeGreaterThanOrEqual(field.min ?? Number.POSITIVE_INFINITY);
          expect(value).toBeLessThanOrEqual(field.max ?? Number.NEGATIVE_INFINITY);
        }
      }),
    );
  });

  it("its warm-up settles within what one page of an exchange holds, at the defaults", () => {
    const need = each.warmup(each.params.parse({}));
    expect(need).toBeGreaterThan(14 * 10);
    expect(need).toBeLessThanOrEqual(800);
  });
});

describe("refusals", () => {
  const momentum = strategy("momentum_rsi_macd");
  it.each([
    [
      "fraction",
      { rsiPeriod: 14.5 },
      "rsiPeriod",
      "RSI period is 14.5; it must be a whole number from 2 to 100 (candles).",
    ],
    [
      "text",
      { rsiPeriod: "14" },
      "rsiPeriod",
      'RSI period is "14"; it must be a whole number from 2 to 100 (candles).',
    ],
    [
      "nothing",
      { stopAtr: null },
      "stopAtr",
      "Stop distance is empty; it must be a number from 0.5 to 10 (× ATR).",
    ],
    [
      "no number",
      { stopAtr: Number.NaN },
      "stopAtr",
      "Stop distance is NaN; it must be a number from 0.5 to 10 (× ATR).",
    ],
    [
      "unknown key",
      { rsi: 14 },
      "rsi",
      'Momentum, RSI and MACD has no parameter "rsi"; remove it or use one of rsiPeriod, rsiCross, macdFast, macdSlow, macdSignal, atrPeriod, stopAtr.',
    ],
    [
      "fast not below slow",
      { macdFast: 30 },
      "macdFast",
      "MACD fast must be below MACD slow; lower the fast period or raise the slow one.",
    ],
    [
      "no object",
      [1],
      "",
      'The parameters of Momentum, RSI and MACD are a list; give them as an object such as {"rsiPeriod": 14}.',
    ],
  ])("%s", (_name, raw, field, message) => {
    expect(parseParams(momentum, raw)).toEqual({ ok: false, field, message });
  });

  it.each([
    ["momentum_rsi_macd_4h", { macdSlow: 5 }, "macdFast"],
    ["correlation_regime", { lowCorrelation: 0.8 }, "lowCorrelation"],
    ["correlation_regime", { emaFast: 60 }, "emaFast"],
    ["nupl_cycle_filter", { exitAbove: 0.4 }, "entryBelow"],
    ["stablecoin_supply_momentum", { exitBelow: 1 }, "exitBelow"],
  ])("%s refuses %j", (id, raw, field) => {
    expect(parseParams(strategy(id), raw)).toMatchObject({ ok: false, field });
  });
});

describe("reference fleet", () => {
  const fleet = referenceFleet();

  it("has the 45 bots of the table", () => {
    const count = new Map<string, number>();
    for (const { strategy: id } of fleet) count.set(id, (count.get(id) ?? 0) + 1);
    expect([...count]).toEqual([
      ["mean_reversion_bb", 13],
      ["momentum_rsi_macd", 5],
      ["leverage_composite", 3],
      ["momentum_rsi_macd_4h", 6],
      ["correlation_regime", 6],
      ["nupl_cycle_filter", 7],
      ["stablecoin_supply_momentum", 5],
    ]);
    expect(fleet.map(({ timeframe }) => timeframe).join(" ")).toBe(
      [...Array(18).fill("15m"), ...Array(3).fill("1h"), ...Array(24).fill("4h")].join(" "),
    );
  });

  it("every bot is a valid configuration with a name of its own and default parameters", () => {
    expect(new Set(fleet.map(({ name }) => name)).size).toBe(45);
    for (const config of fleet) {
      expect(botConfigSchema.parse(config)).toEqual(config);
      expect(parseParams(strategy(config.strategy), config.params)).toEqual({
        ok: true,
        value: config.params,
      });
      expect(config).toMatchObject({ capital: 1000, positionShare: 0.25, allowShort: false });
    }
    expect(fleet[0]).toMatchObject({ name: "SOL mean reversion 15m", symbol: "SOL/USDT" });
    expect(new Set(fleet.map(({ symbol }) => symbol)).size).toBe(16);
  });

  it("is made anew on each call", () => {
    const [first] = referenceFleet();
    if (first !== undefined) first.params["bandPeriod"] = 99;
    expect(referenceFleet()[0]?.params["bandPeriod"]).toBe(20);
  });
});

describe("docs (npm run docs:strategies)", () => {
  const pages = strategyPages();

  it("has a page for each strategy and no other", () => {
    expect(pagesPresent().toSorted()).toEqual([...pages.keys()].toSorted());
    expect(pages.size).toBe(STRATEGIES.size + 1);
  });

  it.each([...pages])("docs/%s is what the code says", (path, text) => {
    expect(readFileSync(pageFile(path), "utf8")).toBe(text);
  });

  it.each([...STRATEGIES.values()])("$id's page names every parameter with its help", (each) => {
    const text = pages.get(`strategies/${each.id}.md`) ?? "";
    for (const { key, help, label } of describeStrategy(each).fields) {
      expect(text).toContain(`| ${label} | \`${key}\` |`);
      expect(text).toContain(help);
    }
  });
});
