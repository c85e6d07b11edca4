import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { ExchangeError, type MetricPoint } from "../../../../src-main/engine/exchange/port.ts";
import { MetricService } from "../../../../src-main/engine/market/metric-service.ts";
import type { MetricName } from "../../../../src-main/engine/market/types.ts";
import { openMarketDb, type MarketDb } from "../../../../src-main/store/market-db.ts";
import { gate, networkError, ScriptedExchange } from "./scripted-exchange.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2024, 2, 1, 12, 30);
const BTC = "BTC/USDT";

const PERIOD: Record<MetricName, number> = {
  funding_rate: 8 * HOUR,
  open_interest: HOUR,
  long_short_ratio: HOUR,
  nupl: DAY,
  stablecoin_supply: DAY,
  fear_greed: DAY,
  btc_dominance: DAY,
};

/** A punctual source: a value at each multiple of the period that has passed. */
function punctual(
  name: MetricName,
  since: number,
  now: number,
  every = PERIOD[name],
): MetricPoint[] {
  const points: MetricPoint[] = [];
  for (let time = Math.ceil(since / every) * every; time <= now; time += every)
    points.push({ time, value: time / HOUR });
  return points;
}

function desk(options: { now?: number; db?: MarketDb } = {}) {
  const clock = new VirtualClock(options.now ?? NOW);
  const exchange = new ScriptedExchange(clock);
  exchange.metric = async (name, since, now) => punctual(name, since, now);
  const db = options.db ?? openMarketDb(":memory:");
  const notes: string[] = [];
  const service = new MetricService({
    clock,
    source: exchange,
    store: db.metrics,
    onNote: (note) => notes.push(note),
  });
  return { clock, exchange, db, notes, service };
}

