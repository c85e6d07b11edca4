import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { adx } from "../../../../src-main/engine/indicators/adx.ts";
import { atr } from "../../../../src-main/engine/indicators/atr.ts";
import { bollinger } from "../../../../src-main/engine/indicators/bollinger.ts";
import { correlation } from "../../../../src-main/engine/indicators/correlation.ts";
import { ema } from "../../../../src-main/engine/indicators/ema.ts";
import { macd } from "../../../../src-main/engine/indicators/macd.ts";
import { rsi } from "../../../../src-main/engine/indicators/rsi.ts";
import { sma } from "../../../../src-main/engine/indicators/sma.ts";
import { apart } from "./series.ts";

const FILE = resolve(import.meta.dirname, "../../../../../shared/conformance/indicators.json");
const present = existsSync(FILE);
if (!present) {
  process.stderr.write(
    "SKIPPED: recorded indicator values: ../shared/conformance/indicators.json is absent.\n",
  );
}

const column = z.array(z.number());
const recorded = z.object({
  candles: z.object({ high: column, low: column, close: column, volume: column }),
  reference: z.object({ series: z.record(z.string(), z.array(z.number().nullable())) }),
});

interface Loaded {
  readonly ours: ReadonlyMap<string, Float64Array>;
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

function load(): Loaded {
  const { candles, reference } = recorded.parse(JSON.parse(readFileSync(FILE, "utf8")));
  const columns = {
    high: Float64Array.from(candles.high),
    low: Float64Array.from(candles.low),
    close: Float64Array.from(candles.close),
    volume: Float64Array.from(candles.volume),
  };
  const bands = bollinger(columns.close, 20, 2);
  const momentum = macd(columns.close, 12, 26, 9);
  const ours = new Map([
    ["sma", sma(columns.close, 20)],
    ["ema", ema(columns.close, 20)],
    ["bb.mid", bands.middle],
    ["bb.up", bands.upper],
    ["bb.lo", bands.lower],
    ["rsi", rsi(columns.close, 14)],
    ["macd.macd", momentum.macd],
    ["macd.signal", momentum.signal],
    ["macd.hist", momentum.histogram],
    ["atr", atr(columns, 14)],
    ["adx", adx(columns, 14)],
    ["correl", correlation(columns.close, columns.volume, 20)],
  ]);
  return { ours, series: reference.series };
}

describe.skipIf(!present)(
  `recorded indicator values to 1e-9${present ? "" : " (SKIPPED: ../shared/conformance/indicators.json is absent)"}`,
  () => {
    const { ours, series }: Loaded = present ? load() : { ours: new Map(), series: {} };

    it("knows every recorded series", () => {
      expect([...ours.keys()].toSorted()).toEqual(Object.keys(series).toSorted());
    });

    it.each(Object.keys(series))("%s", (name) => {
      const values = ours.get(name) ?? new Float64Array(0);
      const expected = series[name] ?? [];
      expect(values.length).toBe(expected.length);
      let worst = 0;
      for (const [i, want] of expected.entries()) {
        const have = values[i] ?? 0;
        // A null is the warm-up: exactly there, and nowhere else, ours is NaN.
        expect(Number.isNaN(have), `${name}[${i}] is ${have}, recorded ${want}`).toBe(
          want === null,
        );
        if (want !== null) worst = Math.max(worst, apart(have, want));
      }
      expect(worst).toBeLessThan(1e-9);
    });
  },
);
