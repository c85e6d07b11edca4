import { describe, expect, it } from "vitest";
import { UsualDuration } from "../../../../src-main/engine/health/outliers.ts";
import { Ring, median, percentiles } from "../../../../src-main/engine/health/stats.ts";

describe("outliers", () => {
  it("are runs beyond 5 times the median of the last 200, and tell the first of a row", () => {
    const usual = new UsualDuration(Array.from({ length: 200 }, () => 30));
    expect(usual.judge(150)).toBeNull();
    expect(usual.judge(151)).toEqual({ durationMs: 151, medianMs: 30, first: true });
    expect(usual.judge(400)).toMatchObject({ first: false });
    expect(usual.judge(31)).toBeNull();
    expect(usual.judge(400)).toMatchObject({ first: true });
  });

  it("learn what is usual: after 100 of 200 slow runs slow is usual", () => {
    const usual = new UsualDuration(Array.from({ length: 200 }, () => 30));
    const verdicts = Array.from({ length: 150 }, () => usual.judge(1000) !== null);
    expect(verdicts.indexOf(false)).toBe(100);
    expect(verdicts.slice(100)).not.toContain(true);
  });

  it("say nothing before 20 runs, nor of the machine's own noise", () => {
    const usual = new UsualDuration(Array.from({ length: 19 }, () => 1));
    expect(usual.judge(1000)).toBeNull();
    expect(usual.judge(20)).toBeNull();
    expect(usual.judge(21.5)).not.toBeNull();
  });
});

describe("statistics", () => {
  it("takes percentiles by nearest rank and the median of even and odd counts", () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentiles(values)).toEqual({ p50: 50, p95: 95, p99: 99 });
    expect(percentiles(new Float64Array(0))).toBeNull();
    expect(median(Float64Array.of(3, 1, 2))).toBe(2);
    expect(median(Float64Array.of(4, 1, 2, 3))).toBe(2.5);
    expect(median(new Float64Array(0))).toBeNaN();
  });

  it("keeps the last values in a ring", () => {
    const ring = new Ring(3);
    for (const value of [1, 2]) ring.push(value);
    expect([...ring.values()]).toEqual([1, 2]);
    for (const value of [3, 4, 5]) ring.push(value);
    expect([...ring.values()].toSorted((a, b) => a - b)).toEqual([3, 4, 5]);
    expect(ring.length).toBe(3);
  });
});
