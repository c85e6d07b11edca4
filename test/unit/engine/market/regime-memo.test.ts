import { describe, expect, it } from "vitest";
import { CandleWindow } from "../../../../src-main/engine/market/candle-window.ts";
import { sharedRegimeOf } from "../../../../src-main/engine/market/regime-memo.ts";
import { regimeOf } from "../../../../src-main/engine/market/regime.ts";

const candle = (i: number) => {
  const close = 100 + 10 * Math.sin(i / 9) + 4 * Math.sin(i * 1.7) + i / 50;
  return { time: i * 900_000, open: close, high: close + 1, low: close - 1, close, volume: 1 };
};

describe("the shared regime", () => {
  it("is that of the candles themselves at every candle, for views of any length, in any order", () => {
    const window = new CandleWindow();
    window.keepAtLeast(500);
    const seen = new Set<string | null>();
    for (let i = 0; i < 1500; i += 1) {
      window.append([candle(i)]);
      const last = i * 900_000;
      const views = [500, 300, 299, 400].map((count) => window.tail(count, last));
      for (const view of [...views, window.tail(400, last - 900_000)]) {
        const regime = regimeOf(view);
        seen.add(regime);
        expect(sharedRegimeOf(view)).toBe(regime);
        expect(sharedRegimeOf(view)).toBe(regime);
      }
    }
    expect(seen.size).toBeGreaterThan(3);
  });
});
