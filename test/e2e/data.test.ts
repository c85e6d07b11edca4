import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startReplayExchange, type RunningReplay } from "../../scripts/replay-exchange/server.ts";
import { App, dropDir, makeDir, root } from "./app.ts";

const HOUR = 3_600_000;
const folder = join(root, "test-results", "screenshots");

/** History through the window, from the real client on a replay exchange: ordered, paused, resumed, seen on the map. */
describe("the Data page", () => {
  let dir: string;
  let app: App;
  let exchange: RunningReplay;
  const hour = Math.floor(Date.now() / HOUR) * HOUR;
  const hole = { from: hour - 2000 * HOUR, to: hour - 1970 * HOUR };

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    dir = makeDir();
    exchange = await startReplayExchange({ data: null, synthetic: true, from: Date.now() });
    app = await App.start(dir);
    const settings = await app.ask("app:settings", undefined);
    await app.ask("app:save-settings", {
      settings: {
        ...settings,
        marketSource: { kind: "exchange", exchangeId: "binance", baseUrl: exchange.url },
      },
    });
    await app.until("bots:symbols", undefined, (symbols) => symbols.includes("BTC/USDT"));
  });
  afterAll(async () => {
    await app.quit();
    await exchange.close();
    dropDir(dir);
  });

  const rules = (ms: number): Parameters<RunningReplay["setFaults"]>[0] => [
    {
      match: { path: "/api/v3/klines", symbol: "BTCUSDT" },
      kind: "candles",
      what: "missing",
      span: hole,
      times: 10_000,
    },
    { match: { path: "/api/v3/klines" }, kind: "delay", ms, probability: 1 },
  ];

  it("backfills what the form says; pausing stops it, resuming ends it, the map grows", async () => {
    // Slow enough to be caught in the act: of the matching rules the first strikes.
    exchange.setFaults([rules(400)[1] ?? { kind: "delay" }]);
    const { page } = app;
    await page.getByTestId("nav-data").click();
    await page.getByTestId("page-data").waitFor();
    await page.getByText("No candles yet").waitFor();
    await page.getByTestId("backfill-symbols").click();
    await page.getByRole("option", { name: "ETH/USDT" }).click();
    await page.keyboard.press("Escape");
    const day = new Date(hour - 250 * 24 * HOUR).toISOString().slice(0, 10);
    await page.getByTestId("backfill-from").fill(day);
    await page.getByTestId("backfill-start").click();
    await app.until("data:backfills", undefined, ([job]) => (job?.added ?? 0) >= 1000);
    await page.getByTestId("backfill-pause").click();
    await page.locator('[data-testid="backfill"][data-state="paused"]').waitFor();
    const [paused] = await app.until("data:coverage", undefined, (rows) => rows.length === 1);
    expect(paused?.count).toBeLessThan(6000);
    await page.waitForTimeout(1000);
    const [still] = await app.ask("data:coverage", undefined);
    expect(still?.count).toBe(paused?.count);
    await page.getByTestId("coverage-row").waitFor();
    exchange.setFaults([]);
    await page.getByTestId("backfill-resume").click();
    await page.locator('[data-testid="backfill"][data-state="done"]').waitFor();
    const [whole] = await app.ask("data:coverage", undefined);
    expect(whole).toMatchObject({ symbol: "ETH/USDT", timeframe: "1h", missing: 0 });
    expect(whole?.first).toBe(Date.parse(day));
    expect(whole?.count).toBeGreaterThan(paused?.count ?? 0);
    const row = page.getByTestId("coverage-row");
    await row
      .getByText(whole?.count.toLocaleString("en").replaceAll(",", "\u202f") ?? "")
      .waitFor();
  });

  it("shows a gap of the exchange with its range, and lists it as found", async () => {
    exchange.setFaults(rules(0).slice(0, 1));
    const { page } = app;
    const { started } = await app.ask("data:backfill", {
      symbols: ["BTC/USDT"],
      timeframe: "1h",
      from: hour - 4000 * HOUR,
      verify: false,
    });
    expect(started).toHaveLength(1);
    await app.until("data:backfills", undefined, ([job]) => job?.state === "done");
    const gap = page.locator('[data-symbol="BTC/USDT"] [data-kind="real"]');
    await gap.waitFor();
    const box = await gap.boundingBox();
    if (box === null) throw new Error("The gap has no size.");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const card = await page.getByTestId("coverage-hover").textContent();
    expect(card).toContain("30 missing at the exchange too");
    expect(card).toContain(new Date(hole.from).toISOString().slice(0, 16).replace("T", " "));
    await page.screenshot({ path: join(folder, "data-gap.png") });
    // By keyboard as well: the second segment of the row is the gap.
    await page.mouse.move(0, 0);
    await page.locator('[data-testid="coverage-row"][data-symbol="BTC/USDT"]').focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await page.getByTestId("coverage-hover").textContent()).toContain("30 missing");
    await page.getByTestId("data-view").getByText("Integrity").click();
    await page.locator('[data-testid="finding"][data-kind="gap"]').waitFor();
    expect(await page.evaluate(() => location.hash)).toBe("#/data/integrity");
  });

  it("says at the field what is wrong with an order", async () => {
    const { page } = app;
    await page.getByTestId("data-view").getByText("Coverage").click();
    await page.locator('[data-testid="coverage-row"][data-symbol="BTC/USDT"]').focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("backfill-from").fill("1999-01-01");
    await page.getByTestId("backfill-start").click();
    await page.getByText("The first day must lie between 2009-01-03").waitFor();
  });

  /** The trader's answer to the system's dialogs. */
  const chosen = (file: string): Promise<void> =>
    app.electron.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path });
    }, file);

  it("takes candles in and out as CSV, with a look at what a file brings first", async () => {
    const { page } = app;
    const start = Date.UTC(2024, 0, 1);
    const lines = Array.from({ length: 500 }, (_, i) => `${start + i * HOUR};1,5;3;1;2;${i}`);
    lines[7] = `${start + 7 * HOUR};1,5;0,5;1;2;7`;
    const file = join(dir, "in.csv");
    writeFileSync(file, `Date;Open;High;Low;Close;Volume\n${lines.join("\n")}\n`);
    await chosen(file);
    await page.getByTestId("import-csv").click();
    await page.getByTestId("file-symbol").fill("SOL/USDT");
    await page.getByTestId("file-choose").click();
    await page.locator('[data-testid="file-job"][data-state="ready"]').waitFor();
    expect(await page.getByTestId("file-preview").textContent()).toContain("500 with semicolons");
    expect(await page.getByTestId("file-refused").textContent()).toContain("Line 9: ");
    await page.screenshot({ path: join(folder, "data-import.png") });
    const before = await app.ask("data:coverage", undefined);
    expect(before.some(({ symbol }) => symbol === "SOL/USDT")).toBe(false);
    await page.getByTestId("file-store").click();
    await page.locator('[data-testid="file-job"][data-state="done"]').waitFor();
    expect(await page.getByTestId("file-reason").textContent()).toBe(
      "Stored: 499 added, 0 replaced.",
    );
    await page.getByTestId("file-close").click();
    await page.locator('[data-testid="coverage-row"][data-symbol="SOL/USDT"]').waitFor();

    const out = join(dir, "out.csv");
    await chosen(out);
    await page.getByTestId("export-csv").click();
    await page.getByTestId("file-symbol").fill("SOL/USDT");
    await page.getByTestId("file-choose").click();
    await page.locator('[data-testid="file-job"][data-state="done"]').waitFor();
    await page.getByTestId("file-close").click();
    const written = readFileSync(out, "utf8").trimEnd().split("\n");
    expect(written).toHaveLength(500);
    expect(written[1]).toBe(`${start},1.5,3,1,2,0`);
  });

  it("shows metrics with their age, takes one in as CSV, and asks for one on request", async () => {
    const { page } = app;
    const file = join(dir, "fear.csv");
    const day = (ago: number): string =>
      new Date(hour - ago * 24 * HOUR).toISOString().slice(0, 10);
    writeFileSync(file, `date,value\n${day(7)},40\n${day(6)},55\n`);
    await chosen(file);
    await page.getByTestId("data-view").getByText("Metrics").click();
    await page.getByTestId("metric-table").waitFor();
    await page.getByTestId("import-csv").click();
    await page.getByTestId("file-metric").click();
    await page.getByRole("option", { name: "BTC dominance" }).click();
    await page.getByTestId("file-choose").click();
    await page.locator('[data-testid="file-job"][data-state="ready"]').waitFor();
    await page.getByTestId("file-store").click();
    await page.locator('[data-testid="file-job"][data-state="done"]').waitFor();
    await page.getByTestId("file-close").click();
    const row = page.locator('[data-metric="btc_dominance"]');
    await row.getByText("55").first().waitFor();
    await row.getByText("stale").waitFor();
    // There is no file in the folder of metrics: the answer says what to do.
    await page.getByTestId("metric-sync-btc_dominance").click();
    await row.getByText("put a CSV file").waitFor();
  });
});
