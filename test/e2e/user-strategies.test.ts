import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { App, dropDir, makeDir, root } from "./app.ts";

const screenshots = join(root, "test-results", "screenshots");

/** A strategy that trades at once and says so. */
const GOOD = `
import { defineStrategy, fields, hold, newest, z } from "tickdeck";

export default defineStrategy({
  title: "Always in",
  summary: "Buys whenever it is flat.",
  defaultTimeframe: "15m",
  params: z.strictObject({ period: fields.period("Look-back", "Candles it looks at.", 20) }),
  warmup: (params: { period: number }) => params.period,
  decide({ candles, position, params }) {
    const close: number = newest(candles.close);
    if (position !== null) return hold(\`in since \${position.candlesHeld} candles of \${params.period}\`);
    return { action: "enter", side: "long", confidence: 1, stopPrice: close * 0.2, reason: "flat" };
  },
});
`;

/** One's own strategies in the window, with the real utility process. */
let dir: string;
let strategies: string;
let app: App;
beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  dir = makeDir();
  strategies = join(dir, "my strategies");
  app = await App.start(dir, ["--demo", "--strategies", strategies]);
});
afterAll(async () => {
  await app.kill();
  dropDir(dir);
});

const card = () => app.page.getByTestId("own-strategy");
const toSettings = async (): Promise<void> => {
  await app.page.getByTestId("nav-settings").click();
  await app.page.getByTestId("new-strategy-name").waitFor();
};
const bot = async () => {
  const found = (await app.ask("bots:list", undefined)).find(
    ({ config }) => config.name === "Mine",
  );
  if (found === undefined) throw new Error("There is no bot called Mine.");
  return found;
};

it("takes up a file that is dropped in, and a bot made with it in the window ticks and trades", async () => {
  await app.ask("app:status", undefined);
  await toSettings();
  writeFileSync(join(strategies, "always-in.ts"), GOOD);
  await card()
    .filter({ hasText: "Always in" })
    .and(app.page.locator('[data-state="ready"]'))
    .waitFor();

  await app.page.getByTestId("nav-fleet").click();
  await app.page.getByTestId("new-bot").first().click();
  await app.page.getByTestId("field-name").fill("Mine");
  await app.page.getByTestId("field-strategy").click();
  await app.page.getByRole("option", { name: "Always in" }).click();
  await app.page.getByTestId("bot-form").getByText("Look-back").waitFor();
  await app.page.screenshot({ path: join(screenshots, "own-strategy-form.png") });
  await app.page.getByTestId("field-symbol").fill("BTC/USDT");
  await app.page.getByTestId("save-bot").click();
  await app.page.getByTestId("bot-form").waitFor({ state: "detached" });
  const { id } = await bot();
  await app.ask("bots:start", { ids: [id] });
  const entries = await app.until("ticks:list", { botId: id, limit: 50 }, (ticks) =>
    ticks.some(({ result }) => result === "hold"),
  );
  expect(entries.some(({ result }) => result === "entry")).toBe(true);
  expect(entries.find(({ result }) => result === "hold")?.reason).toMatch(
    /in since \d+ candles of 20/,
  );
});

