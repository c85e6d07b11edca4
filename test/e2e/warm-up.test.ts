import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startReplayExchange, type RunningReplay } from "../../scripts/replay-exchange/server.ts";
import { App, dropDir, makeDir, root } from "./app.ts";

const HOUR = 3_600_000;
const folder = join(root, "test-results", "screenshots");

let dir: string;
let app: App;
let exchange: RunningReplay;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  dir = makeDir();
  const now = Math.floor(Date.now() / HOUR) * HOUR;
  exchange = await startReplayExchange({ data: null, synthetic: true, from: now });
  // Listed yesterday: the exchange has 30 candles of it.
  exchange.setFaults([
    {
      match: { path: "/api/v3/klines", symbol: "ADAUSDT" },
      kind: "candles",
      what: "missing",
      span: { from: 0, to: now - 30 * HOUR },
      times: 100_000,
    },
  ]);
  app = await App.start(dir);
  const settings = await app.ask("app:settings", undefined);
  await app.ask("app:save-settings", {
    settings: {
      ...settings,
      marketSource: { kind: "exchange", exchangeId: "binance", baseUrl: exchange.url },
      clock: { mode: "time-lapse", speed: 600 },
    },
  });
});
afterAll(async () => {
  await app.quit();
  await exchange.close();
  dropDir(dir);
});

it("says of a bot that has too few candles how far it is, in the list and on its tick, and does not trade", async () => {
  const { page } = app;
  const strategies = await app.ask("bots:strategies", undefined);
  const strategy = strategies.find(({ id }) => id === "mean_reversion_bb");
  const bot = await app.ask("bots:create", {
    config: {
      name: "Newly listed",
      strategy: "mean_reversion_bb",
      symbol: "ADA/USDT",
      timeframe: "1h",
      capital: 1000,
      positionShare: 0.2,
      allowShort: false,
      schedule: { kind: "interval" },
      graceMs: 60_000,
      coalesce: true,
      runLimitMs: 120_000,
      params: Object.fromEntries((strategy?.fields ?? []).map((each) => [each.key, each.default])),
    },
  });
  await app.ask("bots:start", { ids: [bot.id] });
  const [tick] = await app.until("ticks:list", { botId: bot.id, limit: 1 }, (ticks) =>
    ticks.some(({ result }) => result === "warming_up"),
  );
  expect(tick?.reason).toMatch(/^Warming up, \d+ of \d+ closed candles\.$/);
  await page.getByTestId("nav-fleet").click();
  const row = page.locator('[data-health="warming_up"]');
  await row.getByText(/^\d+ of \d+$/).waitFor();
  expect(await row.locator("title").first().textContent()).toMatch(/^Warming up, \d+ of \d+ /);
  for (const [width, height] of [
    [1280, 800],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(folder, `warming-up-${width}.png`) });
  }
  expect((await app.ask("bots:get", { id: bot.id })).trades).toBe(0);
});
