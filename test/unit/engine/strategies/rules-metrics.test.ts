import { describe, expect, it } from "vitest";
import type { MetricName, MetricSeries } from "../../../../src-main/engine/market/types.ts";
import type { Decision } from "../../../../src-main/engine/strategies/types.ts";
import { atEnd, held, path, rise, worldOf, zigzag } from "./cases.ts";
import { DAY, HOUR, START, metricOf } from "./market.ts";
import type { Ask } from "./market.ts";

describe("leverage_composite", () => {
  const id = "leverage_composite";
  const steps = path([400, zigzag(0.002)]);
  const end = START + 400 * HOUR;
  /** Metrics over 35 days whose last value is set apart from an even history. */
  const metrics = (
    interest: number,
    funding: number,
    ratio: number,
  ): [MetricName, MetricSeries][] => {
    const lastOr = (count: number, last: number, usual: (i: number) => number) => (i: number) =>
      i === count - 1 ? last : usual(i);
    const hours = 35 * 24;
    const from = end - (hours - 1) * HOUR;
    return [
      [
        "open_interest",
        metricOf(
          hours,
          HOUR,
          from,
          lastOr(hours, interest, (i) => 100 + (i % 7)),
        ),
      ],
      [
        "funding_rate",
        metricOf(
          105,
          8 * HOUR,
          end - 104 * 8 * HOUR,
          lastOr(105, funding, (i) => 1e-5 * (i % 10)),
        ),
      ],
      [
        "long_short_ratio",
        metricOf(
          hours,
          HOUR,
          from,
          lastOr(hours, ratio, (i) => 1 + (i % 10) / 10),
        ),
      ],
    ];
  };
  const usual = { interest: 103, funding: 5e-5, ratio: 1.5 };
  const decide = (change: Partial<typeof usual>, ask: Ask = {}): Decision => {
    const now = { ...usual, ...change };
    return atEnd(
      id,
      worldOf(id, steps, { metrics: metrics(now.interest, now.funding, now.ratio) }),
      ask,
    );
  };

  it.each([
    ["nothing extreme", {}, "hold"],
    ["open interest alone", { interest: 150 }, "hold"],
    ["funding alone", { funding: 1e-3 }, "hold"],
    ["open interest and high funding", { interest: 150, funding: 1e-3 }, "short"],
    ["open interest and low funding", { interest: 150, funding: -1e-3 }, "long"],
    ["high funding and a high ratio", { funding: 1e-3, ratio: 4 }, "short"],
    ["low funding and a low ratio", { funding: -1e-3, ratio: 0.2 }, "long"],
    ["high funding and a low ratio", { funding: 1e-3, ratio: 0.2 }, "hold"],
    ["all three on the longs' side", { interest: 150, funding: 1e-3, ratio: 4 }, "short"],
  ])("%s", (_name, change, expected) => {
    const decision = decide(change, { allowShort: true });
    expect(decision.action === "enter" ? decision.side : decision.action).toBe(expected);
  });

  it("does not enter when both sides look crowded", () => {
    const decision = decide({ interest: 150, funding: 1e-3, ratio: 0.2 }, { allowShort: true });
    expect(decision.reason).toBe(
      "no entry: both sides look crowded: crowded longs 2, crowded shorts 2 of 3 points, 2 needed",
    );
  });

  it("does not enter where no stop can be put: price does not move, or the stop would be under 0", () => {
    const crowd = metrics(150, -1e-3, 1.5);
    const still = worldOf(id, path([400, rise(0)]), { metrics: crowd });
    const candles = { ...still.candles, high: still.candles.close, low: still.candles.close };
    expect(atEnd(id, { ...still, candles }).reason).toBe(
      "no entry: long signal, but no stop can be put 2 × ATR 0 from close 100",
    );
    const wild = worldOf(id, path([400, (i) => (i % 2 === 0 ? 0.25 : -0.2)]), { metrics: crowd });
    expect(atEnd(id, wild).action).toBe("enter");
    expect(atEnd(id, wild, { params: { stopAtr: 10 } }).reason).toMatch(
      /^no entry: long signal, but no stop can be put 10 × ATR 2[\d.]+ from close 100$/,
    );
  });

  it("is surer with three points than with two", () => {
    const two = decide({ interest: 150, funding: -1e-3 });
    const three = decide({ interest: 150, funding: -1e-3, ratio: 0.2 });
    expect([two, three].map((each) => each.action === "enter" && each.confidence)).toEqual([
      2 / 3,
      1,
    ]);
  });

  it("leaves when the score falls, or after 24 candles", () => {
    const crowd = { interest: 150, funding: 1e-3 };
    expect(decide(crowd, { position: held("short", 23) }).action).toBe("hold");
    expect(decide(crowd, { position: held("short", 24) }).reason).toBe(
      "exit short: candles held 24 ≥ 24",
    );
    expect(decide({}, { position: held("short") }).reason).toBe(
      "exit short: score of crowded longs 0 < 2",
    );
    expect(decide(crowd, { position: held("long") }).action).toBe("exit");
  });

  it("in a position without metrics waits with its stop, but not beyond 24 candles", () => {
    const blind = worldOf(id, steps);
    expect(atEnd(id, blind, { position: held("long", 3) }).reason).toBe(
      "holding long with its stop: open interest is missing, so the exit rule cannot be judged",
    );
    expect(atEnd(id, blind, { position: held("long", 24) }).action).toBe("exit");
  });

  it("values stamped some ms off their grid change nothing", () => {
    const exact = metrics(150, 1e-3, 4);
    const off = exact.map(([name, series]): [MetricName, MetricSeries] => [
      name,
      { ...series, time: series.time.map((time, i) => time - (i % 5)) },
    ]);
    const worlds = [exact, off].map((each) => worldOf(id, steps, { metrics: each }));
    const [first, second] = worlds.map((world) => atEnd(id, world, { allowShort: true }));
    expect(first?.action).toBe("enter");
    expect(second).toEqual(first);
  });

  it("does not rank in a history that is too short", () => {
    const short = metrics(150, 1e-3, 4).map(([name, series]): [MetricName, MetricSeries] => {
      const from = series.time.filter((time) => time < end - 15 * DAY).length;
      return [
        name,
        {
          length: series.length - from,
          time: series.time.slice(from),
          value: series.value.slice(from),
        },
      ];
    });
    expect(atEnd(id, worldOf(id, steps, { metrics: short }), { allowShort: true }).reason).toMatch(
      /^no entry: open interest has a history of 14 of 30 days \(337 values\); 20 days and 20 values are needed$/,
    );
  });
});