it("says file and line of a broken file, the bot says so too and is not traded until it is mended", async () => {
  await toSettings();
  writeFileSync(
    join(strategies, "always-in.ts"),
    GOOD.replace("const close: number", "const close: = "),
  );
  const trouble = app.page.getByTestId("own-strategy-trouble");
  await trouble.waitFor();
  expect(await trouble.textContent()).toMatch(/^always-in\.ts:11:\d+/);
  for (const theme of ["dark", "light"] as const) {
    const settings = await app.ask("app:settings", undefined);
    await app.ask("app:save-settings", { settings: { ...settings, theme } });
    await app.page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    for (const [width, height] of [
      [1280, 800],
      [1920, 1080],
    ] as const) {
      await app.electron.evaluate(
        ({ BrowserWindow }, size) =>
          BrowserWindow.getAllWindows()[0]?.setContentSize(size[0], size[1]),
        [width, height] as const,
      );
      await app.page.waitForFunction((wanted) => innerWidth === wanted, width);
      for (const part of ["new-strategy-name", "metric-source-btc_dominance"]) {
        await app.page.getByTestId(part).scrollIntoViewIfNeeded();
        await app.page.screenshot({
          path: join(screenshots, `settings-${part}-${theme}-${width}x${height}.png`),
          animations: "disabled",
        });
      }
    }
  }
  const broken = await bot();
  expect(broken.health).toBe("error");
  expect(broken.healthReason).toMatch(/always-in\.ts:11:.*does not trade/);
  const { lastTick } = broken;
  const ticks = await app.until(
    "ticks:list",
    { botId: broken.id, limit: 5 },
    ([newest]) =>
      newest !== undefined &&
      newest.fireTime > (lastTick?.fireTime ?? 0) &&
      newest.result === "error",
  );
  expect(ticks[0]?.reason).toMatch(/does not load: always-in\.ts:11/);
  // Its stop was looked at all the same.
  expect(ticks[0]?.steps.map(({ step }) => step)).toContain("stop");

  writeFileSync(join(strategies, "always-in.ts"), GOOD);
  await trouble.waitFor({ state: "detached" });
  await app.until(
    "ticks:list",
    { botId: broken.id, limit: 1 },
    ([newest]) => newest?.result === "hold",
  );
});

it("loses one tick to an endless loop and one to a leak, and no other bot notices", async () => {
  const { id } = await bot();
  const fleet = (await app.ask("bots:list", undefined)).filter((each) => each.id !== id);
  for (const [body, told] of [
    ["for (;;) {}", /took longer than 2 s/],
    ["const all: unknown[] = []; for (;;) all.push(new Array(1000).fill(1));", /256 MB of memory/],
  ] as const) {
    writeFileSync(
      join(strategies, "always-in.ts"),
      GOOD.replace("const close: number", `${body}\n    const close: number`),
    );
    const [stopped] = await app.until(
      "ticks:list",
      { botId: id, limit: 1 },
      ([newest]) => newest?.result === "error" && told.test(newest.reason),
    );
    expect(stopped?.reason).toMatch(/this tick is lost/);
    writeFileSync(join(strategies, "always-in.ts"), GOOD);
    await app.until("ticks:list", { botId: id, limit: 1 }, ([newest]) => newest?.result === "hold");
  }
  // What was stopped is really gone, and one process is enough again.
  const running = await app.electron.evaluate(
    ({ app: electron }) =>
      electron.getAppMetrics().filter(({ name }) => name === "Tickdeck strategies").length,
  );
  expect(running).toBe(1);
  for (const each of fleet) {
    const after = await app.ask("bots:get", { id: each.id });
    expect(after.health, after.healthReason).not.toBe("error");
  }
});

it("writes a new strategy from the window, and says so when a file is gone", async () => {
  await toSettings();
  await app.page.getByTestId("new-strategy-name").fill("My Own");
  await app.page.getByTestId("new-strategy").click();
  await app.page.getByText(/cannot be a strategy's/).waitFor();
  await app.page.getByTestId("new-strategy-name").fill("my-breakout");
  await app.page.getByTestId("new-strategy").click();
  await card()
    .filter({ hasText: "My breakout" })
    .and(app.page.locator('[data-state="ready"]'))
    .waitFor();
  expect(readFileSync(join(strategies, "my-breakout.test.ts"), "utf8")).toContain("tickdeck/test");

  rmSync(join(strategies, "always-in.ts"));
  const { id } = await bot();
  const gone = await app.until("bots:get", { id }, ({ healthReason }) =>
    /not in the strategies folder/.test(healthReason),
  );
  expect(gone.health).toBe("error");
});
