import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { App, dropDir, makeDir, root } from "./app.ts";

const folder = join(root, "test-results", "screenshots");
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const PAGES = ["fleet", "schedule", "positions", "risk", "data", "logs", "settings"] as const;

/** Every page of the demonstration, in both themes and two sizes: it shows, fits and complains about nothing. */
describe("the pages", () => {
  let dir: string;
  let app: App;
  const complaints: string[] = [];
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    dir = makeDir();
    app = await App.start(dir, ["--demo"]);
    app.page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    app.page.on("pageerror", (error) => complaints.push(error.message));
    // Enough of a day that charts have something to show.
    await app.ask("app:set-speed", { speed: 20_000 });
    const { clock } = await app.ask("app:status", undefined);
    await app.until(
      "app:status",
      undefined,
      (status) => status.clock.engineTime > clock.engineTime + 30 * 3_600_000,
    );
    await app.ask("app:set-speed", { speed: 900 });
  });
  afterAll(async () => {
    await app.kill();
    dropDir(dir);
  });

  const shoot = async (name: string): Promise<void> => {
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
        const overflow = await app.page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth,
        );
        expect(overflow, `${name} ${theme} ${width} is wider than the window`).toBeLessThanOrEqual(
          0,
        );
        await app.page.screenshot({
          path: join(folder, `${name}-${theme}-${width}x${height}.png`),
          animations: "disabled",
        });
      }
    }
    expect(complaints).toEqual([]);
  };

  for (const page of PAGES) {
    it(`shows ${page}`, async () => {
      await app.page.getByTestId(`nav-${page}`).click();
      await app.page.getByTestId(`page-${page}`).waitFor();
      await shoot(page);
    });
  }

  it("shows every view of the data, and the correlation of each symbol with itself", async () => {
    for (const view of ["metrics", "integrity", "market"] as const) {
      await app.page.evaluate((name) => {
        location.hash = `#/data/${name}`;
      }, view);
      await app.page.getByTestId("page-data").waitFor();
      if (view === "market") await app.page.getByTestId("correlation").waitFor();
      await shoot(`data-${view}`);
    }
    const { symbols, matrix } = await app.ask("market:correlation", { timeframe: null });
    expect(symbols.length).toBeGreaterThan(1);
    expect(matrix.map((row, i) => row[i])).toEqual(symbols.map(() => 1));
    expect(matrix[0]?.[1]).toBe(matrix[1]?.[0]);
    expect(typeof matrix[0]?.[1]).toBe("number");
    const regimes = await app.ask("market:regime", undefined);
    expect(regimes.some(({ regime }) => regime !== null)).toBe(true);
  });

  it("draws a lane for each bot, names the tick under the pointer and opens it in the bot", async () => {
    const bots = await app.ask("bots:list", undefined);
    const { clock } = await app.ask("app:status", undefined);
    const timeline = await app.ask("schedule:timeline", {
      from: Math.floor(clock.engineTime) - 6 * 3_600_000,
      to: Math.floor(clock.engineTime) + 3_600_000,
    });
    expect(timeline.lanes).toHaveLength(bots.length);
    await app.page.getByTestId("nav-schedule").click();
    await app.page.locator(`[data-testid="timeline"][data-lanes="${bots.length}"]`).waitFor();
    await app.page.getByTestId("timeline-zoom").getByText("6 h").click();
    for (const view of ["Latency", "Health", "Ticks"] as const) {
      await app.page.getByTestId("schedule-view").getByText(view).click();
      await shoot(`schedule-${view.toLowerCase()}`);
    }
    await app.page.getByTestId("schedule-view").getByText("Health").click();
    await app.page.getByTestId("health-row").first().waitFor();
    await app.page.getByTestId("schedule-view").getByText("Timeline").click();
    await app.page.getByTestId("timeline-zoom").getByText("6 h").click();
    // In time-lapse the marks run away from the pointer.
    await app.ask("app:set-speed", { speed: 1 });
    await app.page.getByTestId("speed").filter({ hasText: /×1$/ }).waitFor();
    const canvas = app.page.getByTestId("timeline").locator("canvas");
    const lane = app.page.getByTestId("lane").filter({ hasText: "15m" }).first();
    const [board, row] = [await canvas.boundingBox(), await lane.boundingBox()];
    if (!board || !row) throw new Error("The timeline has no size.");
    const card = app.page.getByTestId("timeline-hover");
    for (let x = board.width * 0.1; x < board.width * 0.7; x += 4) {
      await app.page.mouse.move(board.x + x, row.y + row.height / 2);
      if ((await card.count()) > 0) break;
    }
    expect(await card.textContent()).toContain("Took");
    await app.page.screenshot({ path: join(folder, "schedule-hover.png") });
    await app.page.mouse.down();
    await app.page.mouse.up();
    await app.page.getByTestId("page-bot").waitFor();
    await app.page.locator('[aria-expanded="true"]').first().waitFor();
    expect(await app.page.evaluate(() => location.hash)).toMatch(/^#\/bots\/[^/]+\/ticks\/\d+$/);
    await app.ask("app:set-speed", { speed: 900 });
  });

  it("shows a bot, its form and the side panel", async () => {
    const positions = await app.ask("portfolio:positions", { state: "all", limit: 1 });
    const botId = positions[0]?.botId ?? "1";
    await app.page.getByTestId("nav-fleet").click();
    await app.page.getByTestId("bot-row").nth(2).click();
    await shoot("fleet-panel");
    await app.page.evaluate((id) => {
      location.hash = `#/bots/${id}`;
    }, botId);
    await app.page.getByTestId("page-bot").waitFor();
    await app.page.locator("canvas").first().waitFor();
    await shoot("bot");
    await app.page.getByTestId("nav-fleet").click();
    await app.page.getByTestId("new-bot").first().click();
    await app.page.getByTestId("bot-form").waitFor();
    await shoot("bot-form");
    await app.page.getByRole("button", { name: "Cancel" }).click();
  });

  it("fits the smallest window and twice the size, with a long name and a large amount", async () => {
    const name = "A bot whose name takes every one of the sixty characters x60";
    const [known] = await app.ask("bots:list", undefined);
    if (!known) throw new Error("The demonstration has no bots.");
    await app.ask("bots:create", { config: { ...known.config, name, capital: 7_654_321 } });
    await app.page.keyboard.press("Escape");
    for (const { width, height, zoom } of [
      { width: 1024, height: 700, zoom: 1 },
      { width: 1280, height: 800, zoom: 2 },
      { width: 1920, height: 1080, zoom: 2 },
    ]) {
      await app.electron.evaluate(
        ({ BrowserWindow }, size) => {
          const window = BrowserWindow.getAllWindows()[0];
          window?.setContentSize(size.width, size.height);
          window?.webContents.setZoomFactor(size.zoom);
        },
        { width, height, zoom },
      );
      await app.page.waitForFunction((wanted) => innerWidth === wanted, width / zoom);
      for (const page of PAGES) {
        await app.page.getByTestId(`nav-${page}`).click();
        await app.page.getByTestId(`page-${page}`).waitFor();
        const overflow = await app.page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth,
        );
        expect(overflow, `${page} at ${width} × ${zoom}`).toBeLessThanOrEqual(0);
        // Playwright's own picture does not know of the zoom.
        const picture = await app.electron.evaluate(async ({ BrowserWindow }) => {
          const image = await BrowserWindow.getAllWindows()[0]?.webContents.capturePage();
          return image?.toPNG().toString("base64") ?? "";
        });
        writeFileSync(
          join(folder, `${page}-light-${width}x${height}-zoom${zoom}.png`),
          Buffer.from(picture, "base64"),
        );
      }
    }
  });
});