describe("metric service", () => {
  it.each<[MetricName, string | null, number, number]>([
    ["funding_rate", BTC, Date.UTC(2024, 2, 1, 8, 1), Date.UTC(2024, 2, 1, 8) / HOUR],
    ["open_interest", BTC, Date.UTC(2024, 2, 1, 12, 5), Date.UTC(2024, 2, 1, 12) / HOUR],
    ["long_short_ratio", BTC, Date.UTC(2024, 2, 1, 12, 5), Date.UTC(2024, 2, 1, 12) / HOUR],
    ["nupl", null, Date.UTC(2024, 2, 1), Date.UTC(2024, 1, 29) / HOUR],
    ["stablecoin_supply", null, Date.UTC(2024, 2, 1), Date.UTC(2024, 1, 29) / HOUR],
  ])("gives %s with the time from which it may be known", async (name, symbol, known, value) => {
    const { service } = desk();
    const series = await service.series(name, symbol, 10 * DAY);
    expect(series?.time[series.length - 1]).toBe(known);
    expect(series?.value[series.length - 1]).toBe(value);
    expect(series?.time[0]).toBeGreaterThanOrEqual(NOW - 10 * DAY);
    expect(series?.time[0]).toBeLessThan(NOW - 10 * DAY + PERIOD[name]);
    expect(series?.length).toBe(Math.round((10 * DAY) / PERIOD[name]));
  });

  it("never hands out a value before its time", async () => {
    const { service, clock } = desk({ now: Date.UTC(2024, 2, 1, 12, 4) });
    const before = await service.series("open_interest", BTC, DAY);
    expect(before?.time[before.length - 1]).toBe(Date.UTC(2024, 2, 1, 11, 5));
    clock.jump(MINUTE);
    const after = await service.series("open_interest", BTC, DAY);
    expect(after?.time[after.length - 1]).toBe(Date.UTC(2024, 2, 1, 12, 5));
    expect(before?.time[before.length - 1]).toBe(Date.UTC(2024, 2, 1, 11, 5));
  });

  it("asks once for each publication, however many bots want it, and only for what is new", async () => {
    const { service, exchange, clock } = desk();
    await Promise.all([1, 2, 3].map(() => service.series("open_interest", BTC, 5 * DAY)));
    await service.series("open_interest", BTC, DAY);
    expect(exchange.askedMetrics).toHaveLength(1);
    for (let minutes = 0; minutes < 120; minutes += 5) {
      clock.jump(5 * MINUTE);
      await service.series("open_interest", BTC, 5 * DAY);
    }
    expect(exchange.askedMetrics.map(([, , since]) => since)).toEqual([
      NOW - 5 * DAY - HOUR - 5 * MINUTE,
      Date.UTC(2024, 2, 1, 12) + 1,
      Date.UTC(2024, 2, 1, 13) + 1,
    ]);
  });

  it("goes on from the store after a restart", async () => {
    const first = desk();
    const before = await first.service.series("funding_rate", BTC, 30 * DAY);
    const same = desk({ db: first.db });
    expect(await same.service.series("funding_rate", BTC, 30 * DAY)).toEqual(before);
    expect(same.exchange.askedMetrics).toEqual([]);
    const later = desk({ db: first.db, now: NOW + 2 * DAY });
    const after = await later.service.series("funding_rate", BTC, 30 * DAY);
    expect(later.exchange.askedMetrics.map(([, , since]) => since)).toEqual([
      Date.UTC(2024, 2, 1, 8) + 1,
    ]);
    expect(after?.length).toBe(90);
    expect(after?.time[89]).toBe(Date.UTC(2024, 2, 3, 8, 1));
  });

  it("asks further back when a later bot looks further back", async () => {
    const { service, exchange } = desk();
    await service.series("nupl", null, 10 * DAY);
    const held = await service.series("nupl", null, 10 * DAY);
    const more = await service.series("nupl", null, 30 * DAY);
    expect(more?.length).toBe(30);
    expect(held?.length).toBe(10);
    expect([...(more?.value.subarray(20) ?? [])]).toEqual([...(held?.value ?? [])]);
    expect(exchange.askedMetrics).toHaveLength(2);
  });

  it("keeps one value an hour of a finer source, also over many fetches, and bears some jitter", async () => {
    const { service, exchange, clock } = desk();
    exchange.metric = async (name, since, now) => punctual(name, since, now, 5 * MINUTE);
    for (let i = 0; i < 30; i += 1) {
      await service.series("long_short_ratio", BTC, DAY);
      clock.jump(20 * MINUTE);
    }
    const series = await service.series("long_short_ratio", BTC, DAY);
    expect(series?.length).toBe(24);
    for (let i = 1; i < 24; i += 1)
      expect((series?.time[i] ?? 0) - (series?.time[i - 1] ?? 0)).toBe(HOUR);

    const shaky = desk();
    const jitter = [3, -2, 0, 7, -9];
    shaky.exchange.metric = async (name, since, now) =>
      punctual(name, since, now).map((p, i) => ({ ...p, time: p.time + (jitter[i % 5] ?? 0) }));
    expect((await shaky.service.series("funding_rate", BTC, 10 * DAY))?.length).toBe(30);
    expect(shaky.notes).toEqual([]);
  });

  it("is missing, once and for all, where the exchange does not have it", async () => {
    const { service, exchange, notes, clock } = desk();
    exchange.metric = () =>
      Promise.reject(new ExchangeError("unsupported", "Scripted has no NUPL."));
    for (let i = 0; i < 3; i += 1) {
      expect(await service.series("nupl", null, DAY)).toBeNull();
      clock.jump(DAY);
    }
    expect(exchange.askedMetrics).toHaveLength(1);
    expect(notes).toEqual([
      "nupl: not to be had here, so strategies that need it do not enter: Scripted has no NUPL.",
    ]);
  });

  it("gives the last known values while the exchange does not answer, and asks every ten minutes", async () => {
    const { service, exchange, notes, clock } = desk();
    await service.series("open_interest", BTC, DAY);
    const { metric } = exchange;
    exchange.metric = () => Promise.reject(networkError());
    for (let minutes = 0; minutes < 90; minutes += 1) {
      clock.jump(MINUTE);
      const series = await service.series("open_interest", BTC, DAY);
      expect(series?.time[series.length - 1]).toBe(Date.UTC(2024, 2, 1, 12, 5));
    }
    // Due since 13:05 and asked then, 13:15, … 13:55.
    expect(exchange.askedMetrics).toHaveLength(1 + 6);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /^open_interest of BTC\/USDT: could not be fetched, so the last known values are used/,
    );
    exchange.metric = metric;
    clock.jump(10 * MINUTE);
    const series = await service.series("open_interest", BTC, DAY);
    expect(series?.time[series.length - 1]).toBe(Date.UTC(2024, 2, 1, 14, 5));
  });

  it("does not ask at every tick for a value that is late", async () => {
    const { service, exchange, clock } = desk({ now: Date.UTC(2024, 2, 1, 0, 5) });
    exchange.metric = async (name, since, now) => punctual(name, since, now - 30 * HOUR);
    for (let minutes = 0; minutes < 24 * 60; minutes += 15) {
      await service.series("nupl", null, 10 * DAY);
      clock.jump(15 * MINUTE);
    }
    expect(exchange.askedMetrics.length).toBeLessThanOrEqual(4);
    const series = await service.series("nupl", null, 10 * DAY);
    expect(series?.length).toBeGreaterThan(5);
  });

  it("drops values that are no numbers or out of order, and says so", async () => {
    const { service, exchange, notes } = desk();
    exchange.metric = async () => [
      { time: NOW - 5 * HOUR, value: 1 },
      { time: NOW - 3 * HOUR, value: Number.NaN },
      { time: NOW - 4 * HOUR, value: 2 },
      { time: NOW - 6 * HOUR, value: 3 },
    ];
    const series = await service.series("open_interest", BTC, DAY);
    expect([...(series?.value ?? [])]).toEqual([1, 2]);
    expect(notes).toEqual([
      "open_interest of BTC/USDT: refused 2 of 4 values: not a number, or out of order",
    ]);
  });

  it("lets one caller give up without harm to the others", async () => {
    const { service, exchange } = desk();
    const slow = gate();
    exchange.metric = async (name, since, now) => {
      await slow.opened;
      return punctual(name, since, now);
    };
    const leaving = new AbortController();
    const first = service.series("nupl", null, 10 * DAY, leaving.signal);
    const second = service.series("nupl", null, 10 * DAY);
    leaving.abort(new Error("drained"));
    await expect(first).rejects.toThrow("drained");
    slow.open();
    expect((await second)?.length).toBe(10);
    expect(exchange.askedMetrics).toHaveLength(1);
  });
});
