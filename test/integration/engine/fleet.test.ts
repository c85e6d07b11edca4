import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import { referenceFleet } from "../../../src-main/engine/bots/presets.ts";
import type { Exchange } from "../../../src-main/engine/exchange/port.ts";
import { DAY, HOUR, START, dropDir, makeDir, openLife } from "./harness.ts";
import type { Life } from "./harness.ts";

/** Every bot's fire times of [start, end), from its own anchor. */
function expectedFires(life: Life, end: number): Map<string, number[]> {
  return new Map(
    life.ledger.bots.list().map((bot) => {
      const step = timeframeMs(bot.config.timeframe);
      const times: number[] = [];
      for (let time = bot.anchor ?? end; time < end; time += step) times.push(time);
      return [bot.id, times];
    }),
  );
}

function firesOf(life: Life): Map<string, number[]> {
  const fires = new Map<string, number[]>();
  for (const bot of life.ledger.bots.list()) {
    const reports = life.market.ticks.list({ botId: bot.id, limit: 1000 });
    fires.set(
      bot.id,
      reports.map((report) => report.fireTime).toSorted((a, b) => a - b),
    );
  }
  return fires;
}

/** For each closed position: realised PnL is what came in less what went out less fees, to the last digit of a cent. */
function booksBalance(life: Life): { readonly closed: number } {
  const closed = life.ledger.positions
    .closed({ limit: 10_000 })
    .filter((position) => Number(position.quantity) === 0);
  for (const position of closed) {
    const fills = life.ledger.orders.fills({ positionId: position.id });
    const flow = fills.reduce(
      (sum, fill) =>
        sum +
        (fill.side === "sell" ? 1 : -1) * Number(fill.price) * Number(fill.quantity) -
        Number(fill.fee),
      0,
    );
    expect(Number(position.realisedPnl)).toBeCloseTo(flow, 6);
  }
  return { closed: closed.length };
}

/** Orders and positions; how far a stop was checked is written now and then and only saves work. */
function booksOf(life: Life): {
  readonly orders: readonly unknown[];
  readonly positions: readonly unknown[];
} {
  const positions = [
    ...life.ledger.positions.closed({ limit: 1000 }),
    ...life.ledger.positions.open(),
  ];
  return {
    orders: life.ledger.orders.list({ limit: 1000 }),
    positions: positions.map((position) => ({ ...position, checkedCandle: null })),
  };
}

