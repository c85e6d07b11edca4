import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import { ExchangeError } from "../../../src-main/engine/exchange/port.ts";
import { METRIC_FACTS } from "../../../src-main/engine/market/metric-facts.ts";
import { MetricService } from "../../../src-main/engine/market/metric-service.ts";
import { MetricDesk } from "../../../src-main/metrics/metric-desk.ts";
import { MetricHub } from "../../../src-main/metrics/metric-hub.ts";
import { MetricSchedule } from "../../../src-main/metrics/metric-schedule.ts";
import { openMarketDb } from "../../../src-main/store/market-db.ts";
import type { MarketDb } from "../../../src-main/store/market-db.ts";
import { metricSettingsSchema } from "../../../src-preload/contract/metrics.ts";
import type { MetricSettings } from "../../../src-preload/contract/metrics.ts";
import { DAY, FIRST, Sources, madeUp, real } from "./sources.ts";
import type { Served } from "./sources.ts";

const HOUR = DAY / 24;
const DAYS = 120;
/** Half past noon of the last day served: that day is not over. */
const NOW = FIRST + (DAYS - 1) * DAY + 12.5 * HOUR;

const made = (): Served => ({
  fearGreed: madeUp(DAYS, (i) => 20 + (i % 60)),
  stablecoins: madeUp(DAYS, (i) => 130e9 + i * 1e8),
  mvrv: madeUp(DAYS, (i) => 1.5 + i / 100),
});

