import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { App, dropDir, makeDir, root } from "./app.ts";

const folder = join(root, "test-results", "screenshots");
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

/** A trader gives a bot a calendar, sees when it will tick, and sees it tick then. */
describe("the schedule of a bot, in the window", () => {
  let dir: string;
  let app: App;
  const complaints: string[] = [];
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    dir = makeDir();
    app = await App.start(dir, ["--demo"]);
    app.page.on("pageerror", (error) => complaints.push(error.message));
    await app.until("bots:list", undefined, (bots) => bots.length > 0);
    await app.ask("app:set-speed", { speed: 1 });
  });
  afterAll(async () => {
    await app.kill();
    dropDir(dir);
  });

  /** `at` is scrolled into view at each size. */
  const shoot = async (name: string, at?: string): Promise<void> => {
    for (const theme of ["dark", "light"] as const) {
      const settings = await app.ask("app:settings", undefined);
      await app.ask("app:save-settings", { settings: { ...settings, theme } });
      await app.page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
      for (const { width, height } of SIZES) {
        await app.electron.evaluate(
          ({ BrowserWindow }, size) => {
            BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height);
          },
          { width, height },
        );
        await app.page.waitForFunction(
          (size) => innerWidth === size.width && innerHeight === size.height,
          { width, height },
        );
        if (at !== undefined) await app.page.getByTestId(at).scrollIntoViewIfNeeded();
        await app.page.screenshot({
          path: join(folder, `${name}-${theme}-${width}x${height}.png`),
          animations: "disabled",
        });
      }
    }
  };
  const timesShown = async (): Promise<readonly string[]> =>
    await app.page.getByTestId("next-fire-times").locator("li").allTextContents();

  it("refuses a bad cron with one sentence, previews a good one, and ticks by it", async () => {
    const { page } = app;
    await page.getByTestId("nav-fleet").click();
    await page.getByTestId("new-bot").first().click();
    await page.getByTestId("bot-form").waitFor();
    await page.getByTestId("field-name").fill("Calendar bot");
    await page.getByTestId("field-symbol").fill("BTC/USDT");
    // A new bot ticks after each close, and the form says when.
    await page.getByTestId("next-fire-times").locator("li").nth(4).waitFor();
    expect((await timesShown()).every((text) => text.endsWith(":05"))).toBe(true);

    await page.getByTestId("field-scheduleKind").getByText("Cron").click();
    await page.getByTestId("field-cronExpression").fill("61 * * * *");
    const refusal = page.getByTestId("preview-refused");
    await refusal.waitFor();
    const sentence =
      'The cron expression "61 * * * *" cannot be used: its minute field "61" has 61; give 0 to 59.';
    expect(await refusal.textContent()).toBe(sentence);
    await page.getByTestId("save-bot").click();
    await page.getByText("Nothing was saved; see the marked fields.").waitFor();
    expect(await page.getByText(sentence, { exact: true }).count()).toBe(1);
    expect(
      (await app.ask("bots:list", undefined)).some((b) => b.config.name === "Calendar bot"),
    ).toBe(false);

    await page.getByTestId("field-cronExpression").fill("*/5 * * * *");
    await page.getByTestId("next-fire-times").locator("li").nth(4).waitFor();
    const shown = await timesShown();
    expect(shown.every((text) => /:[0-5][05]:00$/.test(text))).toBe(true);
    await shoot("bot-form-cron", "next-fire-times");
    await page.getByTestId("field-endAt").fill("2031-12-31 18:00");
    await shoot("bot-form-end", "field-endAt");
    await page.getByTestId("save-bot").click();
    const created = await app.until("bots:list", undefined, (bots) =>
      bots.some((b) => b.config.name === "Calendar bot"),
    );
    const bot = created.find((b) => b.config.name === "Calendar bot");
    const id = bot?.id ?? "";
    expect(bot?.config).toMatchObject({
      schedule: { kind: "cron", expression: "*/5 * * * *", zone: "UTC" },
      endAt: Date.UTC(2031, 11, 31, 18),
    });
    await app.ask("bots:start", { ids: [id] });
    const { nextFireTime } = await app.ask("bots:get", { id });
    const next = nextFireTime ?? 0;
    expect(next % 300_000).toBe(0);

    // Its next tick stands on the Schedule page, and comes to pass.
    const { lanes } = await app.ask("schedule:timeline", { from: next - 1000, to: next + 1000 });
    expect(lanes.find((lane) => lane.botId === id)?.coming).toEqual([next]);
    await page.getByTestId("nav-schedule").click();
    await page.getByTestId("lane").filter({ hasText: "Calendar bot" }).waitFor();
    await shoot("schedule-cron");
    await app.ask("app:set-speed", { speed: 900 });
    await app.until("bots:get", { id }, ({ lastTick }) => (lastTick?.fireTime ?? 0) >= next);
    await app.ask("app:set-speed", { speed: 1 });
    const ticks = await app.ask("ticks:list", { botId: id, limit: 100 });
    expect(ticks.some((tick) => tick.fireTime === next && tick.outcome === "ran")).toBe(true);
    expect(ticks.every((tick) => tick.fireTime % 300_000 === 0)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("warns where the grace time loses a candle after sleep, and allows more with a click", async () => {
    const { page } = app;
    const bots = await app.ask("bots:list", undefined);
    const { id, config } = bots.find((bot) => bot.config.timeframe === "4h") ?? bots[0] ?? {};
    if (id === undefined || config === undefined) throw new Error("There are no bots.");
    await page.getByTestId("nav-fleet").click();
    await page.getByTestId("bot-row").filter({ hasText: config.name }).click();
    await page.getByTestId("grace-hint").waitFor();
    await shoot("fleet-panel-grace");
    await page.evaluate((bot) => {
      location.hash = `#/bots/${bot}`;
    }, id);
    await page.getByTestId("page-bot").getByTestId("grace-hint").waitFor();
    await shoot("bot-grace");
    await page.getByTestId("grace-hint-allow").click();
    await page.getByTestId("grace-hint").waitFor({ state: "detached" });
    expect((await app.ask("bots:get", { id })).config.graceMs).toBe(1_800_000);
  });

  it("keeps how bots that are due at once tick, in Settings", async () => {
    const { page } = app;
    await page.getByTestId("nav-settings").click();
    await page.getByTestId("setting-scheduling").getByText("One after the other").click();
    await shoot("settings-scheduling", "setting-scheduling");
    await page.getByTestId("save-settings").click();
    await app.until("app:settings", undefined, (s) => s.scheduling === "by_timeframe");
  });
});