describe.each([
  { scheduling: "single", name: "a job for each bot" },
  { scheduling: "by_timeframe", name: "one bot of a timeframe after the other" },
] as const)("the reference fleet on the synthetic market, $name", ({ scheduling }) => {
  let dir: string;
  let life: Life;
  beforeEach(() => {
    dir = makeDir();
  });
  afterEach(() => {
    life.crash();
    dropDir(dir);
  });

  it("ticks every bot at exactly its fire times for two days and asks for each candle once", async () => {
    const asked = new Map<string, number>();
    life = openLife({
      scheduling,
      dir,
      wrap: (exchange): Exchange =>
        new Proxy(exchange, {
          get(target, key) {
            const value: unknown = Reflect.get(target, key, target);
            if (typeof value !== "function") return value;
            if (key !== "fetchCandles") return value.bind(target);
            return (...args: Parameters<Exchange["fetchCandles"]>) => {
              const [symbol, timeframe] = args;
              // Two requests for the same newest closed candle would have the same key.
              const closed = Math.floor(life.clock.now() / timeframeMs(timeframe));
              const id = `${symbol} ${timeframe} ${closed}`;
              asked.set(id, (asked.get(id) ?? 0) + 1);
              return target.fetchCandles(...args);
            };
          },
        }),
    });
    await life.engine.start();
    expect(life.engine.bots.createPreset(true)).toEqual({ created: 45, existing: 0 });
    await life.clock.advanceTo(START + 2 * DAY - 1);
    const status = life.engine.status();
    await life.engine.stop();

    expect(life.logs.filter((log) => log.level === "error")).toEqual([]);
    const fires = firesOf(life);
    expect(fires).toEqual(expectedFires(life, START + 2 * DAY));
    const ticksOf = (timeframe: "15m" | "1h" | "4h"): number[] =>
      life.ledger.bots
        .list()
        .filter((bot) => bot.config.timeframe === timeframe)
        .map((bot) => fires.get(bot.id)?.length ?? 0);
    expect(ticksOf("15m")).toEqual(Array<number>(18).fill(192));
    expect(ticksOf("1h")).toEqual(Array<number>(3).fill(48));
    expect(ticksOf("4h")).toEqual(Array<number>(24).fill(12));
    expect(
      life.reports.every((report) => report.outcome === "ran" && report.latenessMs === 0),
    ).toBe(true);
    expect(
      life.reports.filter((report) => report.result === "error" || report.result === "stale"),
    ).toEqual([]);

    expect([...asked.values()].every((count) => count === 1)).toBe(true);
    expect(status.exchange.requests).toBe(status.exchange.requestsMinimum);
    expect(status.onTimeShare).toBe(1);
    expect(booksBalance(life).closed).toBeGreaterThan(0);
    expect(life.signals.length).toBe(
      life.reports.filter((r) => r.result === "entry" || r.result === "exit").length,
    );
  });

  it("goes on after crashes as if they had not happened", async () => {
    const ends = [5 * HOUR + 7 * 60_000, 9 * HOUR + 1, 26 * HOUR];
    life = openLife({ dir, scheduling });
    await life.engine.start();
    life.engine.bots.createPreset(true);
    for (const end of ends) {
      await life.clock.advanceTo(START + end);
      life.crash();
      life = openLife({ scheduling, dir, at: START + end });
      await life.engine.start();
    }
    await life.clock.advanceTo(START + 30 * HOUR - 1);
    await life.engine.stop();
    const crashed = booksOf(life);
    expect(firesOf(life)).toEqual(expectedFires(life, START + 30 * HOUR));
    booksBalance(life);
    life.crash();
    dropDir(dir);

    dir = makeDir();
    life = openLife({ dir, scheduling });
    await life.engine.start();
    life.engine.bots.createPreset(true);
    await life.clock.advanceTo(START + 30 * HOUR - 1);
    await life.engine.stop();
    expect(crashed).toEqual(booksOf(life));
    expect(crashed.orders.length).toBeGreaterThan(0);
  });

  it("reports what was due while it was off: the newest within grace runs, the rest is accounted for", async () => {
    life = openLife({ dir, scheduling });
    await life.engine.start();
    const [config] = referenceFleet();
    if (config === undefined) throw new Error("no fleet");
    const { id } = life.engine.bots.create(config);
    life.engine.bots.start([id]);
    await life.clock.advanceTo(START + HOUR + 1000);
    life.crash();

    life = openLife({ scheduling, dir, at: START + 3 * HOUR + 30_000 });
    await life.engine.start();
    await life.clock.advance(1000);
    const [ran, coalesced] = life.market.ticks.list({ botId: id, limit: 2 });
    expect(ran).toMatchObject({ outcome: "ran", fireTime: START + 3 * HOUR, latenessMs: 30_000 });
    expect(coalesced).toMatchObject({
      outcome: "coalesced",
      fireTime: START + HOUR + 15 * 60_000,
      lastFireTime: START + 3 * HOUR - 15 * 60_000,
      fireCount: 7,
    });
  });

  it("keeps an exchange that fails away from the other bots and says what failed", async () => {
    life = openLife({
      scheduling,
      dir,
      wrap: (exchange): Exchange =>
        new Proxy(exchange, {
          get(target, key) {
            const value: unknown = Reflect.get(target, key, target);
            if (typeof value !== "function") return value;
            if (key !== "fetchCandles") return value.bind(target);
            return async (...args: Parameters<Exchange["fetchCandles"]>) => {
              if (args[0] === "SOL/USDT") throw new Error("SOL/USDT is down for maintenance.");
              return target.fetchCandles(...args);
            };
          },
        }),
    });
    await life.engine.start();
    life.engine.bots.createPreset(true);
    await life.clock.advanceTo(START + HOUR - 1);
    const failed = life.reports.filter((report) => report.result === "error");
    expect(new Set(failed.map((report) => report.symbol))).toEqual(new Set(["SOL/USDT"]));
    expect(failed[0]?.reason).toContain("down for maintenance");
    const sol = life.engine.bots.list().filter((bot) => bot.config.symbol === "SOL/USDT");
    expect(sol.length).toBeGreaterThan(0);
    expect(sol.every((bot) => bot.health === "error")).toBe(true);
    await life.engine.stop();
  });
});
