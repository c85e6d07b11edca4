import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureElectron } from "../../scripts/lib/electron-runtime.mjs";
import { App, dropDir, makeDir, root } from "./app.ts";

const run = promisify(execFile);

/** A second start of the app on the same folder, as `npm start -- --kill LEVEL` makes it; resolves when it has ended. */
async function start(dir: string, args: readonly string[]): Promise<string> {
  const runtime = await ensureElectron();
  const { stdout, stderr } = await run(
    runtime.executable,
    [...runtime.args, root, "--data-dir", dir, ...args],
    { cwd: root, env: { ...process.env, TICKDECK_UNATTENDED: "1" }, timeout: 90_000 },
  );
  return stdout + stderr;
}

/** The kill switch and the dead man's switch as a trader uses them, in the real window on the demonstration. */
describe("risk", () => {
  let dir: string;
  let app: App;
  beforeAll(async () => {
    dir = makeDir();
    app = await App.start(dir, ["--demo"]);
    await app.page.getByTestId("bot-row").first().waitFor();
  });
  afterAll(async () => {
    await app.kill();
    dropDir(dir);
  });

  it("throws the kill switch from the status bar, and a banner says so on every page", async () => {
    await app.page.getByTestId("kill-switch").click();
    await app.page.getByTestId("kill-entries").check();
    await app.page.getByTestId("kill-confirm").click();
    const banner = app.page.getByTestId("kill-banner");
    await banner.waitFor();
    expect(await banner.textContent()).toContain("no new entries");
    for (const page of ["risk", "schedule", "positions", "logs", "settings", "fleet"]) {
      await app.page.getByTestId(`nav-${page}`).click();
      await app.page.getByTestId(`page-${page}`).waitFor();
      expect(await banner.isVisible()).toBe(true);
    }
  });

  it("refuses entries while it is on, and the Risk page lists them", async () => {
    await app.ask("app:set-speed", { speed: 20_000 });
    const refused = await app.until(
      "ticks:list",
      { results: ["denied"], limit: 5 },
      (ticks) => ticks.length > 0,
    );
    await app.ask("app:set-speed", { speed: 900 });
    expect(refused[0]?.reason).toContain("The kill switch is on (no new entries)");
    expect(refused[0]?.conditions).toContainEqual(
      expect.objectContaining({ label: "Kill switch", held: false }),
    );
    await app.page.getByTestId("nav-risk").click();
    await app.page.getByTestId("refusals").getByText("Kill switch").first().waitFor();
  });

  it("is still on after a restart, and is raised from the command line", async () => {
    await app.quit();
    app = await App.start(dir, ["--demo"]);
    await app.page.getByTestId("kill-banner").waitFor();
    expect(await start(dir, ["--demo", "--kill", "close"])).toContain("was told to throw");
    const status = await app.until(
      "app:status",
      undefined,
      ({ risk }) => risk.kill.level === "close" && risk.kill.left === 0,
    );
    expect(status.risk.kill.by).toBe("command line");
    expect(await app.ask("portfolio:positions", { state: "open", limit: 10 })).toEqual([]);
    await app.quit();
    expect(await start(dir, ["--demo", "--kill", "entries"])).toContain(
      "Kill switch is on: close all positions",
    );
    app = await App.start(dir, ["--demo"]);
  });

  it("is released only with a note", async () => {
    await app.page.getByTestId("kill-release").click();
    await app.page.getByTestId("risk-note-confirm").click();
    await app.page.getByText("Write a note of at least three letters").waitFor();
    await app.page.getByTestId("risk-note").fill("The feed is well again");
    await app.page.getByTestId("risk-note-confirm").click();
    await app.page.getByTestId("kill-banner").waitFor({ state: "detached" });
    expect((await app.ask("app:status", undefined)).risk.kill.level).toBe("off");
    const [last] = await app.ask("risk:events", { limit: 1 });
    expect(last).toMatchObject({ action: "released", note: "The feed is well again" });
  });

  it("checks in from the Risk page", async () => {
    await app.page.getByTestId("nav-risk").click();
    const before = (await app.ask("app:status", undefined)).risk.deadMan?.lastCheckIn ?? 0;
    await app.page.getByTestId("check-in").click();
    const { risk } = await app.until(
      "app:status",
      undefined,
      (status) => (status.risk.deadMan?.lastCheckIn ?? 0) > before,
    );
    expect(risk.deadMan?.state).toBe("ok");
    expect(await app.page.getByTestId("dead-man-state").textContent()).toBe("Checked in");
  });

  it("locks a symbol, and a reset with a note unlocks it", async () => {
    await app.page.getByTestId("lock-pair").click();
    await app.page.getByTestId("lock-symbol").click();
    await app.page.getByRole("option", { name: "BTC/USDT" }).click();
    await app.page.getByTestId("risk-note").fill("News at noon");
    await app.page.getByTestId("risk-note-confirm").click();
    await app.page.getByTestId("breaker").getByText("BTC/USDT", { exact: true }).waitFor();
    await app.page.getByTestId("breaker-reset").click();
    await app.page.getByTestId("risk-note").fill("News is out");
    await app.page.getByTestId("risk-note-confirm").click();
    await app.page.getByTestId("breaker").waitFor({ state: "detached" });
  });

  it("allocates capital to the checked bots after a preview", async () => {
    await app.page.getByTestId("nav-fleet").click();
    const bots = await app.ask("bots:list", undefined);
    const boxes = app.page.getByTestId("bot-row").getByRole("checkbox");
    for (let i = 0; i < 3; i += 1) await boxes.nth(i).check();
    await app.page.getByTestId("allocate-selected").click();
    await app.page.getByTestId("allocate-total").fill("1000");
    await app.page.getByTestId("allocate-preview").getByText("333.33").first().waitFor();
    await app.page.getByTestId("allocate-apply").click();
    const after = await app.until("bots:list", undefined, (all) =>
      all.some(({ config }) => config.capital === 333.34),
    );
    const changed = after.filter(
      ({ id, config }) => bots.find((bot) => bot.id === id)?.config.capital !== config.capital,
    );
    expect(changed.map(({ config }) => config.capital).toSorted((a, b) => a - b)).toEqual([
      333.33, 333.33, 333.34,
    ]);
  });
});
