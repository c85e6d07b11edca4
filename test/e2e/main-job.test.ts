import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import type { LogRecord } from "../../src-preload/contract/logs.ts";
import { money } from "../../src-main/engine/money.ts";
import { openLedgerDb } from "../../src-main/store/ledger-db.ts";
import { openMarketDb } from "../../src-main/store/market-db.ts";
import { startReplayExchange } from "../../scripts/replay-exchange/server.ts";
import type { RunningReplay } from "../../scripts/replay-exchange/server.ts";
import { App, dropDir, makeDir, root } from "./app.ts";

const START = Date.UTC(2024, 2, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KILLS = 2;
const dataRoot = join(root, "../shared/data");
const realCandles = existsSync(join(dataRoot, "candles"));

/** Through the window, as a trader does: Settings → exchange, base URL, time-lapse → Save. */
async function pointAtReplay(app: App, url: string): Promise<void> {
  const { page } = app;
  await page.getByTestId("nav-settings").click();
  await page.getByTestId("page-settings").waitFor();
  await page.getByTestId("setting-source-kind").getByText("Exchange").click();
  await page.getByTestId("setting-exchange-id").fill("binance");
  await page.getByRole("option", { name: "binance", exact: true }).click();
  await page.getByTestId("setting-base-url").fill(url);
  await page.getByTestId("setting-clock-mode").getByText("Time-lapse").click();
  await page.getByTestId("setting-speed").fill("1");
  await page.getByTestId("save-settings").click();
  await app.until("app:settings", undefined, (settings) => settings.clock.mode === "time-lapse");
}

async function createFleet(app: App): Promise<void> {
  const { page } = app;
  await page.getByTestId("nav-fleet").click();
  await page.getByTestId("create-reference-fleet").first().click();
  await page.getByTestId("preset-start-now").check({ force: true });
  await page.getByTestId("preset-confirm").click();
  await page.getByTestId("bot-row").first().waitFor();
}

/** Fire times of [anchor, end) on a bot's own grid. */
function gridOf(anchor: number, step: number, end: number): number[] {
  const times: number[] = [];
  for (let time = anchor; time < end; time += step) times.push(time);
  return times;
}

const readLog = (dir: string): LogRecord[] =>
  readdirSync(join(dir, "logs"))
    .flatMap((file) => readFileSync(join(dir, "logs", file), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogRecord);

describe(`the main job on ${realCandles ? "real candles of Binance" : "synthetic candles (../shared/data is absent)"}`, () => {
  let dir: string;
  let replay: RunningReplay;
  let app: App | null = null;
  beforeEach(async () => {
    dir = makeDir();
    replay = await startReplayExchange({
      data: realCandles ? dataRoot : null,
      synthetic: !realCandles,
      from: START,
      manualClock: true,
      port: 0,
    });
  });
  afterEach(async () => {
    await app?.kill().catch(() => undefined);
    await replay.close();
    dropDir(dir);
  });

  it("runs 45 bots for two market days through kill -9 and a restart, and every figure adds up", async () => {
    app = await App.start(dir);
    await pointAtReplay(app, replay.url);
    await createFleet(app);
    await app.ask("app:set-speed", { speed: 1_000_000 });

    // kill -9 in the middle of the first day, while ticks are at work.
    await app.until(
      "app:status",
      undefined,
      (status) => status.clock.engineTime > START + 14 * HOUR + 601_000,
    );
    await app.kill();
    app = await App.start(dir);
    await app.until(
      "app:status",
      undefined,
      (status) => status.clock.engineTime > START + 37 * HOUR,
    );
    await app.kill();
    app = await App.start(dir);
    await app.until(
      "app:status",
      undefined,
      (status) => status.clock.engineTime > START + 2 * DAY + HOUR,
    );
    const rows = await app.page.getByTestId("fleet-table").getAttribute("aria-rowcount");
    expect(Number(rows)).toBeGreaterThanOrEqual(45);
    await app.quit();
    app = null;

    const ledger = openLedgerDb(join(dir, "ledger.db"));
    const market = openMarketDb(join(dir, "market.db"));
    try {
      const bots = ledger.bots.list();
      const anchors = bots.map((bot) => bot.anchor ?? Number.NaN);
      const end = Math.min(...anchors) + 2 * DAY;

      // Every bot ticked at exactly its fire times, and never late by more than the pace of real time.
      const wanted = { "15m": 192, "1h": 48, "4h": 12 } as const;
      expect(bots).toHaveLength(45);
      for (const bot of bots) {
        const reports = market.ticks
          .list({ botId: bot.id, limit: 1000 })
          .filter((report) => report.fireTime < end);
        const fires = reports.map((report) => report.fireTime).toSorted((a, b) => a - b);
        expect(fires, bot.config.name).toEqual(
          gridOf(bot.anchor ?? Number.NaN, timeframeMs(bot.config.timeframe), end),
        );
        const most = wanted[bot.config.timeframe as keyof typeof wanted];
        // The stagger at the start shifts a bot's last fire time beyond two days at most once.
        expect(most - fires.length, bot.config.name).toBeLessThanOrEqual(1);
        expect(
          reports.every((report) => report.outcome === "ran"),
          bot.config.name,
        ).toBe(true);
        expect(
          reports.filter((report) => report.result === "error" || report.result === "stale"),
        ).toEqual([]);
      }

      // Trades happened and the ledger adds up to the last digit.
      const closed = ledger.positions.closed({ limit: 10_000 });
      const traded = closed.filter((position) => position.entryPrice !== null);
      expect(traded.length).toBeGreaterThan(0);
      for (const position of traded) {
        const flow = ledger.orders
          .fills({ positionId: position.id })
          .map((f) =>
            money(f.price)
              .times(f.quantity)
              .times(f.side === "sell" ? 1 : -1)
              .minus(f.fee),
          )
          .reduce((sum, value) => sum.plus(value), money(0));
        expect(flow.toFixed(), position.id).toBe(money(position.realisedPnl).toFixed());
      }
      expect(ledger.orders.open()).toEqual([]);
      const orders = ledger.orders.list({ limit: 1000 });
      expect(new Set(orders.map((order) => order.clientOrderId)).size).toBe(orders.length);
      for (const order of orders)
        expect(ledger.orders.fills({ clientOrderId: order.clientOrderId })).toHaveLength(1);

      // The log has one record a tick.
      const logged = readLog(dir).filter((record) => record.event === "tick");
      const keys = logged.map((record) => `${record.bot_id}@${record.fire_time}`);
      const ticks = bots
        .flatMap((bot) => market.ticks.list({ botId: bot.id, limit: 1000 }))
        .map((report) => report.id);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.toSorted()).toEqual(ticks.toSorted());
    } finally {
      ledger.close();
      market.close();
    }

    // Each candle was asked for once and the rate limit was kept.
    const stats = replay.stats();
    expect(stats.violations).toBe(0);
    const asked = Object.values(stats.klines);
    expect(asked.length).toBeGreaterThan(0);
    const twice = asked.reduce((sum, each) => sum + each.newestServed - each.newestDistinct, 0);
    // An answer that was under way when the process was killed has to be asked for again.
    expect(twice).toBeLessThanOrEqual(KILLS);
  });
});
