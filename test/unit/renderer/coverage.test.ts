import { describe, expect, it } from "vitest";
import type { CoverageView } from "../../../src-preload/contract/data.ts";
import {
  axisMarks,
  placed,
  segmentAt,
  segmentRange,
  segmentsOf,
  segmentText,
  timeframesOf,
  wholeSpan,
} from "../../../src-renderer/features/data/coverage-model.ts";

const HOUR = 3_600_000;
const gap = (from: number, to: number, real: boolean) => ({
  from: from * HOUR,
  to: to * HOUR,
  missing: to - from,
  real,
  checkedAt: null,
});
const series: CoverageView = {
  symbol: "A/USDT",
  timeframe: "1h",
  first: 0,
  last: 99 * HOUR,
  count: 89,
  missing: 11,
  gaps: [gap(10, 20, true), gap(20 + 30, 51, false)],
};

describe("the coverage map", () => {
  const segments = segmentsOf(series);

  it("cuts a series into runs and gaps that follow one another and count everything once", () => {
    expect(segments.map(({ kind, from, to }) => [kind, from / HOUR, to / HOUR])).toEqual([
      ["candles", 0, 10],
      ["real", 10, 20],
      ["candles", 20, 50],
      ["open", 50, 51],
      ["candles", 51, 100],
    ]);
    expect(segments.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    expect(segmentsOf({ ...series, gaps: [] })).toHaveLength(1);
  });

  it("finds a short gap within reach, else what is exactly there, else nothing", () => {
    expect(segmentAt(segments, 52 * HOUR, 2 * HOUR)?.kind).toBe("open");
    expect(segmentAt(segments, 54 * HOUR, 2 * HOUR)?.kind).toBe("candles");
    expect(segmentAt(segments, 200 * HOUR, 2 * HOUR)).toBeNull();
  });

  it("names a segment by its count and its first and last candle", () => {
    const [run, real, , open] = segments;
    if (!run || !real || !open) throw new Error("Segments are missing.");
    expect(segmentText(run)).toBe("10 candles");
    expect(segmentText(real)).toBe("10 missing at the exchange too");
    expect(segmentText(open)).toBe("1 missing, not confirmed yet");
    expect(segmentRange(real, "1h", "utc")).toBe("1970-01-01 10:00 to 1970-01-01 19:00");
    expect(segmentRange(open, "1h", "utc")).toBe("1970-01-03 02:00");
  });

  it("places what is in sight and leaves out what is not", () => {
    const shown = { from: 0, to: 100 };
    expect(placed({ from: -50, to: 50 }, shown)).toEqual({ left: 0, width: 0.5 });
    expect(placed({ from: 75, to: 300 }, shown)).toEqual({ left: 0.75, width: 0.25 });
    expect(placed({ from: 100, to: 300 }, shown)).toBeNull();
    expect(wholeSpan([series], 200 * HOUR)).toEqual({ from: -2 * HOUR, to: 200 * HOUR });
    expect(timeframesOf([series, { ...series, timeframe: "1m" }])).toEqual(["1m", "1h"]);
    expect(axisMarks({ from: 0, to: 100 * HOUR }, "utc")[0]?.label).toBe("01-01 10:00");
    expect(axisMarks({ from: 0, to: 1000 * HOUR }, "utc")[0]?.label).toBe("1970-01-05");
  });
});