describe("nupl_cycle_filter", () => {
  const id = "nupl_cycle_filter";
  const up = path([700, (i) => 0.001 + zigzag(0.002)(i)]);
  const down = path([700, (i) => -0.001 + zigzag(0.002)(i)]);
  const end = START + 700 * 4 * HOUR;
  const nupl = (last: number, usual: number): [MetricName, MetricSeries][] => [
    ["nupl", metricOf(60, DAY, end - 59 * DAY, (i) => (i === 59 ? last : usual))],
  ];
  const decide = (last: number, usual: number, steps = up, ask: Ask = {}): Decision =>
    atEnd(id, worldOf(id, steps, { metrics: nupl(last, usual) }), { allowShort: true, ...ask });

  it.each([
    ["moderate and rising", 0.4, 0.3, "enter"],
    ["falling", 0.3, 0.4, "hold"],
    ["too high", 0.5, 0.3, "hold"],
    ["euphoric", 0.8, 0.3, "hold"],
  ])("%s: %s over a usual %s", (_name, last, usual, action) => {
    expect(decide(last, usual).action).toBe(action);
  });

  it("needs the close above its average and never shorts", () => {
    expect(decide(0.4, 0.3, down).reason).toMatch(/^no entry: close [\d.]+ ≤ EMA 50 [\d.]+$/);
  });

  it("halves the size in capitulation", () => {
    expect(decide(0.1, 0)).toMatchObject({ action: "enter", sizeFactor: 1 });
    const decision = decide(-0.1, -0.2);
    expect(decision).toMatchObject({
      action: "enter",
      side: "long",
      sizeFactor: 0.5,
      confidence: 1,
    });
    expect(decision.reason).toContain("capitulation (NUPL < 0), 0.5 of the usual size");
  });

  it("is forced out over 0.75 and by nothing else of its own", () => {
    expect(decide(0.75, 0.3, up, { position: held("long") }).action).toBe("hold");
    expect(decide(0.76, 0.3, down, { position: held("long") }).reason).toBe(
      "exit long: NUPL 0.76 > 0.75",
    );
  });

  it("sees a value only once it is published", () => {
    const world = worldOf(id, up, {
      metrics: [
        ["nupl", metricOf(61, DAY, end - 59 * DAY, (i) => (i === 60 ? 0.9 : 0.3 + i / 1e4))],
      ],
    });
    expect(atEnd(id, world)).toMatchObject({ action: "enter" });
  });
});

describe("stablecoin_supply_momentum", () => {
  const id = "stablecoin_supply_momentum";
  const up = path([400, (i) => 0.001 + zigzag(0.002)(i)]);
  const down = path([400, (i) => -0.001 + zigzag(0.002)(i)]);
  const end = START + 400 * 4 * HOUR;
  /** Two years of supply that grows slowly, and otherwise in its last 30 days. */
  const supply = (recent: number, days = 730): [MetricName, MetricSeries][] => [
    [
      "stablecoin_supply",
      metricOf(days, DAY, end - (days - 1) * DAY, (i) => {
        const late = Math.max(0, i - (days - 31));
        return 1e11 * (1 + 1e-4 * (i + (i % 9)) + recent * late);
      }),
    ],
  ];
  const decide = (recent: number, steps = up, ask: Ask = {}, days = 730): Decision =>
    atEnd(id, worldOf(id, steps, { metrics: supply(recent, days) }), { allowShort: true, ...ask });

  it("buys growth above its usual pace with the close above the mean, and never shorts", () => {
    expect(decide(1e-3)).toMatchObject({ action: "enter", side: "long" });
    expect(decide(1e-3).reason).toMatch(
      /^long: supply over 30 days \+[\d.]+ %, z-score [\d.]+ > 0.5, close [\d.]+ > 50 mean [\d.]+; stop/,
    );
    expect(decide(1e-3, down).action).toBe("hold");
    expect(decide(-1e-3, down).action).toBe("hold");
  });

  it("leaves when growth falls below its average", () => {
    expect(decide(1e-3, down, { position: held("long") }).action).toBe("hold");
    expect(decide(-1e-3, up, { position: held("long") }).reason).toMatch(
      /^exit long: supply over 30 days -[\d.]+ %, z-score -[\d.]+ < 0$/,
    );
  });

  it("needs most of a year of changes", () => {
    expect(decide(1e-3, up, {}, 200).reason).toMatch(
      /^no entry: stablecoin supply has a history of 169 of 365 days \(170 values\); 243.3 days/,
    );
  });

  it("a supply that never varies has no score", () => {
    const flat: [MetricName, MetricSeries][] = [
      ["stablecoin_supply", metricOf(730, DAY, end - 729 * DAY, () => 1e11)],
    ];
    expect(atEnd(id, worldOf(id, up, { metrics: flat })).reason).toBe(
      "no entry: stablecoin supply did not vary over its window",
    );
  });
});
