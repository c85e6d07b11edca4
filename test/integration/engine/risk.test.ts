import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RISK_DEFAULTS } from "../../../src-preload/contract/risk-limits.ts";
import type { RiskLimits } from "../../../src-preload/contract/risk-limits.ts";
import { ExchangeError } from "../../../src-main/engine/exchange/port.ts";
import type { Exchange } from "../../../src-main/engine/exchange/port.ts";
import { DAY, HOUR, dropDir, makeDir, openLife } from "./harness.ts";
import type { Life, LifeOptions } from "./harness.ts";

/** Bots of the reference fleet on the synthetic market, under limits that a test sets. */
describe("risk in the engine", () => {
  let dir: string;
  let life: Life;
  const open = async (
    limits: Partial<RiskLimits> = {},
    options: Partial<LifeOptions> = {},
    running = 14,
  ): Promise<void> => {
    life = openLife({
      dir,
      settings: {
        paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
        drainLimitSeconds: 30,
        risk: { ...RISK_DEFAULTS, ...limits },
      },
      ...options,
    });
    await life.engine.start();
    if (life.engine.bots.list().length > 0) return;
    life.engine.bots.createPreset(false);
    life.engine.bots.start(
      life.engine.bots
        .list()
        .map(({ id }) => id)
        .slice(0, running),
    );
  };
  /** Dies as by kill -9 and starts anew where it was. */
  const again = async (
    limits: Partial<RiskLimits> = {},
    options: Partial<LifeOptions> = {},
  ): Promise<void> => {
    const at = life.clock.now();
    life.crash();
    await open(limits, { at, ...options });
  };
  const held = () => life.ledger.positions.open().length;
  const ticks = (result: string) => life.reports.filter((report) => report.result === result);
  beforeEach(() => {
    dir = makeDir();
  });
  afterEach(() => {
    life.crash();
    dropDir(dir);
  });

  it("keeps the kill switch through a crash: no entry comes, exits go on, a note releases it", async () => {
    await open();
    await life.clock.advance(DAY);
    const before = held();
    expect(before).toBeGreaterThan(0);
    const outcome = await life.engine.risk.kill("entries", "window", "Testing");
    expect(outcome).toMatchObject({ cancelled: 0, closed: 0, refused: [] });
    const entries = ticks("entry").length;
    await life.clock.advance(HOUR);
    await again();
    expect(life.engine.status().risk.kill).toMatchObject({ level: "entries", by: "window" });
    await life.clock.advance(2 * DAY);
    expect(entries).toBeGreaterThan(0);
    expect(ticks("entry")).toEqual([]);
    expect(ticks("exit").length).toBeGreaterThan(0);
    expect(held()).toBeLessThan(before);
    const refused = ticks("denied");
    expect(refused.length).toBeGreaterThan(0);
    for (const tick of refused) {
      expect(tick.reason).toContain("The kill switch is on");
      expect(tick.conditions.findLast((condition) => !condition.held)?.label).toBe("Kill switch");
    }
    life.engine.risk.release("window", "All is well");
    await life.clock.advance(2 * DAY);
    expect(ticks("entry").length).toBeGreaterThan(0);
    expect(life.engine.risk.events(10).map(({ action, note }) => [action, note])).toEqual([
      ["released", "All is well"],
      ["thrown", "Testing"],
    ]);
  });

  it("never lowers the kill switch by a weaker choice", async () => {
    await open();
    await life.engine.risk.kill("close", "tray");
    expect((await life.engine.risk.kill("entries", "window")).kill.level).toBe("close");
    expect((await life.engine.risk.kill("cancel", "window")).kill).toMatchObject({
      level: "close",
      by: "tray",
    });
  });

  it("closes all positions, and what the exchange does not let it close it closes later, a crash or not", async () => {
    let down = false;
    const options: Partial<LifeOptions> = {
      wrap: (exchange): Exchange =>
        new Proxy(exchange, {
          get(target, key) {
            const value: unknown = Reflect.get(target, key, target);
            if (typeof value !== "function") return value;
            return (...args: unknown[]) =>
              down && key === "fetchCandles"
                ? Promise.reject(new ExchangeError("network", "No way there."))
                : (Reflect.apply(value, target, args) as unknown);
          },
        }),
    };
    await open({}, options);
    await life.clock.advance(DAY);
    const before = held();
    expect(before).toBeGreaterThan(2);
    down = true;
    // A new candle is due, and cannot be had: there is no price to close at.
    await life.clock.advance(5 * HOUR);
    const first = life.engine.risk.kill("close", "command line");
    await life.clock.advance(1000);
    const outcome = await first;
    expect(outcome.kill.left).toBeGreaterThan(0);
    expect(outcome.refused.length).toBe(outcome.kill.left);
    await again({}, options);
    expect(held()).toBe(outcome.kill.left);
    down = false;
    await life.clock.advance(31_000);
    expect(held()).toBe(0);
    expect(life.engine.status().risk.kill).toMatchObject({ level: "close", left: 0 });
    const exits = life.ledger.orders.list({ limit: 200 }).filter((o) => o.purpose === "exit");
    expect(exits.every((order) => order.status === "confirmed")).toBe(true);
  });

  it("trips breakers by themselves, keeps them through a crash, and resets them with a note", async () => {
    const tight = { botDrawdownPct: 0.1, portfolioDrawdownPct: 0.1 };
    await open(tight);
    await life.clock.advance(3 * DAY);
    const kinds = () => life.engine.risk.overview().breakers.map(({ kind }) => kind);
    expect(kinds()).toContain("bot_drawdown");
    expect(kinds()).toContain("portfolio_drawdown");
    const tripped = life.engine.risk.overview().breakers.map(({ id }) => id);
    const entries = ticks("entry").length;
    await again(tight);
    expect(life.engine.risk.overview().breakers.map(({ id }) => id)).toEqual(tripped);
    await life.clock.advance(DAY);
    expect(ticks("entry")).toEqual([]);
    expect(entries).toBeGreaterThan(0);
    for (const id of tripped) life.engine.risk.resetBreaker(id, "Looked into it");
    expect(kinds()).toEqual([]);
    expect(life.engine.risk.overview().portfolio.drawdownPct).toBe(0);
    expect(() => life.engine.risk.resetBreaker(tripped[0] ?? "", "Again")).toThrow(
      /no such breaker any more/,
    );
    await life.clock.advance(3 * DAY);
    expect(ticks("entry").length).toBeGreaterThan(0);
  });

  it("ends a daily loss with the day", async () => {
    await open({ dailyLossPct: 0.1, botDailyLossPct: 0.1 });
    await life.clock.advance(3 * DAY);
    const events = life.engine.risk.events(1000);
    const ended = events.filter(({ action }) => action === "ended");
    expect(ended.length).toBeGreaterThan(0);
    for (const { time } of ended) expect(time % DAY).toBe(0);
    expect(events.some(({ kind }) => kind === "bot_daily_loss")).toBe(true);
  });

  it("keeps a bot whose stop was hit from entering for its cooldown, after a crash too", async () => {
    await open({ cooldownCandles: 8 });
    await life.clock.advance(4 * DAY);
    const waits = ticks("denied").filter((tick) => tick.reason.includes("Its stop was hit"));
    expect(waits.length).toBeGreaterThan(0);
    const stops = life.ledger.orders
      .list({ limit: 1000 })
      .filter((order) => order.purpose === "stop" && order.status === "confirmed");
    const length = new Map(
      life.engine.bots
        .list()
        .map(({ id, config }) => [id, { "15m": 0.25, "1h": 1, "4h": 4 }[config.timeframe as "1h"]]),
    );
    const tooSoon = ticks("entry").filter((tick) =>
      stops.some(
        (stop) =>
          stop.botId === tick.botId &&
          (stop.answeredAt ?? 0) < tick.fireTime &&
          tick.fireTime < (stop.answeredAt ?? 0) + 8 * (length.get(tick.botId) ?? 0) * HOUR,
      ),
    );
    expect(tooSoon).toEqual([]);
    const waiting = () =>
      life.engine.risk
        .overview()
        .bots.filter(({ cooldownUntil }) => cooldownUntil !== null)
        .map(({ botId, cooldownUntil }) => `${botId} ${cooldownUntil}`)
        .toSorted((a, b) => (a < b ? -1 : 1));
    const before = waiting();
    await again({ cooldownCandles: 8 });
    expect(waiting()).toEqual(before);
  });

  it("locks a symbol with many stops, and pauses all after many more", async () => {
    await open({ pairStops: 2, pairMinutes: 1440, guardStops: 3, guardMinutes: 1440 });
    await life.clock.advance(4 * DAY);
    const kinds = new Set(life.engine.risk.events(1000).map(({ kind }) => kind));
    expect(kinds.has("pair_lock")).toBe(true);
    expect(kinds.has("stop_guard")).toBe(true);
    const layers = new Set(
      ticks("denied").map(
        (tick) => tick.conditions.findLast((condition) => !condition.held)?.label,
      ),
    );
    expect(layers.has("Stop-loss guard")).toBe(true);
  });

  it("never holds more positions nor more of a symbol than may be", async () => {
    await open({ maxOpenPositions: 3, symbolExposurePct: 0.5 });
    let most = 0;
    life.events.on("tick", () => {
      most = Math.max(most, held());
    });
    await life.clock.advance(2 * DAY);
    expect(most).toBe(3);
    const entries = life.ledger.orders
      .list({ limit: 1000 })
      .filter(({ purpose }) => purpose === "entry");
    expect(entries.length).toBeGreaterThan(3);
    for (const { quantity, expectedPrice } of entries) {
      expect(Number(quantity) * Number(expectedPrice)).toBeLessThanOrEqual(45_500 * 0.005);
    }
    const layers = ticks("denied").map(
      (tick) => tick.conditions.findLast((condition) => !condition.held)?.label,
    );
    expect(layers).toContain("Exposure");
  });

  it("has four states without a check-in, and a check-in ends them", async () => {
    let wall = Date.UTC(2030, 0, 1);
    const options = { wall: () => wall };
    await open({}, options);
    const state = () => life.engine.status().risk.deadMan?.state;
    expect(state()).toBe("ok");
    await life.clock.advance(DAY);
    expect(ticks("entry").length).toBeGreaterThan(0);
    wall += 20 * HOUR;
    expect(state()).toBe("reminder");
    wall += 4 * HOUR;
    await again({}, options);
    expect(state()).toBe("no_entries");
    await life.clock.advance(DAY);
    expect(ticks("entry")).toEqual([]);
    expect(ticks("denied").some((tick) => tick.reason.includes("checked in for 24 hours"))).toBe(
      true,
    );
    wall += 24 * HOUR;
    expect(state()).toBe("stopped");
    await life.clock.advance(2 * HOUR);
    const flat = life.reports.at(-1);
    expect(flat?.result === "denied" || flat?.result === "hold" || flat?.result === "exit").toBe(
      true,
    );
    expect(life.reports.some((tick) => tick.conditions[0]?.label === "Dead man's switch")).toBe(
      true,
    );
    expect(life.engine.risk.checkIn()?.state).toBe("ok");
    await life.clock.advance(2 * DAY);
    expect(ticks("entry").length).toBeGreaterThan(0);
    expect(life.engine.risk.events(10).map(({ action }) => action)).toContain("check_in");
  });

  it("closes all positions when the dead man's switch is told to", async () => {
    let wall = Date.UTC(2030, 0, 1);
    await open({ deadManStop: "close" }, { wall: () => wall });
    await life.clock.advance(DAY);
    expect(held()).toBeGreaterThan(0);
    wall += 48 * HOUR;
    await life.clock.advance(3 * 60_000);
    expect(held()).toBe(0);
    expect(life.engine.status().risk.kill).toMatchObject({
      level: "close",
      by: "dead man's switch",
    });
  });

  it("plays the same twice, with every line of the layers the same", async () => {
    const play = async () => {
      await open();
      await life.clock.advance(2 * DAY);
      return life.reports.map(({ id, result, reason, conditions }) => ({
        id,
        result,
        reason,
        conditions,
      }));
    };
    const one = await play();
    life.crash();
    dropDir(dir);
    dir = makeDir();
    expect(await play()).toEqual(one);
  });

  it("shows the whole on one page: bars, exposure, drawdown, correlation", async () => {
    await open({}, {}, 45);
    await life.clock.advance(2 * DAY);
    const risk = life.engine.risk.overview();
    expect(risk.bars.map(({ id }) => id)).toEqual([
      "symbol",
      "gross",
      "positions",
      "orders",
      "bot_daily_loss",
      "daily_loss",
      "bot_drawdown",
      "portfolio_drawdown",
      "stop_guard",
      "pair_lock",
      "clock",
      "exchange",
    ]);
    const { equity, exposure } = life.engine.status();
    const sum = risk.exposure.reduce((total, { long, short }) => total + long + short, 0);
    expect(sum).toBeCloseTo(exposure, 6);
    expect(risk.portfolio.equity).toBeCloseTo(equity, 6);
    expect(risk.bots).toHaveLength(45);
    const { symbols, values } = risk.correlation;
    expect(symbols).toContain("BTC/USDT");
    for (const [i, row] of values.entries()) {
      expect(row[i]).toBe(1);
      for (const [j, value] of row.entries()) expect(value).toBe(values[j]?.[i]);
    }
    const points = life.engine.risk.drawdown(400);
    expect(points.length).toBeGreaterThan(40);
    expect(points.at(-1)?.drawdownPct).toBe(risk.portfolio.drawdownPct);
  });

  it("previews an allocation, applies all of it or none, and takes it for no gain", async () => {
    await open();
    await life.clock.advance(DAY);
    const { risk, bots } = life.engine;
    const botIds = bots
      .list()
      .slice(0, 10)
      .map(({ id }) => id);
    const ask = { botIds, total: 20_000, capPct: 40 } as const;
    const before = risk.overview().portfolio.drawdownPct;
    const rows = risk.previewAllocation({ ...ask, method: "inverse_volatility" });
    expect(bots.get(botIds[0] ?? "").config.capital).toBe(1000);
    expect(rows.reduce((sum, { after }) => sum + Math.round(after * 100), 0)).toBe(2_000_000);
    const byVolatility = rows.toSorted((a, b) => (a.volatility ?? 0) - (b.volatility ?? 0));
    expect(byVolatility[0]?.after).toBeGreaterThan(byVolatility.at(-1)?.after ?? Infinity);
    expect(() =>
      risk.applyAllocation({
        rows: [
          { botId: botIds[0] ?? "", capital: 1 },
          { botId: "gone", capital: 1 },
        ],
      }),
    ).toThrow(/no bot gone/);
    expect(bots.get(botIds[0] ?? "").config.capital).toBe(1000);
    const given = rows.map(({ botId, after }) => ({ botId, capital: after }));
    expect(risk.applyAllocation({ rows: given })).toEqual({ changed: 10 });
    for (const { botId, after } of rows) expect(bots.get(botId).config.capital).toBe(after);
    expect(risk.overview().portfolio.drawdownPct).toBeCloseTo(before, 6);
    const fresh = bots.create({
      ...bots.get(botIds[0] ?? "").config,
      name: "Fresh",
      symbol: "UNI/USDT",
    });
    expect(() =>
      risk.previewAllocation({
        botIds: [fresh.id],
        total: 10,
        capPct: 40,
        method: "inverse_volatility",
      }),
    ).toThrow(/volatility of UNI\/USDT 15m is not known yet/);
    expect(() => risk.previewAllocation({ ...ask, total: 0.05, method: "equal" })).toThrow(
      /leaves nothing for .*; raise the total/,
    );
  });
});