describe("metrics from their public sources, on loopback", () => {
  let sources: Sources;
  let base: string;
  let clock: VirtualClock;
  let db: MarketDb;
  let folder: string;
  let settings: MetricSettings;
  let notes: string[];
  let service: MetricService;
  let hub: MetricHub;

  const compose = (): void => {
    hub = new MetricHub({
      clock,
      exchange: {
        label: "Exchange",
        fetchMetric: async () => {
          throw new ExchangeError("unsupported", "Exchange has none.");
        },
      },
      folder,
      settings: () => settings,
      web: { pausesMs: [1, 1], limitMs: 300 },
    });
    service = new MetricService({
      clock,
      source: hub,
      store: db.metrics,
      onNote: (note) => notes.push(note),
    });
  };
  beforeEach(async () => {
    sources = new Sources(made());
    base = await sources.open();
    clock = new VirtualClock(NOW);
    db = openMarketDb(":memory:");
    folder = mkdtempSync(join(tmpdir(), "tickdeck-metrics-"));
    notes = [];
    settings = metricSettingsSchema.parse({
      nupl: { url: base },
      stablecoin_supply: { url: base },
      fear_greed: { url: base },
    });
    compose();
  });
  afterEach(() => {
    sources.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const values = async (name: "nupl" | "stablecoin_supply" | "fear_greed" | "btc_dominance") => {
    await service.sync(name, null);
    const series = await service.series(name, null, 400 * DAY);
    return series === null ? null : { time: [...series.time], value: [...series.value] };
  };

  it.each([
    ["fear_greed", (i: number) => 20 + (i % 60)],
    ["stablecoin_supply", (i: number) => 130e9 + i * 1e8],
    ["nupl", (i: number) => 1 - 1 / (1.5 + i / 100)],
  ] as const)("reads %s: days that are over, each known from the next day on", async (name, at) => {
    const series = await values(name);
    expect(series?.time).toHaveLength(DAYS - 1);
    expect(series?.time[0]).toBe(FIRST + DAY);
    expect(series?.time.at(-1)).toBe(Math.floor(NOW / DAY) * DAY);
    series?.value.forEach((value, i) => expect(value).toBeCloseTo(at(i), 6));
    expect(service.state(name, null)).toMatchObject({
      publishedAt: Math.floor(NOW / DAY) * DAY - DAY,
      values: DAYS - 1,
      lastSync: { time: NOW, added: DAYS - 1, error: null },
    });
  });

  const real3 = {
    fearGreed: real("fear_greed"),
    stablecoins: real("stablecoin_supply"),
    mvrv: real("mvrv"),
  };
  it.skipIf(Object.values(real3).includes(null))(
    "reads years of recorded values (skipped where ../shared/data is absent), NUPL equal to the recorded one",
    async () => {
      sources.served = real3 as Served;
      const last = real3.mvrv?.at(-1)?.time ?? 0;
      clock = new VirtualClock(last + 1.5 * DAY);
      compose();
      const nupl = await values("nupl");
      const recorded = new Map(real("nupl")?.map(({ time, value }) => [time, value]));
      expect(nupl?.time.length).toBeGreaterThan(300);
      nupl?.time.forEach((time, i) =>
        expect(nupl.value[i]).toBeCloseTo(recorded.get(time - DAY) ?? Number.NaN, 9),
      );
      const fear = await values("fear_greed");
      expect(fear?.value.every((value) => value >= 0 && value <= 100)).toBe(true);
      const supply = await values("stablecoin_supply");
      expect(Math.min(...(supply?.value ?? []))).toBeGreaterThan(1e10);
    },
  );

  it("asks for what is missing only, and keeps what it has over a restart", async () => {
    await values("nupl");
    await values("fear_greed");
    sources.asked.length = 0;
    sources.served = {
      ...sources.served,
      fearGreed: madeUp(DAYS + 1, (i) => 20 + (i % 60)),
      mvrv: madeUp(DAYS + 1, (i) => 1.5 + i / 100),
    };
    await clock.advance(DAY);
    compose();
    await service.sync("nupl", null);
    await service.sync("fear_greed", null);
    expect(
      sources.asked.map(
        ({ searchParams }) => searchParams.get("start_time") ?? searchParams.get("limit"),
      ),
    ).toEqual([new Date(Math.floor(NOW / DAY) * DAY - DAY + 1).toISOString().slice(0, 10), "5"]);
    expect(service.state("nupl", null)).toMatchObject({ values: DAYS, lastSync: { added: 1 } });
    expect(service.state("fear_greed", null)).toMatchObject({
      values: DAYS,
      lastSync: { added: 1 },
    });
  });

  it.each([
    [
      "a server error, three times",
      () => ({ status: 503, body: "" }),
      3,
      /did not answer: status 503/,
    ],
    ["a wrong address, once", () => ({ status: 404, body: "" }), 1, /status 404/],
    ["silence, three times", () => "hang" as const, 3, /took too long/],
    ["no JSON, once", () => ({ status: 200, body: "<html>" }), 1, /not JSON/],
    [
      "another form, once",
      () => ({ status: 200, body: '{"data":[{"value":"fear","timestamp":"1"}]}' }),
      1,
      /not its documented one \(data\.0\.value/,
    ],
    [
      "a value that is missing, once",
      () => ({ status: 200, body: '{"data":[{"value":"","timestamp":"1"}]}' }),
      1,
      /data\.0\.value/,
    ],
  ])(
    "asks again after %s; what was known stays, and nothing becomes zero",
    async (_name, answer, tries, told) => {
      const before = await values("fear_greed");
      await clock.advance(4 * DAY);
      sources.asked.length = 0;
      sources.answer = answer;
      const after = await values("fear_greed");
      expect(sources.asked).toHaveLength(tries);
      expect(after).toEqual(before);
      expect(service.state("fear_greed", null).lastSync).toMatchObject({
        added: null,
        error: expect.stringMatching(told),
      });
      const desk = new MetricDesk({ clock, service, hub, schedule: null });
      expect(desk.list().find(({ name }) => name === "fear_greed")).toMatchObject({
        stale: true,
        ageMs: 4 * DAY + 12.5 * HOUR,
        maxAgeMs: METRIC_FACTS.fear_greed.maxAgeMs,
        lastValue: 20 + ((DAYS - 2) % 60),
      });
    },
  );

  it("never makes a tick wait for a public source", async () => {
    sources.answer = () => "hang";
    expect(await service.series("nupl", null, 40 * DAY)).toBeNull();
  });

  it("reads BTC dominance from a file, and says which line of it is wrong", async () => {
    const file = join(folder, "btc_dominance.csv");
    await service.sync("btc_dominance", null);
    expect(service.state("btc_dominance", null).lastSync?.error).toMatch(
      /There is no .*btc_dominance\.csv; put a CSV file with the columns time and value there/,
    );
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      file,
      "time;value\n2024-04-01;54,2\n2024-04-02 00:00;54.4\n2024-04-03T00:00Z;54.1\n",
    );
    expect(await values("btc_dominance")).toEqual({
      time: [2, 3, 4].map((day) => Date.UTC(2024, 3, day)),
      value: [54.2, 54.4, 54.1],
    });
    for (const [line, told] of [
      ["2024-04-05,abc", /line 5: its value "abc" is not a number/],
      ["yesterday,54", /line 5: its time "yesterday" is not a time/],
      ["2024-04-02,54", /line 5: its time does not come after/],
      ["2024-04-05,", /line 5: it has no value/],
    ] as const) {
      writeFileSync(
        file,
        `time,value\n2024-04-01,54.2\n2024-04-02,54.4\n2024-04-03,54.1\n${line}\n`,
      );
      await service.sync("btc_dominance", null);
      expect(service.state("btc_dominance", null).lastSync?.error).toMatch(told);
      expect(service.state("btc_dominance", null).values).toBe(3);
    }
    writeFileSync(file, "1712188800\t55\n1712102400\t54.1\n");
    expect((await values("btc_dominance"))?.value).toEqual([54.2, 54.4, 54.1, 55]);
  });

  it("follows the settings: off asks nothing, another source is asked at once", async () => {
    const desk = new MetricDesk({ clock, service, hub, schedule: null });
    const off = { ...settings, nupl: { source: "off" as const, url: null } };
    settings = off;
    await service.sync("nupl", null);
    expect(sources.asked).toHaveLength(0);
    expect(desk.list().find(({ name }) => name === "nupl")).toMatchObject({
      source: "off",
      lastValue: null,
      nextSync: null,
      lastSync: { error: "NUPL is switched off in Settings." },
    });
    settings = { ...settings, nupl: { source: "web", url: base } };
    const schedule = new MetricSchedule({ service, onNote: (note) => notes.push(note) });
    new MetricDesk({ clock, service, hub, schedule }).settingsChanged(off, settings);
    await service.sync("nupl", null);
    expect(service.state("nupl", null).values).toBe(DAYS - 1);
  });

  it("asks on its own calendar, by node-cron, for what is due", async () => {
    const calls: string[] = [];
    let byCalendar: () => void = () => {};
    const twice = new Promise<void>((resolve) => {
      byCalendar = resolve;
    });
    const schedule = new MetricSchedule({
      service: {
        inUse: () => [{ name: "funding_rate", symbol: "BTC/USDT" }],
        due: (name) => name === "fear_greed",
        sync: async (name, symbol) => {
          calls.push(`${name} ${symbol}`);
          if (calls.length === 3) byCalendar();
        },
      },
      onNote: (note) => notes.push(note),
      expressions: { fear_greed: "* * * * * *" },
    });
    await schedule.sync("funding_rate", true);
    schedule.start();
    expect(calls).toEqual(["funding_rate BTC/USDT", "fear_greed null"]);
    await twice;
    const next = schedule.next("stablecoin_supply") ?? 0;
    expect(new Date(next).getUTCMinutes()).toBe(26);
    expect([1, 3, 7, 13, 19]).toContain(new Date(next).getUTCHours());
    schedule.stop();
    expect(schedule.next("stablecoin_supply")).toBeNull();
    expect(calls).toEqual(["funding_rate BTC/USDT", "fear_greed null", "fear_greed null"]);
  });
});
